"""A sheet of paper being filled: rows whose text always fits the columns of its printer.

Whatever comes in (names of products, shops, tenders) is made printable first, so that one cell of
layout is one cell of paper. An amount is never cut: what does not fit beside it moves up a line.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterator

from daemon import cells
from daemon.paper import Align, Block, Cut, Feed, Logo, Paper, Qr, Text

COLUMNS_MIN = 16  # an amount with its sign, and a label; no narrower receipt paper is made

QR_SIDE_DOTS = 240  # 30 mm: any phone reads it, and it wastes no paper
QR_MODULES_MAX = 5
QR_MODULES_MIN = 3  # finer than 0.375 mm, worn print heads blur it
# Bytes that a code of version 1, 2, ... holds at correction level M (ISO/IEC 18004, table 7).
_QR_BYTES = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560)
_DOTS_PER_CELL = 12

# A line of Chinese does not begin with one of these.
_CLOSING = frozenset(",.;:!?)]}，。、；：！？）】》”’…")
_NARROW_UNKNOWN = "?"


def yuan(fen: int) -> str:
    """Return an amount as people read it: 227.90, -6.80."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02d}"


def printable(text: str) -> str:
    """Return text of which every character takes the cells that the layout thinks.

    Control, joining and combining characters go; letters outside of GBK that take one cell become
    their plain form or `?`. Wide ones stay: the printer's encoder draws them or prints a □.
    """
    return _measured(text)[0]


def _measured(text: str) -> tuple[str, int]:
    """Return printable text and its cells; most text is plain, and needs one look only."""
    if text.isprintable():
        if text.isascii():
            return text, len(text)
        try:
            return text, len(text.encode("gbk"))  # as daemon/cells.py counts
        except UnicodeEncodeError:
            pass
    text = "".join(_printable(char) for char in text)
    return text, cells.width(text)


def _printable(char: str) -> str:
    if char == "¥":
        return "￥"  # GBK has the wide one only
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Mc", "Cf", "Cs", "Co", "Cn"):
        return ""
    if category[0] in "CZ" and char != "\u3000":
        return " "
    if char.isascii() or cells.width(char) == 2:
        return char
    plain = "".join(
        part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part)
    )
    fits = plain != char and all(part.isascii() or cells.width(part) == 2 for part in plain)
    return plain if plain and fits and plain.isprintable() else _NARROW_UNKNOWN


class Sheet:
    """Collects the blocks of one document, top to bottom."""

    def __init__(self, columns: int) -> None:
        self._columns = max(columns, COLUMNS_MIN)
        self._blocks: list[Block] = []
        self._rule = Text("-" * self._columns)

    @property
    def columns(self) -> int:
        return self._columns

    def paper(self) -> Paper:
        return (*self._blocks, Cut())

    def rule(self) -> None:
        self._blocks.append(self._rule)

    def logo(self) -> None:
        self._blocks.append(Logo())

    def feed(self, lines: int) -> None:
        self._blocks.append(Feed(lines))

    def row(self, left: str, right: str = "", *, bold: bool = False, height: int = 1) -> None:
        """Text at the left edge, an amount at the right edge; two lines where one is too short."""
        left, left_cells = _measured(left)
        right, right_cells = _measured(right)
        gap = self._columns - left_cells - right_cells
        if gap >= (1 if right and left else 0):
            line = left + " " * gap + right if right else left
            self._blocks.append(Text(line, bold=bold, height=height))
            return
        for line in broken(left, self._columns):
            self._blocks.append(Text(line, bold=bold, height=height))
        for line in broken(right, self._columns):
            padded = " " * (self._columns - cells.width(line)) + line
            self._blocks.append(Text(padded, bold=bold, height=height))

    def tagged(self, left: str, tag: str) -> None:
        """A name of any length with its tag at the right edge of its first line."""
        left, left_cells = _measured(left)
        room = self._columns - cells.width(tag) - 1
        if left_cells <= room:
            self.row(left, tag)
            return
        first, *rest = broken(left, room)
        self.row(first, tag)
        for line in rest:
            self.row(line)

    def note(self, text: str) -> None:
        """A sentence, broken where a reader would break it."""
        for line in broken(printable(text), self._columns):
            self._blocks.append(Text(line))

    def centre(self, text: str, *, bold: bool = False, width: int = 1, height: int = 1) -> None:
        """Text in the middle; as wide as wanted where that fits, else of normal width."""
        text = printable(text)
        if width > 1 and cells.width(text) * width > self._columns:
            width = 1
        for line in broken(text, self._columns // width):
            self._blocks.append(Text(line, Align.CENTRE, width, height, bold))

    def qr(self, payload: str) -> None:
        """A code of 25 to 30 mm a side, or as wide as the paper is."""
        version = bisect_left(_QR_BYTES, len(payload.encode())) + 1
        side = min(QR_SIDE_DOTS, self._columns * _DOTS_PER_CELL)
        module = min(QR_MODULES_MAX, max(QR_MODULES_MIN, side // (17 + 4 * version)))
        self._blocks.append(Qr(payload, module))


def broken(text: str, room: int) -> Iterator[str]:
    """Break text into lines of at most `room` cells: after a comma or space where that is near.

    No line begins with a closing mark or a space, unless nothing else is possible.
    """
    while cells.width(text) > room:
        at = _break(text, room)
        yield text[:at].rstrip(" ")
        text = text[at:].lstrip(" ")
    yield text


def _break(text: str, room: int) -> int:
    """Return where to break a text that is too wide: 1 or more characters in."""
    most = len(cells.cut(text, room))
    assert most > 0, f"{room} cells hold no character"
    for at in range(most, most // 2, -1):
        if text[at] == " " or text[at - 1] == " ":
            return at
        if text[at - 1] in ",，、。;；:：":
            return at
    at = most
    while at > 1 and (text[at] in _CLOSING or _inside_word(text, at)):
        at -= 1
    return at if at > most // 2 else most


def _inside_word(text: str, at: int) -> bool:
    """Tell whether a break here would tear a number or a Latin word."""
    return text[at - 1].isascii() and text[at].isascii() and text[at - 1] != " "
