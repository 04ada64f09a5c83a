"""Input in the order in which people made it, not in which readers ended telling it.

A wedge tells a swipe 100 ms after its last key (wire/wedge.py): a clerk's ENTER, pressed in those
100 ms, would reach the counter before the card that was swiped before it. So a reading counts from
its first character, and what other devices bring meanwhile waits for it, HOLD_S at most: whatever
one device does, another is late by no more than that.
"""

import asyncio
import heapq
from collections.abc import Callable

from daemon.drivers.wire.wedge import IDLE_MS
from daemon.events import DeviceChanged, DeviceEvent, InputEvent

Emit = Callable[[str, DeviceEvent], None]

HOLD_S = (IDLE_MS + 50) / 1000  # the gap that ends a reading, and a loop that was busy
READING_S_MAX = 1.5  # the slowest swipe; what is open for longer lies on the keyboard, and is alone


class Order:
    """Between the devices of a box and who listens to them. Owned by the loop."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._begun_s: dict[str, float] = {}  # devices in the middle of a reading, and since when
        self._held: list[tuple[float, int, float, str, InputEvent]] = []  # a heap, by time made
        self._count = 0  # keeps what was made at one time in order
        self._timer: asyncio.TimerHandle | None = None

    def reading(self, name: str, *, open_: bool) -> None:
        """A device is (not) in the middle of something: a swipe, a code, a frame."""
        if open_:
            self._begun_s.setdefault(name, self._now_s())
        elif self._begun_s.pop(name, None) is not None and self._held:
            self._release()

    def emit(self, name: str, event: DeviceEvent) -> None:
        """Tell event, now or when what began before it is told. It ends the device's reading."""
        if isinstance(event, DeviceChanged):
            self._emit(name, event)
            return
        now_s = self._now_s()
        made_s = self._begun_s.pop(name, now_s)
        if not self._held and not self._earlier(made_s):
            self._emit(name, event)
            return
        self._count += 1
        heapq.heappush(self._held, (made_s, self._count, now_s + HOLD_S, name, event))
        self._release()

    def stop(self) -> None:
        """Tell what waits: nothing that was done is lost."""
        self._begun_s.clear()
        self._release()

    def _earlier(self, made_s: float) -> bool:
        """Return whether something that began before is not told yet."""
        stuck_s = self._now_s() - READING_S_MAX
        return any(stuck_s < begun_s < made_s for begun_s in self._begun_s.values())

    def _release(self) -> None:
        """Tell what nothing earlier is in the way of, and all that was made before what is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = [made_s for made_s, _, due_s, _, _ in self._held if due_s <= self._now_s()]
        up_to_s = max(due, default=0.0)
        while self._held and (self._held[0][0] <= up_to_s or not self._earlier(self._held[0][0])):
            _, _, _, name, event = heapq.heappop(self._held)
            self._emit(name, event)
        if self._held:
            first_s = min(due_s for _, _, due_s, _, _ in self._held)
            self._timer = asyncio.get_running_loop().call_at(first_s, self._release)

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
