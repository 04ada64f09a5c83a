"""An Epson DM-D customer display of two lines by twenty cells, as its manual tells it. No I/O.

    0C clear   18 clear line   0B home   08 09 0A 0D cursor   1F 42 bottom right
    1F 24 x y move (1-20, 1-2)   1F 01|02|03 mode   1F 58 n bright 1-4   1F 43 n cursor
    1F 45 n blink   1F 72 n reverse   1F 2E|2C|3B n point, comma, both   1F 40 self test
    1B 40 init   1B 74 n page   1B 52 n intl   1B 3D n 1 printer, 2 display, 3 both

With the printer selected nothing is shown and bytes only pass by. In overwrite mode the cursor
goes from the end of one line to the beginning of the other.
"""

from dataclasses import dataclass, field

COLUMNS, ROWS = 20, 2
_BLANK = " " * COLUMNS
_US = {0x42: 0, 0x24: 2, 0x01: 0, 0x02: 0, 0x03: 0, 0x58: 1, 0x43: 1, 0x45: 1, 0x72: 1}
_US |= {0x2E: 1, 0x2C: 1, 0x3B: 1, 0x40: 0}
_ESC = {0x40: 0, 0x74: 1, 0x52: 1, 0x3D: 1}
_TO_PRINTER, _TO_DISPLAY, _TO_BOTH = 1, 2, 3


@dataclass(slots=True)
class DmDisplay:
    """The glass; feed() it bytes in any pieces. passed() are those for the printer behind it."""

    lines: list[str] = field(default_factory=lambda: [_BLANK] * ROWS)
    unknown_bytes: int = 0
    refused_bytes: int = 0
    selected: int = _TO_DISPLAY
    _column: int = 0
    _row: int = 0
    _frame: bytes = b""
    _passed: bytes = b""

    def feed(self, data: bytes) -> None:
        for byte in data:
            self._frame += bytes((byte,))
            if self._took(self._frame):
                self._frame = b""

    def passed(self) -> bytes:
        """The bytes that have gone on to the printer since this was last asked."""
        taken, self._passed = self._passed, b""
        return taken

    def _took(self, frame: bytes) -> bool:
        if frame[0] == 0x1B and len(frame) == 1:
            return False
        if frame[:2] == b"\x1b=":
            return self._select(frame)
        if self.selected == _TO_PRINTER:
            self._passed += frame
            return True
        if self.selected == _TO_BOTH:
            self._passed += frame[-1:]
        if frame[0] not in (0x1B, 0x1F):
            self._single(frame[0])
            return True
        if len(frame) == 1:
            return False
        wanted = (_ESC if frame[0] == 0x1B else _US).get(frame[1])
        if wanted is None:
            self.unknown_bytes += len(frame)
            return True
        if len(frame) < 2 + wanted:
            return False
        self._command(frame)
        return True

    def _select(self, frame: bytes) -> bool:
        if len(frame) < 3:
            return False
        if frame[2] in (_TO_PRINTER, _TO_DISPLAY, _TO_BOTH):
            self.selected = frame[2]
        else:
            self.unknown_bytes += len(frame)
        return True

    def _command(self, frame: bytes) -> None:
        if frame[:2] == b"\x1f\x24":
            if 1 <= frame[2] <= COLUMNS and 1 <= frame[3] <= ROWS:
                self._column, self._row = frame[2] - 1, frame[3] - 1
            else:
                self.unknown_bytes += len(frame)
        elif frame[:2] == b"\x1b\x40":
            self._clear()
        elif frame[:2] == b"\x1f\x42":
            self._column, self._row = COLUMNS - 1, ROWS - 1

    def _single(self, byte: int) -> None:
        if byte == 0x0C:
            self._clear()
        elif byte == 0x18:
            self.lines[self._row], self._column = _BLANK, 0
        elif byte == 0x0B:
            self._column = self._row = 0
        elif byte == 0x0A:
            self._row = (self._row + 1) % ROWS
        elif byte == 0x0D:
            self._column = 0
        elif byte in (0x08, 0x09):
            self._move(self._column + (1 if byte == 0x09 else -1))
        elif 0x20 <= byte < 0x7F:
            line = self.lines[self._row]
            self.lines[self._row] = line[: self._column] + chr(byte) + line[self._column + 1 :]
            self._move(self._column + 1)
        else:
            self.unknown_bytes += 1

    def _move(self, column: int) -> None:
        self._row = (self._row + column // COLUMNS) % ROWS
        self._column = column % COLUMNS

    def _clear(self) -> None:
        self.lines[:] = [_BLANK] * ROWS
        self._column = self._row = 0
