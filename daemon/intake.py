"""What waits to be answered: events of devices and clock in order, outcomes of commits first.

While a commit is under way the keys that a quick clerk types ahead wait behind its outcome; they
belong to the next sale and are neither lost nor taken for this one.
"""

import asyncio
from collections import deque

from daemon.counter.effects import CommitEvent, HqAnswered
from daemon.events import DeviceEvent, TimePassed

EVENTS_MAX = 1000  # a clerk types 10 a second; more than this is a jammed key

Event = DeviceEvent | CommitEvent | TimePassed | HqAnswered


class Intake:
    """Owned by the loop."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._outcomes: deque[CommitEvent] = deque()
        self._wake = asyncio.Event()

    def put(self, event: Event) -> bool:
        """Queue what came from outside; return False when too much waits and it is dropped."""
        if len(self._events) >= EVENTS_MAX:
            return False
        self._events.append(event)
        self._wake.set()
        return True

    def put_outcome(self, outcome: CommitEvent) -> None:
        self._outcomes.append(outcome)
        self._wake.set()

    async def get(self, *, outcomes_only: bool) -> Event:
        """Return what is next; with outcomes_only everything else goes on waiting."""
        while True:
            if self._outcomes:
                return self._outcomes.popleft()
            if self._events and not outcomes_only:
                return self._events.popleft()
            self._wake.clear()
            await self._wake.wait()
