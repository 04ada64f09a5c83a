"""Points of goods that nobody had listed when they were sold, now that somebody has. Pure.

They stand on their lines as if they had been earned with the sale: what is back of it already takes
its part at once, so that the net effect depends on the returned quantities alone.
"""

import msgspec
from msgspec.structs import replace

from daemon.ledger import accounts
from daemon.ledger.acts.bill import Bill, Lot, effect
from daemon.ledger.acts.claims import open_claim, settle, take_back
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp
from daemon.ledger.bodies import Claim, LotPart, NewLot, SaleClaimed, Settled, Use
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft

SOURCE = "sale"


class ListedRequest(Request, frozen=True, kw_only=True):
    """`lines`: what each line of the sale earns now, in order; `frozen`: the guard of the sale."""

    sale: str
    sku: str
    lines: tuple[int, ...]
    growth: int = 0
    reward_fen: int = 0  # money owed for them, paid out later
    expires: str | None = None
    frozen: str = ""
    uses: tuple[Use, ...] = ()


def listed(
    request: ListedRequest, bill: Bill, member: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return what the goods earn, less what is back of them."""
    if not member.id or bill.member != member.id:
        return Refusal("not_allowed", f"{bill.entry} was sold to nobody who earns")
    amounts = (*request.lines, request.growth, request.reward_fen)
    if len(request.lines) != len(bill.lines) or min(amounts) < 0 or not any(amounts):
        return Refusal("not_allowed", f"give the points of each of its {len(bill.lines)} lines")
    moves = Moves(balance)
    lots = _granted(moves, member, request)
    after = replace(
        bill,
        lines=tuple(
            msgspec.structs.replace(line, points=line.points + points)
            for line, points in zip(bill.lines, request.lines, strict=True)
        ),
        earned=(*bill.earned, *(Lot(lot.unit, f"#{lot.n}", lot.amount) for lot in lots)),
        growth=bill.growth + request.growth,
    )
    taken, claims = _back(moves, member, bill, after, balance)
    back = {line.n: _gone(bill, line.n, balance) for line in bill.lines}
    moves.grow(member.id, request.growth - effect(after, back).growth + effect(bill, back).growth)
    settled: tuple[Settled, ...] = ()
    if not request.frozen:
        mine = [lot for lot in lots if lot.unit == Unit.POINT]
        settled = settle(moves, member, Unit.POINT, [(f"#{lot.n}", lot.amount) for lot in mine])
    body = SaleClaimed(
        member.id,
        bill.card,
        sum(request.lines),
        request.growth,
        request.lines,
        settled,
        lots,
        request.uses,
        request.frozen,
        request.sku,
        taken,
        claims,
    )
    return moves.draft(stamp, Kind.SALE_CLAIMED, body, re=bill.entry)


def _granted(moves: Moves, member: Member, request: ListedRequest) -> tuple[NewLot, ...]:
    lots = []
    points = sum(request.lines)
    if points:
        number = moves.new_lot()
        if request.frozen:
            moves.move(accounts.frozen(member.id), Unit.POINT, points, f"#{number}")
            moves.move(accounts.ISSUED_POINTS, Unit.POINT, -points)
        else:
            moves.grant(member.id, Unit.POINT, points, number)
        lots.append(NewLot(number, Unit.POINT, SOURCE, request.expires, amount=points))
    if request.reward_fen:
        number = moves.new_lot()
        moves.grant(member.id, Unit.REWARD, request.reward_fen, number)
        lots.append(NewLot(number, Unit.REWARD, SOURCE, amount=request.reward_fen))
    return tuple(lots)


def _back(
    moves: Moves, member: Member, before: Bill, after: Bill, balance: Balance
) -> tuple[tuple[LotPart, ...], tuple[Claim, ...]]:
    """Take what the pieces that are back would have taken, had the goods been listed then."""
    gone = {line.n: _gone(before, line.n, balance) for line in before.lines}
    was = effect(before, gone).earned
    now = effect(after, gone).earned
    parts = [
        (lot.unit, lot.lot, amount - (was[place] if place < len(was) else 0))
        for place, (lot, amount) in enumerate(zip(after.earned, now, strict=True))
    ]
    taken: list[LotPart] = []
    claims: list[Claim] = []
    for unit in (Unit.POINT, Unit.REWARD):
        mine = [(lot, part) for of, lot, part in parts if of == unit and part > 0]
        done, missing = take_back(moves, member.id, unit, mine)
        taken += done
        claims += open_claim(moves, member.id, unit, missing)
    return tuple(taken), tuple(claims)


def _gone(bill: Bill, n: int, balance: Balance) -> int:
    """Return how many pieces of a line are back."""
    line = next(one for one in bill.lines if one.n == n)
    lot = bill.returnable(n)
    return line.qty - balance(accounts.returnable(lot), Unit.RETURNABLE, lot)
