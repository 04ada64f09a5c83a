"""Screens as data: what a clerk or a customer is told. No text is laid out here (room: display).

Names of members are masked before they get here.
"""

from collections.abc import Mapping

import msgspec

from daemon.rules.types import Notice, Quote, QuotedLine


class GiftShown(msgspec.Struct, frozen=True):
    """What so many points buy. `name` is empty where it is a coupon of `coupon_fen`."""

    name: str
    points: int
    coupon_fen: int = 0


class MemberShown(msgspec.Struct, frozen=True):
    """A member as a screen may show him: `shown` is masked (王**), `tail` the card's last four.

    What the pack does not tell at a swipe is empty here, as of somebody who has none.
    """

    shown: str
    tail: str
    level: str
    points: int | None  # available here; None for a visitor, and where the pack tells none
    visitor: bool = False
    gifts: tuple[GiftShown, ...] = ()  # the cheapest first, also those he has too few points for
    expiring: tuple[tuple[str, int], ...] = ()  # (date, points), the soonest first
    waiting: tuple[tuple[str, int], ...] = ()  # 待领取: what is promised, and how many of it
    worth_fen: int | None = None  # what the points are worth as money, where the pack tells it


class Idle(msgspec.Struct, frozen=True):
    """Nobody is being served. `offer`: what may follow the last sale (enrol_by_purchase)."""

    offer: str = ""


class BasketShown(msgspec.Struct, frozen=True):
    """A running quote, marked as such by its kind. `line`: the line that just changed."""

    line: QuotedLine | None
    quote: Quote
    member: MemberShown | None
    typed: str = ""
    notices: tuple[Notice, ...] = ()


class TotalShown(msgspec.Struct, frozen=True):
    """The total, waiting for tenders. `due_fen` is what is still open (cash rounding applied)."""

    bill_fen: int
    due_fen: int
    paid_fen: int
    count: int
    member: MemberShown | None
    typed: str = ""
    notices: tuple[Notice, ...] = ()
    quote: Quote | None = None  # what is paid for, where those are goods and a page has room


class Done(msgspec.Struct, frozen=True):
    """A committed entry. `pay_fen`: what was paid; below zero: paid back."""

    entry: str
    pay_fen: int
    given_fen: int  # 0 unless cash was taken
    change_fen: int
    tenders: tuple[str, ...]  # codes
    points: int
    points_after: int | None
    member: MemberShown | None
    offer: str = ""
    saved_fen: int = 0  # below list prices
    kind: str = "sale"  # of the entry


class MemberPage(msgspec.Struct, frozen=True):
    """An inquiry. `balance_fen` only when it was asked for."""

    member: MemberShown
    term_ends: str | None
    expiring: tuple[tuple[str, int], ...]  # (date, points)
    balance_fen: int | None = None


class PriceShown(msgspec.Struct, frozen=True):
    """A price look-up: sells nothing."""

    name: str
    pole: str
    price_fen: int
    member_price_fen: int | None


class Row(msgspec.Struct, frozen=True):
    """A row of a numbered list. `key`: what chooses it; `pole`: the same in ASCII, 17 cells.

    A fixed choice has no words of its own: they stand in display/asks.py by step and key.
    `entry`: the one that it stands for; nobody is shown it.
    """

    key: str
    text: str = ""
    pole: str = ""
    fen: int | None = None
    entry: str = ""


class Step(msgspec.Struct, frozen=True):
    """A step of a flow waiting for input; `code` is stable (the LED shows `31-`).

    `rows`: what may be chosen, for the clerk alone; row number `at` is what a line display shows.
    """

    code: str
    asks: str  # codes.Ask
    typed: str = ""
    values: Mapping[str, str] | None = None
    rows: tuple[Row, ...] = ()
    at: int = 0


class RefusalShown(msgspec.Struct, frozen=True):
    """`code` E01..E20 as in wording; `values` fill its placeholders."""

    code: str
    values: Mapping[str, str]


class Checking(msgspec.Struct, frozen=True):
    """正在核对: the outcome of a commit is not known yet."""


class AskingHq(msgspec.Struct, frozen=True):
    """正在问总部: a step waits for headquarters. `ahead`: keys and scans that wait behind it."""

    ahead: int = 0


Screen = (
    Idle
    | BasketShown
    | TotalShown
    | Done
    | MemberPage
    | PriceShown
    | Step
    | RefusalShown
    | Checking
    | AskingHq
)
