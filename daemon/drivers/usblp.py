"""The kernel's usblp: a printer node as a line. No detach, no claim, no reset; survives a replug.

write = bulk OUT, read = bulk IN, two ioctls for the port status and the device id. The node takes
one opener (EBUSY), one write at a time (EAGAIN), and an empty packet reads as nothing.
Source: Linux drivers/usb/class/usblp.c; spec/devices.md 3.5.
"""

import fcntl
import os
import select
import struct
from collections.abc import Callable

from daemon.drivers.wire.usb_printer import ID_BYTES_MAX, DeviceId, parse_device_id

LPGETSTATUS = 0x060B
LPIOC_GET_DEVICE_ID = 0x84005001  # _IOC(read, 'P', 1, 1024)

Ioctl = Callable[[int, int, bytes], bytes]


class LpNode:
    """An open printer node."""

    def __init__(self, path: str, ioctl: Ioctl = fcntl.ioctl) -> None:
        """Open the node for us alone. May block; raises OSError."""
        self._ioctl = ioctl
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        """Close; the kernel throws away what the printer has not taken."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def unsent_bytes(self) -> int:
        """Return 0 when the printer has taken the last write, else 1: usblp does not count."""
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        return 0 if any(events & select.POLLOUT for _, events in poll.poll(0)) else 1

    def device_id(self) -> DeviceId:
        """Return who it says it is; nothing when it does not answer. May block for 5 s."""
        try:
            return parse_device_id(self._ioctl(self._fd, LPIOC_GET_DEVICE_ID, bytes(ID_BYTES_MAX)))
        except OSError:
            return DeviceId()

    def port_status(self) -> int | None:
        """Return the port status byte; None when it does not answer. May block for 5 s."""
        try:
            return int(struct.unpack("i", self._ioctl(self._fd, LPGETSTATUS, bytes(4)))[0])
        except OSError:
            return None
