"""The kernel's and udev's news of devices: a netlink socket. Says that something changed, not what.

Who waits looks for itself: names in messages are those of the kernel, not the stable ones, and a
message may be lost when many come at once.
"""

import contextlib
import socket

_NETLINK_KOBJECT_UEVENT = 15
_KERNEL, _UDEV = 1, 2  # multicast groups; udev tells again when its links stand
MESSAGE_BYTES = 8192


class Uevents:
    """Open, or not to be had (a container without the right): then `fd` is -1."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        with contextlib.suppress(OSError, AttributeError):
            kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
            opened = socket.socket(socket.AF_NETLINK, kind, _NETLINK_KOBJECT_UEVENT)
            try:
                opened.bind((0, _KERNEL | _UDEV))
            except OSError:
                opened.close()
                raise
            self._socket = opened

    @property
    def fd(self) -> int:
        return -1 if self._socket is None else self._socket.fileno()

    def drain(self) -> None:
        """Take what has come; ENOBUFS (messages lost) is news as well."""
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            while self._socket.recv(MESSAGE_BYTES):
                pass

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None
