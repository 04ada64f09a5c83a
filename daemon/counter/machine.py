"""The counter's machine: `step(counter, event, shop) -> (counter, effects)`. Pure.

table.py says what an event makes of a state. Here stands what holds for all of them: CLEAR twice
leads to idle, screens follow from the state, and no key is ever answered with silence.
"""

from msgspec.structs import replace

from daemon.counter import keys
from daemon.counter.effects import Audience, Effect, Show, Sound
from daemon.counter.faces import face
from daemon.counter.moves import BEEP_REFUSE, Here, Moved, stay
from daemon.counter.shop import Shop
from daemon.counter.states import Committing, Counter, Idle, State
from daemon.counter.table import Event, dispatch
from daemon.events import DeviceChanged, InputEvent, KeyPressed, TimePassed

GRAMMAR_KEYS = frozenset({*"0123456789.+-*/", keys.ENTER, keys.CLEAR})
BOTH = (Audience.CLERK, Audience.CUSTOMER)


def step(counter: Counter, event: Event, shop: Shop) -> tuple[Counter, tuple[Effect, ...]]:
    """Return what the event makes of the counter, and what is to be done, in that order."""
    mono_ms = event.mono_ms if isinstance(event, TimePassed) else shop.at().mono_ms
    here = Here(shop, counter.guides, mono_ms, mono_ms - counter.touched_ms)
    moved = _move(counter, event, here)
    effects = _arranged(counter.state, moved)
    after = replace(counter, state=moved.state)
    if moved.guides is not None:
        after = replace(after, guides=moved.guides)
    if isinstance(event, InputEvent):
        after = replace(after, cleared=_is_clear(event))
        effects = effects or (BEEP_REFUSE,)
    if not isinstance(event, TimePassed | DeviceChanged):
        after = replace(after, touched_ms=mono_ms)
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
    return dispatch(state, event, here)


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
