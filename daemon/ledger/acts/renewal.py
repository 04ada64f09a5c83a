"""A membership renewed (续会). Pure.

What it costs and until when it holds is the rules' to say; this file knows where it goes in the
books. What is to be given with it and is not in stock waits for the member (欠赠).
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from daemon.ledger import accounts
from daemon.ledger.acts.coupons import CouponGiven, granted
from daemon.ledger.acts.funding import funded
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, blocked, unpaid
from daemon.ledger.acts.redeem import OWED
from daemon.ledger.acts.selling import earn, owe_commission
from daemon.ledger.bodies import (
    Applied,
    Commission,
    Guide,
    MemberRenewed,
    NewLot,
    Tender,
    Use,
    Welcome,
)
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft

CHANNELS = ("fee", "purchase", "grant")
SOURCE = "renewal"


class RenewRequest(Request, frozen=True, kw_only=True):
    """`sale`: the purchase that renews, "" by any other channel."""

    member: str = ""
    card: str = ""
    channel: str
    term_ends: str | None  # RFC 3339; None: without end
    fee_fen: int = 0
    rounding_fen: int = 0
    tenders: tuple[Tender, ...] = ()
    points: int = 0
    points_expire: str | None = None
    hq_points: int = 0  # of the points, what headquarters pays for
    growth: int = 0
    gifts: tuple[Welcome, ...] = ()
    coupons: tuple[CouponGiven, ...] = ()
    sale: str = ""
    guides: tuple[Guide, ...] = ()
    applied: tuple[Applied, ...] = ()
    uses: tuple[Use, ...] = ()
    commission: tuple[Commission, ...] = ()


def renew(
    request: RenewRequest,
    member: Member,
    balance: Balance,
    stamp: Stamp,
    *,
    term_ends: str | None,
    in_stock: Callable[[str], int],
) -> Draft | Refusal:
    """Return the renewal; `term_ends`: when the membership ends or ended."""
    if (refused := _refused(request, member, term_ends)) is not None:
        return refused
    moves = Moves(balance)
    moves.pay(request.tenders)
    moves.move(accounts.ROUNDING_CASH, Unit.FEN, request.rounding_fen)
    moves.move(accounts.SALES_FEE, Unit.FEN, -request.fee_fen)
    lots, settled = earn(
        moves,
        member,
        points=request.points,
        growth=request.growth,
        source=SOURCE,
        expires=request.points_expire,
    )
    owe_commission(moves, request.commission)
    coupons = [granted(moves, member, given, SOURCE) for given in request.coupons]
    welcome, waiting = _given(moves, member, request.gifts, in_stock)
    body = MemberRenewed(
        member=member.id,
        card=request.card or member.card,
        channel=request.channel,
        term_from=term_ends,
        term_ends=request.term_ends,
        fee_fen=request.fee_fen,
        rounding_fen=request.rounding_fen,
        tenders=request.tenders,
        points=request.points,
        growth=request.growth,
        welcome=welcome,
        settled=settled,
        guides=request.guides,
        applied=request.applied,
        lots=(*funded(lots, request.hq_points), *coupons, *waiting),
        uses=request.uses,
        commission=request.commission,
    )
    return moves.draft(stamp, Kind.MEMBER_RENEWED, body, re=request.sale or None)


def _refused(request: RenewRequest, member: Member, term_ends: str | None) -> Refusal | None:
    if not member.id or not member.kind:
        return Refusal("not_allowed", "only a member who is known here renews: swipe the card")
    if (refused := blocked(member)) is not None:
        return refused
    if term_ends is None:
        return Refusal("not_allowed", f"the membership of {member.id} has no end: nothing to renew")
    if request.channel not in CHANNELS or (request.channel == "purchase") != bool(request.sale):
        return Refusal(
            "not_allowed", "one renews by fee, by grant, or by a purchase: name its sale"
        )
    if min(request.fee_fen, request.rounding_fen, request.points, request.growth) < 0:
        return Refusal("not_allowed", "amounts are counted from 0 up")
    if any(gift.qty < 1 or not gift.sku for gift in request.gifts):
        return Refusal("not_allowed", "a gift has a sku, and pieces from 1 up")
    try:
        wanted = request.term_ends
        shorter = wanted is not None and _moment(wanted) <= _moment(term_ends)
    except ValueError:
        return Refusal("not_allowed", f"{wanted!r} is no time: write 2028-03-06T10:00:00+08:00")
    if shorter:
        return Refusal("not_allowed", f"it holds until {term_ends} already: renew beyond that")
    return unpaid(request.tenders, request.fee_fen - request.rounding_fen)


def _given(
    moves: Moves, member: Member, gifts: Sequence[Welcome], in_stock: Callable[[str], int]
) -> tuple[tuple[Welcome, ...], tuple[NewLot, ...]]:
    """Hand over what is here; what is not waits, as a lot of its own."""
    given, waiting = [], []
    for gift in gifts:
        owed = in_stock(gift.sku) < gift.qty
        given.append(Welcome(gift.sku, gift.qty, owed=owed))
        if not owed:
            moves.pieces(gift.sku, gift.qty, accounts.given(gift.sku))
            continue
        number = moves.new_lot()
        moves.move(accounts.waiting(member.id), Unit.PIECE, gift.qty, f"#{number}")
        moves.move(accounts.PROMISED, Unit.PIECE, -gift.qty)
        waiting.append(NewLot(number, Unit.PIECE, OWED + gift.sku, amount=gift.qty))
    return tuple(given), tuple(waiting)


def _moment(text: str) -> datetime:
    """Return the moment; a bare date (members of headquarters) is its midnight here."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.astimezone()
