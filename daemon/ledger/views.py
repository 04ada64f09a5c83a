"""What readers get from the books: frozen rows, no behaviour."""

from dataclasses import dataclass

from daemon.ledger.bodies import Profile
from daemon.ledger.records import Entry


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a draft. All problems are returned at once."""

    what: str


@dataclass(frozen=True, slots=True)
class Durable:
    """The entry is on the medium. `again`: the same (source, id) had been committed before."""

    entry: Entry
    hash: str  # SHA-256 of the entry's bytes, hex
    again: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written, and nothing ever will be for this draft."""

    problems: tuple[Problem, ...]


Outcome = Durable | Refused


@dataclass(frozen=True, slots=True)
class MemberRow:
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


@dataclass(frozen=True, slots=True)
class LotRow:
    """What this chain holds of one lot."""

    lot: str
    account: str
    unit: str
    amount: int
    granted: str
    expires: str | None
    source: str
    value_fen: int = 0  # of a coupon; 0: the pack's rule says


@dataclass(frozen=True, slots=True)
class Held:
    """A part of what a holder has, that can change hands."""

    account: str
    unit: str
    lot: str
    amount: int


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What headquarters told the shop and is not done with (notices.py). `body`: JSON."""

    kind: str
    key: str
    body: str


@dataclass(frozen=True, slots=True)
class ShiftRow:
    operator: str
    opened: str  # the entry's id
    business_date: str


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A sale as lists show it; the whole is in the journal."""

    entry: str
    at: str
    member: str
    pay_fen: int
    enrolled: str  # the entry that made a member of this sale, "" while none


@dataclass(frozen=True, slots=True)
class MallBill:
    """A bill for the mall's till. `state`: open, paid, lapsed; `ended`: the entry that ended it."""

    bill: str
    business_date: str
    pay_fen: int
    state: str
    slip: str
    ended: str


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it stands in the journal: its number, its hash (hex) and its own bytes."""

    seq: int
    hash: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far the books follow the journal. `no` counts entries over all chains of the box."""

    epoch: int
    seq: int
    hash: str
    no: int


@dataclass(frozen=True, slots=True)
class TrustedTime:
    """The last time in the journal that a trusted clock wrote."""

    boot: str
    mono_ms: int
    wall: str


@dataclass(frozen=True, slots=True)
class PackRow:
    """A rule pack as HQ signed it; `document` is empty when only its activation is known."""

    id: str
    version: int
    hash: str
    document: str


@dataclass(frozen=True, slots=True)
class PackWish:
    """A pack that HQ asked for by message `n` of the chain's down log, from `start` on."""

    epoch: int
    n: int
    id: str
    version: int
    hash: str
    start: str | None


@dataclass(frozen=True, slots=True)
class DownMark:
    """The last message of HQ's log that was applied or refused: number and hash of its bytes."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class DayTotal:
    """Count and amount of a business date by kind of entry and tender ('' = the whole entry)."""

    business_date: str
    kind: str
    tender: str
    count: int
    amount_fen: int
