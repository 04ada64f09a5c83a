"""Serial readers of EM4100 and Mifare cards: frames to the hex digits of the card. No I/O.

    02 len type SNR[5] BCC 03      BCC = XOR of len..SNR; len counts the whole frame

02 0A 02 06 00 8E 6D 5D B0 03 is the card 06008E6D5D, printed 0009334109 (spec/devices.md 2).
A frame has no unique first byte: 02 may stand in the number. So every 02 is tried, and the check
byte decides.
"""

from daemon.drivers.wire.frames import IDLE_MS
from daemon.drivers.wire.wedge import Burst

STX, ETX = 0x02, 0x03
FRAME_BYTES = 10
NUMBER = slice(3, 8)


class EmDecoder:
    """Collects bytes until they hold a frame; anything else is noise."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._last_ms = 0

    def __repr__(self) -> str:
        return f"EmDecoder({len(self._bytes)} bytes)"

    def feed(self, data: bytes, at_ms: int) -> list[Burst]:
        self._bytes += data
        self._last_ms = at_ms
        bursts = []
        while len(self._bytes) >= FRAME_BYTES:
            frame = bytes(self._bytes[:FRAME_BYTES])
            if is_frame(frame):
                bursts.append(Burst(frame[NUMBER].hex().upper()))
                del self._bytes[:FRAME_BYTES]
            else:
                del self._bytes[0]
        return bursts

    def due_ms(self) -> int | None:
        return self._last_ms + IDLE_MS if self._bytes else None

    def idle(self, at_ms: int) -> list[Burst]:
        """Half a frame before a gap never gets its other half."""
        due = self.due_ms()
        if due is not None and at_ms >= due:
            self._bytes.clear()
        return []

    def to_send(self) -> bytes:
        return b""


def is_frame(frame: bytes) -> bool:
    """Return whether ten bytes are a frame with the right check byte."""
    check = 0
    for byte in frame[1:8]:
        check ^= byte
    ends = frame[0] == STX and frame[9] == ETX
    return ends and frame[1] == FRAME_BYTES and check == frame[8]


def encode(number: str, kind: int = 0x02) -> bytes:
    """Return the frame of ten hex digits."""
    body = bytes([FRAME_BYTES, kind]) + bytes.fromhex(number)
    check = 0
    for byte in body:
        check ^= byte
    return bytes([STX]) + body + bytes([check, ETX])
