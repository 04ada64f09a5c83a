"""Byte streams to devices: whatever the line is, it is one non-blocking descriptor here.

Everything runs on the loop; only opening and closing, which may block in the kernel, are left to
`blocking.Blocking`. A stream tells its end once, through `gone`.
"""

import asyncio
import contextlib
import fcntl
import os
import select
import socket
import struct
import termios
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import serial

READ_BYTES = 4096
SEND_BYTES = 8192  # four receipts: a printer that takes nothing shall be felt, not buffered for


class Flow(StrEnum):
    NONE = "none"
    XON_XOFF = "xonxoff"
    RTS_CTS = "rtscts"


class Handle(Protocol):
    """What is open: a serial line, a socket, a printer node, a USB printer."""

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class Counted(Protocol):
    """A handle whose driver in the kernel does not count, or that holds bytes itself."""

    def unsent_bytes(self) -> int: ...


class Stream:
    """An open line. `on_bytes` is called with what arrives; `gone` ends with the reason.

    A USB printer may answer with an empty packet: `empty_ends` says whether "nothing" is the end.
    """

    def __init__(
        self,
        line: Handle,
        on_bytes: Callable[[bytes], None],
        *,
        counted: Counted | None = None,
        empty_ends: bool = True,
    ) -> None:
        self._line = line
        self._counted = counted
        self._empty_ends = empty_ends
        self._fd = line.fileno()
        self._on_bytes = on_bytes
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[str] = self._loop.create_future()
        self._loop.add_reader(self._fd, self._readable)

    async def write(self, data: bytes, *, stall_s: float) -> None:
        """Write all of data. Raises ConnectionError; TimeoutError if no byte moves for stall_s."""
        rest = memoryview(data)
        while rest:
            if self.gone.done():
                raise ConnectionResetError(self.gone.result())
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:
                await self._writable(stall_s)
            except OSError as error:
                self.end(_words(error))

    def unsent_bytes(self) -> int:
        """Return how many written bytes wait in this machine, for the line or for the peer."""
        if self.gone.done():
            return 0
        if self._counted is not None:
            return self._counted.unsent_bytes()
        try:
            answer = fcntl.ioctl(self._fd, termios.TIOCOUTQ, b"\0\0\0\0")
        except OSError:
            return 0
        return int(struct.unpack("i", answer)[0])

    def end(self, reason: str) -> None:
        """The line is of no use any more; the descriptor stays open until `let_go`."""
        if not self.gone.done():
            self._loop.remove_reader(self._fd)
            self.gone.set_result(reason)

    def let_go(self) -> Callable[[], None]:
        """Stop listening; return the call that closes the line, which may block."""
        self.end("closed")
        return lambda: close_line(self._line)

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self.end(_words(error))
            return
        if data:
            self._on_bytes(data)
        elif self._empty_ends or _hung_up(self._fd):
            self.end("the other end is closed or unplugged")

    async def _writable(self, stall_s: float) -> None:
        ready: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_writer(self._fd, _settle, ready)
        try:
            waiting: set[asyncio.Future[None] | asyncio.Future[str]] = {ready, self.gone}
            first = asyncio.FIRST_COMPLETED
            done, _ = await asyncio.wait(waiting, timeout=stall_s, return_when=first)
        finally:
            self._loop.remove_writer(self._fd)
        if not done:
            raise TimeoutError(f"no byte taken for {stall_s:g} s")


def open_serial(path: str, *, baud: int, flow: Flow) -> serial.Serial:
    """Open a line for us alone, 8N1. May block; raises OSError (SerialException is one).

    Opened once and kept: opening toggles DTR, and some pole displays reset at that.
    """
    line = serial.Serial(
        path,
        baud,
        timeout=0,
        write_timeout=0,
        exclusive=True,
        xonxoff=flow is Flow.XON_XOFF,
        rtscts=flow is Flow.RTS_CTS,
    )
    attributes = termios.tcgetattr(line.fileno())
    attributes[6][termios.VMIN] = 1  # else an idle line and a hung-up one both read as nothing
    termios.tcsetattr(line.fileno(), termios.TCSANOW, attributes)
    return line


def resolve(host: str, port: int) -> tuple[int, tuple[str, int]]:
    """Return family and address of a host. May block; raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, (str(address[0]), int(address[1]))


async def connect(family: int, address: tuple[str, int], *, within_s: float) -> socket.socket:
    """Return a connected non-blocking socket. Raises OSError, TimeoutError."""
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        _notice_a_dead_peer(line)
        async with asyncio.timeout(within_s):
            await asyncio.get_running_loop().sock_connect(line, address)
    except BaseException:
        line.close()
        raise
    return line


def close_line(line: Handle) -> None:
    """Close at once: what is unsent is thrown away, else a serial close waits 30 s for it."""
    if isinstance(line, serial.Serial):
        with contextlib.suppress(OSError, termios.error):  # unplugged: nothing left to throw away
            line.reset_output_buffer()
    line.close()


def _notice_a_dead_peer(line: socket.socket) -> None:
    """A printer that is switched off sends no farewell: probe after 3 s, give up after 6 more."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 3)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)


def _hung_up(fd: int) -> bool:
    poll = select.poll()
    poll.register(fd, 0)
    return any(events & select.POLLHUP for _, events in poll.poll(0))


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__
