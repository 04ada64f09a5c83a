"""Tells at once when something is plugged in or out, without polling: inotify and uevents.

Inotify on the folder of a device's name tells of that device; a uevent wakes everybody who waits,
also for what has no name in a folder.

Polling five times a second costs 1 ms/s for every device that is absent; this costs nothing. The
standard library has no inotify, so libc is called. Where it is not to be had, nothing breaks: every
waiter has its slow rescan behind it.
"""

import asyncio
import contextlib
import ctypes
import os
import struct
from collections.abc import Callable
from pathlib import Path

from daemon.drivers.uevents import Uevents

_EVENT = struct.Struct("iIII")  # wd, mask, cookie, length of the name that follows
_READ_BYTES = 4096
# inotify(7): a name appears, goes, or is renamed; the folder itself goes; told once, then over.
_IN_MOVED, _IN_CREATE, _IN_DELETE = 0x00C0, 0x0100, 0x0200
_IN_DELETE_SELF, _IN_MOVE_SELF, _IN_ONESHOT = 0x0400, 0x0800, 0x80000000
NO_WATCH = -1
_MASK = _IN_MOVED | _IN_CREATE | _IN_DELETE | _IN_DELETE_SELF | _IN_MOVE_SELF | _IN_ONESHOT


class PlugWatch:
    """One inotify descriptor for all devices of the box; opened at the first use."""

    def __init__(self, uevents: Callable[[], Uevents] = Uevents) -> None:
        self._fd = -1
        self._libc: ctypes.CDLL | None = None
        self._waiting: dict[int, set[asyncio.Future[None]]] = {}
        self._open_uevents = uevents
        self._uevents: Uevents | None = None

    def arm(self, path: str | None) -> "asyncio.Future[None]":
        """Return a future that ends when a name near path changes, or any device of the machine.

        Arm first, look second, wait third: then nothing is missed in between.
        """
        self._listen()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        watch = NO_WATCH if path is None else self._add_watch(_nearest_folder(path))
        self._waiting.setdefault(watch, set()).add(future)
        future.add_done_callback(lambda done: self._forget(watch, done))
        return future

    def close(self) -> None:
        if self._uevents is not None:
            if self._uevents.fd >= 0:
                asyncio.get_running_loop().remove_reader(self._uevents.fd)
            self._uevents.close()
        self._uevents = None
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
        self._fd = -1
        self._waiting.clear()

    def _listen(self) -> None:
        if self._uevents is None:
            self._uevents = self._open_uevents()
            if self._uevents.fd >= 0:
                asyncio.get_running_loop().add_reader(self._uevents.fd, self._something)

    def _something(self) -> None:
        """A device came, went or changed: everybody who waits looks for himself."""
        if self._uevents is not None:
            self._uevents.drain()
        for watch in list(self._waiting):
            self._wake(watch)

    def _wake(self, watch: int) -> None:
        for future in self._waiting.pop(watch, set()):
            if not future.done():
                future.set_result(None)

    def _add_watch(self, folder: Path) -> int:
        """Return the watch on folder, or -1 if there is none to be had."""
        if self._libc is None:
            self._libc = ctypes.CDLL(None, use_errno=True)
            self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            if self._fd >= 0:
                asyncio.get_running_loop().add_reader(self._fd, self._readable)
        if self._fd < 0:
            return -1
        return int(self._libc.inotify_add_watch(self._fd, os.fsencode(folder), _MASK))

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._fd, _READ_BYTES)
            while data:
                watch, _, _, name_length = _EVENT.unpack_from(data)
                data = data[_EVENT.size + name_length :]
                self._wake(watch)

    def _forget(self, watch: int, future: "asyncio.Future[None]") -> None:
        waiting = self._waiting.get(watch)
        if waiting is not None:
            waiting.discard(future)
            if not waiting:
                del self._waiting[watch]


def _nearest_folder(path: str) -> Path:
    """Return the folder path is in, or the nearest one above it that exists."""
    folder = Path(path).parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


async def wait_first(future: "asyncio.Future[None]", within_s: float) -> None:
    """Wait for future, at most so long; it is of no use afterwards."""
    await asyncio.wait({future}, timeout=within_s)
    future.cancel()
