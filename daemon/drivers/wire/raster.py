"""Dots on paper: lines of text from glyphs, QR codes, and the bytes that print them. No I/O.

1D 76 30 00 xL xH yL yH data    GS v 0: rows of whole bytes, most significant bit left, 1 is black

Obsolete, and the one form that every printer knows. Bands of 8 rows: a band is a command that can
be ended by NULs after a break (escpos.end_of_frame), and fits the buffer of any clone.
Source: spec/devices.md 3.1.
"""

from collections.abc import Callable, Sequence

import msgspec

from daemon.cells import width
from daemon.drivers.wire.gbk import YEN, YEN_WIDE

BAND_ROWS = 8
DOTS, NARROW_DOTS = 24, 12  # a hanzi; a Latin character
GLYPH_BYTES = DOTS * DOTS // 8
FEED_GAP = b"\x1bJ\x06"  # a line of text is 30 dots high at power on; its dots are 24
QUIET_MODULES = 4  # of blank paper around a QR code (ISO/IEC 18004)

GlyphOf = Callable[[str], bytes | None]


class Bitmap(msgspec.Struct, frozen=True):
    """Rows of dots, each an int of `wide` bits, the most significant one left."""

    wide: int
    rows: tuple[int, ...]


def drawn_line(text: str, glyph_of: GlyphOf, *, wide: int, high: int, thick: bool) -> bytes | None:
    """Return the bytes of a line of text as dots; None if it has a character without glyph."""
    bitmap = draw_text(text.replace(YEN, YEN_WIDE), glyph_of)
    if bitmap is None or not bitmap.wide:
        return None
    bitmap = scaled(bold(bitmap) if thick else bitmap, max(1, wide), max(1, high))
    return commands(bitmap) + FEED_GAP


def drawn_code(modules: Sequence[Sequence[bool]], side: int) -> bytes:
    """Return the bytes of a QR code as dots, a module side dots wide."""
    return commands(of_modules(modules, max(1, side)))


def draw_text(text: str, glyph_of: GlyphOf) -> Bitmap | None:
    """Return text, each character in its cells; None if a glyph is missing."""
    rows, line_dots = [0] * DOTS, 0
    for char in text:
        glyph = glyph_of(char)
        if glyph is None:
            return None
        dots = width(char) * NARROW_DOTS
        line_dots += dots
        for at in range(DOTS):
            row = int.from_bytes(glyph[at * 3 : at * 3 + 3], "big")
            rows[at] = rows[at] << dots | row >> (DOTS - dots)
    return Bitmap(line_dots, tuple(rows))


def scaled(bitmap: Bitmap, wide: int, high: int) -> Bitmap:
    """Return bitmap with every dot as wide and as high as that."""
    rows = bitmap.rows
    if wide > 1:
        ones = (1 << wide) - 1
        rows = tuple(
            sum(ones << at * wide for at in range(bitmap.wide) if row >> at & 1) for row in rows
        )
    return Bitmap(bitmap.wide * wide, tuple(row for row in rows for _ in range(high)))


def bold(bitmap: Bitmap) -> Bitmap:
    """Return bitmap with every stroke a dot thicker."""
    return Bitmap(bitmap.wide, tuple(row | row >> 1 for row in bitmap.rows))


def of_modules(modules: Sequence[Sequence[bool]], side: int) -> Bitmap:
    """Return a QR code whose modules are side dots wide, with its quiet zone."""
    blank: Sequence[bool] = [False] * len(modules)
    rows = [blank] * QUIET_MODULES + list(modules) + [blank] * QUIET_MODULES
    bits = []
    for row in rows:
        digits = "".join("1" if module else "0" for module in row)
        bits.append(int(digits, 2) << QUIET_MODULES)
    return scaled(Bitmap(len(rows), tuple(bits)), side, side)


def commands(bitmap: Bitmap) -> bytes:
    """Return the bytes that print a bitmap, at the start of a line."""
    wide_bytes = -(-bitmap.wide // 8)
    spare = wide_bytes * 8 - bitmap.wide
    out = bytearray()
    for first in range(0, len(bitmap.rows), BAND_ROWS):
        band = bitmap.rows[first : first + BAND_ROWS]
        out += b"\x1dv0\x00" + wide_bytes.to_bytes(2, "little") + len(band).to_bytes(2, "little")
        for row in band:
            out += (row << spare).to_bytes(wide_bytes, "big")
    return bytes(out)
