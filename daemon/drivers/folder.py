"""Driver for the stick: a folder that is there while a medium is plugged in and mounted.

It mounts nothing and reads nothing; that is the work of udev and of the stick's room.
"""

import asyncio
import os
from pathlib import Path

from daemon.drivers.reporter import Reporter
from daemon.errors import DeviceError

LOOK_S = 0.2  # plugging in and out is noticed within 0.25 s


class FolderStick:
    """A Stick."""

    def __init__(self, path: str, reporter: Reporter) -> None:
        self._path = Path(path)
        self._reporter = reporter
        self._there = False

    async def open(self) -> None:
        if not self.presence():
            raise self._absent()
        self._there = True
        self._reporter.online()

    async def serve(self) -> None:
        while self.presence():
            await asyncio.sleep(LOOK_S)
        raise self._absent()

    async def close(self) -> None:
        self._there = False

    def presence(self) -> object:
        return os.path.isdir(self._path)

    def folder(self) -> Path | None:
        return self._path if self._there else None

    def _absent(self) -> DeviceError:
        fix = "Plug the stick in."
        return DeviceError(
            self._reporter.name, doing="waiting", found="no stick", fix=fix, retry=True
        )
