"""Wedges type what a US keyboard sends, to whoever has the pipe open, and fail as real ones do."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from evdev.eventio import EventIO
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hardware_sim import wedge
from tests.hardware_sim_tests.outside import (
    EVENT,
    BenchProcess,
    open_pipe,
    struck,
    take_events,
    until,
)

ENTER, SHIFT, CTRL, CAPS, KP_ENTER, ALT = 28, 42, 29, 58, 96, 56
# Read off a US keyboard, key by key: what a host shows for code, and for code with shift.
ROWS = {2: "1234567890-=", 16: "qwertyuiop[]", 30: "asdfghjkl;'`", 43: "\\zxcvbnm,./", 57: " "}
UPPER = {2: "!@#$%^&*()_+", 16: "QWERTYUIOP{}", 30: 'ASDFGHJKL:"~', 43: "|ZXCVBNM<>?", 57: " "}


class PipeReader(EventIO):
    """evdev's own reader on a pipe, as the contract names it."""

    def __init__(self, path: Path) -> None:
        self.fd = open_pipe(path)

    def fileno(self) -> int:
        return self.fd


def shown(events: list[tuple[int, int, int]]) -> str:
    """What a host with a US layout would show."""
    text, shift = "", False
    for kind, code, value in events:
        if kind != 1:
            continue
        if code == SHIFT:
            shift = value == 1
        elif value == 1:
            table = UPPER if shift else ROWS
            row = max(first for first in table if first <= code) if code != ENTER else 0
            text += "\n" if code == ENTER else table[row][code - row]
    return text


@pytest.fixture
def swiper(bench: BenchProcess) -> Iterator[int]:
    fd = open_pipe(bench.folder / "swiper")
    yield fd
    os.close(fd)


def test_swipe_types_track_two_and_enter(bench: BenchProcess, swiper: int) -> None:
    bench.ask("swipe", track2="8800000000018")
    assert shown(take_events(swiper)) == ";8800000000018?\n"


def test_evdevs_own_reader_reads_the_swipe(bench: BenchProcess) -> None:
    reader = PipeReader(bench.folder / "swiper")
    bench.ask("swipe", track2="88")
    events = list(reader.read())
    os.close(reader.fd)
    downs = [event.code for event in events if event.type == 1 and event.value == 1]
    assert downs == [39, 9, 9, SHIFT, 53, ENTER]
    assert abs(events[0].timestamp() - Path(bench.folder).stat().st_mtime) < 3600


def test_bank_card_comes_with_both_tracks(bench: BenchProcess, swiper: int) -> None:
    tracks = "%B6222021234567890^ZHANG/SAN ^2712101?;6222021234567890=2712101?"
    bench.ask("swipe", raw=tracks)
    assert shown(take_events(swiper)) == tracks + "\n"


def test_reader_with_enter_after_every_track(bench: BenchProcess, swiper: int) -> None:
    bench.ask("swipe", raw="%A^B?\r;1=2?")
    assert shown(take_events(swiper)) == "%A^B?\n;1=2?\n"


def test_scan_types_code_and_enter(bench: BenchProcess) -> None:
    fd = open_pipe(bench.folder / "scanner")
    bench.ask("scan", code="6901234100013")
    bench.ask("scan", code="AB-12/x", end="none")
    assert shown(take_events(fd)) == "6901234100013\nAB-12/x"
    os.close(fd)


def test_keypad_sends_keypad_codes(bench: BenchProcess) -> None:
    fd = open_pipe(bench.folder / "keypad")
    keys = [*"0123456789.+-*/", "ENTER", "CLEAR"]
    bench.ask("keys", keys=keys)
    kp_digits = [82, 79, 80, 81, 75, 76, 77, 71, 72, 73]
    assert struck(take_events(fd)) == [*kp_digits, 83, 78, 74, 55, 98, KP_ENTER, 14]
    os.close(fd)


def test_unknown_key_types_nothing_and_says_what_exists(bench: BenchProcess) -> None:
    fd = open_pipe(bench.folder / "keypad")
    answer = bench.try_ask("keys", keys=["1", "F5"])
    assert answer["ok"] is False
    assert "'F5'" in str(answer["error"])
    assert "CLEAR" in str(answer["error"])
    assert take_events(fd) == []
    os.close(fd)


def test_nobody_reads(bench: BenchProcess) -> None:
    answer = bench.try_ask("swipe", track2="8800000000018")
    assert answer["ok"] is False
    assert "nobody reads swiper" in str(answer["error"])


def test_what_a_dead_reader_left_is_not_for_the_next(bench: BenchProcess) -> None:
    first = open_pipe(bench.folder / "keypad")
    bench.ask("keys", keys=["1"])
    os.close(first)
    until(lambda: bench.try_ask("keys", keys=["2"])["ok"] is False)
    second = open_pipe(bench.folder / "keypad")
    bench.ask("keys", keys=["3"])
    assert struck(take_events(second)) == [81]
    os.close(second)


def test_reader_that_sleeps_makes_a_full_pipe(bench: BenchProcess, swiper: int) -> None:
    tracks = "%B6222021234567890^ZHANG/SAN ^2712101?;6222021234567890=2712101?"
    answer = bench.ask("swipe", raw=tracks)
    for _ in range(20):
        answer = bench.try_ask("swipe", raw=tracks)
        if not answer["ok"]:
            break
    assert "stopped reading" in str(answer["error"])
    whole = shown(take_events(swiper))
    assert whole == (tracks + "\n") * whole.count("\n")


def test_reader_sees_no_end_of_file_until_unplugged(bench: BenchProcess, swiper: int) -> None:
    bench.ask("swipe", track2="1")
    take_events(swiper)
    with pytest.raises(BlockingIOError):
        os.read(swiper, 24)
    bench.fault("swiper", "unplug")
    assert os.read(swiper, 24) == b""
    assert not (bench.folder / "swiper").exists()
    assert "unplugged" in str(bench.try_ask("swipe", track2="1")["error"])
    bench.fault("swiper", "plug")
    again = open_pipe(bench.folder / "swiper")
    bench.ask("swipe", track2="2")
    assert shown(take_events(again)) == ";2?\n"
    os.close(again)


def test_syn_dropped_loses_keys_of_one_burst(bench: BenchProcess, swiper: int) -> None:
    bench.fault("swiper", "syn_dropped")
    bench.ask("swipe", track2="8800000000018")
    events = take_events(swiper)
    assert (0, 3, 0) in events
    assert len(struck(events)) == len(";8800000000018?\n") + 1 - 2
    bench.ask("swipe", track2="8800000000018")
    assert shown(take_events(swiper)) == ";8800000000018?\n"


def test_glued_swipes(bench: BenchProcess, swiper: int) -> None:
    bench.fault("swiper", "glued")
    bench.ask("swipe", track2="12")
    bench.ask("swipe", track2="3")
    assert shown(take_events(swiper)) == ";12?\n;12?\n;3?\n"


def test_caps_lock_is_pressed_once_and_released_at_clear(bench: BenchProcess, swiper: int) -> None:
    bench.fault("swiper", "caps_lock")
    bench.ask("swipe", track2="1")
    bench.ask("swipe", track2="1")
    assert struck(take_events(swiper)).count(CAPS) == 1
    bench.fault("swiper", "clear")
    bench.ask("swipe", track2="1")
    assert struck(take_events(swiper))[0] == CAPS


def test_alt_codes_type_three_keypad_digits(bench: BenchProcess, swiper: int) -> None:
    bench.fault("swiper", "alt_codes")
    bench.ask("swipe", raw="4")
    assert struck(take_events(swiper)) == [ALT, 82, 76, 80, ENTER]  # ALT+052


def test_slow_keys_come_with_gaps(bench: BenchProcess, swiper: int) -> None:
    bench.fault("swiper", "slow")
    begun = time.monotonic()
    bench.ask("swipe", track2="123")
    assert time.monotonic() - begun > 5 * 0.03
    assert shown(take_events(swiper)) == ";123?\n"


def test_control_characters_are_ctrl_and_a_letter(bench: BenchProcess) -> None:
    fd = open_pipe(bench.folder / "scanner")
    bench.ask("scan", code="A\x1d\nB", end="tab")  # a GS1 separator, a line feed
    keys = [(code, value) for kind, code, value in take_events(fd) if kind == 1]
    shift_a = [(SHIFT, 1), (30, 1), (30, 0), (SHIFT, 0)]
    controls = [(CTRL, 1), (27, 1), (27, 0), (36, 1), (36, 0), (CTRL, 0)]
    shift_b = [(SHIFT, 1), (48, 1), (48, 0), (SHIFT, 0)]
    assert keys == [*shift_a, *controls, *shift_b, (15, 1), (15, 0)]
    os.close(fd)


@pytest.mark.parametrize("text", ["会员", "é", "\x7f"])
def test_what_a_us_keyboard_cannot_type(bench: BenchProcess, text: str) -> None:
    answer = bench.try_ask("scan", code=text)
    assert answer["ok"] is False
    assert repr(text[0]) in str(answer["error"])


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40))
@settings(deadline=None, max_examples=60)
def test_every_text_reads_back_and_leaves_no_key_down(text: str) -> None:
    items = wedge.burst(wedge.text_strokes(text), 1_700_000_000_123_456)
    events = [row[2:] for row in EVENT.iter_unpack(b"".join(items))]
    assert shown([(kind, code, value) for kind, code, value in events]) == text
    down: set[int] = set()
    for kind, code, value in events:
        if kind == 1:
            down = down | {code} if value else down - {code}
    assert down == set()
    assert events[-1] == (0, 0, 0) if events else text == ""


def test_one_key_is_scan_code_key_and_report() -> None:
    data = b"".join(wedge.burst(wedge.text_strokes("a"), 1_700_000_000_123_456))
    assert list(EVENT.iter_unpack(data)) == [
        (1_700_000_000, 123_456, kind, code, value)
        for kind, code, value in (
            (4, 4, 0x70004),
            (1, 30, 1),
            (0, 0, 0),
            (4, 4, 0x70004),
            (1, 30, 0),
            (0, 0, 0),
        )
    ]
