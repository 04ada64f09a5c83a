"""Key codes of a wedge to characters, by our own US table. No I/O, no console keymap.

A reader in keyboard mode sends key *positions* of a US keyboard (Linux input-event-codes.h);
whatever layout the console has is none of our business (spec/devices.md 1.2, trap 1).
"""

from collections.abc import Mapping
from types import MappingProxyType

ENTER = "\r"
BACKSPACE = "\x08"
ESCAPE = "\x1b"
DELETE = "\x7f"
GROUP_SEPARATOR = "\x1d"  # GS1: some scanners send it as F8, others as Ctrl+]
UNKNOWN = "\ufffd"  # an ALT code that is no character

SHIFTS = frozenset({42, 54})
CONTROLS = frozenset({29, 97})
ALTS = frozenset({56, 100})
CAPS_LOCK = 58
ALT_DIGITS_MAX = 5  # Windows takes no more; what comes then is noise

_ROWS = (  # first code, plain, with shift
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)
_KEYPAD = ((71, "789-456+1230."), (98, "/"), (55, "*"), (117, "="))
_SINGLE = (
    (1, ESCAPE),
    (14, BACKSPACE),
    (15, "\t"),
    (28, ENTER),
    (57, " "),
    (66, GROUP_SEPARATOR),
    (96, ENTER),
    (111, DELETE),
)

PLAIN: Mapping[int, str] = MappingProxyType(
    {first + i: char for first, row, _ in _ROWS for i, char in enumerate(row)}
    | {first + i: char for first, row in _KEYPAD for i, char in enumerate(row)}
    | dict(_SINGLE)
)
SHIFTED: Mapping[int, str] = MappingProxyType(
    dict(PLAIN) | {first + i: char for first, _, row in _ROWS for i, char in enumerate(row)}
)
KEYPAD_DIGITS: Mapping[int, str] = MappingProxyType(
    {code: char for code, char in PLAIN.items() if 71 <= code <= 82 and char.isdigit()}
)


class Keys:
    """The state of one keyboard: modifiers, caps lock, a half typed ALT code.

    Caps lock stays until it is pressed again: some scanners wrap every code in it.
    """

    def __init__(self) -> None:
        self._held: set[int] = set()
        self._caps = False
        self._alt_digits = ""

    @property
    def composing(self) -> bool:
        """An ALT code is half typed: however long the stall, this is no end of a burst."""
        return bool(self._held & ALTS)

    def forget(self) -> None:
        """Events were lost: which keys are held is not known any more."""
        self._held.clear()
        self._alt_digits = ""

    def press(self, code: int) -> str:
        """Take a key down; return its character, or nothing for modifiers and unknown keys."""
        if code in SHIFTS or code in CONTROLS or code in ALTS:
            self._held.add(code)
            return ""
        if code == CAPS_LOCK:
            self._caps = not self._caps
            return ""
        if self._held & ALTS:
            self._alt_digits = (self._alt_digits + KEYPAD_DIGITS.get(code, ""))[:ALT_DIGITS_MAX]
            return ""
        return self._character(code)

    def release(self, code: int) -> str:
        """Take a key up; releasing ALT returns the character whose number was typed."""
        self._held.discard(code)
        if code not in ALTS or self.composing or not self._alt_digits:
            return ""
        digits, self._alt_digits = self._alt_digits, ""
        return _alt_character(digits)

    def _character(self, code: int) -> str:
        shifted = bool(self._held & SHIFTS)
        char = (SHIFTED if shifted else PLAIN).get(code, "")
        if self._held & CONTROLS:
            base = SHIFTED.get(code, "")  # letters as capitals; ] and } both mean Ctrl+]
            base = "]" if base == "}" else base
            return chr(ord(base) - 0x40) if len(base) == 1 and "A" <= base <= "]" else ""
        return char.swapcase() if self._caps and char.isalpha() else char


def _alt_character(digits: str) -> str:
    """Return the character of an ALT code; 0nnn is Windows-1252, nnn the old PC page."""
    number = int(digits)
    if number > 0xFF:
        return UNKNOWN
    page = "cp1252" if digits.startswith("0") else "cp437"
    return bytes([number]).decode(page, errors="replace")
