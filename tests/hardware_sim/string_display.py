"""Displays that know little more than two strings: UTC standard mode and AEDEX. No I/O.

    UTC      1B 75 41 <20> 0D upper   1B 75 42 <20> 0D lower   0C clear   0D alone: nothing
    AEDEX    ! # 1 <20> 0D upper      ! # 2 <20> 0D lower                  0D alone: nothing

Everything up to 0D is one string; a string that begins otherwise is counted as unknown.
"""

from dataclasses import dataclass, field

COLUMNS, ROWS = 20, 2
_BLANK = " " * COLUMNS
PREFIXES = {"utc": (b"\x1buA", b"\x1buB"), "aedex": (b"!#1", b"!#2")}


@dataclass(slots=True)
class StringDisplay:
    """The glass; feed() it bytes in any pieces."""

    protocol: str
    lines: list[str] = field(default_factory=lambda: [_BLANK] * ROWS)
    unknown_bytes: int = 0
    refused_bytes: int = 0
    _string: bytes = b""

    def feed(self, data: bytes) -> None:
        for byte in data:
            if byte == 0x0C and self.protocol == "utc" and not self._string:
                self.lines[:] = [_BLANK] * ROWS
            elif byte != 0x0D:
                self._string += bytes((byte,))
            elif self._string:
                self._show(self._string)
                self._string = b""

    def _show(self, string: bytes) -> None:
        for row, prefix in enumerate(PREFIXES[self.protocol]):
            text = string.removeprefix(prefix)
            if text != string and all(0x20 <= byte < 0x7F for byte in text):
                shown = text[:COLUMNS].decode()
                self.lines[row] = shown + self.lines[row][len(shown) :]
                self.unknown_bytes += max(0, len(text) - COLUMNS)
                return
        self.unknown_bytes += len(string)
