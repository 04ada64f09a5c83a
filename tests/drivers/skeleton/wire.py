"""Wire: what the bytes of a device mean, and the bytes back. Copy to daemon/drivers/wire/NAME.py.

02 key 03      a key switch of no maker: key is one of 0-9, ENTER is 0D, CLEAR is 18

No I/O, no clock. What is not a frame is nothing; a frame is found behind any noise, in any pieces.
Source: none, this device does not exist. A real one names manual, page and section here.
"""

STX, ETX = 0x02, 0x03
FRAME_BYTES = 3  # a limit on what is kept of a line that sends noise

_KEYS = {0x0D: "ENTER", 0x18: "CLEAR", **{0x30 + digit: str(digit) for digit in range(10)}}
_CODES = {key: code for code, key in _KEYS.items()}


def encode(key: str) -> bytes:
    """Return the frame of a key: what tests send, and what a table is used both ways with."""
    return bytes((STX, _CODES[key], ETX))


class Decoder:
    """Bytes to keys."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[str]:
        """Take bytes; return the keys of the frames that ended in them."""
        keys = []
        for byte in data:
            self._held = (self._held + bytes((byte,)))[-FRAME_BYTES:]
            start, code, end = self._held.rjust(FRAME_BYTES, b"\0")
            if (start, end) == (STX, ETX) and code in _KEYS:
                keys.append(_KEYS[code])
                self._held = b""
        return keys
