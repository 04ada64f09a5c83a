"""Questions to headquarters and who waits for them: asking.py with callbacks, time and ids."""

from collections.abc import Callable

from daemon.entropy import Entropy
from daemon.ledger.messages import AskAnswered
from daemon.sync.asking import (
    ASK_DEADLINE_MS,
    Asked,
    Asks,
    Ended,
    Event,
    Heard,
    Passed,
    SendAsk,
    TellAsker,
)
from daemon.wanted import Wanted

ASK_BYTES = 8

Told = Callable[[TellAsker], None]


class Questions:
    """Owned by the courier's thread."""

    def __init__(
        self,
        entropy: Entropy,
        mono_ms: Callable[[], int],
        *,
        online: Callable[[], bool],
        send: Callable[[SendAsk], None],
    ) -> None:
        self._entropy = entropy
        self._mono_ms = mono_ms
        self._online = online
        self._send = send
        self._asks = Asks()
        self._askers: dict[str, Told] = {}

    @property
    def open(self) -> bool:
        """Whether a sale may still need what it asked for."""
        return self._asks.open

    def ask(self, question: Wanted, told: Told, *, deadline_ms: int = ASK_DEADLINE_MS) -> str:
        """Ask HQ; `told` is called once, at the latest after the deadline. Returns the ask's id."""
        name = self._entropy.draw(ASK_BYTES).hex()
        self._askers[name] = told
        self._do(Asked(name, question, deadline_ms, self._mono_ms(), self._online()))
        return name

    def ended(self, name: str) -> None:
        """The sale that asked is over; what it did not use goes back at the next sync."""
        self._askers.pop(name, None)
        self._do(Ended(name))

    def heard(self, answer: AskAnswered) -> None:
        """The last message of an answer is in the books."""
        self._do(Heard(answer, self._mono_ms()))

    def passed(self) -> None:
        """Time has passed for whoever waits."""
        self._do(Passed(self._mono_ms()))

    def due_s(self) -> float | None:
        """Return in how many seconds passed() is due; None: nobody waits."""
        due = self._asks.next_ms()
        return None if due is None else max(0.0, (due - self._mono_ms()) / 1000)

    def _do(self, event: Event) -> None:
        for effect in self._asks.handle(event):
            if isinstance(effect, SendAsk):
                self._send(effect)
            elif (told := self._askers.pop(effect.id, None)) is not None:
                told(effect)
