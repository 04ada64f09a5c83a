"""A LED8N customer display: eight seven-segment digits and four lamps. No I/O.

    1B 40 init   0C clear   18 clear line   0D home   1B 51 41 d..0D show, d in 0-9 - .
    1B 73 n lamp, n '0' off '1' price '2' total '3' given '4' change
    02 4C d1 d2 d3 d4 each lamp '0' or '1'   02 42 n baud, n '0'..'5'

A point shares the digit before it: at most eight digits, at most fifteen bytes with points.
What is not in the table is counted as unknown; a frame with such a byte shows nothing.
"""

from dataclasses import dataclass, field

DIGITS = 8
SHOW_BYTES_MAX = 15
LAMPS = ("单价", "合计", "收款", "找零")  # as printed beside them
BAUDS = {"0": 9600, "1": 4800, "2": 2400, "3": 1200, "4": 600, "5": 300}
_SHOWABLE = b"0123456789-."


@dataclass(slots=True)
class LedDisplay:
    """The digits, the lamps and what was counted; feed() it bytes in any pieces."""

    baud: int = 2400
    digits: str = ""
    lamps: list[bool] = field(default_factory=lambda: [False] * len(LAMPS))
    unknown_bytes: int = 0
    _frame: bytes = b""

    @property
    def lamp(self) -> str:
        """The name of the lamp that is lit; of several, joined by +; empty for none."""
        return "+".join(name for name, lit in zip(LAMPS, self.lamps, strict=True) if lit)

    def feed(self, data: bytes) -> None:
        for byte in data:
            self._frame += bytes((byte,))
            if self._took(self._frame):
                self._frame = b""

    def _took(self, frame: bytes) -> bool:
        """Whether frame is over: done or counted."""
        if frame[0] in (0x0C, 0x18):
            self.digits = ""
        elif frame[0] == 0x0D:
            pass  # home: every show begins there anyway
        elif frame[0] in (0x1B, 0x02):
            return self._took_command(frame)
        else:
            self.unknown_bytes += 1
        return True

    def _took_command(self, frame: bytes) -> bool:
        if len(frame) == 1:
            return False
        if frame[:2] == b"\x1b\x40":
            self.digits, self.lamps = "", [False] * len(LAMPS)
            return True
        if frame[:2] == b"\x1b\x51":
            return self._took_show(frame)
        wanted = {b"\x1b\x73": 3, b"\x02\x4c": 6, b"\x02\x42": 3}.get(frame[:2])
        if wanted is None:
            self.unknown_bytes += len(frame)
            return True
        if len(frame) < wanted:
            return False
        self._set(frame[1], frame[2:].decode("latin-1"), wanted)
        return True

    def _took_show(self, frame: bytes) -> bool:
        if len(frame) < 4:
            strange = len(frame) == 3 and frame[2] != 0x41
            self.unknown_bytes += len(frame) if strange else 0
            return strange
        if frame[-1] == 0x0D:
            text = frame[3:-1].decode("ascii")
            if len(text) > SHOW_BYTES_MAX or len(text.replace(".", "")) > DIGITS:
                self.unknown_bytes += len(frame)
            else:
                self.digits = text
            return True
        if frame[-1] not in _SHOWABLE:
            self.unknown_bytes += len(frame)
            return True
        return False

    def _set(self, command: int, value: str, length: int) -> None:
        if command == 0x73 and value in "01234":
            self.lamps = [str(number) == value for number in range(1, len(LAMPS) + 1)]
        elif command == 0x4C and set(value) <= set("01"):
            self.lamps = [lamp == "1" for lamp in value]
        elif command == 0x42 and value in BAUDS:
            self.baud = BAUDS[value]
        else:
            self.unknown_bytes += length
