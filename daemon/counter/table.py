"""The table: which function says what an event makes of a state. Every pair has its row."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar, get_args

from msgspec.structs import replace

from daemon.counter import codes, keys
from daemon.counter.asking import asking_key, asking_scanned, asking_swiped
from daemon.counter.effects import (
    CommitEvent,
    CommitRefused,
    Committed,
    CommitUnknown,
    HqAnswered,
)
from daemon.counter.moves import BEEP_ATTENTION, Here, Moved, refused, stay
from daemon.counter.outcomes import commit_refused, commit_unknown, committed
from daemon.counter.patience import time_passed, uncovered
from daemon.counter.selling import (
    desk_key,
    desk_scanned,
    desk_swiped,
    total_scanned,
    total_swiped,
)
from daemon.counter.states import (
    Asking,
    Committing,
    Consulting,
    Desk,
    Idle,
    MuchCash,
    Open,
    PriceLookup,
    Reference,
    Refused,
    State,
    Told,
    Total,
)
from daemon.counter.tendering import much_cash_key, reference_key, total_key
from daemon.events import (
    CardRefused,
    CardSwiped,
    CodeScanned,
    DeviceChanged,
    DeviceKind,
    DeviceState,
    InputEvent,
    KeyPressed,
    TimePassed,
)

Event = InputEvent | DeviceChanged | TimePassed | CommitEvent | HqAnswered
Handler = Callable[[State, Event, Here], Moved]
Key = tuple[type[object], type[object]]  # type of the state, type of the event
Row = tuple[Key, Handler]
Over = PriceLookup | Told  # a page over the state below

AHEAD_MAX = 50  # a clerk types 10 keys a second, and nobody waits for longer than two

S = TypeVar("S", bound=State)
E = TypeVar("E", bound=Event)

STATES: tuple[type[State], ...] = get_args(State)
EVENTS: tuple[type[Event], ...] = get_args(Event)
_OPEN: tuple[type[Open], ...] = get_args(Open)
_TELLING: tuple[type[Open | Refused], ...] = (*_OPEN, Refused)
_READ: tuple[type[CardSwiped | CodeScanned], ...] = (CardSwiped, CodeScanned)
_DESK: tuple[type[Desk], ...] = get_args(Desk)
_OVER: tuple[type[Over], ...] = get_args(Over)
_INPUT: tuple[type[InputEvent], ...] = get_args(InputEvent)
_COMMIT: tuple[type[CommitEvent], ...] = get_args(CommitEvent)
_QUIET: tuple[type[CommitEvent | HqAnswered], ...] = (*_COMMIT, HqAnswered)
_BELOW: tuple[type[HqAnswered | TimePassed], ...] = (HqAnswered, TimePassed)


def dispatch(state: State, event: Event, here: Here) -> Moved:
    """Return what the event makes of the state."""
    return TABLE[type(state), type(event)](state, event, here)


def _busy(state: Open, _: CardSwiped | CodeScanned, __: Here) -> Moved:
    return refused(state, codes.Code.FINISH_FIRST)


def _card_refused(state: Open, event: CardRefused, _: Here) -> Moved:
    return refused(state, event.code)


def _swallowed(state: State, _: Event, __: Here) -> Moved:
    """Nothing else happens while an outcome is open: a key kept would fall into another sale."""
    return stay(state)


def _nothing(state: State, _: Event, __: Here) -> Moved:
    """An outcome that nobody waits for, a device that is not this flow's business."""
    return Moved(state)


def _over_refusal(state: Refused, event: InputEvent, here: Here) -> Moved:
    """The next input ends a refusal and means what it meant; but no money is taken unseen."""
    below = state.below
    if isinstance(event, KeyPressed):
        if event.key == keys.CLEAR and state.code != codes.Code.UNLISTED:
            return Moved(uncovered(below, here))
        unseen = isinstance(below, Total | Reference | MuchCash) and state.code not in codes.NEWS
        if event.key == keys.ENTER and unseen:
            return Moved(uncovered(below, here))
    return dispatch(below, event, here)


def _over_page(state: Over, event: InputEvent, here: Here) -> Moved:
    if isinstance(event, KeyPressed):
        closing = isinstance(state.below, Idle) and event.key == keys.ENTER
        if event.key == keys.CLEAR or closing:
            return Moved(state.below)
    return dispatch(state.below, event, here)


def _consulting_key(state: Consulting, event: KeyPressed, here: Here) -> Moved:
    """CLEAR: as if it had not been asked for; another key waits behind the answer."""
    if event.key != keys.CLEAR:
        return _behind(state, event, here)
    below = state.below.below if isinstance(state.below, Refused) else state.below
    return Moved(uncovered(below, here))


def _behind(state: Consulting, event: KeyPressed | CodeScanned, _: Here) -> Moved:
    if len(state.ahead) >= AHEAD_MAX:
        return stay(state)
    return Moved(replace(state, ahead=(*state.ahead, event)))


def _consulting_swiped(state: Consulting, event: CardSwiped, here: Here) -> Moved:
    """Another card does not wait: what was begun goes on with what is here."""
    return _go_on(replace(state, ahead=(*state.ahead, event)), here)


def _answered(state: Consulting, event: HqAnswered, here: Here) -> Moved:
    """Go on; an answer to something else, or one that came too late, is nothing to this step."""
    return (
        _go_on(state, replace(here, unheard=event.late)) if event.id == state.id else Moved(state)
    )


def _waited(state: Consulting, event: TimePassed, here: Here) -> Moved:
    unheard = replace(here, unheard=True)
    return _go_on(state, unheard) if event.mono_ms >= state.until_ms else Moved(state)


def _go_on(state: Consulting, here: Here) -> Moved:
    moved = dispatch(state.below, state.event, here)
    return replace(moved, ahead=state.ahead)


def _under_refusal(state: Refused, event: HqAnswered | TimePassed, here: Here) -> Moved:
    """A refusal that came meanwhile, of another card or of the printer, does not hold it up, and
    stays to be read unless the step brings one of its own."""
    if not isinstance(state.below, Consulting):
        return time_passed(state, event, here) if isinstance(event, TimePassed) else Moved(state)
    moved = dispatch(state.below, event, here)
    if moved.state is state.below:
        return Moved(state)
    if isinstance(moved.state, Refused | Committing):
        return moved
    return replace(moved, state=replace(state, below=moved.state))


def _device_changed(state: Open | Refused, event: DeviceChanged, _: Here) -> Moved:
    """A printer that fails is told to the clerk; the sale goes on."""
    if event.kind is not DeviceKind.RECEIPT_PRINTER:
        return Moved(state)
    if isinstance(state, Refused):
        back = event.state is DeviceState.ONLINE and state.code == codes.Code.PRINTER
        return Moved(state.below if back else state)
    if event.state is DeviceState.ONLINE:
        return Moved(state)
    told = (("device", event.name), ("reason", event.reason))
    return Moved(Refused(state, codes.Code.PRINTER, told), (BEEP_ATTENTION,))


def _rows(
    states: Iterable[type[S]],
    events: Iterable[type[E]],
    handle: Callable[[S, E, Here], Moved],
) -> list[Row]:
    return [_row(state, event, handle) for state in states for event in events]


def _row(state: type[S], event: type[E], handle: Callable[[S, E, Here], Moved]) -> Row:
    def run(now: State, happened: Event, here: Here) -> Moved:
        assert isinstance(now, state), f"{now} is no {state.__name__}"
        assert isinstance(happened, event), f"{happened} is no {event.__name__}"
        return handle(now, happened, here)

    run.__name__ = handle.__name__  # the diagram names it
    return (state, event), run


_ROWS: tuple[Row, ...] = (
    *_rows(STATES, (TimePassed,), time_passed),
    *_rows(STATES, _QUIET, _nothing),
    *_rows(_OPEN, (CardRefused,), _card_refused),
    *_rows(_OPEN, _READ, _busy),
    *_rows(_TELLING, (DeviceChanged,), _device_changed),
    # where goods are keyed
    *_rows(_DESK, (KeyPressed,), desk_key),
    *_rows(_DESK, (CardSwiped,), desk_swiped),
    *_rows(_DESK, (CodeScanned,), desk_scanned),
    *_rows(_OVER, _INPUT, _over_page),
    # the total
    _row(Total, KeyPressed, total_key),
    _row(Total, CardSwiped, total_swiped),
    _row(Total, CodeScanned, total_scanned),
    _row(Reference, KeyPressed, reference_key),
    _row(MuchCash, KeyPressed, much_cash_key),
    # form flows
    _row(Asking, KeyPressed, asking_key),
    _row(Asking, CardSwiped, asking_swiped),
    _row(Asking, CodeScanned, asking_scanned),
    # headquarters is asked
    _row(Consulting, KeyPressed, _consulting_key),
    _row(Consulting, CodeScanned, _behind),
    _row(Consulting, CardSwiped, _consulting_swiped),
    _row(Consulting, HqAnswered, _answered),
    _row(Consulting, TimePassed, _waited),
    # what lies over them
    *_rows((Refused,), _BELOW, _under_refusal),
    *_rows((Refused,), _INPUT, _over_refusal),
    *_rows((Committing,), _INPUT, _swallowed),
    _row(Committing, DeviceChanged, _nothing),
    _row(Committing, Committed, committed),
    _row(Committing, CommitRefused, commit_refused),
    _row(Committing, CommitUnknown, commit_unknown),
)

# Later rows say it more closely than earlier ones.
TABLE: Mapping[Key, Handler] = MappingProxyType(dict(_ROWS))
