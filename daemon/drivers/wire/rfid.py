"""What RFID and IC readers write, and the card's own number (UID) behind it. No I/O.

    01026F6C3A   10H          0040856634    8H-10D    (the default of most)
    004335823930 10H-12D      07302202      6H-8D
    111,27706    2H3D,4H5D    00623,27706   4H5D,4H5D   (with comma, or without)

nH-mD: the last n hex digits as m decimal digits, zero padded (spec/devices.md 2). Ten digits do
not tell the order of the bytes, and readers of both orders are sold: it is a setting of the reader,
found by `memberbox teach`. `8H00-12D`: a four-byte UID in a reader that always sends five bytes.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec


class Order(StrEnum):
    MSB = "msb"
    LSB = "lsb"


class Format(msgspec.Struct, frozen=True):
    """Parts of (hex digits, decimal digits; 0: written as hex); `pad` follows the UID."""

    parts: tuple[tuple[int, int], ...]
    pad: str = ""

    @property
    def hex_digits(self) -> int:
        return sum(digits for digits, _ in self.parts) - len(self.pad)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "8H-10D": Format(((8, 10),)),
        "8H": Format(((8, 0),)),
        "10H": Format(((10, 0),)),
        "14H": Format(((14, 0),)),
        "6H": Format(((6, 0),)),
        "6H-8D": Format(((6, 8),)),
        "6H-10D": Format(((6, 10),)),
        "10H-12D": Format(((10, 12),)),
        "10H-13D": Format(((10, 13),)),
        "10H-14D": Format(((10, 14),)),
        "2H3D,4H5D": Format(((2, 3), (4, 5))),
        "4H5D,4H5D": Format(((4, 5), (4, 5))),
        "8H00-12D": Format(((10, 12),), "00"),
    }
)
TELLS = "8H"  # the card's own number, as every reader can be brought to give it
RAW = "raw"  # as it comes: what `teach` listens with
_SHAPE = re.compile(r"(?P<reads>\S+)(?: (?P<order>msb|lsb))?(?: as (?P<tells>\S+))?")
_HEX = re.compile(r"[0-9A-F]{6,14}")
_RAW = re.compile(r"[0-9A-F]{4,14}|\d{3},?\d{5}|\d{5},?\d{5}")


class Numbers(msgspec.Struct, frozen=True):
    """How one reader writes cards, and how the chain does."""

    reads: str = "8H-10D"
    order: Order = Order.MSB
    tells: str = TELLS

    def __str__(self) -> str:
        told = "" if self.tells == TELLS else f" as {self.tells}"
        return f"{self.reads} {self.order.value}{told}"


def parse(text: str) -> Numbers:
    """Return the setting in `8H-10D lsb as 10H`. Raises ValueError with what is allowed."""
    match = _SHAPE.fullmatch(text)
    if match is None or match["reads"] not in {*FORMATS, RAW}:
        raise ValueError(f"use FORMAT, msb or lsb, as FORMAT; formats: {', '.join(FORMATS)}")
    tells = match["tells"] or TELLS
    if tells not in FORMATS:
        raise ValueError(f'"{tells}" is no format; there are: {", ".join(FORMATS)}')
    return Numbers(match["reads"], Order(match["order"] or "msb"), tells)


def card_number(text: str, numbers: Numbers) -> str:
    """Return the card's number as the chain writes it; nothing for what the reader cannot mean."""
    text = text.upper()
    if numbers.reads == RAW:
        return text if _RAW.fullmatch(text) else ""
    uid = uid_of(text, numbers.reads, numbers.order)
    return write(uid, numbers.tells) if uid else ""


def uid_of(text: str, reads: str, order: Order) -> str:
    """Return the UID in what a reader of that format wrote, as hex digits; else nothing."""
    form, digits, rest = FORMATS[reads], "", text
    for index, (hexes, decimals) in enumerate(form.parts):
        rest = rest.removeprefix(",") if index else rest
        piece, rest = rest[: decimals or hexes], rest[decimals or hexes :]
        pattern = rf"\d{{{decimals}}}" if decimals else rf"[0-9A-F]{{{hexes}}}"
        if not re.fullmatch(pattern, piece, re.ASCII):
            return ""
        written = f"{int(piece):0{hexes}X}" if decimals else piece
        if len(written) > hexes:
            return ""
        digits += written
    if rest or not digits.endswith(form.pad):
        return ""
    uid = digits.removesuffix(form.pad)
    return uid if order is Order.MSB else bytes.fromhex(uid)[::-1].hex().upper()


def write(uid: str, tells: str) -> str:
    """Return a UID in a format, most significant byte first; a short one is filled up with 0."""
    form = FORMATS[tells]
    digits = uid.zfill(form.hex_digits)[-form.hex_digits :] + form.pad
    pieces = []
    for hexes, decimals in form.parts:
        piece, digits = digits[:hexes], digits[hexes:]
        pieces.append(f"{int(piece, 16):0{decimals}}" if decimals else piece)
    return ",".join(pieces)


def fitting(text: str, known: str) -> list[Numbers]:
    """Return every setting under which what a reader wrote is the card that is known.

    `known`: the number as the chain writes it, or the UID as hex digits.
    """
    wanted, text = known.upper().replace(" ", ""), text.upper()
    shown = (wanted, wanted[-8:], wanted[-6:]) if _HEX.fullmatch(wanted) else (wanted,)
    found = []
    for reads in FORMATS:
        for order in Order:
            uid = uid_of(text, reads, order)
            tells = _tells(uid, shown) if uid else ""
            if tells:
                found.append(Numbers(reads, order, tells))
    return found


def _tells(uid: str, shown: tuple[str, ...]) -> str:
    """Return the format in which a UID is what is known, the whole of it rather than its end."""
    for known in shown:
        for tells, form in FORMATS.items():
            if form.hex_digits <= len(uid) and write(uid, tells) == known:
                return tells
    return ""
