"""LED8N / OCPD-LED8 customer display (客显), 8 seven-segment digits and 4 lamps. No I/O.

1B 73 n | 1B 51 41 d.. 0D       lamp, then digits, in one write (spec/devices.md 4.1)

n: '0' off '1' 单价 '2' 合计 '3' 收款 '4' 找零. d: 0-9 - and . where the point shares a digit.
The display never answers.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.paper import Lamp, Pole

DIGITS = 8
CLEAR = b"\x0c"
INIT = CLEAR * 5 + b"\x1b\x40"  # a lamp command cut off by a power cut swallows up to four bytes
LAMPS: Mapping[Lamp | None, bytes] = MappingProxyType(
    {None: b"0", Lamp.PRICE: b"1", Lamp.TOTAL: b"2", Lamp.PAID: b"3", Lamp.CHANGE: b"4"}
)


def frame(pole: Pole, digits_max: int = DIGITS) -> bytes:
    """Return the bytes that show pole: its code, else its amount and lamp, else darkness."""
    mark = code_digits(pole.mark, digits_max - 1)
    room = digits_max - _width(mark)
    if pole.code:
        code = code_digits(pole.code, room)
        return _show(None, mark + code + _figure(pole.figure, room - _width(code)))
    if pole.amount_fen is not None:
        return _show(pole.lamp, mark + amount_digits(pole.amount_fen, room))
    return CLEAR + b"\x1bs" + LAMPS[pole.lamp]


def amount_digits(amount_fen: int, digits_max: int = DIGITS) -> str:
    """Return fen as yuan. Too many digits: the cents go first, then all become 9."""
    sign, fen = ("-" if amount_fen < 0 else ""), abs(amount_fen)
    full = f"{sign}{fen // 100}.{fen % 100:02}"
    if len(full) - 1 <= digits_max:
        return full
    yuan = f"{sign}{fen // 100}"
    return yuan if len(yuan) <= digits_max else sign + "9" * (digits_max - len(sign))


def code_digits(code: str, digits_max: int = DIGITS) -> str:
    """Return what of code the segments can show: digits, minus, points."""
    shown, digits = "", 0
    for char in code:
        if char not in "0123456789-.":
            continue
        digits += char != "."
        if digits > digits_max or (char == "." and (not shown or shown[-1] == ".")):
            break
        shown += char
    return shown


def _figure(figure: str, room: int) -> str:
    """Return a number whole, or without its cents; nothing rather than a part of it."""
    fits = (text for text in (figure, figure.partition(".")[0]) if _width(text) <= room)
    return code_digits(next(fits, ""), room)


def _width(digits: str) -> int:
    return len(digits.replace(".", ""))


def _show(lamp: Lamp | None, digits: str) -> bytes:
    return b"\x1bs" + LAMPS[lamp] + b"\x1bQA" + digits.encode("ascii") + b"\r"
