"""What paper says beside the entry itself. `app` fills it from the books as of that entry.

Names of members are masked before they get here, cards are tails; no phone number has a place.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from daemon.counter.screens import Row
from daemon.ledger.bodies import DayTotals
from daemon.ledger.views import MallBill

NO_NAMES: Mapping[str, str] = MappingProxyType({})


class Copy(StrEnum):
    """Which print of a document this is; what is no first print says so on top."""

    FIRST = "first"
    REPRINT = "reprint"  # 补打
    UNSURE = "unsure"  # 补打: the first print may have come out or not


class ShopFacts(msgspec.Struct, frozen=True):
    """The shop as its paper names it. `language`: zh_CN or en."""

    chain: str
    name: str
    no: str
    address: str
    phone: str
    language: str
    box: str


class YearCheck(msgspec.Struct, frozen=True):
    """The pack's yearly check of points (zhenzi: December). `clears`: this card's points go."""

    on: date
    clears: bool


class Lapsing(msgspec.Struct, frozen=True):
    """Points whose last day is known."""

    on: date
    points: int


class MemberOnPaper(msgspec.Struct, frozen=True):
    """A member as paper may show him: `tail` is the card's last four.

    `shown` is the masked name (王**), or names the tail where there is no name (会员 尾号 0018).
    `points_available` is None for a card that this box does not know: it earns, and nothing is
    said of its balance. What the pack does not print is not here; `tells_points`: it prints points.
    `principal_fen` is None where stored value is nobody's question.
    """

    shown: str
    tail: str
    level: str = ""
    term_ends: date | None = None
    points_available: int | None = None
    tells_points: bool = True
    worth_fen: int | None = None  # of the points as money, where the pack tells it
    points_frozen: int = 0
    points_claimed: int = 0  # 待扣积分
    check: YearCheck | None = None
    lapsing: tuple[Lapsing, ...] = ()
    principal_fen: int | None = None
    bonus_fen: int = 0

    @property
    def named(self) -> bool:
        return self.tail not in self.shown

    def only(self, lines: frozenset[str]) -> "MemberOnPaper":
        """Return him with the lines that the pack prints; what he owes is always said."""
        tells = "expiring" in lines
        return replace(
            self,
            tells_points="available" in lines,
            term_ends=self.term_ends if "term_ends" in lines else None,
            lapsing=self.lapsing if tells else (),
            check=self.check if tells else None,
        )


class SaleFacts(msgspec.Struct, frozen=True):
    """`hash`: of the entry's bytes, hex. `qr`: the signed receipt code, "" prints none.

    `tender_names`: tender code to name. `weighed`: the skus sold by weight (qty is grams).
    `offer`: this sale qualifies its anonymous buyer to join. `lines`: what the pack prints of the
    foot; None: all there is.
    """

    hash: str
    qr: str = ""
    member: MemberOnPaper | None = None
    tender_names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)
    weighed: frozenset[str] = frozenset()
    offer: bool = False
    lines: frozenset[str] | None = None
    goods: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)  # of gifts


class EnrolmentFacts(msgspec.Struct, frozen=True):
    """`names`: sku of a welcome item to its name; the others as in SaleFacts."""

    member: MemberOnPaper
    hash: str
    qr: str = ""
    names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)
    tender_names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)


class SlipFacts(msgspec.Struct, frozen=True):
    """Of an entry about one member, or goods: `names` by sku, `weighed`; others as in SaleFacts."""

    hash: str
    qr: str = ""
    member: MemberOnPaper | None = None
    tender_names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)
    names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)
    weighed: frozenset[str] = frozenset()
    other: MemberOnPaper | None = None  # to whom it went


class InquiryFacts(msgspec.Struct, frozen=True):
    """A member as the books stand at `at`. `waiting`: (what, pieces) ready to be handed over;
    `buys`: (what, points) that he could have for his points now, the dearest first.
    """

    member: MemberOnPaper
    at: datetime
    operator: str
    waiting: tuple[tuple[str, int], ...] = ()
    buys: tuple[tuple[str, int], ...] = ()
    pending: int = 0  # points that wait for headquarters


class MallDayFacts(msgspec.Struct, frozen=True):
    """Every bill for the mall's till of a business date, and what became of it."""

    date: str
    bills: tuple[MallBill, ...]


class DayFacts(msgspec.Struct, frozen=True):
    """`hash` and `tender_names` as in SaleFacts.

    `alone_days`: for how long nobody but this box has had what it wrote; None: somebody has it.
    """

    hash: str
    tender_names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)
    alone_days: int | None = None


class XFacts(msgspec.Struct, frozen=True):
    """A shift as the books stand at `at`. `operator`: "" when nobody is signed on."""

    totals: DayTotals
    at: datetime
    operator: str = ""
    since: str = ""  # when the shift began
    tender_names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)
    today: str = ""  # the business date, when the day is meant and not the shift


class ShiftFacts(msgspec.Struct, frozen=True):
    """`since`: when the shift began; the others as in SaleFacts."""

    hash: str
    since: str = ""
    tender_names: Mapping[str, str] = msgspec.field(default_factory=lambda: NO_NAMES)


class CashFacts(msgspec.Struct, frozen=True):
    """`drawer_fen`: what lies in the drawer after it."""

    hash: str
    drawer_fen: int


class PointsCheckFacts(msgspec.Struct, frozen=True):
    """`rows`: tail of the card and points that the check on `on` will take."""

    at: datetime
    operator: str
    on: date | None
    rows: tuple[tuple[str, int], ...] = ()


class ServiceFacts(msgspec.Struct, frozen=True):
    """`topic`: as in display/service.py. `rows`: what was found, in order."""

    topic: str
    at: datetime
    box: str
    software: str
    rows: tuple[Row, ...] = ()
    qr: str = ""
