"""The printer behind /dev/g_printer0: keeps every byte, says how it is, or reads nothing at all.

It must read before anything is printed: requests are queued anew only when it reads or polls.
"""

import fcntl
import os
import select
import threading
import time

NODE = "/dev/g_printer0"
SET_STATUS = 0xC0016722  # GADGET_SET_PRINTER_STATUS; the value itself, not where it is
NODE_WITHIN_S = 60.0  # there is no such device until a host has found the printer
PAUSE_S = 0.02
QUIET_S = 0.3  # a slip is whole when nothing has come for so long


class Paper:
    """One printer. A job is what came since the last `cut`."""

    def __init__(self) -> None:
        self._node = -1
        self._came = bytearray()
        self._last_s = 0.0
        self._answers: dict[bytes, bytes] = {}
        self._reads = True

    def switch_on(self, answers: dict[str, str]) -> None:
        """Read from now on. `answers`: what is said to a request, both in hex."""
        self.answer(answers)
        self._node = _opened()
        threading.Thread(target=self._run, daemon=True).start()

    def answer(self, answers: dict[str, str]) -> None:
        """Say this from now on; an empty table is a printer that says nothing."""
        self._answers = {bytes.fromhex(ask): bytes.fromhex(say) for ask, say in answers.items()}

    def port_status(self, status: int) -> None:
        """Set the port's status: 0x18 well, 0x38 no paper, 0x10 error (IEEE 1284, inverted)."""
        fcntl.ioctl(self._node, SET_STATUS, status)

    def jam(self, jammed: bool) -> None:
        """Read nothing, as with an open cover; or read again."""
        self._reads = not jammed

    def tear_off(self, limit_s: float = 20.0, least: int = 1) -> str:
        """Return the next whole job in hex, of at least so many bytes, and forget it."""
        until_s = time.monotonic() + limit_s
        while len(self._came) < least or time.monotonic() - self._last_s < QUIET_S:
            if time.monotonic() > until_s:
                raise TimeoutError(f"{len(self._came)} bytes came: {bytes(self._came[-200:])!r}")
            time.sleep(PAUSE_S)
        job, self._came = self._came, bytearray()
        return job.hex()

    def waiting(self) -> int:
        """Return how many bytes have come since then."""
        return len(self._came)

    def _run(self) -> None:
        while True:
            if not self._reads:
                time.sleep(PAUSE_S)
                continue
            try:
                ready = select.select([self._node], [], [], PAUSE_S)[0]
                data = os.read(self._node, 8192) if ready else b""
            except OSError:  # unplugged; it is the same node when it is plugged in again
                data = b""
                time.sleep(PAUSE_S)
            if data:
                self._take(data)

    def _take(self, data: bytes) -> None:
        asked = data
        for request, said in self._answers.items():
            for _ in range(asked.count(request)):
                os.write(self._node, said)
        if len(data) > 3 or data not in self._answers:
            self._came += data
            self._last_s = time.monotonic()


def _opened() -> int:
    until_s = time.monotonic() + NODE_WITHIN_S
    while True:
        try:
            return os.open(NODE, os.O_RDWR | os.O_NONBLOCK)
        except OSError:
            if time.monotonic() > until_s:
                raise
            time.sleep(PAUSE_S)
