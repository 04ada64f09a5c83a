"""Stored value (`/1`): a top-up with what the pack gives for it, its reversal, a refund."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.counter import keys
from daemon.counter.brought import commission
from daemon.counter.codes import Ask, Code, refusal_code, told_of
from daemon.counter.flows import refund, whose
from daemon.counter.forms import (
    SOURCE,
    Bill,
    End,
    Given,
    Next,
    No,
    Script,
    Shown,
    Step,
    Takes,
    To,
)
from daemon.counter.moves import Here
from daemon.counter.screens import Row
from daemon.ledger.acts import topup
from daemon.ledger.acts.coupons import CouponGiven
from daemon.ledger.acts.moves import Member, Refusal
from daemon.ledger.bodies import TopUp
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft, Entry
from daemon.rules import topups
from daemon.rules.periods import later, span
from daemon.rules.rewards import TOPUPS
from daemon.rules.rounding import yuan
from daemon.rules.tenders import STORED, Paid
from daemon.rules.types import Refusal as Refused

if TYPE_CHECKING:
    from daemon.rules.models_account import CouponGift
    from daemon.rules.types import Given as Brought
    from daemon.rules.types import MemberFacts

REVERSE, REFUND = "-", "*"
SEEN, UNSEEN = "1", "0"  # an identity document
REVERSIBLE_MAX = 9  # top-ups that are offered for a reversal, the newest first
NO_VALUE = frozenset({STORED, "points", "mall"})  # these cannot buy stored value


def _card(given: Given, here: Here) -> Next:
    """A number will do: value goes in, nothing is spent."""
    known = whose.member(given, here, Ask.TOPUP_CARD)
    return known if isinstance(known, No) else To(Ask.TOPUP_AMOUNT)


def _amount(given: Given, here: Here) -> Next:
    answer, member = given.answers[-1], _member(given, here)
    if answer.by is Takes.CHOICE and answer.text == REFUND:
        return refund.begun(member, here)
    if answer.by is Takes.CHOICE:
        return To(Ask.TOPUP_WHICH) if _reversible(member, here) else No(Code.NOTHING)
    gives = _gives(given, member, here)
    if isinstance(gives, Refused):
        return _refused(gives)
    if here.shop.books().limits.identity == "none":
        return _bill(given, here)
    return To(Ask.IDENTITY)


def _identity(given: Given, here: Here) -> Next:
    return _bill(given, here)


def _told(given: Given, here: Here) -> Shown:
    """Beside the question about the document: what the top-up gives."""
    gives = _gives(given, _member(given, here), here)
    assert isinstance(gives, topups.Topup), "a refusal ended at the amount"
    parts = [f"+{yuan(gives.bonus_fen)}"] if gives.bonus_fen else []
    parts += [f"+{gives.points}P"] if gives.points else []
    return Shown(values=(("gives", " ".join(parts)),) if parts else ())


def _bill(given: Given, here: Here) -> Next:
    return Bill(given.number(Ask.TOPUP_AMOUNT), lambda paid, then: _made(given, paid, then))


def _made(given: Given, paid: Paid, here: Here) -> Draft | Refusal | No:
    if paid.rounding_fen or any(tender.code in NO_VALUE for tender in paid.tenders):
        return No(Code.INPUT)  # value is what was paid for it, in money, to the fen
    member, books = _member(given, here), here.shop.books()
    gives = _gives(given, member, here)
    if isinstance(gives, Refused):
        return _refused(gives)
    facts = _facts(member, here)
    request = topup.TopUpRequest(
        id=given.id,
        source=SOURCE,
        member=member.id,
        card=member.card,
        amount_fen=gives.principal_fen,
        tenders=paid.tenders,
        bonus_fen=gives.bonus_fen,
        bonus_expires=None if gives.bonus_expires is None else gives.bonus_expires.isoformat(),
        points=gives.points,
        points_expire=_lapses(given, facts, here) if gives.points else None,
        coupons=tuple(coupon_given(one, here) for one in gives.coupons),
        hq_points=gives.hq_points,
        hq_bonus_fen=gives.hq_bonus_fen,
        identity=given.text(Ask.IDENTITY) == SEEN,
        guides=here.guides or here.shop.default_guides(),
        applied=gives.applied,
        growth=gives.growth,
        uses=gives.uses,
        commission=commission(given.engine, TOPUPS, gives.principal_fen, facts, here),
        benefits=gives.benefits,
        had=_held(member, here) if gives.benefits else (),
    )
    return topup.top_up(request, member, books.balance, books.stamp(request), books.limits)


def _reversed(given: Given, here: Here) -> Next:
    """Nothing of it may be spent; the money goes back as it came."""
    member, books = _member(given, here), here.shop.books()
    row = given.row(Ask.TOPUP_WHICH)
    entry = None if row is None else books.entry(row.entry)
    assert entry is not None, "a top-up was chosen"
    request = topup.TopUpVoidRequest(id=given.id, source=SOURCE, topup=id_of(entry))
    return topup.void_topup(entry, member, books.balance, books.stamp(request))


def _listed(given: Given, here: Here) -> Shown:
    rows = []
    for n, entry in enumerate(_reversible(_member(given, here), here), 1):
        body = entry.body
        assert isinstance(body, TopUp), "only top-ups are found"
        when = entry.at.wall[5:16].replace("T", " ")
        rows.append(Row(str(n), when, when, body.amount_fen, id_of(entry)))
    return Shown(tuple(rows))


def _reversible(member: Member, here: Here) -> tuple[Entry, ...]:
    """Return the member's latest top-ups here that were not taken back."""
    books = here.shop.books()
    found = books.find(
        lambda entry: isinstance(entry.body, TopUp) and entry.body.member == member.id,
        most=REVERSIBLE_MAX,
    )
    return tuple(one for one in found if books.answer(id_of(one), Kind.TOPUP_VOIDED) is None)


def _member(given: Given, here: Here) -> Member:
    known = whose.member(given, here, Ask.TOPUP_CARD)
    assert not isinstance(known, No), "asked before"
    return here.shop.books().member(known.facts.id)


def _gives(given: Given, member: Member, here: Here) -> topups.Topup | Refused:
    so_far = dict(here.shop.so_far(member.id))
    ask = topups.TopupAsk(
        amount_fen=given.number(Ask.TOPUP_AMOUNT),
        kind=member.kind,
        held_fen=here.shop.books().held_value(member),
        card=next(iter(_held(member, here)), ""),
        at=here.now(),
        done=lambda rule, period: so_far.get(f"{rule}:{period}", 0),
    )
    return given.engine.account().top_up(ask)


def _refused(why: Refused) -> No:
    """A card's cap says how much still goes onto it (E15)."""
    if why.code == "over_cap":
        return No(Code.OVER_CAP, tuple(why.values.items()))
    return No(refusal_code(why.code), told_of(why))


def _held(member: Member, here: Here) -> tuple[str, ...]:
    """Return the card types by face value that a member holds, his own first."""
    row = here.shop.books().row(member.id)
    return () if row is None else row.benefits


def coupon_given(gift: CouponGift, here: Here) -> CouponGiven:
    """Return what the pack gives, with the day on which it ends."""
    ends = None if gift.life is None else later(here.now(), span(gift.life)).isoformat()
    return CouponGiven(gift.kind, gift.value_fen, expires=ends)


def coupon_made(given: Brought) -> CouponGiven:
    """Return a coupon that a reward gives, as the act takes it."""
    ends = None if given.expires is None else given.expires.isoformat()
    return CouponGiven(given.coupon, given.value, expires=ends, hq_part=given.hq_part)


def _lapses(given: Given, facts: MemberFacts | None, here: Here) -> str | None:
    return given.engine.lot_ends(here.now(), None if facts is None else facts.joined)


def _facts(member: Member, here: Here) -> MemberFacts | None:
    known = here.shop.member_by_card(member.card)
    return None if known is None else known.facts


SCRIPT = Script(
    digit="1",
    name="topup",
    first=whose.begin(Ask.TOPUP_CARD, _card),
    leads=(Ask.TOPUP_CARD, Ask.TOPUP_AMOUNT),
    steps=(
        Step(
            Ask.TOPUP_CARD,
            whose.TAKES,
            _card,
            leads=(Ask.TOPUP_AMOUNT,),
            digits=keys.CARD_DIGITS,
        ),
        Step(
            Ask.TOPUP_AMOUNT,
            Takes.AMOUNT | Takes.CHOICE,
            _amount,
            leads=(Ask.IDENTITY, Ask.TOPUP_WHICH, Ask.REFUND_WHICH, End.TOTAL),
            choices=(Row(REVERSE), Row(REFUND)),
        ),
        Step(
            Ask.IDENTITY,
            Takes.CHOICE,
            _identity,
            leads=(End.TOTAL,),
            choices=(Row(SEEN), Row(UNSEEN)),
            shows=_told,
        ),
        Step(Ask.TOPUP_WHICH, Takes.ROW, _reversed, leads=(End.ENTRY,), shows=_listed),
        Step(
            Ask.REFUND_WHICH,
            Takes.ROW,
            refund.which,
            leads=refund.WHICH_LEADS,
            shows=lambda given, here: refund.listed(_member(given, here), here),
        ),
        *refund.STEPS,
    ),
)
