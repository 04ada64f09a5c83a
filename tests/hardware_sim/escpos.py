"""A strict ESC/POS receipt printer: bytes in, paper and answers out. No I/O.

It starts, and starts again after ESC @, with Chinese mode off, left-aligned, in plain size.
Unknown bytes are counted and named on the receipt; what is understood but cannot be done (a QR
code in the middle of a line, an image wider than the paper) is named as ignored. Any
fragmentation of the same bytes gives the same paper.

Queries in real time (DLE EOT, DLE DC4) are taken as the bytes come in, even inside image data
(where they stay image data as well) and while the printer is offline. While it is offline (no
paper, cover open, cutter, hot head) everything else waits in its buffer.
"""

import re
from dataclasses import dataclass, replace

from tests.hardware_sim import escpos_wire as wire
from tests.hardware_sim import qr
from tests.hardware_sim.paper import (
    CELL_DOTS,
    LINE_DOTS,
    Align,
    Feed,
    Glyph,
    Item,
    Picture,
    QrCode,
    Receipt,
    Row,
    Style,
    glyph,
)
from tests.hardware_sim.printer_status import Condition, State, is_reported

NOTES_MAX = 50  # of unknown and ignored things, for each receipt: enough to see what is wrong
UNPRINTABLE = "□"
PLAIN = Style()
CODE_PAGES = {0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 16: "cp1252"}
CODE_PAGES |= {17: "cp866", 18: "cp852", 19: "cp858"}
FIRMWARES = {"gbk": 0x81, "gb2312": 0xA1, "no_chinese": 0xFF}  # lowest lead byte it knows

_REAL_TIME = re.compile(rb"\x10\x04[\x01-\x04]|\x10\x14\x01[\x00\x01][\x01-\x08]")
_REAL_TIME_BYTES_MAX = 5
_MODEL_TEXTS = {65: b"1.00", 66: b"MEMBERBOX", 67: b"BENCH", 68: b"0001"}


@dataclass(frozen=True, slots=True)
class Pulse:
    """One kick at the drawer port."""

    pin: int  # 2 or 5
    on_ms: int
    off_ms: int  # 0 for the real-time kick, which has none


@dataclass(slots=True)
class _Modes:
    """Everything ESC @ resets."""

    chinese: bool = False
    align: Align = Align.LEFT
    latin: Style = PLAIN
    hanzi: Style = PLAIN
    code_page: str = "cp437"
    line_dots: int = LINE_DOTS
    qr_module: int = 3
    qr_level: str = "L"
    qr_data: bytes = b""


class Printer:
    """One printer with cutter and drawer port; feed() it, read receipts and drawer_pulses."""

    def __init__(self, columns: int = 32, firmware: str = "gbk") -> None:
        self.columns = columns
        self.firmware = firmware
        self.receipts: list[Receipt] = []
        self.drawer_pulses: list[Pulse] = []
        self.beeps: list[int] = []  # how often the buzzer sounded, for each time it was told to
        self.state = State()
        self._items: list[Item] = []
        self._unknown_bytes = 0
        self._unknown: list[str] = []
        self._ignored: list[str] = []
        self._rows_left: int | None = None
        self.power_on()

    def power_on(self) -> None:
        """Switch off and on: modes, buffers and automatic status go; the paper stays."""
        self._modes = _Modes()
        self._buffer = bytearray()  # its front is cheap to take away
        self._heard = b""  # the tail of what came in, for real-time queries
        self._row: list[Glyph] = []
        self._row_dots = 0
        self._reports = 0
        self._answers = b""

    @property
    def waiting_bytes(self) -> int:
        """How much came in and is not yet printed."""
        return len(self._buffer)

    @property
    def unfinished(self) -> Receipt:
        """The paper that hangs out of the printer."""
        return self._receipt(cut=False)

    def feed(self, data: bytes) -> bytes:
        """Take data; the answers to it, in order."""
        heard, start = self._heard + data, len(self._heard)
        taken = after = 0
        for query in _REAL_TIME.finditer(heard):
            after = query.end()
            self._print(data[taken : after - start])
            taken = after - start
            self._real_time(query.group())
        self._print(data[taken:])
        self._heard = heard[max(after, len(heard) - _REAL_TIME_BYTES_MAX + 1) :]
        return self._take_answers()

    def set_condition(self, condition: Condition, *, present: bool) -> bytes:
        """Something happens to the printer; the bytes it sends because of it."""
        self._change(condition, present=present)
        self._print(b"")  # what waited goes on
        return self._take_answers()

    def run_out_after(self, rows: int) -> None:
        """Paper ends after so many printed rows from now."""
        self._rows_left = rows

    def tear(self) -> None:
        """A hand tears off what hangs out."""
        self._end_receipt(cut=False)

    def _take_answers(self) -> bytes:
        answers, self._answers = self._answers, b""
        return answers

    def _change(self, condition: Condition, *, present: bool) -> None:
        if (condition in self.state.conditions) == present:
            return
        self.state = self.state.changed(condition, present=present)
        if is_reported(condition, self._reports):
            self._answers += self.state.automatic()

    def _real_time(self, query: bytes) -> None:
        if query[1] == 0x04:
            self._answers += bytes((self.state.answer(query[2]),))
        else:
            self._pulse(Pulse(pin=2 if query[3] == 0 else 5, on_ms=query[4] * 100, off_ms=0))

    def _print(self, data: bytes) -> None:
        """Do everything in the buffer that is whole, unless and until the printer is offline."""
        self._buffer += data
        while self._buffer and not self.state.offline:
            token, length = wire.take(
                self._buffer, chinese=self._modes.chinese, lead_min=FIRMWARES[self.firmware]
            )
            if token is None:
                return
            del self._buffer[:length]
            if isinstance(token, wire.Text):
                self._text(token.data)
            elif isinstance(token, wire.Unknown) or not self._do(token):
                self._count_unknown(token)

    def _count_unknown(self, token: wire.Token) -> None:
        data = token.code + token.values if isinstance(token, wire.Command) else token.data
        self._unknown_bytes += len(data)
        if len(self._unknown) < NOTES_MAX:
            self._unknown.append(data[:16].hex(" "))

    def _ignore(self, what: str) -> None:
        if len(self._ignored) < NOTES_MAX:
            self._ignored.append(what)

    def _text(self, data: bytes) -> None:
        """Print one character: a byte of the code page, or two of a Chinese one."""
        style = self._modes.hanzi if len(data) == 2 else self._modes.latin
        dots = len(data) * CELL_DOTS * style.wide
        if self._row_dots + dots > self.columns * CELL_DOTS:
            self._end_row()
            if self.state.offline:  # paper ran out under this row: the character waits
                self._buffer[:0] = data
                return
        try:
            char = data.decode("gbk" if len(data) == 2 else self._modes.code_page)
            known = len(data) == 1 or self.firmware != "gb2312" or data[1] >= 0xA1
        except UnicodeDecodeError:
            char, known = "", False
        if not known:
            self._count_unknown(wire.Unknown(data))
        self._row.append(glyph(char if known else UNPRINTABLE, len(data), style))
        self._row_dots += dots

    def _end_row(self) -> None:
        self._items.append(Row(tuple(self._row), self._modes.align, self._modes.line_dots))
        self._row, self._row_dots = [], 0
        if self._rows_left is not None:
            self._rows_left -= 1
            if self._rows_left <= 0:
                self._rows_left = None
                self._change(Condition.PAPER_END, present=True)

    def _end_receipt(self, *, cut: bool) -> None:
        if any(not isinstance(item, Feed) for item in self._items) or self._unknown_bytes:
            self.receipts.append(self._receipt(cut=cut))
        self._items, self._unknown, self._ignored, self._unknown_bytes = [], [], [], 0

    def _receipt(self, *, cut: bool) -> Receipt:
        return Receipt(
            number=len(self.receipts) + 1,
            columns=self.columns,
            items=tuple(self._items),
            cut=cut,
            unknown_bytes=self._unknown_bytes,
            unknown=tuple(self._unknown),
            ignored=tuple(self._ignored),
        )

    def _pulse(self, pulse: Pulse) -> None:
        self.drawer_pulses.append(pulse)
        self._change(Condition.DRAWER_OPEN, present=True)

    def _do(self, command: wire.Command) -> bool:
        """Do one command; False when its values mean nothing here."""
        code, values = command.code, command.values
        if code in (b"\n", b"\0", b"\r"):
            if code == b"\n":
                self._end_row()
            return True
        if code[0] == wire.GS and code[1] in b"(v":
            return self._do_code(values) if code[1:] == b"(" else self._do_raster(values)
        if code in (b"\x1bB", b"\x1b("):
            self.beeps += [wire.beeps_of(command)]
            return self.beeps[-1] > 0
        if code[0] == wire.DLE:
            return bool(_REAL_TIME.fullmatch(code + values))  # it was done when it came in
        if code in (b"\x1bd", b"\x1bJ", b"\x1d\x56", b"\x1bp", b"\x1b@"):
            return self._do_motion(code, values)
        if code in (b"\x1da", b"\x1dI", b"\x1dr"):
            return self._do_query(code, values[0])
        return self._do_mode(code, values)

    def _do_motion(self, code: bytes, values: bytes) -> bool:
        dots = self._modes.line_dots
        if code == b"\x1b@":
            self._row, self._row_dots, self._modes = [], 0, _Modes()
        elif code == b"\x1bp":
            if values[0] not in (0, 1, 48, 49):
                return False
            on_ms, off_ms = values[1] * 2, max(values[1], values[2]) * 2
            self._pulse(Pulse(2 if values[0] in (0, 48) else 5, on_ms, off_ms))
        elif code == b"\x1bd":
            lines = values[0]
            if self._row:
                self._end_row()
                lines = max(0, lines - 1)
            if lines:
                self._items.append(Feed(lines * dots, lines))
        elif code == b"\x1bJ":
            fed = values[0]
            if self._row:
                self._end_row()
                fed = max(0, fed - dots)
            if fed:
                self._items.append(Feed(fed, fed // dots))
        elif values[0] in (0, 1, 48, 49, 65, 66):
            if self._row:
                self._end_row()
            self._end_receipt(cut=True)
        else:
            return False
        return True

    def _do_query(self, code: bytes, value: int) -> bool:
        if code == b"\x1da":
            self._reports = value
            if value:
                self._answers += self.state.automatic()
        elif code == b"\x1dr":
            if value not in (1, 2, 49, 50):
                return False
            drawer = 1 if Condition.DRAWER_OPEN in self.state.conditions else 0
            sensor = self.state.paper_sensor() if value in (1, 49) else drawer
            self._answers += bytes((sensor,))
        elif value in (1, 2, 3, 49, 50, 51):
            self._answers += bytes(({1: 0x20, 2: 0x02, 3: 0x01}[value & 3],))
        elif value in _MODEL_TEXTS:
            self._answers += b"_" + _MODEL_TEXTS[value] + b"\0"
        else:
            return False
        return True

    def _do_mode(self, code: bytes, values: bytes) -> bool:
        modes, value = self._modes, values[0] if values else 0
        latin, hanzi = modes.latin, modes.hanzi
        if code == b"\x1c&":
            modes.chinese = self.firmware != "no_chinese"
        elif code == b"\x1c.":
            modes.chinese = False
        elif code == b"\x1ba" and value in (0, 1, 2, 48, 49, 50):
            if self._row:
                self._ignore("align in the middle of a line")
            else:
                modes.align = Align(value & 3)
        elif code == b"\x1d!" and value & 0x88 == 0:
            wide, high = (value >> 4) + 1, (value & 7) + 1
            modes.latin = replace(latin, wide=wide, high=high)
            modes.hanzi = replace(hanzi, wide=wide, high=high)
        elif code == b"\x1bE":
            modes.latin = replace(latin, bold=bool(value & 1))
            modes.hanzi = replace(hanzi, bold=bool(value & 1))
        elif code == b"\x1dB":
            modes.latin = replace(latin, reverse=bool(value & 1))
            modes.hanzi = replace(hanzi, reverse=bool(value & 1))
        elif code == b"\x1b!" and value & 0x47 == 0:
            modes.latin = replace(_sized(latin, value, 0x20, 0x10), bold=bool(value & 8))
            modes.hanzi = replace(hanzi, bold=bool(value & 8))
        elif code == b"\x1c!" and value & 0x73 == 0:
            modes.hanzi = _sized(hanzi, value, 0x04, 0x08)
        elif code == b"\x1cW":
            size = 1 + (value & 1)
            modes.hanzi = replace(hanzi, wide=size, high=size)
        elif code == b"\x1b-" and value in (0, 1, 2, 48, 49, 50):
            modes.latin = replace(latin, underline=bool(value & 3))
        elif code == b"\x1c-" and value in (0, 1, 2, 48, 49, 50):
            modes.hanzi = replace(hanzi, underline=bool(value & 3))
        elif code == b"\x1bt" and value in CODE_PAGES:
            modes.code_page = CODE_PAGES[value]
        elif code in (b"\x1b2", b"\x1b3"):
            modes.line_dots = value if values else LINE_DOTS
        elif code == b"\x1cp":
            self._ignore("no logo is stored")
        else:
            return code == b"\x1bM" and value in (0, 48)
        return True

    def _do_code(self, values: bytes) -> bool:
        """GS ( k: the QR functions of cn 49."""
        kind, function, rest = values[3:4], values[4:5], values[5:]
        modes = self._modes
        if kind != b"1":
            return False
        if function == b"A" and len(rest) == 2:
            return rest[0] in (49, 50) and rest[1] == 0
        if function == b"C" and len(rest) == 1 and 1 <= rest[0] <= 16:
            modes.qr_module = rest[0]
        elif function == b"E" and len(rest) == 1 and 48 <= rest[0] <= 51:
            modes.qr_level = "LMQH"[rest[0] - 48]
        elif function == b"P" and rest[:1] == b"0" and 2 <= len(rest) <= 7090:
            modes.qr_data = rest[1:]
        elif function == b"Q" and rest == b"0":
            self._print_code()
        else:
            return False
        return True

    def _print_code(self) -> None:
        modes = self._modes
        if not modes.qr_data or self._row:
            self._ignore("QR code in the middle of a line" if self._row else "no QR code is stored")
            return
        try:
            wide = len(qr.modules(modes.qr_data, modes.qr_level)) * modes.qr_module
        except ValueError:
            self._ignore(f"{len(modes.qr_data)} bytes fit into no QR code of level")
            return
        if wide > self.columns * CELL_DOTS:
            self._ignore(f"QR code of {wide} dots is wider than the paper")
            return
        self._items.append(QrCode(modes.qr_data, modes.qr_module, modes.qr_level, modes.align))

    def _do_raster(self, values: bytes) -> bool:
        """GS v 0 m xL xH yL yH data."""
        width_bytes, rows = values[2] + 256 * values[3], values[4] + 256 * values[5]
        if self._row:
            self._ignore("image in the middle of a line")
            return True
        wide, high = 1 + (values[1] & 1), 1 + (values[1] >> 1 & 1)
        if width_bytes * 8 * wide > self.columns * CELL_DOTS:
            self._ignore(f"image of {width_bytes * 8 * wide} dots cut to the paper")
        self._items.append(Picture(width_bytes, rows, values[6:], wide, high, self._modes.align))
        return True


def _sized(style: Style, value: int, wide_bit: int, high_bit: int) -> Style:
    """Style with the sizes and the underline of ESC ! and FS !."""
    return replace(
        style,
        wide=2 if value & wide_bit else 1,
        high=2 if value & high_bit else 1,
        underline=bool(value & 0x80),
    )
