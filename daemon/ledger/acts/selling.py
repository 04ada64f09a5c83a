"""A sale as the API gives it: priced lines, money, and value that pays. Pure.

Prices, points and rounding are the rules'; this file knows where they go in the books.
"""

from daemon.ledger import accounts
from daemon.ledger.acts.claims import settle
from daemon.ledger.acts.moves import (
    OF_LOTS,
    Member,
    Moves,
    Refusal,
    Request,
    Stamp,
    blocked,
    purse,
    unpaid,
)
from daemon.ledger.acts.shares import part_of
from daemon.ledger.acts.spend import coupon_taken, points_taken, value_taken
from daemon.ledger.bodies import (
    Applied,
    Commission,
    Guide,
    NewLot,
    Part,
    PriceOverridden,
    Sale,
    SaleLine,
    Settled,
    Taken,
    Tender,
    Use,
)
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft

MANAGER = "manager"  # the role that allows a price by hand
REBATES = ((Unit.BONUS.value, accounts.REBATE_BONUS), (Unit.POINT.value, accounts.REBATE_POINTS))


class CouponUse(Part, frozen=True):
    coupon: str  # its kind
    worth_fen: int  # what it pays of this bill


class OverrideRequest(Request, frozen=True, kw_only=True):
    """A price set by hand; it is on the sale's line as well, if there comes to be one."""

    sku: str
    qty: int = 1
    list_fen: int
    fen: int
    reason: str
    staff: str  # the second person
    name: str = ""
    member: str = ""
    card: str = ""


class SaleRequest(Request, frozen=True, kw_only=True):
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...] = ()  # money only
    member: str = ""
    card: str = ""
    rounding_fen: int = 0
    points: int = 0
    points_expire: str | None = None
    growth: int = 0
    value_fen: int = 0  # paid with stored value
    value_order: str = ""  # as the pack says
    points_used: int = 0
    points_worth_fen: int = 0
    coupons: tuple[CouponUse, ...] = ()
    commission: tuple[Commission, ...] = ()
    guides: tuple[Guide, ...] = ()
    applied: tuple[Applied, ...] = ()
    uses: tuple[Use, ...] = ()  # what limits of the pack count of it


def sell(request: SaleRequest, member: Member, balance: Balance, stamp: Stamp) -> Draft | Refusal:
    """Return the sale; its first lots are its lines' returnable lots."""
    list_fen = sum(line.list_fen for line in request.lines)
    bill_fen = sum(line.paid_fen for line in request.lines)
    pay_fen = bill_fen - request.rounding_fen
    spent = _spent(request, member, stamp, list_fen=list_fen, pay_fen=pay_fen)
    if isinstance(spent, Refusal):
        return spent
    if min(request.rounding_fen, request.points, request.growth) < 0 or not request.lines:
        return Refusal("not_allowed", "a sale has lines, and amounts from 0 up")
    wrong = unpaid(request.tenders, pay_fen - sum(one.worth_fen for one in spent))
    if wrong is not None:
        return wrong
    moves = Moves(balance, lots_from=len(request.lines) + 1)
    sold(moves, request.lines)
    moves.pay(request.tenders)
    moves.move(accounts.ROUNDING_CASH, Unit.FEN, request.rounding_fen)
    moves.move(accounts.SALES_GOODS, Unit.FEN, -bill_fen)
    for one in spent:
        pay_with(moves, member.id, one)
    owe_commission(moves, request.commission)
    lots, settled = earn(
        moves, member, points=request.points, growth=request.growth, expires=request.points_expire
    )
    body = Sale(
        lines=request.lines,
        tenders=(*request.tenders, *_as_tenders(spent)),
        list_fen=list_fen,
        bill_fen=bill_fen,
        rounding_fen=request.rounding_fen,
        pay_fen=pay_fen,
        member=member.id,
        card=request.card or member.card,
        points=request.points if member.id else 0,
        growth=request.growth if member.id else 0,
        guides=request.guides,
        applied=request.applied,
        lots=lots,
        spent=spent,
        settled=settled,
        uses=request.uses if member.id else (),
        commission=request.commission,
    )
    return moves.draft(stamp, Kind.SALE, body)


def override(
    request: OverrideRequest, member: Member, balance: Balance, stamp: Stamp, *, role: str
) -> Draft | Refusal:
    """Return that a price was set by hand; `role`: of the person who allowed it, "" for nobody."""
    if role != MANAGER or request.staff == stamp.by.operator:
        return Refusal("not_allowed", "a price by hand needs a second person: a manager")
    if not request.sku or not request.reason or request.qty < 1:
        return Refusal("not_allowed", "a price by hand is of goods, from 1 piece up, for a reason")
    if min(request.fen, request.list_fen) < 0 or request.fen == request.list_fen:
        return Refusal("not_allowed", "a price by hand is another than the rules' own, from 0 up")
    body = PriceOverridden(
        request.sku,
        request.qty,
        request.list_fen,
        request.fen,
        request.reason,
        request.staff,
        role,
        request.name,
        member.id,
    )
    return Moves(balance).draft(stamp, Kind.PRICE_OVERRIDDEN, body)


def sold(moves: Moves, lines: tuple[SaleLine, ...]) -> None:
    """Goods leave, and each line may come back."""
    for line in lines:
        moves.pieces(line.sku, line.qty, accounts.sold(line.sku))
        moves.move(accounts.returnable(f"#{line.n}"), Unit.RETURNABLE, line.qty, f"#{line.n}")
        moves.move(accounts.SOLD_LINES, Unit.RETURNABLE, -line.qty)


def pay_with(moves: Moves, member: str, one: Taken, *, sign: int = 1) -> None:
    """A part of a lot pays; sign -1: it comes back."""
    moves.move(purse(member, one.unit), one.unit, -sign * one.amount, one.lot)
    moves.move(accounts.spent(one.unit), one.unit, sign * one.amount, one.lot)
    moves.move(worth_account(one.unit), Unit.FEN, sign * one.worth_fen)


def worth_account(unit: str) -> str:
    """Return where the money's worth of spent value is booked: owed before, or a rebate."""
    if unit == Unit.PRINCIPAL:
        return accounts.OWED_VALUE
    return dict(REBATES).get(unit, accounts.REBATE_COUPONS)


def owe_commission(moves: Moves, commission: tuple[Commission, ...], *, sign: int = 1) -> None:
    for one in commission:
        moves.move(accounts.commission(one.staff), Unit.FEN, -sign * one.amount_fen)
        moves.move(accounts.COMMISSION_COST, Unit.FEN, sign * one.amount_fen)


def earn(
    moves: Moves,
    member: Member,
    *,
    points: int,
    growth: int = 0,
    source: str = "sale",
    expires: str | None = None,
) -> tuple[tuple[NewLot, ...], tuple[Settled, ...]]:
    """The member gets points in a new lot, and growth; open claims are settled first."""
    if not member.id:
        return (), ()
    moves.grow(member.id, growth)
    if not points:
        return (), ()
    number = moves.new_lot()
    moves.grant(member.id, Unit.POINT, points, number)
    settled = settle(moves, member, Unit.POINT, [(f"#{number}", points)])
    return (NewLot(number, Unit.POINT, source, expires, amount=points),), settled


def _spent(
    request: SaleRequest, member: Member, stamp: Stamp, *, list_fen: int, pay_fen: int
) -> tuple[Taken, ...] | Refusal:
    asked = request.value_fen or request.points_used or request.coupons
    if not asked:
        return ()
    if not member.id:
        return Refusal("not_allowed", "value, points and coupons are a member's: name the member")
    if (refused := blocked(member)) is not None:
        return refused
    if min(request.value_fen, request.points_used, request.points_worth_fen) < 0:
        return Refusal("not_allowed", "amounts are counted from 0 up")
    taken: list[Taken] = []
    if request.value_fen:
        at_list = part_of(list_fen, done=request.value_fen, whole=pay_fen) if pay_fen > 0 else 0
        value = value_taken(
            member, request.value_fen, stamp.now, order=request.value_order, list_fen=at_list
        )
        if isinstance(value, Refusal):
            return value
        taken += value
    if request.points_used:
        points = points_taken(member, request.points_used, request.points_worth_fen, stamp.now)
        if isinstance(points, Refusal):
            return points
        taken += points
    for use in request.coupons:
        coupon = coupon_taken(member, use.coupon, use.worth_fen, stamp.now, taken)
        if isinstance(coupon, Refusal):
            return coupon
        taken.append(coupon)
    return tuple(taken)


def _as_tenders(spent: tuple[Taken, ...]) -> list[Tender]:
    """Return what was spent as the receipt's and the day's tenders."""
    worth = {code: sum(one.worth_fen for one in spent if one.code == code) for code in OF_LOTS}
    return [Tender(code, fen) for code, fen in worth.items() if fen]
