"""The counter's machine: `step(counter, event, shop) -> (counter, effects)`. Pure.

table.py says what an event makes of a state. Here stands what holds for all of them: CLEAR twice
leads to idle, screens follow from the state, and no key is ever answered with silence.
"""

from msgspec.structs import replace

from daemon.clock import ClockState
from daemon.counter import keys
from daemon.counter.codes import Code
from daemon.counter.consulting import consulted
from daemon.counter.effects import Audience, Effect, Show, Sound
from daemon.counter.faces import face
from daemon.counter.moves import BEEP_ATTENTION, BEEP_REFUSE, Here, Moved, stay
from daemon.counter.shop import Shop
from daemon.counter.states import Committing, Consulting, Counter, Idle, Refused, State
from daemon.counter.table import Event, dispatch
from daemon.counter.visits import left
from daemon.events import CardSwiped, DeviceChanged, InputEvent, KeyPressed, TimePassed

GRAMMAR_KEYS = frozenset({*"0123456789.+-*/", keys.ENTER, keys.CLEAR})
BOTH = (Audience.CLERK, Audience.CUSTOMER)


def step(counter: Counter, event: Event, shop: Shop) -> tuple[Counter, tuple[Effect, ...]]:
    """Return what the event makes of the counter, and what is to be done, in that order.

    What was keyed while headquarters was asked is taken as soon as the step is.
    """
    after, effects = _taken(counter, event, shop)
    while after.ahead and not _waits(after.state):
        first, *rest = after.ahead
        after, more = _taken(replace(after, ahead=tuple(rest)), first, shop)
        effects = (*effects, *more)
    return after, effects


def _taken(counter: Counter, event: Event, shop: Shop) -> tuple[Counter, tuple[Effect, ...]]:
    mono_ms = event.mono_ms if isinstance(event, TimePassed) else shop.at().mono_ms
    here = Here(shop, counter.guides, mono_ms, mono_ms - counter.touched_ms)
    moved = _move(counter, event, here)
    effects = (*_arranged(counter.state, moved), *left(counter.state, moved.state, here))
    after = replace(counter, state=moved.state, ahead=(*counter.ahead, *moved.ahead))
    if isinstance(event, TimePassed):
        told = counter.clock_told or _tells(after.state, Code.CLOCK)
        after = replace(after, clock_told=told and not _timed(shop))
    if moved.guides is not None:
        after = replace(after, guides=moved.guides)
    if isinstance(event, InputEvent):
        after = replace(after, cleared=_is_clear(event))
        if after.cleared:
            after = replace(after, ahead=())
        effects = effects or (BEEP_REFUSE,)
    news = isinstance(moved.state, Refused) and not isinstance(counter.state, Refused)
    if news or not isinstance(event, TimePassed | DeviceChanged):
        after = replace(after, touched_ms=mono_ms)  # what is told is read from now on
    return after, effects


def shown(counter: Counter) -> tuple[Show, ...]:
    """Return the screens as they stand: for a start, and for a display that comes back."""
    return tuple(Show(audience, face(counter.state, audience)) for audience in BOTH)


def _move(counter: Counter, event: Event, here: Here) -> Moved:
    state = counter.state
    if isinstance(event, KeyPressed) and event.key not in GRAMMAR_KEYS:
        return stay(state)
    if counter.cleared and _is_clear(event) and not isinstance(state, Committing):
        return Moved(Idle())
    tells_clock = isinstance(event, TimePassed) and not counter.clock_told
    if tells_clock and isinstance(state, Idle) and not state.typed and not _timed(here.shop):
        return Moved(Refused(state, Code.CLOCK), (BEEP_ATTENTION,))
    moved = dispatch(state, event, here)
    if any(isinstance(one, CardSwiped) for one in (*counter.ahead, *moved.ahead)):
        return moved  # a card waits behind it, and waits for nobody
    return consulted(state, event, moved, here)


def _timed(shop: Shop) -> bool:
    """Tell whether somebody vouches for the time."""
    return shop.at().clock is ClockState.SYNCED


def _tells(state: State, code: str) -> bool:
    return isinstance(state, Refused) and state.code == code


def _waits(state: State) -> bool:
    """Tell whether what was keyed ahead goes on waiting: for headquarters, or for the books."""
    state = state.below if isinstance(state, Refused) else state
    return isinstance(state, Consulting | Committing)


def _is_clear(event: Event) -> bool:
    return isinstance(event, KeyPressed) and event.key == keys.CLEAR


def _arranged(before: State, moved: Moved) -> tuple[Effect, ...]:
    """Papers and the drawer first, then the screens that changed, sounds last."""
    if moved.state is before:
        return moved.effects
    sounds = tuple(effect for effect in moved.effects if isinstance(effect, Sound))
    others = tuple(effect for effect in moved.effects if not isinstance(effect, Sound))
    if isinstance(moved.state, Committing) and not moved.state.unknown:
        return (*others, *sounds)  # nobody is told anything before the outcome
    return (*others, *_changed(before, moved.state), *sounds)


def _changed(before: State, after: State) -> tuple[Show, ...]:
    shows = (Show(audience, face(after, audience)) for audience in BOTH)
    return tuple(show for show in shows if show.screen != face(before, show.audience))
