"""The drawer, the shift and the day: signing off, cash moved, the day closed. Pure.

What the books expect is never shown before the count: the counted amounts come with the request.
"""

from collections.abc import Mapping, Sequence

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.moves import CASH, Refusal, Request, Stamp, money
from daemon.ledger.bodies import (
    Body,
    CashMoved,
    Commission,
    CommissionPaid,
    CountedTender,
    DayClosed,
    DayTotals,
    DrawerOpened,
    Part,
    ShiftClosed,
)
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.machine import BY_BOX, OWN, SOURCE_BOX, shift_opened
from daemon.ledger.records import At, By, Draft, Posting
from daemon.ledger.views import ShiftRow

WAYS = ("in", "out", "banked")
# Tenders that leave nothing to count.
NO_MONEY = ("stored_value", "points", "coupon", "deposit")


class Counted(Part, frozen=True):
    code: str
    fen: int


class SignOnRequest(Request, frozen=True, kw_only=True):
    """上班. `float_fen`: cash that is put into the drawer; what was left in it stays there."""

    operator: str
    float_fen: int = 0


class CloseShiftRequest(Request, frozen=True, kw_only=True):
    """交班: what was counted of each tender, blind; cash is always counted."""

    counted: tuple[Counted, ...]


class MoveCashRequest(Request, frozen=True, kw_only=True):
    way: str  # in, out, banked
    amount_fen: int
    reason: str = ""
    receiver: str = ""


class OpenDrawerRequest(Request, frozen=True, kw_only=True):
    reason: str


class CloseDayRequest(Request, frozen=True, kw_only=True):
    """日结 of the business date that is open now."""


class PayCommissionRequest(Request, frozen=True, kw_only=True):
    paid: tuple[Commission, ...]
    tender: str = CASH
    period: str = ""


class Till(msgspec.Struct, frozen=True):
    """What the books know of the counter."""

    shift: ShiftRow | None
    drawer_fen: int  # cash that should lie in the drawer
    taken: Mapping[str, int]  # by tender code since the shift was opened; cash is not in it


def open_shift(request: SignOnRequest, till: Till, stamp: Stamp, role: str) -> Draft | Refusal:
    """Return 上班 of one of the staff."""
    if till.shift is not None:
        return Refusal("not_allowed", f"{till.shift.operator} is signed on: sign off first")
    if request.float_fen < 0:
        return Refusal("not_allowed", "a float is counted from 0 up")
    return shift_opened(
        stamp.at,
        by=By(request.operator, role),
        float_fen=request.float_fen,
        source=stamp.source,
        request=stamp.id,
        pack=stamp.pack,
    )


def close_shift(request: CloseShiftRequest, till: Till, stamp: Stamp) -> Draft | Refusal:
    """Return 交班; 长款 and 短款 are booked, so that the drawer is what was counted."""
    if till.shift is None:
        return Refusal("not_allowed", "nobody is signed on")
    counts = {one.code: one.fen for one in request.counted}
    if CASH not in counts or len(counts) != len(request.counted) or min(counts.values()) < 0:
        return Refusal("not_allowed", "count the cash, and each other tender at most once")
    if any(code in NO_MONEY for code in counts):
        return Refusal("not_allowed", f"{', '.join(NO_MONEY)} leave nothing to count")
    lines, postings = [], []
    for code, fen in counts.items():
        expected = till.drawer_fen if code == CASH else till.taken.get(code, 0)
        lines.append(CountedTender(code, fen, expected))
        postings += _pair(money(code), accounts.CASH_OVER, fen - expected)
    body = ShiftClosed(till.shift.operator, tuple(lines), counts[CASH])
    return _draft(stamp, Kind.SHIFT_CLOSED, body, postings, re=till.shift.opened)


def move_cash(request: MoveCashRequest, stamp: Stamp) -> Draft | Refusal:
    """Return cash put in, paid out, or handed in."""
    if request.way not in WAYS or request.amount_fen <= 0:
        return Refusal("not_allowed", f"cash moves {', '.join(WAYS)}, by an amount above 0")
    if request.way == "out" and not request.reason:
        return Refusal("not_allowed", "cash paid out needs a reason")
    other, sign = {
        "in": (accounts.CASH_IN, 1),
        "out": (accounts.CASH_OUT, -1),
        "banked": (accounts.CASH_BANKED, -1),
    }[request.way]
    body = CashMoved(request.way, request.amount_fen, request.reason, request.receiver)
    postings = _pair(accounts.CASH_DRAWER, other, sign * request.amount_fen)
    return _draft(stamp, Kind.CASH_MOVED, body, postings)


def open_drawer(request: OpenDrawerRequest, stamp: Stamp) -> Draft | Refusal:
    """Return that the drawer was opened without a sale."""
    if not request.reason:
        return Refusal("not_allowed", "say why the drawer is opened")
    return _draft(stamp, Kind.DRAWER_OPENED, DrawerOpened(request.reason), ())


def pay_commission(
    request: PayCommissionRequest, owed: Mapping[str, int], stamp: Stamp
) -> Draft | Refusal:
    """Return commission paid out; `owed` by staff number. More than is owed is refused."""
    staff = [one.staff for one in request.paid]
    if not staff or len(set(staff)) != len(staff):
        return Refusal("not_allowed", "name each of the staff once")
    postings = []
    for one in request.paid:
        if not 0 < one.amount_fen <= owed.get(one.staff, 0):
            have = owed.get(one.staff, 0)
            return Refusal("not_allowed", f"{one.staff} is owed {have} fen, not {one.amount_fen}")
        postings += _pair(accounts.commission(one.staff), money(request.tender), one.amount_fen)
    body = CommissionPaid(request.paid, request.tender, request.period)
    return _draft(stamp, Kind.COMMISSION_PAID, body, postings)


def day_closed(
    at: At,
    *,
    date: str,
    totals: DayTotals,
    last: str,
    signature: str,
    stamp: Stamp | None = None,
) -> Draft:
    """Return 日结 of a business date; without a stamp it is 自动日结, the box's own."""
    body = DayClosed(date, totals, last, automatic=stamp is None, signature=signature)
    if stamp is None:
        name = f"day:{date}"
        return Draft(SOURCE_BOX, name, Kind.DAY_CLOSED, at, BY_BOX, None, None, body, ())
    return _draft(stamp, Kind.DAY_CLOSED, body, ())


def _pair(account: str, other: str, fen: int) -> list[Posting]:
    if not fen:
        return []
    return [
        Posting(OWN, account, Unit.FEN, "", fen),
        Posting(OWN, other, Unit.FEN, "", -fen),
    ]


def _draft(
    stamp: Stamp, kind: Kind, body: Body, postings: Sequence[Posting], *, re: str | None = None
) -> Draft:
    moved = tuple(postings)
    return Draft(stamp.source, stamp.id, kind, stamp.at, stamp.by, stamp.pack, re, body, moved)
