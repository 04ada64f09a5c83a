"""Driver for the stick: a folder that is there while a medium is plugged in and mounted.

It mounts nothing and reads nothing; that is the work of udev and of the stick's room.
"""

import os
from pathlib import Path

from daemon.drivers.plug_watch import PlugWatch, wait_first
from daemon.drivers.reporter import Reporter
from daemon.errors import DeviceError

LOOK_S = 2.0  # the slow rescan behind the watch on its parent folder


class FolderStick:
    """A Stick."""

    def __init__(self, path: str, reporter: Reporter, watch: PlugWatch) -> None:
        self._path = Path(path)
        self._watch = watch
        self._reporter = reporter
        self._there = False

    async def open(self) -> None:
        if not self.presence():
            raise self._absent()
        self._there = True
        self._reporter.online()

    async def serve(self) -> None:
        changed = self._watch.arm(str(self._path))
        while self.presence():
            await wait_first(changed, LOOK_S)
            changed = self._watch.arm(str(self._path))
        raise self._absent()

    async def close(self) -> None:
        self._there = False

    def place(self) -> str | None:
        return str(self._path)

    def presence(self) -> object:
        return os.path.isdir(self._path)

    def folder(self) -> Path | None:
        return self._path if self._there else None

    def _absent(self) -> DeviceError:
        fix = "Plug the stick in."
        return DeviceError(
            self._reporter.name, doing="waiting", found="no stick", fix=fix, retry=True
        )
