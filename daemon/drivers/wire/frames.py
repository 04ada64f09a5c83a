"""What every decoder of a serial reader does, and the one for readers that send lines. No I/O.

text CR | text LF | text CR LF | STX text ETX | text, then nothing
"""

from typing import Protocol

from daemon.drivers.wire.wedge import Burst

IDLE_MS = 50  # 9600 baud is one character a millisecond
LINE_BYTES_MAX = 512  # a QR code of 256 characters in UTF-8 and more; a longer line is noise


class Frames(Protocol):
    """Bytes to bursts; times are milliseconds of any monotonic clock."""

    def feed(self, data: bytes, at_ms: int) -> list[Burst]:
        """Take bytes; return what they ended."""

    def due_ms(self) -> int | None:
        """Return when `idle` is to be called next, or None while nothing has come."""

    def idle(self, at_ms: int) -> list[Burst]:
        """Return what the idle gap ended, if it did."""

    def to_send(self) -> bytes:
        """Return, once, what the reader has to be told now: most have to be told nothing."""


class LineDecoder:
    """One burst per line. What is no UTF-8 is no code of anybody."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._too_long = False
        self._last_ms = 0

    def __repr__(self) -> str:
        return f"LineDecoder({len(self._bytes)} bytes)"

    def feed(self, data: bytes, at_ms: int) -> list[Burst]:
        bursts = []
        for byte in data:
            if byte in b"\r\n\x03":
                bursts += self._take()
            elif byte != 0x02 and not self._too_long:
                self._bytes.append(byte)
                self._too_long = len(self._bytes) > LINE_BYTES_MAX
        self._last_ms = at_ms
        return bursts

    def due_ms(self) -> int | None:
        return self._last_ms + IDLE_MS if self._bytes else None

    def idle(self, at_ms: int) -> list[Burst]:
        due = self.due_ms()
        return [] if due is None or at_ms < due else self._take()

    def to_send(self) -> bytes:
        return b""

    def _take(self) -> list[Burst]:
        data, whole = bytes(self._bytes), not self._too_long
        self._bytes.clear()
        self._too_long = False
        if not data:
            return []
        try:
            return [Burst(data.decode(), whole)]
        except UnicodeDecodeError:
            return []
