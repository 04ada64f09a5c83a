"""What paper says beside the entry itself. `app` fills it from the books as of that entry.

Names of members are masked before they get here, cards are tails; no phone number has a place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from daemon.counter.screens import Row
from daemon.ledger.bodies import DayTotals
from daemon.ledger.views import MallBill

NO_NAMES: Mapping[str, str] = MappingProxyType({})


class Copy(StrEnum):
    """Which print of a document this is; what is no first print says so on top."""

    FIRST = "first"
    REPRINT = "reprint"  # 补打
    UNSURE = "unsure"  # 补打: the first print may have come out or not


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """The shop as its paper names it. `language`: zh_CN or en."""

    chain: str
    name: str
    no: str
    address: str
    phone: str
    language: str
    box: str


@dataclass(frozen=True, slots=True)
class YearCheck:
    """The pack's yearly check of points (zhenzi: December). `clears`: this card's points go."""

    on: date
    clears: bool


@dataclass(frozen=True, slots=True)
class Lapsing:
    """Points whose last day is known."""

    on: date
    points: int


@dataclass(frozen=True, slots=True)
class MemberOnPaper:
    """A member as paper may show him: `tail` is the card's last four.

    `shown` is the masked name (王**), or names the tail where there is no name (会员 尾号 0018).
    `points_available` is None for a card that this box does not know: it earns, and nothing is
    said of its balance.
    `principal_fen` is None where stored value is nobody's question.
    """

    shown: str
    tail: str
    level: str = ""
    term_ends: date | None = None
    points_available: int | None = None
    points_frozen: int = 0
    points_claimed: int = 0  # 待扣积分
    check: YearCheck | None = None
    lapsing: tuple[Lapsing, ...] = ()
    principal_fen: int | None = None
    bonus_fen: int = 0

    @property
    def named(self) -> bool:
        return self.tail not in self.shown


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """`hash`: of the entry's bytes, hex. `qr`: the signed receipt code, "" prints none.

    `tender_names`: tender code to name. `weighed`: the skus sold by weight (qty is grams).
    `offer`: this sale qualifies its anonymous buyer to join.
    """

    hash: str
    qr: str = ""
    member: MemberOnPaper | None = None
    tender_names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    weighed: frozenset[str] = frozenset()
    offer: bool = False
    goods: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)  # sku of a gift to its name


@dataclass(frozen=True, slots=True)
class EnrolmentFacts:
    """`names`: sku of a welcome item to its name; the others as in SaleFacts."""

    member: MemberOnPaper
    hash: str
    qr: str = ""
    names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    tender_names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """Of an entry about one member, or goods: `names` by sku, `weighed`; others as in SaleFacts."""

    hash: str
    qr: str = ""
    member: MemberOnPaper | None = None
    tender_names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    weighed: frozenset[str] = frozenset()
    other: MemberOnPaper | None = None  # to whom it went


@dataclass(frozen=True, slots=True)
class InquiryFacts:
    """A member as the books stand at `at`. `waiting`: (what, pieces) ready to be handed over."""

    member: MemberOnPaper
    at: datetime
    operator: str
    waiting: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class MallDayFacts:
    """Every bill for the mall's till of a business date, and what became of it."""

    date: str
    bills: tuple[MallBill, ...]


@dataclass(frozen=True, slots=True)
class DayFacts:
    """`hash` and `tender_names` as in SaleFacts.

    `alone_days`: for how long nobody but this box has had what it wrote; None: somebody has it.
    """

    hash: str
    tender_names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    alone_days: int | None = None


@dataclass(frozen=True, slots=True)
class XFacts:
    """A shift as the books stand at `at`. `operator`: "" when nobody is signed on."""

    totals: DayTotals
    at: datetime
    operator: str = ""
    since: str = ""  # when the shift began
    tender_names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    today: str = ""  # the business date, when the day is meant and not the shift


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """`since`: when the shift began; the others as in SaleFacts."""

    hash: str
    since: str = ""
    tender_names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)


@dataclass(frozen=True, slots=True)
class CashFacts:
    """`drawer_fen`: what lies in the drawer after it."""

    hash: str
    drawer_fen: int


@dataclass(frozen=True, slots=True)
class PointsCheckFacts:
    """`rows`: tail of the card and points that the check on `on` will take."""

    at: datetime
    operator: str
    on: date | None
    rows: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """`topic`: as in display/service.py. `rows`: what was found, in order."""

    topic: str
    at: datetime
    box: str
    software: str
    rows: tuple[Row, ...] = ()
    qr: str = ""
