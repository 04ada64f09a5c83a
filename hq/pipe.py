"""What carries messages between headquarters and a broker: MQTT in line.py, JetStream in
jetstream.py. It keeps nothing: what was not acknowledged boxes send again.
"""

import queue
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hq.intake import Arrival, Outgoing

DRAIN_MAX = 64  # messages of one transaction: 4 MB compressed, stored in 0.5 s
IDLE_S = 0.1  # how long new work of other processes (an import) may wait
RETRY_S = (0.5, 15.0)  # first and longest wait before connecting again; jitter on top
SAY_MAX = 20  # lines on stderr a minute; a stranger may send any number

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Come:
    """A message that a broker has given us."""

    arrival: Arrival
    forget: Callable[[], object]  # tell the broker that it is done with: stored, or refused


class Pipe(Protocol):
    """One connection at a time to one of several brokers. Used by one thread."""

    @property
    def place(self) -> str:
        """What it is and where, for people."""

    @property
    def connection(self) -> int:
        """Which connection this is, counted from 1; 0 while nothing can arrive."""

    @property
    def empty(self) -> bool:
        """Whether nothing waits that has come."""

    def keep_open(self) -> None:
        """Connect when it is not, and when its time has come; returns at once."""

    def arrived(self) -> list[Come]:
        """Return what has come, DRAIN_MAX at most; wait for it IDLE_S at most."""

    def publish(self, messages: Sequence[Outgoing]) -> None:
        """Send once, to whoever listens; nothing is kept for later."""

    def leave(self) -> None:
        """Disconnect, and drop what has come and was not taken."""


class Complaints:
    """Says what goes wrong on stderr, not too often."""

    def __init__(self) -> None:
        self._said: list[float] = []

    def __call__(self, text: str) -> None:
        now = time.monotonic()
        self._said = [when for when in self._said if now - when < 60]
        if len(self._said) < SAY_MAX:
            self._said.append(now)
            print(text, file=sys.stderr, flush=True)


def taken(inbox: "queue.Queue[Come]") -> list[Come]:
    """Return what waits in a queue, as Pipe.arrived does."""
    come: list[Come] = []
    try:
        come.append(inbox.get(timeout=IDLE_S))
        while len(come) < DRAIN_MAX:
            come.append(inbox.get_nowait())
    except queue.Empty:
        pass
    return come
