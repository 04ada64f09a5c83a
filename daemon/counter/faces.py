"""What clerk and customer see of a state. Screens follow from states alone.

The customer never sees what the clerk types, a number of a card or a phone, or what is offered to
the clerk; of a refusal he gets the code, and the values that wording tells him.
"""

from collections.abc import Mapping
from typing import assert_never

from msgspec.structs import replace

from daemon.counter import screens
from daemon.counter.codes import CLERK_ONLY, STEPS, TOLD_CUSTOMER, Ask, Code
from daemon.counter.effects import Audience
from daemon.counter.entries import CASH
from daemon.counter.forms import Takes
from daemon.counter.screens import BasketShown, MemberShown, RefusalShown, Screen, Step, TotalShown
from daemon.counter.states import (
    Asking,
    Committing,
    Consulting,
    Desk,
    Idle,
    Inquiry,
    Keying,
    MuchCash,
    PriceLookup,
    Reference,
    Refused,
    State,
    Told,
    Total,
)
from daemon.counter.tendering import engine_of
from daemon.rules.rounding import yuan
from daemon.rules.types import Notice, Quote


def face(state: State, audience: Audience) -> Screen:
    """Return the screen that the audience sees in this state."""
    return _clerk(state) if audience is Audience.CLERK else _customer(state)


def _clerk(state: State) -> Screen:
    match state:
        case Idle() | Inquiry() | Keying():
            return _desk(state)
        case PriceLookup(_, shown) | Told(_, shown):
            return shown
        case Total():
            return _total(state, typed=state.typed)
        case Reference(_, code, fen, typed):
            return step(Ask.REFERENCE, typed, tender=code, amount=yuan(fen))
        case MuchCash(total, _, fen):
            return step(Ask.MUCH_CASH, "", given=yuan(fen), due=yuan(_due(total)))
        case Committing(below, _, unknown):
            return screens.Checking() if unknown else _clerk(below)
        case Refused(_, code, values):
            return RefusalShown(code, dict(values))
        case Asking():
            return _asking(state)
        case Consulting():
            return screens.AskingHq(len(state.ahead))
        case _:
            assert_never(state)


def _customer(state: State) -> Screen:
    match state:
        case Idle(_, page):
            return screens.Idle() if page is None else replace(page, offer="")
        case Inquiry(_, page):
            return page
        case Keying():
            return _basket(state, _told(state.quote), typed="", notices=_customer_notices(state))
        case PriceLookup(_, shown):
            return shown
        case Told(below):
            return _customer(below)
        case Total():
            goods = state.below.quote if isinstance(state.below, Keying) else None
            return replace(
                _total(state, typed=""),
                notices=_customer_notices(state.below),
                quote=None if goods is None else _told(goods),
            )
        case Reference(total) | MuchCash(total):
            return _customer(total)
        case Committing(below, _, unknown):
            return screens.Checking() if unknown else _customer(below)
        case Refused(below, code, values):
            return _customer(below) if code in CLERK_ONLY else _refusal(code, dict(values))
        case Asking(_, _, question) if question.ask is Ask.PIN:
            return _refusal(Code.PIN_ASKED, {})
        case Asking(_, _, question):
            return step(question.ask, "")
        case Consulting():
            return screens.AskingHq()
        case _:
            assert_never(state)


def step(ask: Ask, typed: str, **values: str) -> Step:
    return Step(STEPS[ask], ask, typed, values)


def _asking(state: Asking) -> Step:
    """The clerk's view of a question; a PIN shows how many digits are typed."""
    question = state.question
    hidden = Takes.PIN in question.takes
    typed = "*" * len(state.typed) if hidden else state.typed
    values = dict(question.values)
    return Step(STEPS[question.ask], question.ask, typed, values, question.rows, state.at)


def _desk(state: Desk) -> Screen:
    """The clerk's view where goods are keyed; what is being typed shows what it will be."""
    begun = _begun(state.typed)
    if begun is not None:
        return step(begun, state.typed)
    match state:
        case Keying(unlisted=None):
            return _basket(state, state.quote, typed=state.typed, notices=state.quote.notices)
        case Keying(unlisted=waiting):
            return step(Ask.PRICE, state.typed, code="" if waiting is None else waiting.code)
        case _ if state.typed:
            return step(Ask.ITEM, state.typed)
        case Idle(offer, page):
            return screens.Idle(offer) if page is None else page
        case Inquiry(_, page):
            return page
        case _:
            assert_never(state)


def _begun(typed: str) -> Ask | None:
    """Return what an unfinished sequence will be; None: a number, or nothing."""
    if typed.startswith(".."):
        return Ask.CARD_NUMBER
    if typed.startswith("."):
        return Ask.PRICE_LOOKUP
    if typed.startswith("*"):
        return Ask.GUIDE
    if typed.startswith("/"):
        return Ask.FUNCTION
    return Ask.QUANTITY if "*" in typed else None


def _basket(state: Keying, quote: Quote, *, typed: str, notices: tuple[Notice, ...]) -> BasketShown:
    changed = [line for line in quote.lines if line.n == state.changed]
    line = changed[-1] if changed else None
    return BasketShown(line, quote, _member(state), typed, notices)


def _member(state: Keying) -> MemberShown | None:
    return None if state.cart.member is None else state.cart.member.shown


def _total(total: Total, *, typed: str) -> TotalShown:
    below = total.below
    goods = below if isinstance(below, Keying) else None
    return TotalShown(
        bill_fen=total.amount_fen,
        due_fen=_due(total),
        paid_fen=sum(tender.amount_fen or 0 for tender in total.taken),
        count=0 if goods is None else _count(goods.quote),
        member=None if goods is None else _member(goods),
        typed=typed,
        notices=() if goods is None else goods.quote.notices,
    )


def _due(total: Total) -> int:
    """Return what is still open, as if the rest were cash: the tender of a bare ENTER."""
    return engine_of(total).due_of(total.amount_fen, total.taken, CASH)


def _count(quote: Quote) -> int:
    """Return the pieces; what is weighed counts as one."""
    return sum(line.qty if line.product.unit == "piece" else 1 for line in quote.lines)


def _told(quote: Quote) -> Quote:
    """Return the quote without the member's numbers, and without raw codes (a card, scanned)."""
    basket = replace(
        quote.basket,
        member=None,
        lines=tuple(replace(line, code="") for line in quote.basket.lines),
    )
    lines = tuple(replace(line, code="") for line in quote.lines)
    return replace(quote, basket=basket, lines=lines, notices=())


def _customer_notices(state: Keying | Asking) -> tuple[Notice, ...]:
    if isinstance(state, Asking):
        return ()
    told = (notice for notice in state.quote.notices if notice.code not in CLERK_ONLY)
    return tuple(Notice(notice.code, _told_values(notice.code, notice.values)) for notice in told)


def _refusal(code: str, values: Mapping[str, str]) -> RefusalShown:
    return RefusalShown(code, _told_values(code, values))


def _told_values(code: str, values: Mapping[str, str]) -> Mapping[str, str]:
    told = TOLD_CUSTOMER.get(code, frozenset())
    return {name: value for name, value in values.items() if name in told}
