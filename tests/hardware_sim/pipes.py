"""The cable of a keyboard wedge: a FIFO that a reader opens like an evdev node. Linux only.

Plugged in, the write end stays open, so that no reader ever sees end of file; unplugged, the
FIFO is closed and gone, and its reader reads nothing: that is how it learns of it.

A FIFO differs from a node in one way that matters here: it keeps what nobody read. A node gives
every reader a fresh queue, so what a dead reader left behind is drained.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import struct
import termios
from pathlib import Path

from tests.hardware_sim.sentences import RefusedError

WATCH_AGAIN_S = 0.05  # a FIFO without reader says so all the time: look again now and then
ROOM_WITHIN_S = 1.0  # a reader that takes longer to make room reads no more
ROOM_POLL_S = 0.005
READER_WITHIN_S = 1.0  # a box opens its devices just after it says that it is ready
WAITING_BYTES_MAX = 65536  # ten swipes or so that nobody read: more is a reader asleep
PIPE_BYTES = 1 << 20  # the longest burst, and what may wait before it, always fit


class Pipe:
    """One FIFO and its write end."""

    def __init__(self, path: Path, *, packets: bool = False) -> None:
        self.path = path
        self._packets = packets
        self._fd = -1
        self._watch_again: asyncio.TimerHandle | None = None

    @property
    def plugged(self) -> bool:
        return self._fd >= 0

    def plug(self) -> None:
        """Make the FIFO and hold its write end, with or without a reader."""
        if self.plugged:
            return
        self.path.unlink(missing_ok=True)
        os.mkfifo(self.path, 0o600)
        reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)  # else opening to write fails
        self._fd = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK)
        os.close(reader)
        fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        if self._packets:  # pipe(2): one read takes one write and no more
            fcntl.fcntl(self._fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_DIRECT)
        self._watch()

    def unplug(self) -> None:
        """Close and remove the FIFO; its reader reads nothing from now on."""
        if not self.plugged:
            return
        self._forget_watch()
        self.path.unlink(missing_ok=True)
        os.close(self._fd)
        self._fd = -1

    async def write(self, events: bytes) -> None:
        """Give events to the reader, all or nothing. Raises RefusedError."""
        deadline = asyncio.get_running_loop().time() + ROOM_WITHIN_S
        while self.plugged and not self._has_room(len(events)):
            if asyncio.get_running_loop().time() > deadline:
                raise RefusedError(
                    f"{self.path.name}: its reader has stopped reading, {self._waiting()} bytes "
                    "wait in the pipe. Start or wake the reader, or fault it unplug and clear."
                )
            await asyncio.sleep(ROOM_POLL_S)
        if not self.plugged:
            raise RefusedError(f"{self.path.name} is unplugged. Fault it clear to plug it in.")
        await self._write_to_reader(events)
        taken_by = asyncio.get_running_loop().time() + ROOM_WITHIN_S
        while self.plugged and self._waiting() and asyncio.get_running_loop().time() < taken_by:
            await asyncio.sleep(ROOM_POLL_S)

    async def _write_to_reader(self, events: bytes) -> None:
        """Write; wait a moment for a reader that is just starting. Raises RefusedError."""
        deadline = asyncio.get_running_loop().time() + READER_WITHIN_S
        while True:
            try:
                written = os.write(self._fd, events)
            except OSError as error:
                if error.errno not in (errno.EPIPE, errno.ENXIO):
                    raise
                self._drain()
                if asyncio.get_running_loop().time() < deadline and self.plugged:
                    await asyncio.sleep(WATCH_AGAIN_S)
                    continue
                raise RefusedError(
                    f"nobody reads {self.path.name}: nothing has {self.path} open. "
                    "Start the box first."
                ) from error
            assert written == len(events), "there was room for all of it"
            return

    def _has_room(self, length: int) -> bool:
        waiting = self._waiting()
        return waiting == 0 or waiting + length <= WAITING_BYTES_MAX

    def _waiting(self) -> int:
        answer = fcntl.ioctl(self._fd, termios.FIONREAD, b"\0" * 4)
        return int(struct.unpack("i", answer)[0])

    def _watch(self) -> None:
        self._watch_again = None
        # The write end becomes "readable" only by its error: the last reader has gone.
        asyncio.get_running_loop().add_reader(self._fd, self._reader_gone)

    def _reader_gone(self) -> None:
        self._forget_watch()
        self._drain()
        loop = asyncio.get_running_loop()
        self._watch_again = loop.call_later(WATCH_AGAIN_S, self._watch)

    def _forget_watch(self) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        if self._watch_again:
            self._watch_again.cancel()

    def _drain(self) -> None:
        if not self._waiting():
            return
        reader = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        with contextlib.suppress(BlockingIOError):
            while os.read(reader, 65536):
                pass
        os.close(reader)
