"""Driver for the stick: a folder, or a USB partition and the folder that it is mounted at.

It mounts nothing and reads nothing of ours; that is the work of udev and of the stick's room.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from daemon.drivers.blocking import Blocking
from daemon.drivers.plug_watch import PlugWatch, wait_first
from daemon.drivers.reporter import Reporter
from daemon.drivers.stick_medium import FULL, READ_ONLY, Files, trouble
from daemon.drivers.wire.mountinfo import mounted_at
from daemon.errors import DeviceError

LOOK_S = 2.0  # the slow rescan behind the watch; a mount is not told at all
PROBE_WITHIN_S = 10.0  # a slow stick writes 256 KiB in 2 s
MOUNTS = Path("/proc/self/mountinfo")
PATTERN = b"memberbox probe, may be deleted\n"

NOT_MOUNTED = "plugged in, but not mounted. Format it as FAT32 or exFAT, or plug it in again."


class Seen(msgspec.Struct, frozen=True):
    plugged: bool
    folder: Path | None  # where its files are


class Place(Protocol):
    """Where a stick may be."""

    @property
    def path(self) -> str: ...

    def look(self) -> Seen: ...


class FolderPlace:
    """A folder that is there while the stick is."""

    def __init__(self, path: str) -> None:
        self.path = path

    def look(self) -> Seen:
        there = os.path.isdir(self.path)
        return Seen(there, Path(self.path) if there else None)


class DiskPlace:
    """A partition's node."""

    def __init__(
        self, path: str, mounts: Path = MOUNTS, number_of: Callable[[str], str] | None = None
    ) -> None:
        self.path = path
        self._mounts = mounts
        self._number_of = number_of or device_number

    def look(self) -> Seen:
        try:
            number = self._number_of(self.path)
            folder = mounted_at(self._mounts.read_text(encoding="utf-8"), number)
        except OSError:
            return Seen(False, None)
        return Seen(True, None if folder is None else Path(folder))


class StickDriver:
    """A Stick."""

    def __init__(self, place: Place, files: Files, reporter: Reporter, watch: PlugWatch) -> None:
        self._place = place
        self._files = files
        self._watch = watch
        self._reporter = reporter
        self._blocking = Blocking(reporter.name)
        self._folder: Path | None = None

    async def open(self) -> None:
        if not self._place.look().plugged:
            raise self._gone("no stick", "Plug the stick in.")

    async def serve(self) -> None:
        while True:
            changed = self._watch.arm(self._place.path)
            seen = self._place.look()
            if not seen.plugged:
                fix = "Plug it in again. What was being written to it is not on it."
                raise self._gone("pulled out", fix)
            if seen.folder is None:
                self._folder = None
                self._reporter.stale(NOT_MOUNTED)
            elif self._folder is None:
                await self._judge(seen.folder)
            await wait_first(changed, LOOK_S)

    async def close(self) -> None:
        self._folder = None

    def place(self) -> str | None:
        return self._place.path

    def presence(self) -> object:
        return self._place.look().plugged

    def folder(self) -> Path | None:
        return self._folder

    async def _judge(self, folder: Path) -> None:
        """Try the medium, and offer it if it is good; a bad one is tried anew at every look."""
        try:
            found = await self._blocking.call(
                "trying the stick",
                lambda: trouble(folder, self._files, PATTERN),
                within_s=PROBE_WITHIN_S,
                undo=lambda _: None,
            )
        except OSError as error:
            found = _of(error)
        if found:
            self._reporter.stale(found)
        else:
            self._folder = folder
            self._reporter.online()

    def _gone(self, found: str, fix: str) -> DeviceError:
        return DeviceError(self._reporter.name, doing="waiting", found=found, fix=fix, retry=True)


def device_number(path: str) -> str:
    """Return major:minor of a block device. Raises OSError."""
    number = os.stat(path).st_rdev
    return f"{os.major(number)}:{os.minor(number)}"


def _of(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return FULL
    if error.errno == errno.EROFS:
        return READ_ONLY
    words = error.strerror or type(error).__name__
    return f"cannot be written: {words}. Have it repaired on a computer, or use another stick."
