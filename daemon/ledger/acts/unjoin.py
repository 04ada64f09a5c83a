"""What joining gave is taken back: the purchase that let in came back. Pure.

What is spent becomes a claim. The membership stays; closing its card is an act of its own.
"""

from daemon.ledger import accounts
from daemon.ledger.acts.claims import open_claim, take_back
from daemon.ledger.acts.moves import Member, Moves, Stamp, purse
from daemon.ledger.bodies import LotPart, MemberEnrolled, Moved
from daemon.ledger.ids import id_of, lot_id
from daemon.ledger.kinds import Kind, Unit, coupon_unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft, Entry

REASON = "joining_return"


def unjoin(enrolled: Entry, member: Member, balance: Balance, stamp: Stamp) -> Draft | None:
    """Return the points, growth and coupons of joining as taken back; None: it gave none."""
    body = enrolled.body
    assert isinstance(body, MemberEnrolled), "only joining gives what joining gave"
    moves, own = Moves(balance), id_of(enrolled)
    points = [
        (lot_id(own, lot.n), lot.amount or body.points)
        for lot in body.lots
        if lot.unit == Unit.POINT
    ]
    taken, missing = take_back(moves, member.id, Unit.POINT, points)
    for lot in body.lots:
        if lot.unit.startswith(coupon_unit("")):
            taken += _coupon(moves, member, lot.unit, lot_id(own, lot.n), lot.amount)
    if not (taken or missing):
        return None
    moves.grow(member.id, -body.growth)
    gone = sum(part.amount for part in taken if part.unit == Unit.POINT)
    claims = tuple(open_claim(moves, member.id, Unit.POINT, missing))
    said = Moved(member.id, Unit.POINT, gone, tuple(taken), "", REASON, claims=claims)
    return moves.draft(stamp, Kind.POINTS_VOIDED, said, re=own)


def _coupon(moves: Moves, member: Member, unit: str, lot: str, amount: int) -> list[LotPart]:
    """Take a coupon that is still there; one that was used stays used."""
    there = min(amount, moves.left(purse(member.id, unit), unit, lot))
    if there <= 0:
        return []
    moves.take(purse(member.id, unit), unit, there, lot, to=accounts.voided(unit))
    return [LotPart(unit, lot, there)]
