"""Key codes to characters, against an independent table of a US keyboard."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire import keymap
from daemon.drivers.wire.wedge import KeyStream
from tests.drivers.typing import Event, alt_typed, typed, unpack
from tests.hardware_sim import wedge

PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))


def read(events: list[Event], stream: KeyStream | None = None) -> str:
    stream = stream or KeyStream()
    return "".join(stream.feed(*event) or "" for event in events)


@pytest.mark.parametrize("char", PRINTABLE + "\r\t\x1d\n")
def test_every_character_survives_the_keyboard(char):
    assert read(typed(char)) == char


@given(st.text(PRINTABLE + "\r", max_size=60))
def test_any_text_survives_and_so_it_does_as_alt_codes(text):
    assert read(typed(text)) == text
    assert read(alt_typed(text)) == text


@pytest.mark.parametrize("name", [*"0123456789.+-*/", "ENTER"])
def test_the_numeric_keypad_types_its_labels(name):
    events = unpack(b"".join(wedge.burst(wedge.key_strokes([name]), 0)))
    assert read(events) == ("\r" if name == "ENTER" else name)


def test_both_shifts_count_until_the_last_is_up():
    left, right, key_a = 42, 54, 30
    events = [
        (1, left, 1),
        (1, right, 1),
        (1, left, 0),
        (1, key_a, 1),
        (1, right, 0),
        (1, key_a, 1),
    ]
    assert read(events) == "Aa"


def test_a_key_may_go_up_after_the_next_went_down():
    assert read([(1, 30, 1), (1, 48, 1), (1, 30, 0), (1, 48, 0)]) == "ab"


def test_autorepeat_types_nothing():
    assert read([(1, 30, 1), (1, 30, 2), (1, 30, 2), (1, 30, 0)]) == "a"


def test_caps_lock_turns_letters_and_nothing_else():
    caps = [(1, keymap.CAPS_LOCK, 1), (1, keymap.CAPS_LOCK, 0)]
    assert read(caps + typed("Ab1?") + caps + typed("Ab1?")) == "aB1?Ab1?"


def test_control_letters_are_control_characters():
    ctrl_shift_j = [(1, 29, 1), (1, 42, 1), (1, 36, 1), (1, 36, 0), (1, 42, 0), (1, 29, 0)]
    assert read(ctrl_shift_j) == "\n"
    assert read(typed("\x1d")) == "\x1d"
    assert read([(1, 66, 1)]) == "\x1d"


def test_an_alt_code_is_one_character_however_long_it_takes():
    stream = KeyStream()
    assert read([(1, 56, 1), (1, 82, 1), (1, 76, 1)], stream) == ""
    assert stream.keys.composing
    assert read([(1, 80, 1), (1, 56, 0)], stream) == "4"
    assert not stream.keys.composing


@pytest.mark.parametrize(("digits", "char"), [("0233", "é"), ("130", "é"), ("999", "\ufffd")])
def test_alt_codes_beyond_ascii(digits, char):
    codes = {char: code for code, char in keymap.KEYPAD_DIGITS.items()}
    events = [(1, 56, 1), *((1, codes[digit], 1) for digit in digits), (1, 56, 0)]
    assert read(events) == char


def test_after_lost_events_no_modifier_is_believed():
    stream = KeyStream()
    read([(1, 42, 1), (0, 3, 0), (1, 30, 1), (0, 0, 0)], stream)
    assert read([(1, 30, 1)], stream) == "a"


def test_the_table_has_every_ascii_character_once_shifted_or_not():
    reachable = set(keymap.PLAIN.values()) | set(keymap.SHIFTED.values())
    assert set(string.printable) - set("\n\x0b\x0c") <= reachable
