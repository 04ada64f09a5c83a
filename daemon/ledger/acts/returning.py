"""Goods come back: return, void, return without a receipt. Pure.

Price and points come from the sale's own entry alone. What paid comes back to where it came from:
money to its tender, spent value to its very lots; what was earned is taken back, and what of it is
spent already becomes a claim.
"""

from collections.abc import Sequence

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.bill import Bill, Effect, Ended, Lot, effect
from daemon.ledger.acts.claims import offset, open_claim, settle, take_back
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, purse, unpaid
from daemon.ledger.acts.selling import owe_commission, pay_with, worth_account
from daemon.ledger.bodies import (
    Claim,
    Commission,
    LotPart,
    NewLot,
    Part,
    Returned,
    ReturnUnreferenced,
    SaleLine,
    Settled,
    Taken,
    Tender,
    Use,
)
from daemon.ledger.bodies_value import BackLine
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft

UNOPENED, OPENED, QUALITY, WRONG_GOODS, OTHER = 1, 2, 3, 4, 5  # reasons at the keypad
NOT_FOR_SALE_AGAIN = (OPENED, QUALITY)
GRACE = "grace"  # source of a lot in place of one that ended before its goods came back


class BackAsked(Part, frozen=True):
    n: int  # the line's number in the sale
    qty: int


class ReturnRequest(Request, frozen=True, kw_only=True):
    sale: str
    lines: tuple[BackAsked, ...]
    reason: int = OTHER


class VoidRequest(Request, frozen=True, kw_only=True):
    sale: str


class UnreferencedRequest(Request, frozen=True, kw_only=True):
    """`lines` at the lowest price of the last 30 days, which the rules look up."""

    lines: tuple[SaleLine, ...]
    tenders: tuple[Tender, ...]
    manager: str
    reason: int = OTHER
    member: str = ""


class Back(msgspec.Struct, frozen=True):
    """What comes back of a bill now."""

    quantities: tuple[tuple[SaleLine, int], ...]
    change: Effect


class Undone(msgspec.Struct, frozen=True):
    """What became of the lots that the lines had earned or spent."""

    restored: tuple[Taken, ...]
    taken: tuple[LotPart, ...]
    claims: tuple[Claim, ...]
    settled: tuple[Settled, ...]
    lots: tuple[NewLot, ...]  # in place of lots that have ended meanwhile


def give_back(
    request: ReturnRequest, bill: Bill, member: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return the return of some lines."""
    back = coming_back(bill, request.lines, balance)
    if isinstance(back, Refusal):
        return back
    return _returned(
        bill, back, member, Moves(balance), stamp, kind=Kind.RETURN, reason=request.reason
    )


def void(bill: Bill, member: Member, balance: Balance, stamp: Stamp) -> Draft | Refusal:
    """Return the void: everything that is not back yet. That it is of this shift, app sees to."""
    rest = {line.n: _left(bill, line.n, balance) for line in bill.lines}
    asked = tuple(BackAsked(n, qty) for n, qty in rest.items() if qty > 0)
    if not asked:
        return Refusal("already_returned", f"everything of {bill.entry} is back already")
    back = coming_back(bill, asked, balance)
    if isinstance(back, Refusal):
        return back
    return _returned(
        bill, back, member, Moves(balance), stamp, kind=Kind.SALE_VOIDED, reason=UNOPENED
    )


def unreferenced(request: UnreferencedRequest, balance: Balance, stamp: Stamp) -> Draft | Refusal:
    """Return goods that come back without a receipt."""
    if not request.manager or request.manager == stamp.by.operator:
        return Refusal("not_allowed", "a return without receipt needs a second person: a manager")
    pay_fen = sum(line.paid_fen for line in request.lines)
    if (wrong := unpaid(request.tenders, pay_fen)) is not None:
        return wrong
    moves = Moves(balance)
    moves.pay(request.tenders, back=True)
    moves.move(accounts.SALES_GOODS, Unit.FEN, pay_fen)
    for line in request.lines:
        put_back(moves, line.sku, line.qty, request.reason)
    body = ReturnUnreferenced(
        request.lines, pay_fen, request.tenders, request.manager, request.reason, request.member
    )
    return moves.draft(stamp, Kind.RETURN_UNREFERENCED, body)


def coming_back(bill: Bill, named: tuple[BackAsked, ...], balance: Balance) -> Back | Refusal:
    """Return what the asked quantities mean now, after what is back already."""
    asked = {one.n: one.qty for one in named}
    if len(asked) != len(named) or not asked or min(asked.values()) < 1:
        return Refusal("not_returnable", "name each line once, with a quantity from 1 up")
    lines = {line.n: line for line in bill.lines}
    before = {}
    for n, qty in asked.items():
        line = lines.get(n)
        if line is None:
            return Refusal("not_returnable", f"{bill.entry} has no line {n}")
        left = _left(bill, n, balance)
        if left <= 0:
            return Refusal("already_returned", f"line {n} of {bill.entry} is back already")
        if qty > left:
            return Refusal("not_returnable", f"of line {n} only {left} may still come back")
    for line in bill.lines:
        before[line.n] = line.qty - _left(bill, line.n, balance)
    after = {n: qty + asked.get(n, 0) for n, qty in before.items()}
    change = effect(bill, after).since(effect(bill, before))
    return Back(tuple((lines[n], qty) for n, qty in sorted(asked.items())), change)


def pays_on(bill: Bill) -> Refusal | None:
    """Return why what had paid a bill cannot pay for other goods here; None when it can."""
    if not bill.by or not bill.spent:
        return None
    why = f"{bill.entry} was paid by lots of another shop: take it back, then sell anew"
    return Refusal("not_returnable", why)


def goods_back(moves: Moves, bill: Bill, back: Back, reason: int) -> tuple[BackLine, ...]:
    """Goods go back to the stock (or aside, by reason); the lines may come back no more."""
    places = {line.n: place for place, line in enumerate(bill.lines)}
    said = []
    for line, qty in back.quantities:
        lot = bill.returnable(line.n)
        moves.move(accounts.returnable(lot), Unit.RETURNABLE, -qty, lot)
        moves.move(accounts.SOLD_LINES, Unit.RETURNABLE, qty)
        put_back(moves, line.sku, qty, reason)
        goods, points = back.change.goods[places[line.n]], back.change.points[places[line.n]]
        said.append(BackLine(line.n, line.sku, line.name, qty, goods, points))
    return tuple(said)


def put_back(moves: Moves, sku: str, qty: int, reason: int) -> None:
    if not sku:
        return
    place = accounts.damaged(sku) if reason in NOT_FOR_SALE_AGAIN else accounts.stock(sku)
    moves.move(place, Unit.PIECE, qty)
    moves.move(accounts.sold(sku), Unit.PIECE, -qty)


def undo(
    moves: Moves,
    member: Member,
    earned: list[Lot],
    restored: list[Taken],
    *,
    growth: int,
    ended: Sequence[Ended],
) -> Undone:
    """Spent lots get back what they gave; what was earned goes; claims for what is missing.

    `ended`: lots whose end came meanwhile: others take their place for a while.
    """
    lots, back_in, gone = [], [], {one.lot: one for one in ended}
    for one in restored:
        pay_with(moves, member.id, one, sign=-1)
        end = gone.get(one.lot)
        if end is None or not one.amount:
            back_in.append((one.unit, one.lot, one.amount))
            continue
        lots.append(_lives_on(moves, member, one, end))
        back_in.append((one.unit, f"#{lots[-1].n}", one.amount))
    moves.grow(member.id, -growth)
    taken: list[LotPart] = []
    claims: list[Claim] = []
    settled: list[Settled] = []
    for unit in sorted({one.unit for one in earned} | {one.unit for one in restored}):
        parts = [(one.lot, one.amount) for one in earned if one.unit == unit and one.amount]
        credits = [(lot, amount) for of, lot, amount in back_in if of == unit and amount]
        had, missing = take_back(moves, member.id, unit, parts)
        taken += had
        missing = offset(moves, member.id, unit, missing, [lot for lot, _ in credits])
        claims += open_claim(moves, member.id, unit, missing)
        settled += settle(moves, member, unit, credits)
    return Undone(tuple(restored), tuple(taken), tuple(claims), tuple(settled), tuple(lots))


def _lives_on(moves: Moves, member: Member, one: Taken, end: Ended) -> NewLot:
    """What comes back to a lot that has ended lapses there, and is granted anew for a while."""
    account = purse(member.id, one.unit)
    moves.take(account, one.unit, one.amount, one.lot, to=accounts.lapsed(one.unit))
    number = moves.new_lot()
    moves.grant(member.id, one.unit, one.amount, number)
    return NewLot(number, one.unit, GRACE, end.until, end.topup, owner=member.id, amount=one.amount)


def restored_of(bill: Bill, change: Effect) -> list[Taken]:
    """Return what goes back to the lots that paid."""
    return [
        Taken(one.code, one.unit, one.lot, amount, worth_fen=worth, list_fen=listed)
        for one, (amount, worth, listed) in zip(bill.spent, change.spent, strict=True)
        if amount or worth
    ]


def earned_of(bill: Bill, change: Effect) -> list[Lot]:
    """Return what is to be taken back of the lots that the lines earned."""
    return [
        Lot(one.unit, one.lot, amount)
        for one, amount in zip(bill.earned, change.earned, strict=True)
        if amount
    ]


def clawed_back(bill: Bill, change: Effect) -> tuple[Commission, ...]:
    return tuple(
        Commission(one.staff, amount)
        for one, amount in zip(bill.commission, change.commission, strict=True)
        if amount
    )


def uses_back(bill: Bill, change: Effect) -> tuple[Use, ...]:
    """Return what limits had counted of what comes back, as it is given back."""
    return tuple(
        Use(one.what, -amount, one.line, one.day)
        for one, amount in zip(bill.uses, change.uses, strict=True)
        if amount
    )


def _returned(
    bill: Bill,
    back: Back,
    member: Member,
    moves: Moves,
    stamp: Stamp,
    *,
    kind: Kind,
    reason: int,
) -> Draft | Refusal:
    change = back.change
    lines = goods_back(moves, bill, back, reason)
    tenders = _money_back(bill, change)
    moves.pay(tenders, back=True)
    goods_fen = sum(change.goods)
    moves.move(accounts.SALES_GOODS, Unit.FEN, goods_fen)
    moves.move(accounts.ROUNDING_CASH, Unit.FEN, -change.rounding_fen)
    earned, restored = earned_of(bill, change), restored_of(bill, change)
    here = _elsewhere(moves, restored) if bill.by else restored
    undone = undo(moves, member, earned, here, growth=change.growth, ended=bill.ended)
    commission = clawed_back(bill, change)
    owe_commission(moves, commission, sign=-1)
    body = Returned(
        lines=lines,
        goods_fen=goods_fen,
        rounding_fen=change.rounding_fen,
        pay_fen=goods_fen - change.rounding_fen,
        tenders=tenders,
        reason=reason,
        member=bill.member,
        card=bill.card,
        points=sum(
            amount
            for one, amount in zip(bill.earned, change.earned, strict=True)
            if one.unit == Unit.POINT
        ),
        growth=change.growth,
        restored=tuple(restored),
        taken_back=undone.taken,
        claims=undone.claims,
        settled=undone.settled,
        lots=undone.lots,
        commission=commission,
        uses=uses_back(bill, change),
        by=bill.by if restored else "",
    )
    return moves.draft(stamp, kind, body, re=bill.entry)


def _money_back(bill: Bill, change: Effect) -> tuple[Tender, ...]:
    return tuple(
        Tender(one.code, amount)
        for one, amount in zip(bill.money, change.money, strict=True)
        if amount
    )


def _elsewhere(moves: Moves, restored: list[Taken]) -> list[Taken]:
    """Book the money's worth; the lots lie elsewhere and go back there, by headquarters' word."""
    for one in restored:
        moves.move(worth_account(one.unit), Unit.FEN, -one.worth_fen)
    return []


def _left(bill: Bill, n: int, balance: Balance) -> int:
    """Return what of a line may still come back; only the chain that sold it holds that."""
    lot = bill.returnable(n)
    return balance(accounts.returnable(lot), Unit.RETURNABLE, lot)
