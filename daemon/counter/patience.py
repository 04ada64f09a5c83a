"""How long a state waits for a person. Goods in a basket and money taken wait for ever."""

from msgspec.structs import replace

from daemon.counter.asking import listing_of
from daemon.counter.moves import Here, Moved
from daemon.counter.states import (
    Asking,
    Committing,
    Idle,
    Inquiry,
    Keying,
    MuchCash,
    Open,
    PriceLookup,
    Reference,
    Refused,
    State,
    Told,
    Total,
)
from daemon.counter.tendering import seen_again
from daemon.events import TimePassed

INQUIRY_MS = 120_000  # a member's page: long enough to talk about it
ENROL_MS = 300_000  # the customer reads the terms
HESITATES_MS = 5_000  # who knows the key card has pressed by then; who has not gets it on paper
REFUSAL_MS = 10_000  # long enough to read; then the screen tells again where the sale stands


def time_passed(state: State, _: TimePassed, here: Here) -> Moved:
    """Return to what lies below, or to idle, once nobody has touched anything for long enough."""
    match state:
        case Committing():
            return Moved(state)
        case Refused(below):
            return Moved(uncovered(below, here) if here.idle_ms >= REFUSAL_MS else state)
        case PriceLookup(below) | Told(below):
            return Moved(below if here.idle_ms >= _page_ms(here) else state)
        case Asking() if _hesitates(state, here):
            return Moved(replace(state, printed=True), (listing_of(state.question),))
        case Asking(given=given) if isinstance(given.desk, Keying | Total):
            return Moved(given.desk if here.idle_ms >= ENROL_MS else state)  # goods wait for ever
        case Idle(offer):
            return Moved(Idle(offer) if here.idle_ms >= _page_ms(here) else state)
        case _:
            waits_ms = _waits_ms(state)
            given_up = waits_ms is not None and here.idle_ms >= waits_ms
            return Moved(Idle() if given_up else state)


def uncovered(below: Open, here: Here) -> Open:
    """Return the state with nothing over it; a total counts as shown from now on."""
    if isinstance(below, Total | Reference | MuchCash):
        return seen_again(below, here)
    return below


def _page_ms(here: Here) -> int:
    """Return how long a finished sale or a price is read, as the pack says."""
    return here.shop.engine().house().idle_after_s * 1000


def _hesitates(state: Asking, here: Here) -> bool:
    """Tell whether a clerk without a display may not know what he can choose."""
    asked = bool(state.question.rows) and not state.printed
    return asked and HESITATES_MS <= here.idle_ms < ENROL_MS and not here.shop.clerk_reads()


def _waits_ms(state: Open) -> int | None:
    """Return how long a state of a flow waits; None: for ever."""
    match state:
        case Keying():
            return None if state.cart.lines else INQUIRY_MS
        case Inquiry():
            return INQUIRY_MS
        case Total(below, _, _, taken):
            return ENROL_MS if isinstance(below, Asking) and not taken else None
        case Reference(total) | MuchCash(total):
            return _waits_ms(total)
        case _:
            return ENROL_MS
