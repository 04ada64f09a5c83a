"""What a commit's outcome brings: papers and screens of what is durable, and nothing before."""

from msgspec.structs import replace

from daemon.counter.codes import Code
from daemon.counter.effects import (
    DOCUMENTS,
    CommitRefused,
    Committed,
    CommitUnknown,
    DocumentKind,
    Effect,
    OpenDrawer,
    Print,
)
from daemon.counter.letting import counted
from daemon.counter.moves import BEEP_ATTENTION, BEEP_OK, Here, Moved, refused
from daemon.counter.screens import Done, MemberShown
from daemon.counter.states import Asking, Committing, Idle, Keying, Total
from daemon.counter.tendering import engine_of, seen_again
from daemon.ledger import accounts
from daemon.ledger.acts.moves import MALL
from daemon.ledger.bodies import DayClosed, MallBilled, MemberEnrolled, Sale, Tender
from daemon.ledger.ids import entry_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import Chain, Entry
from daemon.ledger.views import Durable
from daemon.rules.types import EnrolmentOffer

OFFER_ENROL = "enrol_by_purchase"


def committed(state: Committing, event: Committed, here: Here) -> Moved:
    outcome = event.outcome
    entry = outcome.entry
    if (entry.source, entry.id) != (state.draft.source, state.draft.id):
        return Moved(state)  # the outcome of something else is nothing to this flow
    if state.then is not None:
        return Moved(state.then, (BEEP_OK,))
    effects: list[Effect] = []
    document = DOCUMENTS.get(entry.kind)
    if document is not None:
        effects.append(Print(document, outcome))
    if _of_mall(entry):
        effects.append(Print(DocumentKind.MALL_DAY, outcome))
    if _opens_drawer(entry, here):
        effects.append(OpenDrawer())
    offer = _offer(state, entry, here)
    page = _done(outcome, offer, _payer(state), here)
    return Moved(Idle(offer, page), (*effects, BEEP_OK))


def _of_mall(entry: Entry) -> bool:
    """Tell whether a closed day is to be settled with the mall (商场对账表)."""
    body = entry.body
    return isinstance(body, DayClosed) and any(one.code == MALL for one in body.totals.tenders)


def commit_refused(state: Committing, event: CommitRefused, here: Here) -> Moved:
    """Nothing was written: the tenders stay as they were, and ENTER tries the same id again."""
    below = state.below
    shown = seen_again(below, here) if isinstance(below, Total) else below
    problem = "; ".join(problem.what for problem in event.problems)
    return refused(shown, Code.STORAGE, problem=problem)


def commit_unknown(state: Committing, _: CommitUnknown, __: Here) -> Moved:
    return Moved(replace(state, unknown=True), (BEEP_ATTENTION,))


def _opens_drawer(entry: Entry, here: Here) -> bool:
    """Tell whether something is to be put into the drawer, or taken out, or that was all."""
    drawers = {row.code for row in here.shop.tenders() if row.drawer}
    return (
        entry.kind is Kind.DRAWER_OPENED
        or any(tender.code in drawers for tender in _tenders(entry))
        or any(posting.account == accounts.CASH_DRAWER for posting in entry.postings)
    )


def _offer(state: Committing, entry: Entry, here: Here) -> str:
    """Return what an anonymous purchase qualifies for."""
    body = entry.body
    if not isinstance(body, Sale) or body.member or not isinstance(state.below, Total):
        return ""
    engine = engine_of(state.below)
    measured = counted(engine, (entry,), here)
    offer = engine.offer("purchase", counted=measured, at=here.now())
    return OFFER_ENROL if isinstance(offer, EnrolmentOffer) else ""


def _payer(state: Committing) -> Keying | Asking:
    return state.below.below if isinstance(state.below, Total) else state.below


def _done(outcome: Durable, offer: str, payer: Keying | Asking, here: Here) -> Done:
    entry = outcome.entry
    member, body = _member(entry, payer, here), entry.body
    return Done(
        entry=entry_id(Chain(entry.box, entry.epoch), entry.seq),
        pay_fen=_pay_fen(entry),
        given_fen=sum(tender.given_fen for tender in _tenders(entry)),
        change_fen=sum(tender.change_fen for tender in _tenders(entry)),
        tenders=tuple(tender.code for tender in _tenders(entry)),
        points=_points(entry),
        points_after=None if member is None else member.points,
        member=member,
        offer=offer,
        saved_fen=max(0, body.list_fen - body.bill_fen) if isinstance(body, Sale) else 0,
        kind=entry.kind,
    )


def _tenders(entry: Entry) -> tuple[Tender, ...]:
    found: tuple[Tender, ...] = getattr(entry.body, "tenders", ())
    return found


def _pay_fen(entry: Entry) -> int:
    """Return what was paid; of what is no sale, the money that came in, less what went out."""
    match entry.body:
        case Sale(pay_fen=fen) | MallBilled(sale=Sale(pay_fen=fen)):
            return fen
        case _:
            money = (accounts.CASH_DRAWER, accounts.DUE_MALL, accounts.tender(""))
            return sum(
                posting.amount
                for posting in entry.postings
                if posting.unit == Unit.FEN and posting.account.startswith(money)
            )


def _points(entry: Entry) -> int:
    """Return what the entry made of its member's points, before any claim was settled from it."""
    match entry.body:
        case Sale(points=points) | MemberEnrolled(points=points):
            return points
        case _:
            return sum(
                posting.amount
                for posting in entry.postings
                if posting.unit == Unit.POINT and posting.account.startswith(accounts.points(""))
            )


def _member(entry: Entry, payer: Keying | Asking, here: Here) -> MemberShown | None:
    """Return the member as the books stand now, with this entry in them; a visitor as he came."""
    card = str(getattr(entry.body, "card", ""))
    known = here.shop.member_by_card(card) if card else None
    if known is None and isinstance(payer, Keying):
        known = payer.cart.member
    return None if known is None else known.shown
