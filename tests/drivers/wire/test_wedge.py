"""Bursts of a wedge to events of the counter."""

import random

from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire.wedge import BURST_CHARS_MAX, IDLE_MS, UNFINISHED_MS
from daemon.drivers.wire.wedge_events import KeyTaker
from daemon.events import CardRefused, CardSwiped, CodeScanned, KeyPressed
from tests.drivers.typing import (
    DROPPED,
    ENTER_DOWN,
    SYN,
    alt_typed,
    card_taker,
    code_taker,
    feed,
    typed,
    unpack,
)
from tests.hardware_sim import wedge

MEMBER = CardSwiped("8800000000018")
SWIPE = ";8800000000018=?\r"


def test_a_swipe_is_one_event_after_the_idle_gap():
    taker = card_taker()
    assert [taker.feed(*event, 0) for event in typed(SWIPE)] == [None] * len(typed(SWIPE))
    assert taker.due_ms() == IDLE_MS
    assert taker.idle(IDLE_MS - 1) is None
    assert taker.idle(IDLE_MS) == MEMBER
    assert taker.due_ms() is None


def test_a_swipe_that_ends_without_enter_ends_at_its_sentinel():
    assert feed(card_taker(), typed(";8800000000018=?")) == [MEMBER]


def test_lines_of_one_swipe_are_one_swipe():
    assert feed(card_taker(), typed("%A8800000000018^LI?\r;8800000000018=?\r")) == [MEMBER]


def test_a_slow_swipe_is_waited_for_in_mid_track():
    assert feed(card_taker(), typed(SWIPE), step_ms=40) == [MEMBER]
    taker, events = card_taker(), typed(SWIPE)
    middle = len(events) // 2
    assert [taker.feed(*event, 0) for event in events[:middle]] == [None] * middle
    for at_ms in (IDLE_MS, IDLE_MS * 3, UNFINISHED_MS - 1):
        assert taker.idle(at_ms) is None
    assert feed(taker, events[middle:], at_ms=UNFINISHED_MS - 1) == [MEMBER]


def test_a_swipe_that_never_ends_is_unreadable():
    taker = card_taker()
    assert feed(taker, typed(";88000000")) == [CardRefused("E01")]
    assert [taker.feed(*event, 0) for event in typed(";88")][-1] is None
    assert taker.due_ms() == UNFINISHED_MS


def test_a_stall_in_an_alt_code_does_not_end_the_swipe():
    events = alt_typed("880000001")
    taker = card_taker()
    middle = len(events) // 2
    for event in events[:middle]:
        taker.feed(*event, 0)
    assert taker.idle(IDLE_MS + 35) is None
    assert feed(taker, [*events[middle:], ENTER_DOWN], at_ms=200) == [CardSwiped("880000001")]


def test_lost_events_spoil_the_whole_swipe():
    events = typed(SWIPE)
    for place in range(len(events)):
        taker = card_taker()
        assert feed(taker, [*events[:place], DROPPED, SYN, *events[place:]]) == [CardRefused("E01")]
        assert feed(taker, events, at_ms=9000) == [MEMBER]


def test_two_swipes_glued_are_one_card_or_none():
    assert feed(card_taker(), typed(SWIPE + SWIPE)) == [MEMBER]
    glued = typed(SWIPE + ";8800000000026=?\r")
    assert feed(card_taker(), glued) == [CardRefused("E01")]


def test_caps_lock_does_not_change_a_card():
    caps = unpack(b"".join(wedge.burst([wedge.Stroke(wedge.CAPS_LOCK)], 0)))
    assert feed(card_taker(), caps + typed("%AB12?\r")) == feed(card_taker(), typed("%AB12?\r"))


def test_something_lying_on_the_keyboard_ends():
    taker = card_taker()
    assert feed(taker, typed("1" * (BURST_CHARS_MAX * 2))) == [CardRefused("E01")]


def test_other_events_of_the_kernel_mean_nothing():
    taker = card_taker()
    events = [(0, 1, 0), (4, 4, 458756), (17, 0, 1), *typed(SWIPE), (0, 2, 0)]
    assert feed(taker, events) == [MEMBER]


def test_a_scan_is_told_at_its_terminator():
    taker = code_taker()
    events = typed("6901234100013\r")
    told = [taker.feed(*event, 0) for event in events]
    assert [event for event in told if event] == [CodeScanned("6901234100013")]


def test_a_scan_without_terminator_ends_at_the_gap():
    assert feed(code_taker(), typed("6901234100013")) == [CodeScanned("6901234100013")]


def test_glued_scans_are_two_and_line_ends_are_nothing():
    told = feed(code_taker(), typed("111\r\n222\r\r"))
    assert told == [CodeScanned("111"), CodeScanned("222")]


def test_half_a_code_is_never_a_code():
    taker = code_taker()
    events = typed("6901234100013\r")
    assert feed(taker, [*events[:9], DROPPED, SYN, *events[9:]]) == []
    assert feed(taker, events, at_ms=9000) == [CodeScanned("6901234100013")]


def test_keys_come_one_by_one():
    names = [*"0123456789.+-*/", "ENTER", "CLEAR"]
    events = unpack(b"".join(wedge.burst(wedge.key_strokes(names), 0)))
    assert feed(KeyTaker({}), events) == [KeyPressed(name) for name in names]


def test_a_keypad_without_keypad_codes_is_one_too():
    assert feed(KeyTaker({}), typed("12*+/\r")) == [KeyPressed(key) for key in "12*+/"] + [
        KeyPressed("ENTER")
    ]


def test_a_key_of_another_code_means_what_it_was_mapped_to_and_only_going_down():
    assert feed(KeyTaker({15: "CLEAR"}), typed("1\t2")) == [
        KeyPressed(key) for key in ("1", "CLEAR", "2")
    ]


@given(st.text("0123456789ABCDEF", min_size=1, max_size=37), st.booleans())
def test_any_track_2_comes_back_as_it_was(number, with_end):
    swipe = f";{number}{'=2456' if with_end else ''}?\r"
    told = feed(card_taker(), typed(swipe))
    bank = told == [CardRefused("E02")]
    bad_track = number == "E" and not with_end
    assert bank or told == ([CardRefused("E01")] if bad_track else [CardSwiped(number)])


def test_no_run_of_events_stops_a_taker():
    """20,000 seeded inputs: no exception, and after any of them the next swipe is read."""
    chance = random.Random(20260306)
    taker, at_ms = card_taker(), 0
    codes = [*range(128), 28, 28, 42, 53, 56, 39]
    for _ in range(20_000):
        at_ms += chance.choice((0, 1, 35, 120, 6000))
        kind = chance.choice((0, 1, 1, 1, 4))
        code = chance.choice((0, 3)) if kind == 0 else chance.choice(codes)
        taker.feed(kind, code, chance.choice((0, 1, 1, 2)), at_ms)
        taker.idle(at_ms)
    for code in range(128):
        taker.feed(1, code, 0, at_ms)
    taker.feed(*SYN, at_ms)
    taker.idle(at_ms + 10_000)
    swiped = feed(taker, typed(SWIPE), at_ms=at_ms + 20_000)
    assert swiped == [MEMBER]
