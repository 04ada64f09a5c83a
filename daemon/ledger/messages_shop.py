"""Messages of HQ's log to a shop as such: what it plays, reads, keeps ready and is set to.

Each stands under a name of its own until another of that name comes, or until it is done with.
"""

from daemon.ledger.bodies_stock import StockLine
from daemon.ledger.parts import Part


class Content(Part, frozen=True):
    """Bytes that travel beside the log, named by their hash (SHA-256, hex)."""

    hash: str
    size: int  # bytes
    name: str = ""  # of the file; "": nobody sees one


class Playlist(Part, frozen=True):
    """What the shop's screen plays: files, and the text of its playlist.toml ("": by name).

    It plays when all of it is there; until then what is there goes on.
    """

    files: tuple[Content, ...]
    text: str = ""


class Setting(Part, frozen=True):
    """A key of memberbox.toml; None: what the file says counts again."""

    key: str  # table.key, as shop.phone
    value: str | int | bool | None


class ConfigChange(Part, frozen=True):
    """All of it counts or nothing does."""

    settings: tuple[Setting, ...]


class ClerkMessage(Part, frozen=True):
    id: str
    text: str = ""  # "": it is withdrawn


class ReservedLine(Part, frozen=True):
    sku: str
    qty: int


class Reservation(Part, frozen=True):
    """Goods that are kept for somebody who comes for them; `cancelled`: no longer."""

    id: str
    lines: tuple[ReservedLine, ...]
    cancelled: bool = False
    member: str = ""
    card: str = ""
    until: str = ""  # RFC 3339; "": until somebody ends it
    note: str = ""


class GiftSent(Part, frozen=True):
    """Headquarters has sent the gift that a lot of `waiting:<member>` stands for."""

    lot: str
    member: str
    sku: str
    sent: str  # RFC 3339
    note: str = ""  # a parcel's number


class GoodsSent(Part, frozen=True):
    """Goods of another shop are on their way here; the parcel names the entry that sent them."""

    sent: str  # the `stock.moved`
    to: str  # the only chain that takes them off their way
    lines: tuple[StockLine, ...]
    at: str  # RFC 3339
    document: str = ""


class Certificate(Part, frozen=True):
    """A later certificate of the key that the box's link has, as PEM; with the CA's."""

    certificate: str
    ca: str
