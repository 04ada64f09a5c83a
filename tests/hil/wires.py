"""Sockets of QEMU, always drained: one that nobody reads stops the whole guest."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.hil.programs import GuestError

CONNECT_WITHIN_S = 20.0
PAUSE_S = 0.005


def connected(path: Path) -> socket.socket:
    """Return a socket on `path`, which QEMU is about to make."""
    deadline = time.monotonic() + CONNECT_WITHIN_S
    while True:
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(str(path))
        except OSError:
            made.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)
        else:
            return made


class Drained:
    """Everything that came from a socket, kept; a thread reads it at once."""

    def __init__(self, path: Path) -> None:
        self._socket = connected(path)
        self._came = bytearray()
        self._ended = False
        self._news = threading.Condition()
        threading.Thread(target=self._drain, daemon=True).start()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def so_far(self) -> bytes:
        with self._news:
            return bytes(self._came)

    def wait_for(self, enough: Callable[[bytes], bool], within_s: float) -> bytes:
        """Return what came as soon as it is enough. Raises GuestError."""
        with self._news:
            if not self._news.wait_for(lambda: self._ended or enough(bytes(self._came)), within_s):
                raise GuestError(f"after {within_s} s only {bytes(self._came[-400:])!r} has come")
            if not enough(bytes(self._came)):
                raise GuestError(f"the guest is gone; before it said {bytes(self._came[-400:])!r}")
            return bytes(self._came)

    def take_line(self, within_s: float) -> bytes:
        """Return the next line, and forget it. Raises GuestError."""
        self.wait_for(lambda came: b"\n" in came, within_s)
        with self._news:
            line, _, rest = bytes(self._came).partition(b"\n")
            self._came[:] = rest
            return line

    def close(self) -> None:
        with contextlib.suppress(OSError):  # QEMU may have closed it first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _drain(self) -> None:
        while True:
            try:
                data = self._socket.recv(1 << 16)
            except OSError:
                data = b""
            with self._news:
                self._came += data
                self._ended = not data
                self._news.notify_all()
            if not data:
                return


class Lines:
    """JSON objects, one a line, over a drained socket."""

    def __init__(self, path: Path) -> None:
        self._wire = Drained(path)

    def send(self, said: object) -> None:
        self._wire.send(json.dumps(said).encode() + b"\n")

    def receive(self, within_s: float) -> dict[str, object]:
        came: dict[str, object] = json.loads(self._wire.take_line(within_s))
        return came

    def close(self) -> None:
        self._wire.close()
