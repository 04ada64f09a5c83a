"""Points for gifts, and goods that wait for a member (待领取). Pure."""

from collections.abc import Callable

from daemon.ledger import accounts
from daemon.ledger.acts.coupons import CouponGiven, granted
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, blocked, purse
from daemon.ledger.acts.spend import points_parts
from daemon.ledger.bodies import HandedOver, NewLot, PointsRedeemed, Use
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.lots import available
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft

REDEEMED = "redeemed"  # source of a coupon that points bought
WAITS = "redeemed:"  # source of a lot that waits: then the sku
OWED = "owed:"  # the same of a gift of an enrolment that was not in stock (欠赠)
OPENED = "opened:"  # the same of goods that a rule or a person promised
SERVICE = "right:"  # source of a lot that is no goods: then the rule
FROM_HQ, FROM_SHOP = "hq", "shop"


class RedeemRequest(Request, frozen=True, kw_only=True):
    member: str = ""
    card: str = ""
    rule: str
    points: int
    sku: str = ""
    qty: int = 1
    coupon: CouponGiven | None = None  # instead of goods
    uses: tuple[Use, ...] = ()
    name: str = ""
    from_: str = FROM_SHOP  # hq: sent by headquarters, it waits


class HandOverRequest(Request, frozen=True, kw_only=True):
    member: str
    lot: str  # of what waits
    qty: int = 0  # of it, now; 0: all


def redeem(
    request: RedeemRequest,
    member: Member,
    balance: Balance,
    stamp: Stamp,
    in_stock: Callable[[str], int],
) -> Draft | Refusal:
    """Return points spent for a gift; one that is not here is promised."""
    if not member.id or request.points < 0 or request.qty <= 0:
        return Refusal("not_allowed", "a redemption has a member, points and a gift")
    if bool(request.sku) == (request.coupon is not None):
        return Refusal("not_allowed", "points buy goods or a coupon: name one of them")
    if (refused := blocked(member)) is not None:
        return refused
    parts = points_parts(member, request.points, stamp.now)
    if isinstance(parts, Refusal):
        return parts
    moves = Moves(balance)
    for part in parts:
        moves.take(
            purse(member.id, Unit.POINT),
            Unit.POINT,
            part.amount,
            part.lot,
            to=accounts.spent(Unit.POINT),
        )
    lots, promised = _given(moves, request, member, in_stock)
    body = PointsRedeemed(
        member=member.id,
        card=request.card or member.card,
        rule=request.rule,
        points=request.points,
        sku=request.sku,
        qty=request.qty,
        name=request.name,
        promised=promised,
        from_hq=request.from_ == FROM_HQ,
        taken=tuple(parts),
        lots=lots,
        coupon="" if request.coupon is None else request.coupon.kind,
        uses=request.uses,
    )
    return moves.draft(stamp, Kind.POINTS_REDEEMED, body)


def _given(
    moves: Moves, request: RedeemRequest, member: Member, in_stock: Callable[[str], int]
) -> tuple[tuple[NewLot, ...], bool]:
    """Return the lots that come of it, and whether goods are promised only."""
    if request.coupon is not None:
        return (granted(moves, member, request.coupon, REDEEMED),), False
    if request.from_ != FROM_HQ and in_stock(request.sku) >= request.qty:
        moves.pieces(request.sku, request.qty, accounts.given(request.sku))
        return (), False
    number = moves.new_lot()
    moves.move(accounts.waiting(member.id), Unit.PIECE, request.qty, f"#{number}")
    moves.move(accounts.PROMISED, Unit.PIECE, -request.qty)
    return (NewLot(number, Unit.PIECE, WAITS + request.sku, amount=request.qty),), True


def hand_over(
    request: HandOverRequest, member: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return what waited for a member, handed over: all of a lot, or a part."""
    waiting = member.of(accounts.waiting(member.id), Unit.PIECE)
    row = next((lot for lot in waiting if lot.lot == request.lot), None)
    if row is None:
        return Refusal("not_allowed", f"nothing waits for member {member.id} as {request.lot}")
    qty = request.qty or row.amount
    if not 0 < qty <= row.amount:
        return Refusal("not_allowed", f"{row.amount} wait as {row.lot}: hand over 1 to all of them")
    if not available([row], stamp.now):
        return Refusal("window_closed", f"{row.lot} ended at {row.expires}")
    way, _, sku = row.source.partition(":")
    moves = Moves(balance)
    moves.move(accounts.waiting(member.id), Unit.PIECE, -qty, row.lot)
    moves.move(accounts.PROMISED, Unit.PIECE, qty)
    if f"{way}:" != SERVICE:
        moves.pieces(sku, qty, accounts.given(sku))
    body = HandedOver(member.id, sku, qty, row.lot, row.amount - qty)
    promise = row.lot.rpartition(":")[0]
    return moves.draft(stamp, Kind.ENTITLEMENT_HANDED_OVER, body, re=promise)
