"""The only place that tells time. Everything else is given a Clock.

Wall time is shown and recorded; order is the entry's number and durations are monotonic.
"""

import time
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from daemon.release import BUILT

DISCIPLINE_EVERY_MS = 10_000  # between two questions to the kernel
ON_ITS_WAY = timedelta(minutes=2)  # an acknowledgement, over a bad line
TIMEX_BYTES = 512  # struct timex is 208 bytes at most; zeros ask and set nothing
TIME_ERROR = 5  # adjtimex: the clock is not synchronised
TIMESYNCD = Path("/run/systemd/timesync/synchronized")
NO_BOOT = "?"  # begins the name of a boot that the kernel did not tell


class ClockState(StrEnum):
    SYNCED = "synced"
    ESTIMATED = "estimated"  # not before the last trusted time, but how much later is not known
    UNKNOWN = "unknown"


class Reading(msgspec.Struct, frozen=True):
    """One look at the clock. `wall` carries the shop's offset."""

    boot: str
    mono_ms: int
    wall: datetime
    state: ClockState


class Clock(Protocol):
    def read(self) -> Reading: ...


class Anchor(msgspec.Struct, frozen=True):
    """A wall time that somebody vouched for, and the monotonic time of that moment."""

    wall: datetime
    mono_ms: int

    def at(self, mono_ms: int) -> datetime:
        return self.wall + timedelta(milliseconds=mono_ms - self.mono_ms)


class SystemClock:
    """The machine's clock; a small box has no battery, so it starts anywhere.

    Trusted is, in this order: `start` (demo, bench and tests only: it moves wall time), the
    kernel when a time service disciplines it, headquarters' signed time. Else wall time is no
    earlier than the floor, which the journal gives.
    """

    def __init__(
        self,
        zone: tzinfo,
        start: datetime | None = None,
        *,
        disciplined: Callable[[], bool] | None = None,
    ) -> None:
        self._zone = zone
        self.fixed = start is not None
        self._boot = boot_id()
        self._shift = timedelta(0) if start is None else start - datetime.now(timezone.utc)
        self._disciplined = disciplined or kernel_disciplined
        self._asked_ms: int | None = None
        self._kernel = False
        self._told: Anchor | None = None
        self._floor: Anchor | None = None

    def read(self) -> Reading:
        mono_ms = time.monotonic_ns() // 1_000_000
        wall, state = self._wall(mono_ms)
        return Reading(self._boot, mono_ms, wall.astimezone(self._zone), state)

    def set_floor(self, wall: datetime) -> None:
        """It is not earlier than that now: the journal's last trusted time says so."""
        self._floor = Anchor(wall, time.monotonic_ns() // 1_000_000)

    def tell(self, wall: datetime) -> None:
        """Headquarters signed this time a moment ago. It only ever moves the estimate on.

        After a restart of the box alone the estimate is exact, and what comes over a line is always
        a little behind it: that vouches for the estimate.
        """
        mono_ms = time.monotonic_ns() // 1_000_000
        least = [known.at(mono_ms) for known in (self._told, self._floor) if known is not None]
        if any(wall < known - ON_ITS_WAY for known in least):
            return
        self._told = Anchor(max([wall, *least]), mono_ms)

    @property
    def source(self) -> str:
        """Who vouches for the time: `start`, `ntp`, `hq`; "" nobody."""
        if self.fixed:
            return "start"
        return "ntp" if self._kernel else "hq" if self._told is not None else ""

    def _wall(self, mono_ms: int) -> tuple[datetime, ClockState]:
        system = datetime.now(timezone.utc) + self._shift
        if self.fixed:
            return system, ClockState.SYNCED
        if self._asked_ms is None or mono_ms - self._asked_ms >= DISCIPLINE_EVERY_MS:
            self._asked_ms = mono_ms
            self._kernel = self._disciplined()
        if self._kernel:
            return system, ClockState.SYNCED
        if self._told is not None:
            return self._told.at(mono_ms), ClockState.SYNCED
        if self._floor is not None:
            return max(system, self._floor.at(mono_ms)), ClockState.ESTIMATED
        return max(system, BUILT), ClockState.UNKNOWN


def kernel_disciplined() -> bool:
    """Ask the kernel whether a time service keeps its clock (adjtimex(2), reading only)."""
    import ctypes

    try:
        said = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return False  # another kernel: then headquarters tells the time
    return kept(int(said))


def kept(said: int, mark: Path = TIMESYNCD) -> bool:
    """Judge the kernel's answer. The unit's sandbox forbids the question (ProtectClock=).

    Then the mark of systemd's own time service tells: it is made at the first time of this boot.
    """
    return mark.exists() if said == -1 else said != TIME_ERROR


def boot_id() -> str:
    """Return a name for this boot of the machine: the kernel's, else a fresh one.

    A fresh one is marked, since monotonic time then says nothing about other runs.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return NO_BOOT + uuid.uuid4().hex[:8]


def business_date(wall: datetime, *, closing_hour: int, not_before: date | None) -> date:
    """Return the business date: the day ends at `closing_hour`, and it never goes back."""
    day = (wall - timedelta(hours=closing_hour)).date()
    return day if not_before is None else max(day, not_before)


def moment(text: str, zone: tzinfo | None) -> datetime:
    """Return a time as the books have it, RFC 3339; a bare date is its midnight in the zone."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)
