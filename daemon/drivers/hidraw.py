"""HID devices that are no keyboards, by /dev/hidraw: one read is one whole report.

A pipe stands in for the node on the bench (a packet pipe keeps reports apart as the kernel does).
Identity is proved by HIDIOCGRAWINFO: the node answers for whoever was plugged in last.
"""

import asyncio
import fcntl
import os
import struct
from collections.abc import Callable, Collection

from daemon.drivers.resources import HidrawPort, PipePort
from daemon.drivers.wire.hid_report import REPORT_BYTES_MAX

_HIDIOCGRAWINFO = 0x80084803  # _IOR('H', 3, struct hidraw_devinfo)
_DEVINFO = struct.Struct("IHH")  # bus, vendor, product


class WrongDeviceError(OSError):
    """Something else is plugged in there."""


class HidNode:
    """An open node; `gone` ends with the reason."""

    def __init__(self, fd: int, on_report: Callable[[bytes], None]) -> None:
        self._fd = fd
        self._on_report = on_report
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[str] = self._loop.create_future()

    def plugged(self) -> bool:
        """Read what is there; return whether anybody holds the other end of a pipe."""
        return self._read()

    def listen(self) -> None:
        self._loop.add_reader(self._fd, self._readable)

    def let_go(self) -> Callable[[], None]:
        """Stop listening; return the call that closes the node, which may block."""
        self._end("closed")
        return lambda: os.close(self._fd)

    def _readable(self) -> None:
        if not self._read():
            self._end("unplugged")

    def _read(self) -> bool:
        try:
            report = os.read(self._fd, REPORT_BYTES_MAX)
        except BlockingIOError:
            return True
        except OSError:  # EIO, ENODEV: pulled
            return False
        if report:
            self._on_report(report)
        return bool(report)

    def _end(self, reason: str) -> None:
        if not self.gone.done():
            self._loop.remove_reader(self._fd)
            self.gone.set_result(reason)


def open_hid(port: HidrawPort | PipePort, ids: Collection[str]) -> int:
    """Return the descriptor of a node that is one of ids (VID:PID; none: any). May block.

    Raises OSError; WrongDeviceError is one.
    """
    fd = os.open(port.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if isinstance(port, HidrawPort):
            prove(fcntl.ioctl(fd, _HIDIOCGRAWINFO, bytes(_DEVINFO.size)), ids)
    except BaseException:
        os.close(fd)
        raise
    return fd


def prove(info: bytes, ids: Collection[str]) -> None:
    """Check a `struct hidraw_devinfo`. Raises WrongDeviceError."""
    _, vendor, product = _DEVINFO.unpack(info)
    found = f"{vendor:04x}:{product:04x}"
    if ids and found not in ids:
        raise WrongDeviceError(f"{found} is plugged in there, no {' or '.join(ids)}")
