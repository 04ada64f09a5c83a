"""What stands on paper: cells, rows, codes, pictures, and the same as text. No I/O.

A cell is half a Chinese character wide: 12 dots; a Chinese character takes two. Everything is
measured in dots of 203 dpi, so 32 cells are the 384 dots of 58 mm paper.
"""

from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

CELL_DOTS = 12
GLYPH_DOTS = 24
LINE_DOTS = 30  # line spacing at power on of the common 203 dpi printers


class Align(Enum):
    LEFT = 0
    CENTRE = 1
    RIGHT = 2


@dataclass(frozen=True, slots=True)
class Style:
    """How a character is printed; wide and high are factors from 1 to 8."""

    wide: int = 1
    high: int = 1
    bold: bool = False
    underline: bool = False
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character; cells counts its width before it is widened: 2 for Chinese, else 1."""

    char: str
    cells: int
    style: Style

    @property
    def dots(self) -> int:
        return self.cells * CELL_DOTS * self.style.wide


@lru_cache(maxsize=8192)
def glyph(char: str, cells: int, style: Style) -> Glyph:
    """The one object of equal glyphs: a day of paper is kept, and most of it repeats."""
    return Glyph(char, cells, style)


@dataclass(frozen=True, slots=True)
class Row:
    """A printed line and the paper it takes."""

    glyphs: tuple[Glyph, ...]
    align: Align
    line_dots: int = LINE_DOTS

    @property
    def dots(self) -> int:
        return sum(glyph.dots for glyph in self.glyphs)

    @property
    def height_dots(self) -> int:
        highest = max((glyph.style.high for glyph in self.glyphs), default=1)
        return max(self.line_dots, GLYPH_DOTS * highest)


@dataclass(frozen=True, slots=True)
class Feed:
    """Paper moved with nothing on it."""

    dots: int
    lines: int  # as many blank lines in the text


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code as the printer was told to make it."""

    payload: bytes
    module_dots: int
    level: str  # L, M, Q, H
    align: Align

    @property
    def text(self) -> str:
        """The payload as a phone would read it."""
        for encoding in ("utf-8", "gbk"):
            try:
                return self.payload.decode(encoding)
            except UnicodeDecodeError:
                continue
        return self.payload.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster image: rows of whole bytes, most significant bit left, 1 is black."""

    width_bytes: int
    rows: int
    data: bytes
    wide: int  # 1 or 2
    high: int
    align: Align


Item = Row | Feed | QrCode | Picture


@dataclass(frozen=True, slots=True)
class Receipt:
    """One piece of paper, ended by a cut or by a hand."""

    number: int
    columns: int
    items: tuple[Item, ...]
    cut: bool
    unknown_bytes: int = 0
    unknown: tuple[str, ...] = ()  # what could not be understood, in hex, in order
    ignored: tuple[str, ...] = field(default=())  # understood but not done, and why

    @property
    def text(self) -> str:
        """The paper as lines; positions stand, blank paper at the end is left out."""
        lines: list[str] = []
        for item in self.items:
            lines += _lines(item, self.columns)
        while lines and not lines[-1]:
            lines.pop()
        return "\n".join(lines)


def _lines(item: Item, columns: int) -> list[str]:
    if isinstance(item, Row):
        before = _cells_before(item.align, columns * CELL_DOTS, item.dots)
        return [(" " * before + _row_text(item.glyphs)).rstrip()]
    if isinstance(item, Feed):
        return [""] * item.lines
    if isinstance(item, QrCode):
        shown = f"[QR {item.text}]"
    else:
        shown = f"[picture {item.width_bytes * 8 * item.wide}x{item.rows * item.high}]"
    before = _cells_before(item.align, columns * CELL_DOTS, len(shown) * CELL_DOTS)
    return [" " * before + shown]


def _cells_before(align: Align, paper_dots: int, dots: int) -> int:
    spare = max(0, paper_dots - dots)
    return {Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[align] // CELL_DOTS


def _row_text(glyphs: tuple[Glyph, ...]) -> str:
    """Characters side by side; after a wide run, spaces bring what follows to its column."""
    text, text_cells, paper_cells = "", 0, 0
    for glyph in glyphs:
        if glyph.style.wide == 1 and text_cells < paper_cells:
            text += " " * (paper_cells - text_cells)
            text_cells = paper_cells
        text += glyph.char
        text_cells += glyph.cells
        paper_cells += glyph.cells * glyph.style.wide
    return text
