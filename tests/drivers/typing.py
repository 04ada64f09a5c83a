"""Typing on a simulated US keyboard, event by event, into what our decoders take."""

from collections.abc import Iterable

from daemon.drivers.wire.readings import CardReading, CodeReading, Habits
from daemon.drivers.wire.wedge_events import BurstTaker, Taker
from daemon.events import InputEvent
from tests.hardware_sim import wedge

Event = tuple[int, int, int]
ENTER_DOWN, ENTER_UP, SYN = (1, 28, 1), (1, 28, 0), (0, 0, 0)
DROPPED = (0, 3, 0)


def card_taker(habits: Habits | None = None, *, ends_at_enter: bool = False) -> BurstTaker:
    return BurstTaker(CardReading(habits or Habits()), ends_at_terminator=ends_at_enter)


def code_taker(member_qr: str = "") -> BurstTaker:
    return BurstTaker(CodeReading(member_qr), ends_at_terminator=True)


def unpack(data: bytes) -> list[Event]:
    """The (type, code, value) of a run of `struct input_event`."""
    return [(kind, code, value) for _, _, kind, code, value in wedge.EVENT.iter_unpack(data)]


def typed(text: str) -> list[Event]:
    """The events of a reader that types text."""
    return unpack(b"".join(wedge.burst(wedge.text_strokes(text), 0)))


def alt_typed(text: str) -> list[Event]:
    """The same in ALT-code mode."""
    return unpack(b"".join(wedge.alt_code_keys(text, 0)))


def feed(
    taker: Taker, events: Iterable[Event], *, at_ms: int = 0, step_ms: int = 0
) -> list[InputEvent]:
    """Give events to taker, step_ms apart, then let the line be idle; return what came out."""
    told: list[InputEvent | None] = []
    for event in events:
        told.append(taker.feed(*event, at_ms))
        at_ms += step_ms
    due_ms = taker.due_ms()
    if due_ms is not None:
        told.append(taker.idle(due_ms))
    return [event for event in told if event is not None]
