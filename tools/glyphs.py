"""Draw the project's font once, dot by dot, for printers that lack a character.

    python tools/glyphs.py config/fonts/memberbox-sans.otf config/fonts/memberbox-24.glyphs

The result is read by daemon/drivers/glyphs.py at run time, so that the box needs no picture
library; it is a form of the font, under the same licence. Needs Pillow, which the tests bring.

    "MBG1"  count: u32      count x code point: u32, ascending      count x glyph of 72 bytes
    a glyph: 24 rows of 3 bytes, most significant bit left; narrow ones fill the left 12 dots
"""

import argparse
import struct
import unicodedata
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

DOTS, NARROW_DOTS = 24, 12
POINTS = 23  # so that a hanzi, drawn into 24 dots, touches none of its neighbours
BASELINE = 20
INK = 110  # grey above this is black: thin strokes stay whole on thermal paper
HALF_WIDTH_BASE = 0xE000  # cell Latin of the font: tools/font_subset.py
ASCII = range(0x20, 0x7F)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("font", type=Path)
    parser.add_argument("result", type=Path)
    wanted = parser.parse_args()
    font = ImageFont.truetype(str(wanted.font), POINTS, layout_engine=ImageFont.Layout.BASIC)
    empty = bytes(font.getmask("\U000f0000"))  # what a character without a glyph looks like
    glyphs = {}
    for code in characters():
        char = chr(HALF_WIDTH_BASE + code) if code in ASCII else chr(code)
        if code != ord("□") and bytes(font.getmask(char)) == empty:
            continue
        wide = DOTS if unicodedata.east_asian_width(chr(code)) in "WFA" else NARROW_DOTS
        if code in ASCII or font.getlength(char) <= wide:
            glyphs[code] = drawn(font, char, wide)
    body = b"".join(struct.pack("<I", code) for code in sorted(glyphs))
    body += b"".join(glyphs[code] for code in sorted(glyphs))
    wanted.result.write_bytes(b"MBG1" + struct.pack("<I", len(glyphs)) + body)
    print(f"{wanted.result}: {len(glyphs)} glyphs, {wanted.result.stat().st_size} bytes")
    return 0


def characters() -> list[int]:
    """Every code point that takes whole cells on paper: ASCII, hanzi, symbols of GBK."""
    return [*ASCII, *range(0xA1, 0x2700), *range(0x3000, 0xA000), *range(0xFE30, 0xFFE7)]


def drawn(font: ImageFont.FreeTypeFont, char: str, wide: int) -> bytes:
    picture = Image.new("L", (DOTS, DOTS), 0)
    at = (wide - font.getlength(char)) / 2
    ImageDraw.Draw(picture).text((at, BASELINE), char, fill=255, font=font, anchor="ls")
    return picture.point(lambda grey: 255 if grey > INK else 0).convert("1").tobytes()


if __name__ == "__main__":
    raise SystemExit(main())
