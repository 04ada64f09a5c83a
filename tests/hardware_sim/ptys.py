"""The cable of a serial device: a pseudo terminal under a stable name. Linux only.

DIR/tty/NAME is a symlink to the terminal of the moment; unplugging closes the terminal and
removes the link, plugging in makes a new one under the same name, as udev does for an adapter.
The terminal starts raw and at the device's baud rate, so that a box that sets nothing is right;
what a box sends at another rate arrives as as many zero bytes: noise that no device understands.
"""

import asyncio
import errno
import os
import select
import termios
import tty
from collections.abc import Callable
from pathlib import Path

READ_BYTES_MAX = 4096  # what the kernel holds for a terminal
WATCH_AGAIN_S = 0.05  # a terminal that nobody has open says so all the time: look again
UNSENT_BYTES_MAX = 65536  # answers that nobody fetches; a real line loses them as well

BAUD_CODES = {300: termios.B300, 600: termios.B600, 1200: termios.B1200, 2400: termios.B2400}
BAUD_CODES |= {4800: termios.B4800, 9600: termios.B9600, 19200: termios.B19200}
BAUD_CODES |= {38400: termios.B38400, 57600: termios.B57600, 115200: termios.B115200}
_BAUDS = {code: baud for baud, code in BAUD_CODES.items()}


class Pty:
    """One pseudo terminal under link. `baud` may change, as the device is told to."""

    def __init__(self, link: Path, baud: int) -> None:
        self.link, self.baud = link, baud
        self._on_bytes: Callable[[bytes], None] = _deaf
        self._master = -1
        self._stalled = False
        self._unsent = b""
        self._watch_again: asyncio.TimerHandle | None = None

    @property
    def plugged(self) -> bool:
        return self._master >= 0

    @property
    def path(self) -> str:
        return str(self.link)

    def plug(self, on_bytes: Callable[[bytes], None]) -> None:
        """Make a terminal and point the link at it; what the box writes goes to on_bytes."""
        if self.plugged:
            return
        self._on_bytes = on_bytes
        self._master, slave = os.openpty()
        tty.setraw(slave)
        settings = termios.tcgetattr(slave)
        settings[4] = settings[5] = BAUD_CODES[self.baud]
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        target = os.ttyname(slave)
        os.close(slave)  # from here on the master knows whether somebody has it open
        os.set_blocking(self._master, False)
        self.link.parent.mkdir(parents=True, exist_ok=True)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(target)
        self._stalled, self._unsent = False, b""
        self._watch()

    def unplug(self) -> None:
        """Close the terminal and remove the link; who has it open gets errors."""
        if not self.plugged:
            return
        self._forget_watch()
        asyncio.get_running_loop().remove_writer(self._master)
        self.link.unlink(missing_ok=True)
        os.close(self._master)
        self._master = -1

    def stall(self, *, stalled: bool) -> None:
        """Stop or go on reading; stopped, the box's writes block when 4 KiB wait."""
        if not self.plugged or stalled == self._stalled:
            return
        self._stalled = stalled
        self._forget_watch()
        if not stalled:
            self._watch()

    def baud_seen(self) -> int:
        """The rate the box has set; 0 for none that a device here speaks, or unplugged."""
        if not self.plugged:
            return 0
        return _BAUDS.get(termios.tcgetattr(self._master)[5], 0)

    def is_open(self) -> bool:
        """Whether somebody has the terminal open."""
        if not self.plugged:
            return False
        poll = select.poll()
        poll.register(self._master, 0)
        return not any(events & select.POLLHUP for _, events in poll.poll(0))

    def write(self, data: bytes) -> None:
        """Send data to the box; what its side of the line does not take in time waits."""
        if not self.plugged:
            return
        self._unsent = (self._unsent + data)[-UNSENT_BYTES_MAX:]
        self._flush()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._unsent = self._unsent[os.write(self._master, self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self._unsent = b""
        if self._unsent:
            loop.add_writer(self._master, self._flush)
        else:
            loop.remove_writer(self._master)

    def _read(self) -> None:
        try:
            data = os.read(self._master, READ_BYTES_MAX)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self._forget_watch()
            self._watch_again = asyncio.get_running_loop().call_later(WATCH_AGAIN_S, self._watch)
            return
        self._on_bytes(data if self.baud_seen() == self.baud else bytes(len(data)))

    def _watch(self) -> None:
        self._watch_again = None
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def _forget_watch(self) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        if self._watch_again:
            self._watch_again.cancel()
            self._watch_again = None


def _deaf(data: bytes) -> None:
    """A device that listens to nothing."""
