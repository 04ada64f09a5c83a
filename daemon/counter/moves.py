"""What a step is given and what it returns."""

from datetime import datetime

import msgspec

from daemon.counter.effects import Beep, Effect, Sound
from daemon.counter.shop import Shop
from daemon.counter.states import Open, Refused, State
from daemon.events import InputEvent
from daemon.ledger.bodies import Guide

BEEP_OK = Sound(Beep.OK)
BEEP_REFUSE = Sound(Beep.REFUSE)
BEEP_ATTENTION = Sound(Beep.ATTENTION)


class Here(msgspec.Struct, frozen=True):
    """Where and when a step is taken."""

    shop: Shop
    guides: tuple[Guide, ...]
    mono_ms: int
    idle_ms: int  # since the last input
    unheard: bool = False  # headquarters was asked for this step, and did not answer in time

    def now(self) -> datetime:
        return datetime.fromisoformat(self.shop.at().wall)


class Moved(msgspec.Struct, frozen=True):
    """The next state. Its screens are not among the effects: they follow from the state."""

    state: State
    effects: tuple[Effect, ...] = ()
    guides: tuple[Guide, ...] | None = None  # None: as they were
    ahead: tuple[InputEvent, ...] = ()  # to be taken next, before anything that comes


def stay(state: State) -> Moved:
    """Refuse a key without a word: the state and its screens stay, a beep tells."""
    return Moved(state, (BEEP_REFUSE,))


def refused(below: Open, code: str, **values: str) -> Moved:
    return Moved(Refused(below, code, tuple(values.items())), (BEEP_REFUSE,))
