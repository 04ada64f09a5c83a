"""The clocks of a simulated world: one true time, and what each machine believes it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from random import Random

from daemon.clock import ClockState, Reading

EAST_8 = timezone(timedelta(hours=8))
BEGIN = datetime(2026, 3, 6, 9, 0, tzinfo=EAST_8)


class Dice:
    """Random bytes that come again with the seed."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def draw(self, length: int) -> bytes:
        return self.random.randbytes(length)


@dataclass(slots=True)
class World:
    """The true time, in milliseconds since the world began."""

    ms: int = 0

    @property
    def wall(self) -> datetime:
        return BEGIN + timedelta(milliseconds=self.ms)


class BoxClock:
    """A small box's clock: no battery, so that a boot may forget the time until HQ tells it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._boots = 0
        self._since_ms = 0
        self._off = timedelta(0)
        self._state = ClockState.SYNCED
        self.boot(trusted=True)

    def boot(self, *, trusted: bool) -> None:
        """The machine starts; `trusted`: a time service is there at once."""
        self._boots += 1
        self._since_ms = self._world.ms
        self._off = timedelta(0) if trusted else -timedelta(days=2)
        self._state = ClockState.SYNCED if trusted else ClockState.UNKNOWN

    def jump(self, by: timedelta) -> None:
        """Somebody sets the clock; the machine believes it."""
        self._off += by

    def tell(self, wall: datetime) -> None:
        """Headquarters signed this time a moment ago."""
        if self._state is not ClockState.SYNCED:
            self._off = wall - self._world.wall
            self._state = ClockState.SYNCED

    def read(self) -> Reading:
        mono_ms = self._world.ms - self._since_ms + 1_000
        return Reading(f"boot{self._boots:04d}", mono_ms, self._world.wall + self._off, self._state)


class HqClock:
    """Headquarters' clock: a millisecond passes with every look."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._looks = 0
        self._off = timedelta(0)

    def jump(self, by: timedelta) -> None:
        self._off += by

    def read(self) -> Reading:
        self._looks += 1
        ticks = self._looks % 40  # or its time would run away from the boxes'
        wall = self._world.wall + self._off + timedelta(milliseconds=ticks)
        return Reading("hq", self._world.ms, wall, ClockState.SYNCED)
