"""ESC/POS on the wire: one command at a time off the front of the bytes. No I/O, no paper.

The table below is everything this printer knows, written from the makers' manuals:

    1B 40  1B 61 n  1B 21 n  1B 2D n  1B 45 n  1B 4D n  1B 74 n  1B 32  1B 33 n  1B 64 n  1B 4A n
    1B 70 m t1 t2   1D 21 n  1D 42 n  1D 56 m [n]  1D 61 n  1D 49 n  1D 72 n
    1B 42 n t       1B 28 41 04 00 30 n c t
    1D 28 6B pL pH cn fn ..  1D 76 30 m xL xH yL yH ..   1C 26  1C 2E  1C 21 n  1C 2D n  1C 57 n
    1C 70 n m   0A   10 04 n   10 14 01 m t   00 and 0D (skipped, where a command could begin)

CR does nothing while automatic line feed is off, as it is when printers are sold.

What is not in it is unknown: a control byte, ESC, GS, FS or DLE with a foreign second byte (both
bytes; what follows is taken for text, as printers do). Any other GS ( carries its length: it is
unknown as a whole.
"""

from dataclasses import dataclass

ESC, GS, FS, DLE, LF, NUL, CR = 0x1B, 0x1D, 0x1C, 0x10, 0x0A, 0x00, 0x0D
RASTER_ROWS_MAX = 0x8FF  # yH <= 8: more is refused by common firmware

# Prefix and command byte, and how many parameter bytes follow.
_FIXED = {
    (ESC, 0x40): 0,  # initialise
    (ESC, 0x61): 1,  # align
    (ESC, 0x21): 1,  # mode of alphanumerics
    (ESC, 0x2D): 1,  # underline, alphanumerics
    (ESC, 0x45): 1,  # bold
    (ESC, 0x4D): 1,  # font
    (ESC, 0x74): 1,  # code page
    (ESC, 0x32): 0,  # line spacing of power on
    (ESC, 0x33): 1,  # line spacing in dots
    (ESC, 0x64): 1,  # print and feed lines
    (ESC, 0x4A): 1,  # print and feed dots
    (ESC, 0x70): 3,  # drawer
    (ESC, 0x42): 2,  # buzzer
    (GS, 0x21): 1,  # size of all characters
    (GS, 0x42): 1,  # white on black
    (GS, 0x61): 1,  # automatic status
    (GS, 0x49): 1,  # who are you
    (GS, 0x72): 1,  # status in order
    (FS, 0x26): 0,  # Chinese on
    (FS, 0x2E): 0,  # Chinese off
    (FS, 0x21): 1,  # mode of Chinese
    (FS, 0x2D): 1,  # underline, Chinese
    (FS, 0x57): 1,  # Chinese in double size
    (FS, 0x70): 2,  # logo from memory
    (DLE, 0x04): 1,  # status at once: answered when it came in, nothing left to do
}
_CUT_AND_FEED = (0x41, 0x42)  # GS V with one more byte
_PREFIXES = (ESC, GS, FS, DLE)


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the table: its first two bytes (LF: one) and its parameters."""

    code: bytes
    values: bytes = b""


@dataclass(frozen=True, slots=True)
class Text:
    """A byte to print, two of a Chinese character."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that mean nothing to this printer."""

    data: bytes


Token = Command | Text | Unknown


def take(buffer: bytearray, *, chinese: bool, lead_min: int) -> tuple[Token | None, int]:
    """The first token of buffer and its length; None means "not yet, more is to come".

    chinese: bytes from lead_min (0x81 for GBK, 0xA1 for GB2312) to 0xFE begin a character of two.
    """
    first = buffer[0]
    if first in (LF, NUL, CR):
        return Command(bytes((first,))), 1
    if first in _PREFIXES:
        return _take_command(buffer)
    if first < 0x20 or first == 0x7F:
        return Unknown(bytes(buffer[:1])), 1
    if first < 0x80 or not chinese:
        return Text(bytes(buffer[:1])), 1
    if not lead_min <= first <= 0xFE:
        return Unknown(bytes(buffer[:1])), 1
    if len(buffer) == 1:
        return None, 0
    if not 0x40 <= buffer[1] <= 0xFE or buffer[1] == 0x7F:
        return Unknown(bytes(buffer[:1])), 1
    return Text(bytes(buffer[:2])), 2


def beeps_of(command: Command) -> int:
    """How often a command makes the buzzer sound; 0 when its values mean nothing here."""
    values = command.values
    if command.code == b"\x1bB":
        return values[0] if 1 <= values[0] <= 9 and 1 <= values[1] <= 9 else 0
    is_beep = values[:4] == b"A\x04\x00\x30" and len(values) == 7
    return values[5] if is_beep else 0


def _take_command(buffer: bytearray) -> tuple[Token | None, int]:
    if len(buffer) == 1:
        return None, 0
    code = (buffer[0], buffer[1])
    if code in _FIXED:
        return _whole(buffer, 2 + _FIXED[code])
    if code == (GS, 0x56):
        return _whole(buffer, 4 if buffer[2:3] and buffer[2] in _CUT_AND_FEED else 3)
    if code in ((GS, 0x28), (ESC, 0x28)):
        return _take_sized(buffer)
    if code == (GS, 0x76):
        return _take_raster(buffer)
    if code == (DLE, 0x14):
        if len(buffer) > 2 and buffer[2] != 0x01:
            return Unknown(bytes(buffer[:2])), 2
        return _whole(buffer, 5)
    return Unknown(bytes(buffer[:2])), 2


def _take_sized(buffer: bytearray) -> tuple[Token | None, int]:
    """GS ( fn pL pH and as many bytes; ESC ( too, where fn A is the buzzer."""
    if len(buffer) < 5:
        return None, 0
    length = 5 + buffer[3] + 256 * buffer[4]
    if buffer[2] == {GS: 0x6B, ESC: 0x41}[buffer[0]] or len(buffer) < length:
        return _whole(buffer, length)
    return Unknown(bytes(buffer[:length])), length


def _take_raster(buffer: bytearray) -> tuple[Token | None, int]:
    """GS v 0 m xL xH yL yH and xL+256xH bytes a row."""
    if len(buffer) >= 3 and buffer[2] != 0x30:
        return Unknown(bytes(buffer[:3])), 3
    if len(buffer) < 8:
        return None, 0
    rows = buffer[6] + 256 * buffer[7]
    if buffer[3] not in b"\x00\x01\x02\x030123" or rows > RASTER_ROWS_MAX:
        return Unknown(bytes(buffer[:8])), 8
    return _whole(buffer, 8 + (buffer[4] + 256 * buffer[5]) * rows)


def _whole(buffer: bytearray, length: int) -> tuple[Token | None, int]:
    if len(buffer) < length:
        return None, 0
    return Command(bytes(buffer[:2]), bytes(buffer[2:length])), length
