"""ESC/POS: a document to the bytes that print it. No I/O; answers are wire/escpos_status.py.

1B 40 | 1C 26 | blocks...      init, then Chinese mode once: ESC @ may forget it

block   1B 61 n  align     1D 21 n  size (all characters; ESC ! leaves Chinese alone)
        1B 45 n  bold      text 0A     1B 64 n  feed     1D 56 42 00  feed to the cutter and cut
        1D 28 6B ..  QR: model, module, correction, store, print     1D 76 30 ..  logo, as dots
Source: spec/devices.md 3.1. Code pages (ESC t) are never mixed with Chinese mode.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Protocol, assert_never

from daemon.drivers.wire.dialect import Dialect, Missing, QrBy
from daemon.drivers.wire.gbk import Charset, encode, encode_exactly
from daemon.drivers.wire.raster import drawn_code, drawn_line
from daemon.paper import Align, Block, Cut, Feed, Logo, Paper, Qr, Text

INIT = b"\x1b@"
CHINESE_ON = b"\x1c&"
LOGO_GAP = b"\x1bJ\x10"  # 2 mm between the logo and the name of the shop
FEED_AND_CUT = b"\x1dVB\x00"
QR_BYTES_MAX = 512  # the densest code that a 58 mm printer still prints legibly
COMMAND_BYTES_MAX = 656  # of any command that `document` makes: a band of an image of 640 dots
_ALIGN = MappingProxyType(
    {Align.LEFT: b"\x1ba\x00", Align.CENTRE: b"\x1ba\x01", Align.RIGHT: b"\x1ba\x02"}
)
_SIZE_MAX = 8


class Drawing(Protocol):
    """What draws for a printer that cannot."""

    def glyph(self, char: str) -> bytes | None: ...

    def modules(self, payload: str) -> Sequence[Sequence[bool]]: ...

    def logo(self) -> bytes:
        """Return the commands that print the logo; nothing where there is none."""


def document(paper: Paper, dialect: Dialect, drawing: Drawing | None = None) -> bytes:
    """Return the bytes that print paper from a fresh state of the printer."""
    writer = _Writer(dialect, drawing)
    for block in paper:
        writer.add(block)
    return writer.end()


def end_of_frame(select: bytes = b"") -> bytes:
    """Return what ends a command that broke off anywhere, and does nothing after a whole one.

    NUL is blank in an image, never printed in QR data, a parameter that moves nothing elsewhere,
    and skipped between commands. Source: raster command references, "Invalidate", then ESC @
    (Brother PT-E500 p. 23); NUL is ignored (Matrix T5 p. 23). `select` is sent before ESC @: with
    a display on the same line it may be the display that was spoken to.
    """
    return bytes(COMMAND_BYTES_MAX) + select + INIT


def drawer_pulse(dialect: Dialect) -> bytes:
    """Return the command that opens the drawer: ESC p m t1 t2, times in units of 2 ms."""
    pin = 0 if dialect.drawer_pin == 2 else 1
    times = (min(ms // 2, 0xFF) for ms in (dialect.drawer_on_ms, dialect.drawer_off_ms))
    return b"\x1bp" + bytes([pin, *times])


class _Writer:
    """Remembers the modes that are on, so that each is sent only when it changes.

    Lines in the same modes are kept and encoded together: that halves the time of a receipt.
    """

    def __init__(self, dialect: Dialect, drawing: Drawing | None) -> None:
        self._drawing = drawing
        self._out = bytearray(INIT)
        self._lines: list[str] = []
        self._style = (Align.LEFT, 1, 1, False)
        self._dialect = dialect
        self._align, self._size, self._bold = Align.LEFT, 0, False
        if dialect.charset is not Charset.ASCII:
            self._out += CHINESE_ON

    def add(self, block: Block) -> None:
        if isinstance(block, Text):
            self._text(block)
            return
        self._write_lines()
        match block:
            case Qr():
                self._qr(block)
            case Logo():
                self._logo()
            case Feed(lines):
                self._out += b"\x1bd" + bytes([max(0, min(lines, 0xFF))])
            case Cut():
                self._cut()
            case _:
                assert_never(block)

    def end(self) -> bytes:
        self._write_lines()
        return bytes(self._out)

    def _text(self, text: Text) -> None:
        style = (text.align, text.width, text.height, text.bold)
        if style != self._style:
            self._write_lines()
            self._set_style(text)
            self._style = style
        self._lines.append(text.text)

    def _set_style(self, text: Text) -> None:
        self._set_align(text.align)
        size = (_times(text.width) << 4) | _times(text.height)
        if size != self._size:
            self._out += b"\x1d!" + bytes([size])
            self._size = size
        if text.bold != self._bold:
            self._out += b"\x1bE" + bytes([text.bold])
            self._bold = text.bold

    def _write_lines(self) -> None:
        if not self._lines:
            return
        data = encode_exactly(self._lines, self._dialect.charset)
        if data is None:
            data = b"".join(self._line(line) for line in self._lines)
        self._out += data
        self._lines.clear()

    def _line(self, line: str) -> bytes:
        """Return one line: as text, as dots, or with what is missing replaced."""
        charset = self._dialect.charset
        data = encode_exactly([line], charset)
        if data is None and self._drawing and self._dialect.missing is Missing.RASTER:
            _, wide, high, bold = self._style
            data = drawn_line(line, self._drawing.glyph, wide=wide, high=high, thick=bold)
        return encode(line, charset) + b"\n" if data is None else data

    def _qr(self, qr: Qr) -> None:
        data = qr.payload.encode()
        if self._dialect.qr is QrBy.TEXT or not 0 < len(data) <= QR_BYTES_MAX:
            self._text(Text(qr.payload, qr.align))
            return
        self._style = (qr.align, *self._style[1:])
        self._set_align(qr.align)
        if self._dialect.qr is QrBy.RASTER and self._drawing is not None:
            self._out += drawn_code(self._drawing.modules(qr.payload), qr.module)
            return
        self._out += _function(b"\x31\x41\x32\x00")  # model 2
        self._out += _function(b"\x31\x43" + bytes([max(1, min(qr.module, 16))]))
        self._out += _function(b"\x31\x45\x31")  # correction level M
        self._out += _function(b"\x31\x50\x30" + data)
        self._out += _function(b"\x31\x51\x30")  # print, at the start of a line

    def _logo(self) -> None:
        dots = b"" if self._drawing is None else self._drawing.logo()
        if dots:
            self._style = (Align.CENTRE, *self._style[1:])
            self._set_align(Align.CENTRE)
            self._out += dots + LOGO_GAP

    def _cut(self) -> None:
        if self._dialect.cutter:
            self._out += FEED_AND_CUT
        else:
            self._out += b"\x1bd" + bytes([min(self._dialect.tear_lines, 0xFF)])

    def _set_align(self, align: Align) -> None:
        if align is not self._align:
            self._out += _ALIGN[align]
            self._align = align


def _function(body: bytes) -> bytes:
    """Return one GS ( k command: length of the body in two bytes, low first."""
    return b"\x1d(k" + len(body).to_bytes(2, "little") + body


def _times(factor: int) -> int:
    return max(1, min(factor, _SIZE_MAX)) - 1
