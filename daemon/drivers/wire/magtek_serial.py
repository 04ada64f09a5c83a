"""Serial card swipers: bytes to the text of one swipe. No I/O, no clock.

[STX] SS t1 ES SS t2 ES SS t3 ES [CR] [ETX] [ESC 0|1]      each part optional by DIP switch

MagTek RS-232 and its many copies (spec/devices.md 1.4). A frame ends at ETX, else when the line is
idle. CR ends nothing: ID TECH sends one after every track.
"""

from daemon.drivers.wire.wedge import Burst

STX, ETX = 0x02, 0x03
IDLE_MS = 50  # 9600 baud is one character a millisecond
FRAME_BYTES_MAX = 512  # three over-long tracks are 260; more without an end is line noise


class FrameDecoder:
    """Collects bytes; a frame that grew too long is thrown away up to the next idle gap."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._too_long = False
        self._last_ms = 0

    def __repr__(self) -> str:
        return f"FrameDecoder({len(self._bytes)} bytes)"

    def feed(self, data: bytes, at_ms: int) -> list[Burst]:
        """Take bytes; return the frames that an ETX ended in them."""
        bursts = []
        for byte in data:
            if byte == ETX:
                bursts += self._take()
            elif byte == STX:
                self._bytes.clear()  # what came before STX has lost its end
                self._too_long = False
            else:
                self._append(byte)
        self._last_ms = at_ms
        return bursts

    def due_ms(self) -> int | None:
        """Return when `idle` is to be called next, or None while nothing has come."""
        return self._last_ms + IDLE_MS if self._bytes or self._too_long else None

    def idle(self, at_ms: int) -> list[Burst]:
        """Return the frame that the idle gap ended, if it did."""
        due = self.due_ms()
        return [] if due is None or at_ms < due else self._take()

    def to_send(self) -> bytes:
        return b""

    def _append(self, byte: int) -> None:
        if self._too_long:
            return
        self._bytes.append(byte)
        if len(self._bytes) > FRAME_BYTES_MAX:
            self._too_long = True
            self._bytes.clear()

    def _take(self) -> list[Burst]:
        """Return what was collected as a burst; noise without any sentinel or digit is nothing."""
        text = self._bytes.decode("ascii", errors="replace")
        self._bytes.clear()
        self._too_long = False
        looks_swiped = any(char in "%;+?" or char.isdigit() for char in text)
        return [Burst(text)] if looks_swiped else []
