"""What a flow wants done. The app does it, in this order, after the step has returned."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from daemon.counter.codes import Ask
from daemon.counter.screens import Row, Screen
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft
from daemon.ledger.views import Durable, Problem
from daemon.wanted import Wanted


class Audience(StrEnum):
    CLERK = "clerk"
    CUSTOMER = "customer"


class DocumentKind(StrEnum):
    SALE = "sale"
    ENROLMENT = "enrolment"
    INQUIRY = "inquiry"
    LISTING = "listing"
    SHIFT = "shift"  # 交班
    CASH = "cash"  # cash put in, paid out, handed in
    DAY = "day"  # 日结
    GIFT = "gift"  # 积分兑换单, 礼品签收单
    RETURNED = "returned"  # 退货单, 整单作废单
    EXCHANGED = "exchanged"  # 换货单
    UNREFERENCED = "unreferenced"  # 退货单 without a receipt
    LATE = "late"  # 补积分单
    RENEWAL = "renewal"  # 续会单
    CARD = "card"  # 挂失单, 冻结单, 解冻单, 补卡单
    PASSED = "passed"  # 积分转赠单
    TOPUP = "topup"  # two copies
    REFUNDED = "refunded"  # 储值退款单
    STOCK = "stock"  # 盘点, and what came in or was taken out
    STOCK_LEVELS = "stock_levels"  # what is here of everything; no entry
    X = "x"  # the shift so far; no entry
    SERVICE = "service"  # what the service menu found; no entry
    REPORT = "report"  # `about`: which one, of which period; no entry
    MALL_BILL = "mall_bill"  # 缴款单, not paid yet
    MALL_DAY = "mall_day"  # 商场对账表 of a day that is closed
    POINTS_CHECK = "points_check"  # whose points the yearly check takes; no entry
    EXPLAINED = "explained"  # 积分计算说明: how an entry's figures came about
    STATEMENT = "statement"  # 积分对账单 of one card, this year; `about`: the member


# The paper of an entry's kind: it is spooled until a printer has it, and can be printed again.
DOCUMENTS: Mapping[Kind, DocumentKind] = MappingProxyType(
    {
        Kind.SALE: DocumentKind.SALE,
        Kind.MEMBER_ENROLLED: DocumentKind.ENROLMENT,
        Kind.MEMBER_RENEWED: DocumentKind.RENEWAL,
        Kind.CARD_LOST: DocumentKind.CARD,
        Kind.CARD_FROZEN: DocumentKind.CARD,
        Kind.CARD_UNFROZEN: DocumentKind.CARD,
        Kind.CARD_REPLACED: DocumentKind.CARD,
        Kind.POINTS_TRANSFERRED: DocumentKind.PASSED,
        Kind.MALL_BILLED: DocumentKind.MALL_BILL,
        Kind.SHIFT_CLOSED: DocumentKind.SHIFT,
        Kind.CASH_MOVED: DocumentKind.CASH,
        Kind.DAY_CLOSED: DocumentKind.DAY,
        Kind.POINTS_REDEEMED: DocumentKind.GIFT,
        Kind.ENTITLEMENT_HANDED_OVER: DocumentKind.GIFT,
        Kind.RETURN: DocumentKind.RETURNED,
        Kind.SALE_VOIDED: DocumentKind.RETURNED,
        Kind.RETURN_UNREFERENCED: DocumentKind.UNREFERENCED,
        Kind.EXCHANGE: DocumentKind.EXCHANGED,
        Kind.SALE_CLAIMED: DocumentKind.LATE,
        Kind.TOPUP: DocumentKind.TOPUP,
        Kind.TOPUP_VOIDED: DocumentKind.TOPUP,
        Kind.VALUE_REFUNDED: DocumentKind.REFUNDED,
        Kind.STOCK_RECEIVED: DocumentKind.STOCK,
        Kind.STOCK_ADJUSTED: DocumentKind.STOCK,
        Kind.STOCK_COUNTED: DocumentKind.STOCK,
    }
)


class Beep(StrEnum):
    OK = "ok"
    REFUSE = "refuse"
    ATTENTION = "attention"


class Show(msgspec.Struct, frozen=True):
    audience: Audience
    screen: Screen


class Commit(msgspec.Struct, frozen=True):
    """Append the draft; the outcome comes back as Committed, CommitRefused or CommitUnknown."""

    draft: Draft


class Note(msgspec.Struct, frozen=True):
    """Append the draft; nobody waits for it, and nobody is told what became of it."""

    draft: Draft


class Listing(msgspec.Struct, frozen=True):
    """A numbered list on paper: what a step offers to a clerk who has no display.

    `values`: what it would show him beside the question.
    """

    ask: Ask
    rows: tuple[Row, ...]
    values: tuple[tuple[str, str], ...] = ()


class Print(msgspec.Struct, frozen=True):
    """Print a document of a committed entry, or one of now: of a member, a list, the shift.

    `about`: the member, or what else a document without an entry is of; an entry's id with
    `again` (补打).
    """

    document: DocumentKind
    entry: Durable | None = None
    about: str = ""
    listing: Listing | None = None
    again: bool = False


class OpenDrawer(msgspec.Struct, frozen=True):
    pass


class Park(msgspec.Struct, frozen=True):
    """Keep a basket (counter/parked.py) under a number, over restarts."""

    slot: int
    basket: str


class Unpark(msgspec.Struct, frozen=True):
    slot: int


class Errand(StrEnum):
    """What the service menu has done beside the counter; what it finds comes out on paper."""

    SYNC = "sync"  # now, not at the next turn
    READ = "read"  # the operator has read what headquarters told the clerks
    CHECKUP = "checkup"  # the doctor
    TAKE_OVER = "take_over"  # 换机
    CLAIM = "claim"  # find the devices that are plugged in and not in the config
    POINTS_FILE = "points_file"  # the check of points, card by card, onto the stick
    TRAINING = "training"  # begin to practise, or end it


class Run(msgspec.Struct, frozen=True):
    errand: Errand


class Sound(msgspec.Struct, frozen=True):
    beep: Beep


class AskHq(msgspec.Struct, frozen=True):
    """Ask headquarters; HqAnswered comes back once, whether it answered all, late or not."""

    id: str
    wanted: tuple[Wanted, ...]


Effect = Show | Commit | Note | Print | OpenDrawer | Park | Unpark | Run | Sound | AskHq


class Committed(msgspec.Struct, frozen=True):
    """Event: the entry is durable."""

    outcome: Durable


class CommitRefused(msgspec.Struct, frozen=True):
    """Event: nothing was written."""

    problems: tuple[Problem, ...]


class CommitUnknown(msgspec.Struct, frozen=True):
    """Event: the medium has not answered; the outcome will follow."""


class HqAnswered(msgspec.Struct, frozen=True):
    """Event: what headquarters had to say is in the books, or nothing came in time."""

    id: str
    late: bool = False  # nothing came, to one question at least


CommitEvent = Committed | CommitRefused | CommitUnknown
