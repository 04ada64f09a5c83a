"""Make the project's one font: a subset of Noto Sans CJK SC for paper pictures and the page.

    python tools/font_subset.py NotoSansCJK-Regular.ttc config/fonts/memberbox-sans.otf

The source is the OpenType collection of the Noto CJK project, version 2.004 (Debian: package
fonts-noto-cjk), under the SIL Open Font License 1.1; the licence text lies beside the result. Run
it where fonttools is installed; that is no dependency of ours, since the result is kept.

What is kept: ASCII, GB2312, the symbols of GBK, and what else a receipt may need. Latin is
proportional where it stands in Unicode; the half-width forms, which fill the 12x24 cell of a
printer, are mapped from U+E000 + the ASCII code on (private use). Hinting and layout features
go: paper is drawn cell by cell. The licence wants a changed font under another name.
"""

import argparse
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

FAMILY = "Memberbox Sans"
HALF_WIDTH_BASE = 0xE000  # private use area: cell Latin for U+0020..U+007E
ASCII = range(0x20, 0x7F)
# Hanzi outside GB2312 that stand in many names of people and places.
NAME_HANZI = (
    "喆堃镕珺玥瑀琚昇晞晟曌骉犇淼垚焱赟囍煊彧祎翀邨镓鑨玮璟烨旻曦頔濛嫚嫄珅珣瑄瑭璠璐璘璟"
    "鋆钘钰铄锜镧镠镛闫闿崟崚嵘峣岚昉昕昳晗晖晔暐暄朕栩梓楠槿檀沄泓浠浥涓淏渌湜湲溦滢潆潞澍澧"
)
EXTRA = "\u00a0\u00a5\u00a9\u00b0\u00b1\u00d7\u20ac\u2713\u2714\u2717\u25a1\u25b2\u25bc\u2605"


def main() -> int:
    """Write the subset; exit code 2 when the collection holds no SC face."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source", type=Path, help="NotoSansCJK-Regular.ttc")
    parser.add_argument("result", type=Path, help="the .otf to write")
    wanted = parser.parse_args()
    faces = {face["name"].getDebugName(4): face for face in TTCollection(wanted.source).fonts}
    try:
        font, mono = faces["Noto Sans CJK SC"], faces["Noto Sans Mono CJK SC"]
    except KeyError as missing:
        print(f"{wanted.source}: no face {missing}; it has {sorted(faces)}", file=sys.stderr)
        return 2
    _map_cell_latin(font, mono)
    _subset(font)
    _rename(font)
    font.save(wanted.result, reorderTables=True)
    print(f"{wanted.result}: {wanted.result.stat().st_size} bytes")
    return 0


def characters() -> set[int]:
    """Every code point the font shall have, cell Latin not counted."""
    found = set(ASCII) | {ord(char) for char in EXTRA + NAME_HANZI}
    for lead in range(0xA1, 0xF8):
        for trail in range(0xA1, 0xFF):
            found |= _decoded(bytes((lead, trail)), "gb2312")
    for lead in (*range(0xA1, 0xAA),):  # the symbol zones of GBK
        for trail in range(0x40, 0xFF):
            found |= _decoded(bytes((lead, trail)), "gbk")
    return found


def _decoded(pair: bytes, encoding: str) -> set[int]:
    try:
        return {ord(pair.decode(encoding))}
    except (UnicodeDecodeError, TypeError):
        return set()


def _map_cell_latin(font: TTFont, mono: TTFont) -> None:
    narrow = mono.getBestCmap()
    for table in font["cmap"].tables:
        if table.isUnicode() and table.format in (4, 12):
            for code in ASCII:
                table.cmap[HALF_WIDTH_BASE + code] = narrow[code]


def _subset(font: TTFont) -> None:
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    options.name_IDs = [0, 7, 13, 14]
    options.notdef_outline = True
    options.desubroutinize = False
    subsetter = Subsetter(options)
    cells = {HALF_WIDTH_BASE + code for code in ASCII}
    subsetter.populate(unicodes=characters() | cells)
    subsetter.subset(font)


def _rename(font: TTFont) -> None:
    postscript = FAMILY.replace(" ", "") + "-Regular"
    names = font["name"]
    unique = f"{postscript};subset of Noto Sans CJK SC"
    for number, text in ((1, FAMILY), (2, "Regular"), (3, unique), (4, FAMILY), (6, postscript)):
        names.setName(text, number, 3, 1, 0x409)
    outlines = font["CFF "].cff
    outlines.fontNames = [postscript]
    top = outlines.topDictIndex[0]
    top.FullName, top.FamilyName = FAMILY, FAMILY
    font["head"].modified = font["head"].created  # the same input makes the same bytes
    font.recalcTimestamp = False


if __name__ == "__main__":
    raise SystemExit(main())
