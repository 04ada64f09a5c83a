"""Stored value bought (储值), and a top-up taken back. Pure.

Principal and bonus are lots of their own that remember this entry. Sources of the limits: the
rules on single-purpose prepaid cards of 2012; all are parameters.
"""

from daemon.ledger import accounts
from daemon.ledger.acts.claims import open_claim, settle, take_back
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, blocked, purse, unpaid
from daemon.ledger.bodies import (
    Applied,
    Guide,
    NewLot,
    Part,
    Settled,
    Tender,
    TopUp,
    TopUpVoided,
)
from daemon.ledger.ids import id_of, lot_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft, Entry

BEARER = "bearer"  # a card that is nobody's by name (不记名)


class ValueLimits(Part, frozen=True):
    """The guards of the law, as the pack sets them."""

    registered_max_fen: int = 500_000  # on a card after the top-up, bonus included
    bearer_max_fen: int = 100_000
    identity: str = "record"  # record: asked, and what is missing is booked; require: refused
    bearer_identity_fen: int = 1_000_000  # of one top-up of a bearer card
    refund_days: int = 7
    terms: str = "1"


class TopUpRequest(Request, frozen=True, kw_only=True):
    member: str = ""
    card: str = ""
    amount_fen: int
    tenders: tuple[Tender, ...]
    bonus_fen: int = 0
    bonus_expires: str | None = None
    points: int = 0
    points_expire: str | None = None
    growth: int = 0
    identity: bool = False  # an identity document was seen and is kept apart
    guides: tuple[Guide, ...] = ()
    applied: tuple[Applied, ...] = ()


class TopUpVoidRequest(Request, frozen=True, kw_only=True):
    topup: str


def top_up(
    request: TopUpRequest, member: Member, balance: Balance, stamp: Stamp, limits: ValueLimits
) -> Draft | Refusal:
    """Return the top-up."""
    if (refused := _refused(request, member, limits)) is not None:
        return refused
    moves = Moves(balance)
    moves.pay(request.tenders)
    moves.move(accounts.OWED_VALUE, Unit.FEN, -request.amount_fen)
    lots = [_new(moves, member, Unit.PRINCIPAL, request.amount_fen, None)]
    if request.bonus_fen:
        lots.append(_new(moves, member, Unit.BONUS, request.bonus_fen, request.bonus_expires))
    settled: tuple[Settled, ...] = ()
    if request.points:
        lots.append(_new(moves, member, Unit.POINT, request.points, request.points_expire))
        settled = settle(moves, member, Unit.POINT, [(f"#{lots[-1].n}", request.points)])
    moves.grow(member.id, request.growth)
    body = TopUp(
        member=member.id,
        card=request.card or member.card,
        amount_fen=request.amount_fen,
        tenders=request.tenders,
        terms=limits.terms,
        registered=member.kind != BEARER,
        bonus_fen=request.bonus_fen,
        points=request.points,
        growth=request.growth,
        identity=_identity(request, member, limits),
        settled=settled,
        guides=request.guides,
        applied=request.applied,
        lots=tuple(lots),
    )
    return moves.draft(stamp, Kind.TOPUP, body)


def void_topup(topup: Entry, member: Member, balance: Balance, stamp: Stamp) -> Draft | Refusal:
    """Return the reversal of a top-up of which nothing is spent."""
    body = topup.body
    if not isinstance(body, TopUp):
        return Refusal("not_allowed", f"{id_of(topup)} is no top-up")
    own = id_of(topup)
    moves = Moves(balance)
    parts = {
        unit: [
            (lot_id(own, lot.n), lot.amount or body.amount_fen)
            for lot in body.lots
            if lot.unit == unit
        ]
        for unit in (Unit.PRINCIPAL, Unit.BONUS, Unit.POINT)
    }
    for unit in (Unit.PRINCIPAL, Unit.BONUS):
        for lot, amount in parts[unit]:
            if balance(purse(member.id, unit), unit, lot) != amount:
                return Refusal("not_allowed", f"a part of {own} is spent or gone: refund the rest")
            to = accounts.refunded(unit) if unit == Unit.PRINCIPAL else accounts.voided(unit)
            moves.take(purse(member.id, unit), unit, amount, lot, to=to)
    _, missing = take_back(moves, member.id, Unit.POINT, parts[Unit.POINT])
    claims = open_claim(moves, member.id, Unit.POINT, missing)
    moves.grow(member.id, -body.growth)
    moves.pay(body.tenders, back=True)
    moves.move(accounts.OWED_VALUE, Unit.FEN, body.amount_fen)
    said = TopUpVoided(
        member.id,
        body.amount_fen,
        body.bonus_fen,
        body.tenders,
        body.points,
        body.growth,
        tuple(claims),
    )
    return moves.draft(stamp, Kind.TOPUP_VOIDED, said, re=own)


def _refused(request: TopUpRequest, member: Member, limits: ValueLimits) -> Refusal | None:
    if not member.id or not member.kind:
        return Refusal("not_allowed", "stored value is a member's: swipe a card that is known here")
    if (refused := blocked(member)) is not None:
        return refused
    if request.amount_fen <= 0 or min(request.bonus_fen, request.points, request.growth) < 0:
        return Refusal("not_allowed", "a top-up has an amount above 0")
    most = limits.bearer_max_fen if member.kind == BEARER else limits.registered_max_fen
    have = member.total(Unit.PRINCIPAL) + member.total(Unit.BONUS)
    if have + request.amount_fen + request.bonus_fen > most:
        free = max(0, most - have - request.bonus_fen)
        return Refusal("over_cap", f"the card may hold {most} fen, bonus included: {free} at most")
    if limits.identity == "require" and _asked(request, member, limits) and not request.identity:
        return Refusal("not_allowed", "this top-up needs an identity document: it is kept 5 years")
    return unpaid(request.tenders, request.amount_fen)


def _asked(request: TopUpRequest, member: Member, limits: ValueLimits) -> bool:
    """Tell whether the law wants to know who pays: registered cards always."""
    return member.kind != BEARER or request.amount_fen >= limits.bearer_identity_fen


def _identity(request: TopUpRequest, member: Member, limits: ValueLimits) -> str:
    if request.identity:
        return "recorded"
    return "missing" if _asked(request, member, limits) else ""


def _new(moves: Moves, member: Member, unit: Unit, amount: int, expires: str | None) -> NewLot:
    number = moves.new_lot()
    moves.grant(member.id, unit, amount, number)
    return NewLot(number, unit, "topup", expires, owner=member.id, amount=amount)
