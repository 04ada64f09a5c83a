"""Questions to headquarters during a sale, as a state machine. No I/O, no clock, no random.

A question is only a hint. Its answer comes as messages of HQ's log, so that nothing is lost when it
comes late; here is only known who waits for it, and until when. Whoever asks is told exactly once.
"""

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from daemon.ledger.messages import AskAnswered
from daemon.wanted import Wanted

ASK_DEADLINE_MS = 1_500  # the counter goes on with what it holds; spec/sync.md
ASK_AGAIN_MS = 500  # a question may be lost like anything else
ASKS_MAX = 16  # waiting at once; a counter has one sale at a time
ASK_KEPT_MS = 600_000  # what was granted for a sale stays so long, unless the sale ends before


class Came(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"  # the answer's messages are in the books
    LATE = "late"  # nothing by the deadline; it may still come
    OFFLINE = "offline"  # there is nobody to ask


class Open(msgspec.Struct, frozen=True):
    """A question on its way. `told`: who asked waits no more, what was granted is kept for him."""

    id: str
    question: Wanted
    since_ms: int
    deadline_ms: int
    sent_ms: int
    told: bool = False


# What happened.


class Asked(msgspec.Struct, frozen=True):
    id: str
    question: Wanted
    deadline_ms: int  # from now on
    mono_ms: int
    online: bool  # HQ answers on this connection


class Heard(msgspec.Struct, frozen=True):
    """The last message of an answer is in the books."""

    answer: AskAnswered
    mono_ms: int


class Ended(msgspec.Struct, frozen=True):
    """The sale that asked is over: what it did not use may go back."""

    id: str


class Passed(msgspec.Struct, frozen=True):
    mono_ms: int


Event = Asked | Heard | Ended | Passed


# What to do.


class SendAsk(msgspec.Struct, frozen=True):
    id: str
    question: Wanted


class TellAsker(msgspec.Struct, frozen=True):
    id: str
    came: Came
    answer: AskAnswered | None = None


Effect = SendAsk | TellAsker


class Asks:
    """The questions of one box. `handle` is the only way in."""

    def __init__(self) -> None:
        self._open: dict[str, Open] = {}

    @property
    def open(self) -> bool:
        """Whether a sale may still need what it asked for."""
        return bool(self._open)

    def next_ms(self) -> int | None:
        """Return when somebody waits for time to pass; None: nobody does."""
        waiting = [one for one in self._open.values() if not one.told]
        times = [min(one.deadline_ms, one.sent_ms + ASK_AGAIN_MS) for one in waiting]
        return min(times, default=None)

    def handle(self, event: Event) -> list[Effect]:
        """Take what happened and return what to do, in order."""
        match event:
            case Asked():
                return self._asked(event)
            case Heard(answer):
                return self._heard(answer)
            case Ended(name):
                self._open.pop(name, None)
                return []
            case Passed(now):
                return self._passed(now)

    def _asked(self, event: Asked) -> list[Effect]:
        if not event.online or len(self._open) >= ASKS_MAX or event.id in self._open:
            return [TellAsker(event.id, Came.OFFLINE)]
        now = event.mono_ms
        self._open[event.id] = Open(event.id, event.question, now, now + event.deadline_ms, now)
        return [SendAsk(event.id, event.question)]

    def _heard(self, answer: AskAnswered) -> list[Effect]:
        one = self._open.get(answer.ask)
        if one is None or one.told:
            return []
        self._open[one.id] = replace(one, told=True)
        return [TellAsker(one.id, Came.ANSWERED, answer)]

    def _passed(self, now: int) -> list[Effect]:
        effects: list[Effect] = []
        for one in list(self._open.values()):
            if now - one.since_ms >= ASK_KEPT_MS:
                del self._open[one.id]
            elif one.told:
                continue
            elif now >= one.deadline_ms:
                self._open[one.id] = replace(one, told=True)
                effects.append(TellAsker(one.id, Came.LATE))
            elif now - one.sent_ms >= ASK_AGAIN_MS:
                self._open[one.id] = replace(one, sent_ms=now)
                effects.append(SendAsk(one.id, one.question))
        return effects
