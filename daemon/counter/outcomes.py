"""What a commit's outcome brings: papers and screens of what is durable, and nothing before."""

from daemon.counter.codes import Code
from daemon.counter.effects import (
    CommitRefused,
    Committed,
    CommitUnknown,
    DocumentKind,
    Effect,
    OpenDrawer,
    Print,
)
from daemon.counter.moves import BEEP_ATTENTION, BEEP_OK, Here, Moved, refused
from daemon.counter.screens import Done, MemberShown
from daemon.counter.states import Committing, Idle, Keying, Marketing, Total
from daemon.counter.tendering import flow_of, seen_again
from daemon.ledger.bodies import MemberEnrolled, Sale
from daemon.ledger.ids import entry_id
from daemon.ledger.records import Chain
from daemon.ledger.views import Durable
from daemon.rules.types import EnrolmentOffer

OFFER_ENROL = "enrol_by_purchase"


def committed(state: Committing, event: Committed, here: Here) -> Moved:
    outcome = event.outcome
    entry, body = outcome.entry, outcome.entry.body
    if (entry.source, entry.id) != (state.draft.source, state.draft.id):
        return Moved(state)  # the outcome of something else is nothing to this flow
    assert isinstance(body, Sale | MemberEnrolled), f"{entry.kind} is no kind of this room"
    kind = DocumentKind.SALE if isinstance(body, Sale) else DocumentKind.ENROLMENT
    drawers = {row.code for row in here.shop.tenders() if row.drawer}
    effects: list[Effect] = [Print(kind, outcome)]
    if any(tender.code in drawers for tender in body.tenders):
        effects.append(OpenDrawer())
    offer = _offer(state, body, here)
    page = _done(outcome, body, offer, _payer(state), here)
    return Moved(Idle(offer, page), (*effects, BEEP_OK))


def commit_refused(state: Committing, event: CommitRefused, here: Here) -> Moved:
    """Nothing was written: the tenders stay as they were, and ENTER tries the same id again."""
    below = state.below
    shown = seen_again(below, here) if isinstance(below, Total) else below
    problem = "; ".join(problem.what for problem in event.problems)
    return refused(shown, Code.STORAGE, problem=problem)


def commit_unknown(state: Committing, _: CommitUnknown, __: Here) -> Moved:
    return Moved(Committing(state.below, state.draft, unknown=True), (BEEP_ATTENTION,))


def _offer(state: Committing, body: Sale | MemberEnrolled, here: Here) -> str:
    """Return what an anonymous purchase qualifies for."""
    if not isinstance(body, Sale) or body.member:
        return ""
    offer = flow_of(_payer(state)).engine.offer(
        "purchase", sale_pay_fen=body.pay_fen, at=here.now()
    )
    return OFFER_ENROL if isinstance(offer, EnrolmentOffer) else ""


def _payer(state: Committing) -> Keying | Marketing:
    return state.below.below if isinstance(state.below, Total) else state.below


def _done(
    outcome: Durable, body: Sale | MemberEnrolled, offer: str, payer: Keying | Marketing, here: Here
) -> Done:
    member, entry = _member(body, payer, here), outcome.entry
    pay = body.pay_fen if isinstance(body, Sale) else body.fee_fen - body.rounding_fen
    return Done(
        entry=entry_id(Chain(entry.box, entry.epoch), entry.seq),
        pay_fen=pay,
        given_fen=sum(tender.given_fen for tender in body.tenders),
        change_fen=sum(tender.change_fen for tender in body.tenders),
        tenders=tuple(tender.code for tender in body.tenders),
        points=body.points,
        points_after=None if member is None else member.points,
        member=member,
        offer=offer,
        saved_fen=max(0, body.list_fen - body.bill_fen) if isinstance(body, Sale) else 0,
        joined=isinstance(body, MemberEnrolled),
    )


def _member(
    body: Sale | MemberEnrolled, payer: Keying | Marketing, here: Here
) -> MemberShown | None:
    """Return the member as the books stand now, with this entry in them; a visitor as he came."""
    known = here.shop.member_by_card(body.card) if body.card else None
    if known is None and isinstance(payer, Keying):
        known = payer.cart.member
    return None if known is None else known.shown
