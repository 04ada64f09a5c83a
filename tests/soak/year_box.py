"""The real box as a process whose machine runs through a year in minutes.

All of `memberbox run` but its clock: wall and monotonic time are moved on together by whoever
holds the file CLOCK, as if the machine had run all the while. The box's beat is faster, as
its days are, so that what a day brings (its end, lapses, reminders) comes every day. It tells what
it holds, which nobody sees from outside.
"""

import _sqlite3
import argparse
import asyncio
import ctypes
import gc
import logging
import mmap
import signal
import struct
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.app import Box, Making
from daemon.clock import ClockState, Reading
from daemon.commands.vocabulary import share_dir, vocabulary
from daemon.config import Config, last_good_path, load_or_last_good
from daemon.entropy import SystemEntropy
from daemon.release import VERSION

BEAT_S = 0.05  # of a busy machine's day of ten seconds
LAPSE_BEATS = 50  # what is due is looked for every day
LEAK_BYTES = 1 << 20
LEAKS = ("", "handle", "memory")
TELL_S = 0.1  # between two words of what is held

_AHEAD = struct.Struct("=q")  # milliseconds
_HELD = struct.Struct("=qq")


@dataclass(frozen=True)
class Held:
    sqlite_bytes: int  # page caches and prepared statements, of all connections
    blocks: int  # of Python's allocator: about one an object


class Ahead:
    """How far the machine's clock is ahead of what this process lived, and what the box holds;
    shared by a file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_AHEAD.size + _HELD.size))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _AHEAD.size + _HELD.size)

    @property
    def ms(self) -> int:
        (ahead,) = _AHEAD.unpack_from(self._shared)
        return int(ahead)

    def move(self, by: timedelta) -> None:
        # Not pack_into: it writes zeros first, and the other process would see them.
        self._shared[: _AHEAD.size] = _AHEAD.pack(self.ms + by // timedelta(milliseconds=1))

    @property
    def held(self) -> Held:
        return Held(*_HELD.unpack_from(self._shared, _AHEAD.size))

    def tell(self, held: Held) -> None:
        self._shared[_AHEAD.size :] = _HELD.pack(held.sqlite_bytes, held.blocks)


class MovedClock:
    """Wall time from `start` on, trusted; both clocks go on by what Ahead is moved."""

    def __init__(self, zone: ZoneInfo, start: datetime, ahead: Ahead) -> None:
        self._begun_ms = time.monotonic_ns() // 1_000_000
        self._start = start.astimezone(zone)
        self._ahead = ahead

    def read(self) -> Reading:
        mono_ms = time.monotonic_ns() // 1_000_000 + self._ahead.ms
        wall = self._start + timedelta(milliseconds=mono_ms - self._begun_ms)
        return Reading("year", mono_ms, wall, ClockState.SYNCED)


async def _live(config: Config, making: Making, ahead: Ahead, leak: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    config.run_dir.mkdir(parents=True, exist_ok=True)
    start = config.box.clock_start
    assert start is not None, "the bench gives one"
    clock = MovedClock(ZoneInfo(config.shop.timezone), start, ahead)
    box = Box(config, clock=clock, entropy=SystemEntropy(), making=making)
    gc.freeze()
    beside = [asyncio.create_task(_tell(ahead))]
    if leak:
        beside.append(asyncio.create_task(_leak(leak, clock)))
    await box.run(stop)
    for task in beside:
        task.cancel()


async def _tell(ahead: Ahead) -> None:
    used = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used  # of the library that is in use
    used.restype = ctypes.c_int64
    while True:
        ahead.tell(Held(used(), sys.getallocatedblocks()))
        await asyncio.sleep(TELL_S)


async def _leak(what: str, clock: MovedClock) -> None:
    """Keep something for ever, once a day: what the soak has to find."""
    kept: list[object] = []
    day = None
    while True:
        if day != (today := clock.read().wall.date()):
            day = today
            kept.append(
                Path("/dev/null").open("rb")  # noqa: SIM115 - that nobody closes it is the point
                if what == "handle"
                else bytearray(b"x") * LEAK_BYTES
            )
        await asyncio.sleep(BEAT_S)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--ahead", type=Path, required=True, help="the file that moves the clock")
    parser.add_argument("--leak", choices=LEAKS, default="", help="what is leaked, once a day")
    asked = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    config, problems, last_good = load_or_last_good(
        asked.config, last_good_path(asked.config), vocabulary()
    )
    assert not problems, problems
    making = Making(
        VERSION, "0" * 64, last_good, share_dir(), asked.config, (), BEAT_S, LAPSE_BEATS
    )
    asyncio.run(_live(config, making, Ahead(asked.ahead), asked.leak))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
