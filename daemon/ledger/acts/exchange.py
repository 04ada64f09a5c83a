"""An exchange (换货): a return and a sale in one entry, of which only the difference moves. Pure.

What had paid for the goods that come back pays for those that go out, as far as it reaches; what
had been earned stays where it is, as far as the new goods earn it. So an even swap leaves money,
value and points untouched, and the new lines can themselves come back.
"""

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.bill import Bill, Effect, Lot
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, unpaid
from daemon.ledger.acts.returning import (
    OTHER,
    Back,
    BackAsked,
    clawed_back,
    coming_back,
    earned_of,
    goods_back,
    pays_on,
    restored_of,
    undo,
    uses_back,
)
from daemon.ledger.acts.selling import earn, owe_commission, sold
from daemon.ledger.bodies import (
    Commission,
    Earned,
    Exchange,
    Guide,
    NewLot,
    SaleLine,
    Taken,
    Tender,
)
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft


class ExchangeRequest(Request, frozen=True, kw_only=True):
    """`lines` go out, priced; `tenders` pay what they cost more."""

    sale: str
    back: tuple[BackAsked, ...]
    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...] = ()
    points: int = 0  # that the new lines earn
    points_expire: str | None = None
    growth: int = 0
    reason: int = OTHER
    commission: tuple[Commission, ...] = ()
    guides: tuple[Guide, ...] = ()
    rounding_fen: int = 0  # of the difference, where cash closed it


class Carried(msgspec.Struct, frozen=True):
    """What paid for the old goods: what goes on to pay for the new, and what goes back."""

    money: tuple[Tender, ...]
    money_back: tuple[Tender, ...]
    spent: tuple[Taken, ...]
    spent_back: tuple[Taken, ...]
    worth_fen: int


def exchange(
    request: ExchangeRequest, bill: Bill, member: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return the exchange."""
    back = pays_on(bill) or coming_back(bill, request.back, balance)
    if isinstance(back, Refusal):
        return back
    bill_fen = sum(line.paid_fen for line in request.lines)
    carried = carry(bill, back.change, bill_fen)
    cost_fen = bill_fen - request.rounding_fen
    if (wrong := unpaid(request.tenders, cost_fen - carried.worth_fen)) is not None:
        return wrong
    moves = Moves(balance, lots_from=len(request.lines) + 1)
    said = goods_back(moves, bill, back, request.reason)
    sold(moves, request.lines)
    _money(moves, request, bill, back, carried)
    points = request.points if member.id else 0
    kept, gone, more = keep_points(earned_of(bill, back.change), points)
    given_back, growth = list(carried.spent_back), back.change.growth
    undone = undo(moves, member, gone, given_back, growth=growth, ended=bill.ended)
    lots, settled = earn(
        moves, member, points=more, growth=request.growth, expires=request.points_expire
    )
    body = Exchange(
        back=said,
        back_fen=sum(back.change.goods),
        lines=request.lines,
        list_fen=sum(line.list_fen for line in request.lines),
        bill_fen=bill_fen,
        net_fen=cost_fen - sum(back.change.goods) + back.change.rounding_fen,
        points_net=more - sum(one.amount for one in gone if one.unit == Unit.POINT),
        tenders=(*request.tenders, *(_negative(one) for one in carried.money_back)),
        carried=carried.money,
        spent=carried.spent,
        earned=_earned(kept, lots, more),
        growth=request.growth if member.id else 0,
        reason=request.reason,
        member=bill.member,
        card=bill.card,
        restored=undone.restored,
        taken_back=undone.taken,
        claims=undone.claims,
        settled=(*undone.settled, *settled),
        commission=request.commission,
        guides=request.guides,
        lots=(*undone.lots, *lots),
        uses=uses_back(bill, back.change),
        rounding_fen=request.rounding_fen,
    )
    return moves.draft(stamp, Kind.EXCHANGE, body, re=bill.entry)


def carry(bill: Bill, change: Effect, bill_fen: int) -> Carried:
    """Return how what had paid goes on to pay `bill_fen`; money is the first to go on."""
    rest = bill_fen
    money, money_back = [], []
    for one, amount in zip(bill.money, change.money, strict=True):
        stays = min(amount, rest)
        rest -= stays
        money += [Tender(one.code, stays)] if stays else []
        money_back += [Tender(one.code, amount - stays)] if amount > stays else []
    spent, spent_back = [], []
    for taken in restored_of(bill, change):
        stays = min(taken.worth_fen, rest)
        rest -= stays
        goes = _part(taken, taken.worth_fen - stays)
        if goes.worth_fen or (not taken.worth_fen and goes.amount):
            spent_back.append(goes)
        left = Taken(
            taken.code,
            taken.unit,
            taken.lot,
            taken.amount - goes.amount,
            worth_fen=stays,
            list_fen=taken.list_fen - goes.list_fen,
        )
        if left.worth_fen or left.amount:
            spent.append(left)
    return Carried(
        tuple(money), tuple(money_back), tuple(spent), tuple(spent_back), bill_fen - rest
    )


def keep_points(old: list[Lot], points: int) -> tuple[list[Lot], list[Lot], int]:
    """Return what earned lots keep, what of them is to go, and what points are then earned anew."""
    kept, gone = [], []
    for one in old:
        stays = min(one.amount, points) if one.unit == Unit.POINT else 0
        points -= stays
        kept += [Lot(one.unit, one.lot, stays)] if stays else []
        gone += [Lot(one.unit, one.lot, one.amount - stays)] if one.amount > stays else []
    return kept, gone, points


def _money(
    moves: Moves, request: ExchangeRequest, bill: Bill, back: Back, carried: Carried
) -> None:
    bill_fen = sum(line.paid_fen for line in request.lines)
    owe_commission(moves, clawed_back(bill, back.change), sign=-1)
    owe_commission(moves, request.commission)
    moves.pay(request.tenders)
    moves.pay(carried.money_back, back=True)
    moves.move(accounts.SALES_GOODS, Unit.FEN, sum(back.change.goods) - bill_fen)
    rounded = request.rounding_fen - back.change.rounding_fen
    moves.move(accounts.ROUNDING_CASH, Unit.FEN, rounded)


def _earned(kept: list[Lot], lots: tuple[NewLot, ...], more: int) -> tuple[Earned, ...]:
    new = tuple(Earned(lot.unit, more, n=lot.n) for lot in lots)
    return (*(Earned(one.unit, one.amount, one.lot) for one in kept), *new)


def _part(taken: Taken, worth_fen: int) -> Taken:
    """Return the part of a spent lot that paid `worth_fen`: down, but all of it for all."""
    whole = taken.worth_fen
    if worth_fen == whole:
        return taken
    return Taken(
        taken.code,
        taken.unit,
        taken.lot,
        taken.amount * worth_fen // whole,
        worth_fen=worth_fen,
        list_fen=taken.list_fen * worth_fen // whole,
    )


def _negative(tender: Tender) -> Tender:
    return Tender(tender.code, -tender.amount_fen)
