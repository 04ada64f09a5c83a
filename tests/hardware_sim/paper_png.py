"""Receipts as pictures at 203 dpi: one pixel is one dot. Pixel for pixel the same every time.

Characters are drawn as a thermal head burns them: black or not, bold by a second strike one dot to
the right, double sizes by doubled dots. QR codes are the modules of their payload. The paper has
its width (58 or 80 mm), a margin and torn edges.
"""

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.hardware_sim import qr
from tests.hardware_sim.paper import (
    CELL_DOTS,
    GLYPH_DOTS,
    Align,
    Feed,
    Glyph,
    Item,
    Picture,
    QrCode,
    Receipt,
    Row,
)

FONT = Path(__file__).parents[2] / "config" / "fonts" / "memberbox-sans.otf"
CELL_LATIN_BASE = 0xE000  # the font's half-width Latin (tools/font_subset.py)
BLACK_FROM = 112  # of 255 of a dot covered: strokes neither break nor clot at 24 dots
HANZI_SIZE, HANZI_BASELINE = 24, 21
LATIN_SIZE, LATIN_BASELINE = 22, 19  # a little smaller: brackets stay inside of the cell

PAPER_DOTS = {32: 464, 48: 640}  # 58 mm and 80 mm at 8 dots to the millimetre
EDGE_DOTS = 8  # height of the teeth of a torn edge
TOOTH_DOTS = 16
TOP_DOTS, BOTTOM_DOTS = 40, 56  # paper before the first and after the last line

OUTSIDE, PAPER, INK, SHADE = 0, 1, 2, 3
PALETTE = (255, 255, 255, 252, 251, 247, 28, 28, 32, 214, 212, 205)


def render_png(receipt: Receipt) -> Image.Image:
    """The receipt as a picture of four colours; colour 0, outside the paper, is transparent."""
    pieces = [_piece(item, receipt.columns) for item in receipt.items]
    height = sum(piece.height for piece in pieces) + TOP_DOTS + BOTTOM_DOTS
    paper_dots = receipt.columns * CELL_DOTS
    width = PAPER_DOTS.get(receipt.columns, paper_dots + 80)
    image = Image.new("P", (width, height), PAPER)
    image.putpalette(PALETTE)
    image.info["transparency"] = OUTSIDE
    left, top = (width - paper_dots) // 2, TOP_DOTS
    for piece in pieces:
        image.paste(INK, (left, top), piece)
        top += piece.height
    _tear(image)
    return image


def save_png(receipt: Receipt, path: Path) -> None:
    """Write the picture of the receipt to path."""
    render_png(receipt).save(path, format="PNG", dpi=(203, 203), optimize=True)


def _piece(item: Item, columns: int) -> Image.Image:
    """The dots of item on a strip as wide as the print line."""
    paper_dots = columns * CELL_DOTS
    if isinstance(item, Feed):
        return Image.new("1", (paper_dots, item.dots))
    if isinstance(item, Row):
        drawn, height = _row(item), item.height_dots
    elif isinstance(item, QrCode):
        drawn = _code(item)
        height = drawn.height
    else:
        drawn = _picture(item)
        height = drawn.height
    strip = Image.new("1", (paper_dots, height))
    spare = max(0, paper_dots - drawn.width)
    left = {Align.LEFT: 0, Align.CENTRE: spare // 2, Align.RIGHT: spare}[item.align]
    strip.paste(drawn, (left, 0))
    return strip


def _row(row: Row) -> Image.Image:
    image = Image.new("1", (max(1, row.dots), row.height_dots))
    highest = max((glyph.style.high for glyph in row.glyphs), default=1)
    left = 0
    for glyph in row.glyphs:
        dots = _styled(glyph)
        image.paste(dots, (left, GLYPH_DOTS * highest - dots.height))  # all on one base line
        left += dots.width
    return image


def _styled(glyph: Glyph) -> Image.Image:
    style = glyph.style
    dots = _glyph(glyph.char, glyph.cells, bold=style.bold)
    dots = dots.resize(
        (dots.width * style.wide, dots.height * style.high), Image.Resampling.NEAREST
    )
    if style.underline:
        ImageDraw.Draw(dots).rectangle((0, dots.height - 2, dots.width, dots.height), fill=1)
    return dots.point(lambda dot: 0 if dot else 255, "1") if style.reverse else dots


@lru_cache(maxsize=4096)
def _glyph(char: str, cells: int, *, bold: bool) -> Image.Image:
    is_latin = cells == 1 and char.isascii()
    size, baseline = (LATIN_SIZE, LATIN_BASELINE) if is_latin else (HANZI_SIZE, HANZI_BASELINE)
    shown = chr(CELL_LATIN_BASE + ord(char)) if is_latin else char
    left = (CELL_DOTS - size // 2) // 2 if is_latin else 0
    grey = Image.new("L", (cells * CELL_DOTS, GLYPH_DOTS))
    pen = ImageDraw.Draw(grey)
    pen.text((left, baseline), shown, font=_font(size), fill=255, anchor="ls")
    dots = grey.point(lambda cover: 255 if cover >= BLACK_FROM else 0, "1")
    if bold:
        struck = Image.new("1", dots.size)
        struck.paste(dots, (1, 0))
        struck.paste(1, (0, 0), dots)
        return struck
    return dots


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size, layout_engine=ImageFont.Layout.BASIC)


def _code(code: QrCode) -> Image.Image:
    rows = qr.modules(code.payload, code.level)
    image = Image.new("1", (len(rows), len(rows)))
    image.putdata([255 if module else 0 for row in rows for module in row])
    wide = len(rows) * code.module_dots
    return image.resize((wide, wide), Image.Resampling.NEAREST)


def _picture(picture: Picture) -> Image.Image:
    size = (picture.width_bytes * 8, picture.rows)
    image = Image.frombytes("1", size, picture.data)
    wide, high = size[0] * picture.wide, size[1] * picture.high
    return image.resize((wide, high), Image.Resampling.NEAREST)


def _tear(image: Image.Image) -> None:
    """Saw teeth at the top, where the last customer tore, and at the bottom; a shade below."""
    pen = ImageDraw.Draw(image)
    right, bottom = image.width, image.height - 1
    for left in range(0, right, TOOTH_DOTS):
        middle, end = left + TOOTH_DOTS // 2, left + TOOTH_DOTS
        pen.polygon([(left, 0), (end, 0), (middle, EDGE_DOTS)], fill=OUTSIDE)
        pen.line([(left, 0), (middle, EDGE_DOTS), (end, 0)], fill=SHADE)
        pen.polygon([(left, bottom), (end, bottom), (middle, bottom - EDGE_DOTS)], fill=OUTSIDE)
        pen.line([(left, bottom), (middle, bottom - EDGE_DOTS), (end, bottom)], fill=SHADE)
    for side in (0, right - 1):
        pen.line([(side, EDGE_DOTS), (side, bottom - EDGE_DOTS)], fill=SHADE)
