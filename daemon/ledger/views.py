"""What readers get from the books: frozen rows, no behaviour."""

import msgspec

from daemon.ledger.bodies import Profile
from daemon.ledger.records import Entry


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with a draft. All problems are returned at once.

    `passing`: nothing is wrong with the draft, the medium or the moment is; it may be tried again.
    """

    what: str
    passing: bool = False


class Durable(msgspec.Struct, frozen=True):
    """The entry is on the medium. `again`: the same (source, id) had been committed before."""

    entry: Entry
    hash: str  # SHA-256 of the entry's bytes, hex
    again: bool = False


class Refused(msgspec.Struct, frozen=True):
    """Nothing was written, and nothing ever will be for this draft."""

    problems: tuple[Problem, ...]


Outcome = Durable | Refused


class MemberRow(msgspec.Struct, frozen=True):
    id: str
    card: str
    status: str  # active, lost, frozen, closed
    kind: str  # registered, bearer, staff
    joined: str  # RFC 3339 or date
    term_ends: str | None
    level: str
    staff: str
    profile: Profile | None
    tags: tuple[str, ...] = ()  # segments that headquarters put him into
    broker: str = ""
    benefits: tuple[str, ...] = ()  # card types by face value
    level_until: str | None = None  # when it is looked at again, where a box has said so


class LotRow(msgspec.Struct, frozen=True):
    """What this chain holds of one lot."""

    lot: str
    account: str
    unit: str
    amount: int
    granted: str
    expires: str | None
    source: str
    value_fen: int = 0  # of a coupon; 0: the pack's rule says


class Held(msgspec.Struct, frozen=True):
    """A part of what a holder has, that can change hands."""

    account: str
    unit: str
    lot: str
    amount: int


class NoticeRow(msgspec.Struct, frozen=True):
    """What headquarters told the shop and is not done with (notices.py). `body`: JSON."""

    kind: str
    key: str
    body: str


class ShiftRow(msgspec.Struct, frozen=True):
    operator: str
    opened: str  # the entry's id
    business_date: str


class SaleRow(msgspec.Struct, frozen=True):
    """A sale as lists show it; the whole is in the journal."""

    entry: str
    at: str
    member: str
    pay_fen: int
    enrolled: str  # the entry that made a member of this sale, "" while none


class MallBill(msgspec.Struct, frozen=True):
    """A bill for the mall's till. `state`: open, paid, lapsed; `ended`: the entry that ended it."""

    bill: str
    business_date: str
    pay_fen: int
    state: str
    slip: str
    ended: str


class Stored(msgspec.Struct, frozen=True):
    """An entry as it stands in the journal: its number, its hash (hex) and its own bytes."""

    seq: int
    hash: str
    data: bytes


class Joined(msgspec.Struct, frozen=True):
    """Entries first..last of a chain as one text: their own bytes, a line feed between them."""

    first: int
    last: int
    before: str  # hash of the entry before the first; "" when there is none
    head: str  # hash of the last
    text: bytes | bytearray


class Watermark(msgspec.Struct, frozen=True):
    """How far the books follow the journal. `no` counts entries over all chains of the box."""

    epoch: int
    seq: int
    hash: str
    no: int


class TrustedTime(msgspec.Struct, frozen=True):
    """The last time in the journal that a trusted clock wrote."""

    boot: str
    mono_ms: int
    wall: str


class PackRow(msgspec.Struct, frozen=True):
    """A rule pack as HQ signed it; `document` is empty when only its activation is known."""

    id: str
    version: int
    hash: str
    document: str


class PackWish(msgspec.Struct, frozen=True):
    """A pack that HQ asked for by message `n` of the chain's down log, from `start` on."""

    epoch: int
    n: int
    id: str
    version: int
    hash: str
    start: str | None


class DownMark(msgspec.Struct, frozen=True):
    """The last message of HQ's log that was applied or refused: number and hash of its bytes."""

    n: int
    hash: str


class DayTotal(msgspec.Struct, frozen=True):
    """Count and amount of a business date by kind of entry and tender ('' = the whole entry)."""

    business_date: str
    kind: str
    tender: str
    count: int
    amount_fen: int
