"""Displays show what their manuals say, count what those do not know, and block when stalled."""

import os
import termios

import pytest
import serial
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hardware_sim.led import LedDisplay
from tests.hardware_sim.linedisplay import LineDisplay
from tests.hardware_sim_tests.outside import BenchProcess, until

BLANK = " " * 20
FRAME = b"\x0c\x1bQATOTAL         227.90\r\x1bQBDUE 227.90\r"
SHOWN = ["TOTAL         227.90", "DUE 227.90          "]


def pole(data: bytes) -> LineDisplay:
    display = LineDisplay()
    display.feed(data)
    return display


def led(data: bytes) -> LedDisplay:
    display = LedDisplay()
    display.feed(data)
    return display


def test_frame_shows_both_lines() -> None:
    assert pole(FRAME).lines == SHOWN
    assert pole(FRAME + FRAME).lines == SHOWN
    assert pole(FRAME + FRAME).unknown_bytes == 0


def test_string_shorter_than_the_line_leaves_the_rest() -> None:
    shown = pole(b"\x0c\x1bQAABCDEF\r\x1bQAxy\r")
    assert shown.lines == ["xyCDEF".ljust(20), BLANK]


def test_string_mode_refuses_commands_until_clear() -> None:
    shown = pole(FRAME + b"\x1b*\x04\x1b@")
    assert (shown.refused_bytes, shown.lines) == (5, SHOWN)
    shown.feed(b"\x0c\x1b*\x04\x1b@")
    assert (shown.refused_bytes, shown.lines) == (5, [BLANK, BLANK])


def test_text_at_the_cursor() -> None:
    assert pole(b"\x1b@\x1bl\x05\x02HI").lines == [BLANK, "    HI".ljust(20)]
    assert pole(b"x" * 21).lines == ["x" * 20, "x".ljust(20)]


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"\x01", 1),
        (b"\x1bZ", 2),
        (b"\xbb\xe1", 2),  # Chinese: this display has none
        (b"\x1bl\x15\x01", 4),  # column 21
        (b"\x1bl\x01\x00", 4),
        (b"\x1b*\x09", 3),
        (b"\x1bQZ", 3),
        (b"\x1bQA" + b"x" * 21 + b"\r", 1),
        (b"\x1bs1", 3),  # a lamp on LED8N, not here
    ],
)
def test_pole_counts_what_it_does_not_know(data: bytes, count: int) -> None:
    assert pole(data).unknown_bytes == count


def test_led_shows_digits_and_lamp() -> None:
    shown = led(b"\x1bs2\x1bQA227.90\r")
    assert (shown.digits, shown.lamp, shown.unknown_bytes) == ("227.90", "合计", 0)
    shown.feed(b"\x02L1001\x1bQA-07-\r")
    assert (shown.digits, shown.lamp) == ("-07-", "单价+找零")
    shown.feed(b"\x0c\x1bs0")
    assert (shown.digits, shown.lamp, shown.unknown_bytes) == ("", "", 0)


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"5", 1),
        (b"\x11", 1),  # "clear" of a program in the wild; it is 0C
        (b"\x1bs5", 3),
        (b"\x1bQA123456789\r", 13),
        (b"\x1bQA12,50", 6 + 2),  # the frame is lost at the comma; 5 and 0 are strays
        (b"\x1bQB1\r", 3 + 1),
        (b"\x02L10", 0),  # not over yet
        (b"\x02L1012", 6),
        (b"\x1bl", 2),
    ],
)
def test_led_counts_what_it_does_not_know(data: bytes, count: int) -> None:
    shown = led(data)
    assert (shown.unknown_bytes, shown.digits) == (count, "")


def test_eight_digits_with_points_fit() -> None:
    assert led(b"\x1bQA1.2.3.4.5.6.7.8\r").digits == "1.2.3.4.5.6.7.8"


PIECES = st.lists(
    st.sampled_from([FRAME, b"\x1b", b"\x1bQA", b"12.5", b"\r", b"\x0c", b"\x02L", b"01", b"\xff"]),
    max_size=8,
).map(b"".join)


@given(PIECES, st.lists(st.integers(1, 7), max_size=30))
@settings(deadline=None, max_examples=80)
def test_any_fragmentation_shows_the_same(data: bytes, sizes: list[int]) -> None:
    for make in (LineDisplay, LedDisplay):
        whole, parts, at = make(), make(), 0
        whole.feed(data)
        for size in [*sizes, len(data)]:
            parts.feed(data[at : at + size])
            at += size
        assert whole == parts


@pytest.mark.parametrize("name", ["pole", "clerk"])
def test_box_writes_and_bench_shows(bench: BenchProcess, name: str) -> None:
    with serial.Serial(str(bench.folder / "tty" / name), 9600, exclusive=True) as line:
        line.write(FRAME)
        until(lambda: bench.ask(name)["lines"] == SHOWN)
    assert bench.ask(name)["unknown_bytes"] == 0


def test_box_writes_digits(bench: BenchProcess) -> None:
    with serial.Serial(str(bench.folder / "tty" / "led"), 2400) as line:
        line.write(b"\x1bs4\x1bQA2.10\r")
        until(lambda: bench.ask("led")["digits"] == "2.10")
    assert bench.ask("led")["lamp"] == "找零"


def test_wrong_baud_rate_is_noise(bench: BenchProcess) -> None:
    bench.fault("pole", "unplug")
    bench.fault("pole", "clear")
    with serial.Serial(str(bench.folder / "tty" / "pole"), 2400) as line:
        line.write(FRAME)
        until(lambda: bench.ask("pole")["unknown_bytes"] == len(FRAME))
    assert bench.ask("pole")["lines"] == [BLANK, BLANK]
    assert bench.ask("pole")["baud_seen"] == 2400


def test_unplugged_line_breaks_and_comes_back_dark(bench: BenchProcess) -> None:
    path = bench.folder / "tty" / "pole"
    with serial.Serial(str(path), 9600) as line:
        line.write(FRAME)
        until(lambda: bench.ask("pole")["lines"] == SHOWN)
        bench.fault("pole", "unplug")
        with pytest.raises((OSError, serial.SerialException)):
            line.write(FRAME)
        assert not path.is_symlink()
    bench.fault("pole", "clear")
    assert bench.ask("pole")["lines"] == [BLANK, BLANK]
    with serial.Serial(str(path), 9600) as line:
        line.write(FRAME)
        until(lambda: bench.ask("pole")["lines"] == SHOWN)


def test_stalled_display_blocks_the_writer_and_goes_on(bench: BenchProcess) -> None:
    bench.fault("pole", "unplug")  # a new line: nobody has set it up yet
    bench.fault("pole", "clear")
    bench.fault("pole", "stall")
    fd = os.open(bench.folder / "tty" / "pole", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    written = 0
    with pytest.raises(BlockingIOError):
        while written < 1 << 20:
            written += os.write(fd, FRAME)
    assert written < 1 << 17
    bench.fault("pole", "clear")
    until(lambda: bench.ask("pole")["lines"] == SHOWN)
    assert termios.tcgetattr(fd)[3] & termios.ECHO == 0
    os.close(fd)


def test_serial_swiper_sends_its_frame(bench: BenchProcess) -> None:
    answer = bench.try_ask("swipe", device="swiper_serial", track2="8800000000018")
    assert "nobody reads swiper_serial" in str(answer["error"])
    with serial.Serial(str(bench.folder / "tty" / "swiper_serial"), 9600, timeout=5) as line:
        bench.ask("swipe", device="swiper_serial", track2="8800000000018")
        assert line.read_until(b"\x03") == b"\x02;8800000000018?\r\x03"
        bench.ask("swipe", device="swiper_serial", raw="%B1^A?;1=2?")
        assert line.read_until(b"\x03") == b"\x02%B1^A?;1=2?\r\x03"
        bench.fault("swiper_serial", "noise")
        assert line.read(1) == b"\x00"
