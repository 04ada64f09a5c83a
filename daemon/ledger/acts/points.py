"""Points by other ways than goods: granted, adjusted, transferred, frozen, voided. Pure."""

from datetime import datetime, timedelta

from daemon.ledger import accounts
from daemon.ledger.acts.funding import funded
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, blocked, purse
from daemon.ledger.acts.selling import earn
from daemon.ledger.acts.spend import points_parts, spendable
from daemon.ledger.bodies import (
    LotPart,
    Moved,
    NewLot,
    PointsAdjusted,
    PointsGranted,
    PointsTransferred,
    Sale,
    SaleClaimed,
    Settled,
    Use,
)
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.lots import spend_order, take
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft, Entry

CLAIM_WITHIN = timedelta(days=1)  # a receipt found in the street must not earn for weeks
TRANSFERABLE = (Unit.POINT, Unit.PRINCIPAL, Unit.BONUS)


class GrantRequest(Request, frozen=True, kw_only=True):
    member: str
    points: int
    reason: str  # click, festival ...: the lot's source
    growth: int = 0
    rule: str = ""
    expires: str | None = None
    hq_points: int = 0  # of them, what headquarters pays for


class AdjustRequest(Request, frozen=True, kw_only=True):
    """Points and growth may be below zero: then they are taken."""

    member: str
    points: int = 0
    growth: int = 0
    reason: str
    manager: str
    expires: str | None = None


class ClaimSaleRequest(Request, frozen=True, kw_only=True):
    """补积分. `lines`: the points of each line of the sale, in order; what they make is earned."""

    sale: str
    member: str = ""
    card: str = ""
    lines: tuple[int, ...]
    growth: int = 0
    expires: str | None = None
    hq_points: int = 0  # of the points, what headquarters pays for
    uses: tuple[Use, ...] = ()
    frozen: str = ""  # the guard beyond whose limit it is; "": the points may be spent


class TransferRequest(Request, frozen=True, kw_only=True):
    member: str
    to: str
    unit: str = Unit.POINT
    amount: int
    reason: str = ""
    manager: str = ""
    uses: tuple[Use, ...] = ()


class FreezeRequest(Request, frozen=True, kw_only=True):
    """Also to unfreeze and to void: `amount` None is all there is."""

    member: str
    amount: int | None = None
    reason: str


def grant(request: GrantRequest, member: Member, balance: Balance, stamp: Stamp) -> Draft | Refusal:
    """Return points given for something that is no sale."""
    if not member.id or min(request.points, request.growth) < 0 or not request.reason:
        return Refusal("not_allowed", "a grant has a member, a reason and points from 0 up")
    moves = Moves(balance)
    lots, settled = earn(
        moves,
        member,
        points=request.points,
        growth=request.growth,
        source=request.reason,
        expires=request.expires,
    )
    lots = funded(lots, request.hq_points)
    body = PointsGranted(
        member.id, request.points, request.reason, request.growth, request.rule, settled, lots
    )
    return moves.draft(stamp, Kind.POINTS_GRANTED, body)


def adjust(
    request: AdjustRequest, member: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return points or growth put right by hand."""
    if not request.manager or request.manager == stamp.by.operator or not request.reason:
        return Refusal("not_allowed", "an adjustment needs a reason and a second person: a manager")
    if not member.id or not (request.points or request.growth):
        return Refusal("not_allowed", "an adjustment has a member, and points or growth")
    moves = Moves(balance)
    lots: tuple[NewLot, ...] = ()
    settled: tuple[Settled, ...] = ()
    taken: tuple[LotPart, ...] = ()
    if request.points >= 0:
        lots, settled = earn(
            moves,
            member,
            points=request.points,
            growth=request.growth,
            source="adjusted",
            expires=request.expires,
        )
    else:
        parts = points_parts(member, -request.points, stamp.now)
        if isinstance(parts, Refusal):
            return parts
        taken = tuple(parts)
        _take(moves, purse(member.id, Unit.POINT), taken, accounts.voided(Unit.POINT))
        moves.grow(member.id, request.growth)
    body = PointsAdjusted(
        member.id,
        request.points,
        request.growth,
        request.reason,
        request.manager,
        taken,
        settled,
        lots,
    )
    return moves.draft(stamp, Kind.POINTS_ADJUSTED, body)


def claim_sale(
    request: ClaimSaleRequest, sale: Entry, member: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return what an anonymous sale earns for a member after all; that it is once, app sees to."""
    body = sale.body
    if not isinstance(body, Sale) or body.member:
        return Refusal("not_allowed", f"{id_of(sale)} is no anonymous sale")
    if len(request.lines) != len(body.lines) or min((*request.lines, request.growth)) < 0:
        return Refusal("not_allowed", f"give the points of each of its {len(body.lines)} lines")
    if stamp.now > datetime.fromisoformat(sale.at.wall) + CLAIM_WITHIN:
        return Refusal("window_closed", "points are booked to a receipt within a day of it")
    for line in body.lines:
        lot = f"{id_of(sale)}:{line.n}"
        if balance(accounts.returnable(lot), Unit.RETURNABLE, lot) != line.qty:
            return Refusal("already_returned", "a part of this sale is back: it earns no more")
    moves = Moves(balance)
    points = sum(request.lines)
    lots: tuple[NewLot, ...] = ()
    settled: tuple[Settled, ...] = ()
    if request.frozen and points:
        moves.grow(member.id, request.growth)
        lots = (_frozen(moves, member, points, request.expires),)
    else:
        lots, settled = earn(
            moves, member, points=points, growth=request.growth, expires=request.expires
        )
    said = SaleClaimed(
        member.id,
        request.card or member.card,
        points,
        request.growth,
        request.lines,
        settled,
        funded(lots, request.hq_points),
        request.uses,
        request.frozen if points else "",
    )
    return moves.draft(stamp, Kind.SALE_CLAIMED, said, re=id_of(sale))


def transfer(
    request: TransferRequest, member: Member, to: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return lots that go to another member, with their dates."""
    for one in (member, to):
        if not one.id:
            return Refusal("not_allowed", "both members must be known here")
        if (refused := blocked(one)) is not None:
            return refused
    if member.id == to.id or request.amount <= 0 or request.unit not in TRANSFERABLE:
        return Refusal("not_allowed", "a transfer goes to somebody else, in points or stored value")
    if member.of(accounts.claim(member.id), f"claim:{request.unit}"):
        return Refusal("not_allowed", "points are owed back (待扣积分): they are settled first")
    lots = spendable(member, request.unit, stamp.now)
    parts = tuple(LotPart(lot.unit, lot.lot, part) for lot, part in take(lots, request.amount))
    if sum(part.amount for part in parts) < request.amount:
        code = "not_enough_points" if request.unit == Unit.POINT else "not_enough_value"
        return Refusal(code, f"less than {request.amount} may be spent here")
    moves = Moves(balance)
    _take(moves, purse(member.id, request.unit), parts, purse(to.id, request.unit))
    body = PointsTransferred(
        member.id,
        to.id,
        request.unit,
        request.amount,
        parts,
        request.reason,
        request.manager,
        request.uses,
    )
    return moves.draft(stamp, Kind.POINTS_TRANSFERRED, body)


def shift(
    request: FreezeRequest, member: Member, balance: Balance, stamp: Stamp, *, kind: Kind
) -> Draft | Refusal:
    """Return points frozen, let go or voided (frozen ones first)."""
    unit = Unit.POINT
    own, ice, gone = purse(member.id, unit), accounts.frozen(member.id), accounts.voided(unit)
    ways: dict[Kind, tuple[tuple[str, str], ...]] = {
        Kind.POINTS_FROZEN: ((own, ice),),
        Kind.POINTS_UNFROZEN: ((ice, own),),
        Kind.POINTS_VOIDED: ((ice, gone), (own, gone)),
    }
    if not request.reason:
        return Refusal("not_allowed", "say why: the reason stands in the books")
    have = sum(lot.amount for source, _ in ways[kind] for lot in member.of(source, unit))
    rest = have if request.amount is None else request.amount
    if rest <= 0 or rest > have:
        return Refusal("not_enough_points", f"{rest} points asked for, {have} are there")
    moves = Moves(balance)
    done: list[LotPart] = []
    for source, target in ways[kind]:
        for lot, part in take(spend_order(member.of(source, unit)), rest):
            done.append(LotPart(unit, lot.lot, part))
            moves.take(source, unit, part, lot.lot, to=target)
            rest -= part
    body = Moved(
        member.id, unit, sum(part.amount for part in done), tuple(done), "", request.reason
    )
    return moves.draft(stamp, kind, body)


def _frozen(moves: Moves, member: Member, points: int, expires: str | None) -> NewLot:
    """Grant points that lie frozen from the first; they settle no claim until they are let go."""
    number = moves.new_lot()
    moves.grant(member.id, Unit.POINT, points, number)
    account = purse(member.id, Unit.POINT)
    moves.take(account, Unit.POINT, points, f"#{number}", to=accounts.frozen(member.id))
    return NewLot(number, Unit.POINT, "sale", expires, amount=points)


def _take(moves: Moves, source: str, parts: tuple[LotPart, ...], to: str) -> None:
    for part in parts:
        moves.take(source, part.unit, part.amount, part.lot, to=to)
