"""The only place that tells time. Everything else is given a Clock.

Wall time is shown and recorded; order is the entry's number and durations are monotonic.
"""

import time
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class ClockState(StrEnum):
    SYNCED = "synced"
    ESTIMATED = "estimated"  # not before the last trusted time, but how much later is not known
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clock. `wall` carries the shop's offset."""

    boot: str
    mono_ms: int
    wall: datetime
    state: ClockState


class Clock(Protocol):
    def read(self) -> Reading: ...


class SystemClock:
    """The machine's clock. `start` (demo, bench and tests only) moves wall time and is trusted."""

    def __init__(self, zone: tzinfo, start: datetime | None = None) -> None:
        self._zone = zone
        self._boot = boot_id()
        self._shift = timedelta(0) if start is None else start - datetime.now(timezone.utc)
        self._state = ClockState.ESTIMATED if start is None else ClockState.SYNCED

    def read(self) -> Reading:
        wall = (datetime.now(timezone.utc) + self._shift).astimezone(self._zone)
        return Reading(self._boot, time.monotonic_ns() // 1_000_000, wall, self._state)

    def trust(self, *, offset: timedelta = timedelta(0)) -> None:
        """Wall time plus offset is now known to be right."""
        self._shift += offset
        self._state = ClockState.SYNCED


def boot_id() -> str:
    """Return a name for this boot of the machine: the kernel's, else a fresh one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    except OSError:
        return uuid.uuid4().hex[:8]


def business_date(wall: datetime, *, closing_hour: int, not_before: date | None) -> date:
    """Return the business date: the day ends at `closing_hour`, and it never goes back."""
    day = (wall - timedelta(hours=closing_hour)).date()
    return day if not_before is None else max(day, not_before)
