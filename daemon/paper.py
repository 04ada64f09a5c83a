"""What is to be printed and shown: frozen records between `display` (makes) and `drivers` (sends).

Neutral of any printer or pole: text holds finished cells, already cut, padded and wrapped for the
columns of its device (daemon/cells.py); sizes are factors; money is fen.
"""

from enum import StrEnum

import msgspec


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Text(msgspec.Struct, frozen=True):
    """One printed line. `width` and `height` are 1 to 8 times the normal character.

    A msgspec record: a receipt has thirty, and a frozen dataclass takes ten times as long to make.
    """

    text: str
    align: Align = Align.LEFT
    width: int = 1
    height: int = 1
    bold: bool = False


class Qr(msgspec.Struct, frozen=True):
    """A QR code; `module` is the side of one of its dots in printer dots (1 to 16)."""

    payload: str
    module: int = 4
    align: Align = Align.CENTRE


class Logo(msgspec.Struct, frozen=True):
    """The shop's logo, in the middle; nothing where the shop has none."""


class Feed(msgspec.Struct, frozen=True):
    """Empty lines, 1 to 255."""

    lines: int


class Cut(msgspec.Struct, frozen=True):
    """The end of one slip; a printer without a cutter feeds it out to the tear bar instead."""


Block = Text | Qr | Logo | Feed | Cut
Paper = tuple[Block, ...]


class Lamp(StrEnum):
    """The four lamps of an LED customer display (客显)."""

    PRICE = "price"  # 单价
    TOTAL = "total"  # 合计
    PAID = "paid"  # 收款
    CHANGE = "change"  # 找零


class Pole(msgspec.Struct, frozen=True):
    """One whole screen of a line display. The last one wins; a screen on its way may be skipped.

    A text display shows `lines`; an LED display shows `code` (a step `31-` or refusal `-07-`)
    when there is one, else `amount_fen` with its `lamp`, else nothing. `figure`: a number that
    stands behind the code where there is room for it; `mark`: what stands before everything.
    """

    lines: tuple[str, str]
    amount_fen: int | None = None
    lamp: Lamp | None = None
    code: str = ""
    figure: str = ""
    mark: str = ""
