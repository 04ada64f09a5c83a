"""Stored value bought (储值), and a top-up taken back. Pure.

Principal and bonus are lots of their own that remember this entry. Sources of the limits: the
rules on single-purpose prepaid cards of 2012; all are parameters.
"""

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.claims import open_claim, settle, take_back
from daemon.ledger.acts.coupons import CouponGiven, granted
from daemon.ledger.acts.funding import funded
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, blocked, purse, unpaid
from daemon.ledger.acts.selling import owe_commission
from daemon.ledger.bodies import (
    Applied,
    Commission,
    Guide,
    NewLot,
    Part,
    Settled,
    Tender,
    TopUp,
    TopUpVoided,
    Use,
)
from daemon.ledger.ids import id_of, lot_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft, Entry

DAY_CHARS = 10  # 2026-03-06
BEARER = "bearer"  # a card that is nobody's by name (不记名)


class ValueLimits(Part, frozen=True):
    """The guards of the law, and how value is spent and restored, as the pack sets them."""

    # On a card after the top-up, bonus included; None: the pack lifts the cap.
    registered_max_fen: int | None = 500_000
    bearer_max_fen: int | None = 100_000
    # record: asked, and what is missing is booked; require: refused without; none: not asked
    identity: str = "record"
    bearer_identity_fen: int = 1_000_000  # of one top-up of a bearer card
    refund_days: int = 7
    terms: str = "1"
    order: str = "pro_rata"  # in which principal and bonus pay
    grace: str | None = None  # life of what a return gives back to a lot that has ended: P30D

    def most(self, kind: str) -> int | None:
        """Return what a member's card may hold, by his kind; None: any amount."""
        return self.bearer_max_fen if kind == BEARER else self.registered_max_fen


class _Stored(msgspec.Struct, frozen=True):
    """stored_value of a pack, as far as acts need it; the rest is read by the rules."""

    registered_max_fen: int | None = ValueLimits().registered_max_fen
    bearer_max_fen: int | None = ValueLimits().bearer_max_fen
    identity: str = "record"
    spend_order: str = "pro_rata"


class _Reversal(msgspec.Struct, frozen=True):
    """reversal of a pack, likewise."""

    grace: str | None = None


class _Pack(msgspec.Struct, frozen=True):
    stored_value: _Stored | None = None
    reversal: _Reversal | None = None


class _Document(msgspec.Struct, frozen=True):
    pack: _Pack


def limits_of(document: str) -> ValueLimits:
    """Return what a signed pack says; it was checked when it became active.

    A pack without stored value, or a document that is not here, leaves the defaults of the law.
    """
    try:
        pack = msgspec.json.decode(document, type=_Document).pack
    except msgspec.DecodeError:
        pack = _Pack()
    stored, reversal = pack.stored_value or _Stored(), pack.reversal or _Reversal()
    return ValueLimits(
        registered_max_fen=stored.registered_max_fen,
        bearer_max_fen=stored.bearer_max_fen,
        identity="none" if stored.identity == "off" else stored.identity,
        order=stored.spend_order,
        grace=reversal.grace,
    )


class TopUpRequest(Request, frozen=True, kw_only=True):
    member: str = ""
    card: str = ""
    amount_fen: int
    tenders: tuple[Tender, ...]
    bonus_fen: int = 0
    bonus_expires: str | None = None
    points: int = 0
    points_expire: str | None = None
    hq_points: int = 0  # of the points, what headquarters pays for
    hq_bonus_fen: int = 0  # and of the bonus
    growth: int = 0
    coupons: tuple[CouponGiven, ...] = ()
    identity: bool = False  # an identity document was seen and is kept apart
    guides: tuple[Guide, ...] = ()
    applied: tuple[Applied, ...] = ()
    uses: tuple[Use, ...] = ()
    commission: tuple[Commission, ...] = ()
    benefits: tuple[str, ...] = ()  # card types by face value that the member holds from now on
    had: tuple[str, ...] = ()  # and before


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
    lots += [granted(moves, member, given, "topup") for given in request.coupons]
    moves.grow(member.id, request.growth)
    owe_commission(moves, request.commission)
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
        lots=funded(funded(lots, request.hq_points), request.hq_bonus_fen, Unit.BONUS),
        uses=request.uses,
        commission=request.commission,
        benefits=request.benefits,
        had=request.had,
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
    for given in body.lots:
        if given.unit not in parts and (refused := _back(moves, member, own, given, balance)):
            return refused
    _, missing = take_back(moves, member.id, Unit.POINT, parts[Unit.POINT])
    claims = open_claim(moves, member.id, Unit.POINT, missing)
    moves.grow(member.id, -body.growth)
    owe_commission(moves, body.commission, sign=-1)
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
        tuple(_given_back(one, topup) for one in body.uses),
        body.commission,
        body.had if body.benefits else None,
    )
    return moves.draft(stamp, Kind.TOPUP_VOIDED, said, re=own)


def _given_back(use: Use, topup: Entry) -> Use:
    day = use.day or topup.at.wall[:DAY_CHARS]
    return msgspec.structs.replace(use, amount=-use.amount, day=day)


def _back(
    moves: Moves, member: Member, own: str, given: NewLot, balance: Balance
) -> Refusal | None:
    """Take the coupons back that came with it; one that is used keeps the top-up as it is."""
    lot, source = lot_id(own, given.n), purse(member.id, given.unit)
    if balance(source, given.unit, lot) != given.amount:
        return Refusal("not_allowed", f"a coupon of {own} is used: refund the rest")
    moves.take(source, given.unit, given.amount, lot, to=accounts.voided(given.unit))
    return None


def _refused(request: TopUpRequest, member: Member, limits: ValueLimits) -> Refusal | None:
    if not member.id or not member.kind:
        return Refusal("not_allowed", "stored value is a member's: swipe a card that is known here")
    if (refused := blocked(member)) is not None:
        return refused
    if request.amount_fen <= 0 or min(request.bonus_fen, request.points, request.growth) < 0:
        return Refusal("not_allowed", "a top-up has an amount above 0")
    most = limits.most(member.kind)
    have = member.total(Unit.PRINCIPAL) + member.total(Unit.BONUS)
    if most is not None and have + request.amount_fen + request.bonus_fen > most:
        free = max(0, most - have - request.bonus_fen)
        return Refusal("over_cap", f"the card may hold {most} fen, bonus included: {free} at most")
    if limits.identity == "require" and _asked(request, member, limits) and not request.identity:
        return Refusal("not_allowed", "this top-up needs an identity document: it is kept 5 years")
    return unpaid(request.tenders, request.amount_fen)


def _asked(request: TopUpRequest, member: Member, limits: ValueLimits) -> bool:
    """Tell whether the law wants to know who pays: registered cards always."""
    if limits.identity == "none":
        return False
    return member.kind != BEARER or request.amount_fen >= limits.bearer_identity_fen


def _identity(request: TopUpRequest, member: Member, limits: ValueLimits) -> str:
    if request.identity:
        return "recorded"
    return "missing" if _asked(request, member, limits) else ""


def _new(moves: Moves, member: Member, unit: Unit, amount: int, expires: str | None) -> NewLot:
    number = moves.new_lot()
    moves.grant(member.id, unit, amount, number)
    return NewLot(number, unit, "topup", expires, owner=member.id, amount=amount)
