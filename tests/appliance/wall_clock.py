"""A wall clock that a test sets, for whole processes: wall_clock.c, made when it is needed."""

import struct
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from daemon.clock import SystemClock

SOURCE = Path(__file__).with_suffix(".c")


def real_now() -> datetime:
    return SystemClock(timezone.utc).read().wall


class WallClock:
    """What the processes that got `environ` take for the time; may be set while they run."""

    def __init__(self, folder: Path) -> None:
        library, self._file = folder / "wall_clock.so", folder / "wall_clock"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
        self.set(None)
        self.environ = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(self._file)}

    def set(self, now: datetime | None) -> None:
        """It is `now`, and runs on from there; None: it is right."""
        wrong_s = 0 if now is None else int((now - real_now()).total_seconds())
        if not self._file.exists():
            self._file.write_bytes(bytes(8))
        with self._file.open("r+b", buffering=0) as file:  # in place: it is mapped
            file.write(struct.pack("=q", wrong_s))
