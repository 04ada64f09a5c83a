"""Text displays that differ in a few bytes only: the bytes are data of their profile. No I/O.

    begin | upper <columns> end | lower <columns> end

    Epson DM-D   0C | 1F 24 01 01 <20> | 1F 24 01 02 <20>        (after 1F 01, overwrite mode)
    UTC          0D 0C | 1B 75 41 <20> 0D | 1B 75 42 <20> 0D
    AEDEX        0D | ! # 1 <20> 0D | ! # 2 <20> 0D

Both lines are always filled: what is shorter would leave the end of the last screen there, and
longer wraps in overwrite mode (spec/devices.md 4.3).
"""

import msgspec


class Speech(msgspec.Struct, frozen=True):
    """The bytes of one display. `init` must bring back one that was left in mid-command."""

    init: bytes
    begin: bytes
    upper: bytes
    lower: bytes
    end: bytes = b""


# A command cut off after its first byte swallows one byte, `1F 24` two, before CLR is CLR again.
CLEAR = b"\x0c"
RESYNC = CLEAR * 3
DMD = Speech(
    init=RESYNC + b"\x1b=\x02\x1b@\x1f\x01",
    begin=CLEAR,
    upper=b"\x1f\x24\x01\x01",
    lower=b"\x1f\x24\x01\x02",
)
TO_DISPLAY, TO_PRINTER = b"\x1b=\x02", b"\x1b=\x01"


def frame(lines: tuple[str, str], speech: Speech, columns: int) -> bytes:
    """Return the bytes that show both lines; what is not printable ASCII is shown as `?`."""
    upper, lower = (cells(line, columns) for line in lines)
    return speech.begin + speech.upper + upper + speech.end + speech.lower + lower + speech.end


def behind_printer(data: bytes) -> bytes:
    """Return data for a display whose line goes through a printer, which hears again afterwards.

    With the printer selected nothing is shown, with the display selected nothing is printed.
    """
    return TO_DISPLAY + data + TO_PRINTER


def cells(line: str, columns: int) -> bytes:
    """Return exactly columns bytes."""
    shown = "".join(char if " " <= char <= "~" else "?" for char in line[:columns])
    return shown.ljust(columns).encode("ascii")
