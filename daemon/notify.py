"""Tell systemd how we are: sd_notify(3), one datagram a message. Without systemd it does nothing.

READY=1 after journal and config; WATCHDOG=1 only while the box is alive; STATUS= for people.
"""

import os
import socket
from collections.abc import Mapping

STATUS_CHARS_MAX = 200  # `systemctl status` shows one line
PATIENCE_S = 25.0  # without a watchdog; with one, five sixths of its time


class Notifier:
    """Sends to the socket that systemd named in $NOTIFY_SOCKET."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        name = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + name[1:] if name.startswith("@") else name  # @: abstract
        half_s = _half_of(environ.get("WATCHDOG_USEC", ""))
        self.watchdog_every_s = half_s  # None: not wanted
        self.watchdog_s = None if half_s is None else 2 * half_s
        # How long something may show no sign of life: our own word comes before systemd's.
        self.patience_s = PATIENCE_S if half_s is None else half_s * 5 / 3

    def ready(self) -> None:
        self._send("READY=1")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def alive(self) -> None:
        """Feed the watchdog. Call it only when loop, writer and devices have shown life."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        self._send(f"STATUS={text.replace(chr(10), ' ')[:STATUS_CHARS_MAX]}")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.setblocking(False)
            try:
                connection.connect(self._address)
                connection.send(message.encode())
            except OSError:
                return  # nobody to tell: a missed WATCHDOG=1 makes systemd act, which is right


def _half_of(microseconds: str) -> float | None:
    """Return how often to feed a watchdog of that many microseconds, in seconds."""
    return int(microseconds) / 2_000_000 if microseconds.isdecimal() else None
