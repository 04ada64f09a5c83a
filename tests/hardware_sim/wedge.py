"""What a keyboard wedge sends: text and named keys to bursts of `struct input_event`. No I/O.

One key, as the kernel's HID driver reports it on an evdev node of a 64-bit machine:

    EV_MSC MSC_SCAN usage   EV_KEY code 1   EV_SYN SYN_REPORT 0      down
    EV_MSC MSC_SCAN usage   EV_KEY code 0   EV_SYN SYN_REPORT 0      up

Readers send HID positions of a US keyboard whatever the host's layout is; so does this table,
written from the HID usage tables (page 7) and linux/input-event-codes.h. It knows nothing of how
the host reads it.
"""

import struct
from dataclasses import dataclass

EVENT = struct.Struct("llHHi")  # tv_sec, tv_usec, type, code, value: 24 bytes on 64 bits

EV_SYN, EV_KEY, EV_MSC = 0, 1, 4
SYN_REPORT, SYN_DROPPED, MSC_SCAN = 0, 3, 4
_HID_KEYBOARD_PAGE = 0x70000


class UntypeableError(ValueError):
    """A US keyboard has no key for what was asked; the message says for what."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its code in Linux and its HID usage on page 7."""

    code: int
    usage: int


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key struck, with what is held meanwhile."""

    key: Key
    held: Key | None = None


ENTER, TAB, CAPS_LOCK = Key(28, 0x28), Key(15, 0x2B), Key(58, 0x39)
LEFT_SHIFT, LEFT_CTRL, LEFT_ALT = Key(42, 0xE1), Key(29, 0xE0), Key(56, 0xE2)
BACKSPACE, KP_ENTER = Key(14, 0x2A), Key(96, 0x58)

# Linux codes run along the rows of the keyboard; HID usages along the alphabet and 1..9,0.
_ROWS = (("1234567890-=", 2), ("qwertyuiop[]", 16), ("asdfghjkl;'`", 30), ("\\zxcvbnm,./", 43))
_HID_ROW = {char: 0x04 + at for at, char in enumerate("abcdefghijklmnopqrstuvwxyz1234567890")}
_HID_SIGNS = {"-": 0x2D, "=": 0x2E, "[": 0x2F, "]": 0x30, "\\": 0x31, ";": 0x33, "'": 0x34}
_HID_MORE = {"`": 0x35, ",": 0x36, ".": 0x37, "/": 0x38, " ": 0x2C}
_USAGES = _HID_ROW | _HID_SIGNS | _HID_MORE
_PLAIN = {
    char: Key(first + at, _USAGES[char]) for row, first in _ROWS for at, char in enumerate(row)
} | {" ": Key(57, 0x2C)}
_SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))
_KP_DIGITS = tuple(
    Key(code, 0x59 + (digit - 1) % 10)
    for digit, code in enumerate((82, 79, 80, 81, 75, 76, 77, 71, 72, 73))
)
KEYPAD = {str(digit): key for digit, key in enumerate(_KP_DIGITS)} | {
    ".": Key(83, 0x63),
    "+": Key(78, 0x57),
    "-": Key(74, 0x56),
    "*": Key(55, 0x55),
    "/": Key(98, 0x54),
    "ENTER": KP_ENTER,
    "CLEAR": BACKSPACE,
}


def text_strokes(text: str) -> list[Stroke]:
    """The strokes that type text; CR is Enter, other control characters are Ctrl+letter.

    Raises UntypeableError.
    """
    return [_stroke(char) for char in text]


def key_strokes(names: list[str]) -> list[Stroke]:
    """The strokes of named keypad keys (KEYPAD). Raises UntypeableError."""
    strange = [name for name in names if name not in KEYPAD]
    if strange:
        raise UntypeableError(f"the keypad has no key {strange[0]!r}; it has {' '.join(KEYPAD)}")
    return [Stroke(KEYPAD[name]) for name in names]


def alt_code_keys(text: str, at_us: int) -> list[bytes]:
    """Text as ALT+3 keypad digits, one item per character; CR stays the Enter key."""
    items = []
    for char in text:
        if char == "\r":
            items.append(_press(ENTER, at_us))
            continue
        if ord(char) > 255:
            raise UntypeableError(f"no ALT code of three digits for {char!r}")
        digits = b"".join(_press(KEYPAD[digit], at_us) for digit in f"{ord(char):03d}")
        items.append(_edge(LEFT_ALT, 1, at_us) + digits + _edge(LEFT_ALT, 0, at_us))
    return items


def burst(strokes: list[Stroke], at_us: int) -> list[bytes]:
    """The events of strokes, one item per key; shift stays down over a run, as readers do."""
    items = []
    for number, stroke in enumerate(strokes):
        before = strokes[number - 1].held if number else None
        after = strokes[number + 1].held if number + 1 < len(strokes) else None
        events = b""
        if stroke.held and stroke.held != before:
            events += _edge(stroke.held, 1, at_us)
        events += _press(stroke.key, at_us)
        if stroke.held and stroke.held != after:
            events += _edge(stroke.held, 0, at_us)
        items.append(events)
    return items


def dropped(at_us: int) -> bytes:
    """What the kernel says when its buffer ran over: events are missing here."""
    return _event(EV_SYN, SYN_DROPPED, 0, at_us) + _event(EV_SYN, SYN_REPORT, 0, at_us)


def _stroke(char: str) -> Stroke:
    if char in _PLAIN:
        return Stroke(_PLAIN[char])
    if char in _SHIFTED:
        return Stroke(_PLAIN[_SHIFTED[char]], LEFT_SHIFT)
    if "A" <= char <= "Z":
        return Stroke(_PLAIN[char.lower()], LEFT_SHIFT)
    if char in "\r\t":
        return Stroke(ENTER if char == "\r" else TAB)
    letter = chr(ord(char) + 0x60)
    if ord(char) < 0x20 and letter in _PLAIN:
        return Stroke(_PLAIN[letter], LEFT_CTRL)
    if "\x1b" <= char <= "\x1d":
        return Stroke(_PLAIN["[\\]"[ord(char) - 0x1B]], LEFT_CTRL)
    raise UntypeableError(f"a US keyboard cannot type {char!r}")


def _press(key: Key, at_us: int) -> bytes:
    return _edge(key, 1, at_us) + _edge(key, 0, at_us)


def _edge(key: Key, value: int, at_us: int) -> bytes:
    return (
        _event(EV_MSC, MSC_SCAN, _HID_KEYBOARD_PAGE + key.usage, at_us)
        + _event(EV_KEY, key.code, value, at_us)
        + _event(EV_SYN, SYN_REPORT, 0, at_us)
    )


def _event(kind: int, code: int, value: int, at_us: int) -> bytes:
    return EVENT.pack(at_us // 1_000_000, at_us % 1_000_000, kind, code, value)
