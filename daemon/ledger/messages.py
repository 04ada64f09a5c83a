"""Messages of HQ's log for one chain: what stands in the signed bytes of `down.applied`.

A message is canonical JSON like an entry. The log of a chain is numbered 1, 2, 3 ... and linked by
hash; the signature covers the domain tag and (incarnation, box, epoch, n, prev, kind, body hash).
A member's key never stands in a message; it travels beside it, sealed to the box.
"""

import msgspec

from daemon.ledger.bodies import Part, Profile, Taken
from daemon.ledger.messages_shop import (
    Certificate,
    ClerkMessage,
    ConfigChange,
    Content,
    GiftSent,
    GoodsSent,
    Playlist,
    Reservation,
)


class ScaleCode(Part, frozen=True):
    prefix: str
    item: str
    field: str  # price_fen


class Limit(Part, frozen=True):
    per: str  # receipt, day, month
    qty: int
    who: str  # card


class Product(Part, frozen=True):
    sku: str
    name: str
    price_fen: int | None = None  # None: not for sale (cards, gifts, samples)
    cls: str = "regular"  # price class of its own price
    short: str = ""
    pole: str = ""  # its ASCII name
    plu: int | None = None
    barcode: str = ""
    category: str = ""
    cost_fen: int | None = None
    member_price_fen: int | None = None
    swap_price_fen: int | None = None
    unit: str = "piece"  # piece, g
    key: bool = False
    scale: ScaleCode | None = None
    limit: Limit | None = None
    exchange_group: str = ""
    brand: str = ""
    department: str = ""
    stock_min: int | None = None
    stock_max: int | None = None


class Staff(Part, frozen=True):
    no: str
    name: str
    role: str
    title: str = ""
    badge: str = ""


class CardRange(Part, frozen=True):
    first: str
    last: str
    kind: str  # registered, bearer


class Products(Part, frozen=True):
    upsert: tuple[Product, ...]
    retire: tuple[str, ...] = ()


class StaffList(Part, frozen=True):
    upsert: tuple[Staff, ...]
    retire: tuple[str, ...] = ()


class CardRanges(Part, frozen=True):
    ranges: tuple[CardRange, ...]


class MemberSnapshot(Part, frozen=True):
    id: str
    card: str
    status: str  # active, lost, frozen, closed
    kind: str  # registered, bearer, staff
    joined: str
    term_ends: str | None = None
    level: str = ""
    staff: str = ""
    profile: Profile | None = None
    tags: tuple[str, ...] = ()  # segments that he is in; a tag has no space
    broker: str = ""  # who brought him
    benefits: tuple[str, ...] = ()  # ids of the card types by face value that he holds


class GrantedLot(Part, frozen=True):
    lot: str  # hq.<incarnation>:<n>:<k>, or the lot's own old id when it comes back
    account: str
    unit: str
    amount: int
    granted: str
    source: str
    expires: str | None = None
    topup: str = ""
    owner: str = ""
    value_fen: int = 0  # of a coupon


class HoldingGranted(Part, frozen=True):
    """A part of a member's balance moves from HQ's hand into this chain's, through transit."""

    member: str
    lots: tuple[GrantedLot, ...]
    ask: str = ""


class OpeningStock(Part, frozen=True):
    sku: str
    qty: int
    serial_first: str = ""  # serial-numbered goods: one lot for each number
    serial_last: str = ""


class StockOpened(Part, frozen=True):
    lines: tuple[OpeningStock, ...]


class Pack(Part, frozen=True):
    """A rule pack, as HQ signed it (the signed document's own bytes, as text).

    A long one is named by the hash of these bytes, which come beside the log.
    """

    document: str = ""
    id: str = ""
    version: int = 0
    hash: str = ""  # of the pack, as entries name it
    content: Content | None = None


class PackActivate(Part, frozen=True):
    id: str
    version: int
    hash: str
    start: str | None = None  # RFC 3339; None: at once


class CardBlocked(Part, frozen=True):
    card: str
    reason: str  # lost, frozen, closed; "" lifts the block


class PleasePart(Part, frozen=True):
    """So much of one account; `lots`: of these only, in this order."""

    account: str
    unit: str
    amount: int
    lots: tuple[str, ...] = ()
    opens: int = 0  # of a limit that the home has not opened: the whole of it, opened for this
    starts: str = ""  # the first day of that limit's period


class Please(Part, frozen=True):
    """HQ asks the holder to let go of, void, lapse, freeze or unfreeze parts of a member's balance.

    The chain does min(asked, held) in an entry of its own; HQ never takes from a box.
    """

    member: str
    parts: tuple[PleasePart, ...]
    reason: str = ""
    ask: str = ""  # of another shop, whose sale waits
    owed: bool = False  # what is to be voided and is spent already is owed back (待扣)
    due: str = ""  # of please.lapse: the end of what lapses, RFC 3339


class Total(Part, frozen=True):
    unit: str
    amount: int


class AskAnswered(Part, frozen=True):
    """The last message that answers an ask of this box."""

    ask: str
    outcome: str  # found, unknown, granted, partly, nothing
    member: str = ""
    totals: tuple[Total, ...] = ()  # over all holders, as HQ knows them at `as_of`
    as_of: str = ""


class MemberAlias(Part, frozen=True):
    """A member id that stands for another from now on; `member` "" lifts it. Nothing is posted."""

    alias: str
    member: str


class Tombstone(Part, frozen=True):
    """A member who was erased, and every card that was ever that member's."""

    member: str
    cards: tuple[str, ...]


class Tombstones(Part, frozen=True):
    """Keys of these members are forgotten, and refused wherever they come up.

    `complete`: with those told before in this log, nobody else was erased. A restored box reads
    no profile until it has heard that.
    """

    erased: tuple[Tombstone, ...]
    complete: bool = False


class SaleTold(Part, frozen=True):
    """A sale of another shop, for a return here: the entry's own bytes, as text."""

    sale: str  # its id
    entry: str
    ask: str = ""


class Restore(Part, frozen=True):
    """A return in another shop gives back what a sale's lots had paid here."""

    member: str
    sale: str
    back: str  # the return's entry
    parts: tuple[Taken, ...]


DownBody = (
    Please
    | Restore
    | AskAnswered
    | MemberAlias
    | Tombstones
    | SaleTold
    | Products
    | StaffList
    | CardRanges
    | MemberSnapshot
    | HoldingGranted
    | StockOpened
    | Pack
    | PackActivate
    | CardBlocked
    | Playlist
    | ConfigChange
    | ClerkMessage
    | Reservation
    | GiftSent
    | GoodsSent
    | Certificate
)


class DownMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: int
    incarnation: int
    box: str
    epoch: int
    n: int
    prev: str  # SHA-256 of the previous message's bytes, hex; zeros for the first
    at: str
    kind: str  # one of DOWN_KINDS; an unknown kind is refused and the log goes on
    body: msgspec.Raw


DOWN_KINDS: tuple[tuple[str, type[DownBody]], ...] = (
    ("products", Products),
    ("staff", StaffList),
    ("card.ranges", CardRanges),
    ("member.snapshot", MemberSnapshot),
    ("holding.granted", HoldingGranted),
    ("stock.opened", StockOpened),
    ("pack", Pack),
    ("pack.activate", PackActivate),
    ("card.blocked", CardBlocked),
    ("please.release", Please),
    ("please.void", Please),
    ("please.lapse", Please),
    ("please.freeze", Please),
    ("please.unfreeze", Please),
    ("please.confirm", Please),
    ("please.deny", Please),
    ("please.restore", Restore),
    ("ask.answered", AskAnswered),
    ("member.alias", MemberAlias),
    ("member.tombstones", Tombstones),
    ("sale.told", SaleTold),
    ("playlist", Playlist),
    ("config.change", ConfigChange),
    ("clerk.message", ClerkMessage),
    ("reservation", Reservation),
    ("gift.sent", GiftSent),
    ("goods.sent", GoodsSent),
    ("certificate", Certificate),
)
