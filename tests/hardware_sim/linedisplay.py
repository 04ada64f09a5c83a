"""A CD5220 pole display of two lines by twenty cells, as its manual tells it. No I/O.

    0C clear   18 clear line   08 09 0A 0D 0B cursor left, right, down, line start, home
    1B 51 41 ..0D upper line   1B 51 42 ..0D lower line   1B 51 44 ..0D scroll upper (<= 40)
    1B 6C x y move   1B 5B A|B|C|D|H|L|R|K cursor   1B 11|12|13 mode   1B 40 init
    1B 2A n bright   1B 5F n cursor   1B 66|63 n fonts   1B 3D n peripheral   1B 73 01 store

It is strict: what is not in the table, a string longer than its line, a byte a string cannot hold
is counted as unknown. After ESC Q A or B the display is in string mode and refuses every command
but ESC Q, 0C and 18, which end it; those bytes are counted as refused. A string shorter than its
line leaves the rest of the line as it was.
"""

from dataclasses import dataclass, field

COLUMNS, ROWS = 20, 2
SCROLL_CHARS_MAX = 40
_BLANK = " " * COLUMNS

# ESC c: how many parameter bytes follow, and which values each may have.
_ESC: dict[int, tuple[range, ...]] = {
    0x40: (),
    0x6C: (range(1, COLUMNS + 1), range(1, ROWS + 1)),
    0x5B: (range(0x41, 0x53),),
    0x11: (),
    0x12: (),
    0x13: (),
    0x2A: (range(1, 5),),
    0x5F: (range(2),),
    0x66: (range(256),),
    0x63: (range(256),),
    0x3D: (range(1, 4),),
    0x73: (range(1, 2),),
}
_CURSOR = b"ABCDHLRK"
_LINES = {0x41: 0, 0x42: 1, 0x44: 0}


@dataclass(slots=True)
class LineDisplay:
    """The glass and what it has counted; feed() it bytes in any pieces."""

    lines: list[str] = field(default_factory=lambda: [_BLANK] * ROWS)
    unknown_bytes: int = 0
    refused_bytes: int = 0
    _column: int = 0
    _row: int = 0
    _in_string_mode: bool = False
    _frame: bytes = b""  # the command that has begun

    def feed(self, data: bytes) -> None:
        for byte in data:
            self._frame += bytes((byte,))
            if self._took(self._frame):
                self._frame = b""

    def _took(self, frame: bytes) -> bool:
        """Whether frame is over: done, refused or counted."""
        if frame[0] != 0x1B:
            self._single(frame[0])
            return True
        if len(frame) == 1:
            return False
        if frame[1] == 0x51:
            return self._took_string(frame)
        wanted = _ESC.get(frame[1])
        if wanted is None:
            self.unknown_bytes += len(frame)
            return True
        if len(frame) < 2 + len(wanted):
            return False
        if any(value not in values for value, values in zip(frame[2:], wanted, strict=True)) or (
            frame[1] == 0x5B and frame[2] not in _CURSOR
        ):
            self.unknown_bytes += len(frame)
        elif self._in_string_mode:
            self.refused_bytes += len(frame)
        else:
            self._escape(frame[1], frame[2:])
        return True

    def _took_string(self, frame: bytes) -> bool:
        if len(frame) == 2:
            return False
        if frame[2] not in _LINES:
            self.unknown_bytes += len(frame)
            return True
        if frame[-1] != 0x0D or len(frame) == 3:
            if len(frame) > 3 and not 0x20 <= frame[-1] < 0x7F:
                self.unknown_bytes += len(frame)  # no string holds this byte: the frame is lost
                return True
            return False
        limit = SCROLL_CHARS_MAX if frame[2] == 0x44 else COLUMNS
        text = frame[3:-1].decode("ascii")
        self.unknown_bytes += max(0, len(text) - limit)
        shown = text[: min(limit, COLUMNS)]
        row = _LINES[frame[2]]
        self.lines[row] = shown + self.lines[row][len(shown) :]
        self._in_string_mode = frame[2] != 0x44
        return True

    def _single(self, byte: int) -> None:
        if byte == 0x0C:
            self._clear()
        elif byte == 0x18:
            self.lines[self._row] = _BLANK
            self._column, self._in_string_mode = 0, False
        elif self._in_string_mode and (0x20 <= byte < 0x7F or byte in b"\x08\x09\x0a\x0b\x0d"):
            self.refused_bytes += 1
        elif 0x20 <= byte < 0x7F:
            line = self.lines[self._row]
            self.lines[self._row] = line[: self._column] + chr(byte) + line[self._column + 1 :]
            self._move(self._column + 1)
        elif byte in (0x08, 0x09):
            self._move(self._column + (1 if byte == 0x09 else -1))
        elif byte == 0x0A:
            self._row = (self._row + 1) % ROWS
        elif byte == 0x0D:
            self._column = 0
        elif byte == 0x0B:
            self._column = self._row = 0
        else:
            self.unknown_bytes += 1

    def _escape(self, command: int, values: bytes) -> None:
        if command == 0x40:
            self._clear()
        elif command == 0x6C:
            self._column, self._row = values[0] - 1, values[1] - 1
        elif command == 0x5B:
            self._cursor(chr(values[0]))

    def _cursor(self, where: str) -> None:
        if where in "AB":
            self._row = (self._row + 1) % ROWS
        elif where in "CD":
            self._move(self._column + (1 if where == "C" else -1))
        elif where in "LR":
            self._column = 0 if where == "L" else COLUMNS - 1
        elif where == "H":
            self._column = self._row = 0
        else:
            self._column, self._row = COLUMNS - 1, ROWS - 1

    def _clear(self) -> None:
        self.lines[:] = [_BLANK] * ROWS
        self._column = self._row = 0
        self._in_string_mode = False

    def _move(self, column: int) -> None:
        """Go to column of the row; past an end, to the other row, as overwrite mode does."""
        self._row = (self._row + column // COLUMNS) % ROWS
        self._column = column % COLUMNS
