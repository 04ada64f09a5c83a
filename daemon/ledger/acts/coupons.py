"""Coupons given, paid out, used beside a sale, given back. Pure.

A sale uses them itself (selling.py).
"""

from collections.abc import Sequence

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, blocked, purse
from daemon.ledger.acts.spend import spendable
from daemon.ledger.bodies import CouponIssued, CouponUsed, LotPart, NewLot, Part
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit, coupon_unit
from daemon.ledger.lots import take
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft, Entry
from daemon.ledger.views import LotRow

COUNT_MAX = 100  # of one entry: a carnet of tickets; more is a mistake at the keys


class CouponGiven(Part, frozen=True):
    """Coupons of one kind that come with something else: a top-up, points."""

    kind: str
    value_fen: int
    count: int = 1
    expires: str | None = None
    hq_part: int = 0  # of one coupon's worth, what headquarters pays for


class IssueRequest(Request, frozen=True, kw_only=True):
    member: str
    coupon: str  # its kind
    count: int = 1
    value_fen: int = 0
    reason: str = "issued"  # the lot's source
    expires: str | None = None


class UseRequest(Request, frozen=True, kw_only=True):
    member: str
    coupon: str
    count: int = 1
    reason: str = ""


class RestoreRequest(Request, frozen=True, kw_only=True):
    redeemed: str  # the entry that used them
    reason: str = ""


def issue(request: IssueRequest, member: Member, balance: Balance, stamp: Stamp) -> Draft | Refusal:
    """Return coupons given to a member, as one lot."""
    if not member.id or not request.coupon or not 0 < request.count <= COUNT_MAX:
        return Refusal("not_allowed", f"1 to {COUNT_MAX} coupons of a kind, to a member")
    moves = Moves(balance)
    given = CouponGiven(request.coupon, request.value_fen, request.count, request.expires)
    lot = granted(moves, member, given, request.reason)
    body = CouponIssued(
        member.id, request.coupon, request.count, request.reason, request.value_fen, (lot,)
    )
    return moves.draft(stamp, Kind.COUPON_ISSUED, body)


def pay_out(
    request: IssueRequest,
    member: Member,
    rewards: Sequence[LotRow],
    balance: Balance,
    stamp: Stamp,
) -> Draft:
    """Return money rewards of a period as one coupon of their worth."""
    moves = Moves(balance)
    own = accounts.reward(member.id)
    parts = tuple(LotPart(Unit.REWARD, lot.lot, lot.amount) for lot in rewards)
    for part in parts:
        moves.take(own, part.unit, part.amount, part.lot, to=accounts.spent(part.unit))
    given = CouponGiven(request.coupon, request.value_fen, 1, request.expires)
    lot = granted(moves, member, given, request.reason)
    body = CouponIssued(
        member.id, request.coupon, 1, request.reason, request.value_fen, (lot,), parts
    )
    return moves.draft(stamp, Kind.COUPON_ISSUED, body)


def granted(moves: Moves, member: Member, given: CouponGiven, source: str) -> NewLot:
    """Grant coupons as one more lot of the act."""
    number, unit = moves.new_lot(), coupon_unit(given.kind)
    moves.grant(member.id, unit, given.count, number)
    return NewLot(
        number,
        unit,
        source,
        given.expires,
        amount=given.count,
        value_fen=given.value_fen,
        hq_part=given.hq_part,
    )


def use(request: UseRequest, member: Member, balance: Balance, stamp: Stamp) -> Draft | Refusal:
    """Return coupons used, those first that lapse first."""
    if (refused := blocked(member)) is not None:
        return refused
    unit = coupon_unit(request.coupon)
    lots = spendable(member, unit, stamp.now)
    parts = tuple(LotPart(unit, lot.lot, part) for lot, part in take(lots, max(request.count, 0)))
    if request.count <= 0 or sum(part.amount for part in parts) < request.count:
        return Refusal("coupon_unknown", f"member {member.id} has no {request.count} to use here")
    moves = Moves(balance)
    for part in parts:
        moves.take(purse(member.id, unit), unit, part.amount, part.lot, to=accounts.spent(unit))
    body = CouponUsed(member.id, request.coupon, parts, request.reason)
    return moves.draft(stamp, Kind.COUPON_REDEEMED, body)


def restore(
    request: RestoreRequest, redeemed: Entry, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return coupons given back to the lots they came from; that it is once, app sees to."""
    body = redeemed.body
    if not isinstance(body, CouponUsed) or redeemed.kind is not Kind.COUPON_REDEEMED:
        return Refusal("coupon_unknown", f"{id_of(redeemed)} used no coupon")
    moves = Moves(balance)
    for part in body.parts:
        account = purse(body.member, part.unit)
        moves.take(accounts.spent(part.unit), part.unit, part.amount, part.lot, to=account)
    said = CouponUsed(body.member, body.coupon, body.parts, request.reason)
    return moves.draft(stamp, Kind.COUPON_RESTORED, said, re=id_of(redeemed))
