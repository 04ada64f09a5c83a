"""Line displays: screens through our encoders into the simulated glass."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.profiles import TextPoleProfile, load_profile
from daemon.drivers.wire import cd5220, led8n, text_pole
from daemon.paper import Lamp, Pole
from tests.contract.counter import SHARE
from tests.hardware_sim.dm_display import DmDisplay
from tests.hardware_sim.led import LedDisplay
from tests.hardware_sim.linedisplay import LineDisplay
from tests.hardware_sim.string_display import StringDisplay

AMOUNTS = {
    0: "0.00",
    990: "9.90",
    22790: "227.90",
    -210: "-2.10",
    99999999: "999999.99",
    100000000: "1000000",
    9999999999: "99999999",
    10000000000: "99999999",
    -9999999: "-99999.99",
    -10000000: "-100000",
    -(10**12): "-9999999",
}


@pytest.mark.parametrize(("amount_fen", "digits"), AMOUNTS.items())
def test_cents_go_before_digits(amount_fen, digits):
    assert led8n.amount_digits(amount_fen) == digits
    glass = LedDisplay()
    glass.feed(led8n.frame(Pole(("", ""), amount_fen, Lamp.TOTAL)))
    assert (glass.digits, glass.lamp, glass.unknown_bytes) == (digits, "合计", 0)


@pytest.mark.parametrize(
    ("lamp", "name"),
    [
        (Lamp.PRICE, "单价"),
        (Lamp.TOTAL, "合计"),
        (Lamp.PAID, "收款"),
        (Lamp.CHANGE, "找零"),
        (None, ""),
    ],
)
def test_every_lamp(lamp, name):
    glass = LedDisplay()
    glass.feed(led8n.INIT + led8n.frame(Pole(("", ""), 1, lamp)))
    assert glass.lamp == name


def test_the_frame_is_lamp_then_digits():
    frame = led8n.frame(Pole(("TOTAL", ""), 22790, Lamp.TOTAL))
    assert frame == b"\x1bs2\x1bQA227.90\r"


@pytest.mark.parametrize(("code", "digits"), [("-07-", "-07-"), ("31-", "31-"), ("E18", "18")])
def test_codes_are_shown_instead_of_amounts(code, digits):
    glass = LedDisplay()
    glass.feed(led8n.frame(Pole(("", ""), 100, Lamp.TOTAL, code)))
    assert (glass.digits, glass.lamp) == (digits, "")


def test_nothing_to_show_is_dark():
    glass = LedDisplay()
    glass.feed(led8n.frame(Pole(("", ""), 100, Lamp.TOTAL)))
    glass.feed(led8n.frame(Pole(("WELCOME", ""))))
    assert (glass.digits, glass.lamp, glass.unknown_bytes) == ("", "", 0)


def test_of_a_code_the_led_shows_what_segments_can_show():
    assert led8n.code_digits("A-07-x") == "-07-"
    assert led8n.code_digits("12..3") == "12."
    assert led8n.code_digits(".5") == ""
    assert led8n.code_digits("1234.56789") == "1234.5678"


@given(st.integers(), st.text(max_size=20), st.sampled_from([None, *Lamp]))
def test_the_led_understands_everything_we_send(amount_fen, code, lamp):
    glass = LedDisplay()
    glass.feed(led8n.INIT + led8n.frame(Pole(("", ""), amount_fen, lamp, code)))
    assert glass.unknown_bytes == 0


@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 60))
def test_the_pole_shows_both_lines_whole(upper, lower, cut):
    glass = LineDisplay()
    glass.feed(cd5220.frame(("OLD TEXT", "OLD TEXT")))
    frame = cd5220.frame((upper, lower))
    glass.feed(frame[:cut])
    glass.feed(frame[cut:])
    shown = [
        "".join(c if " " <= c <= "~" else "?" for c in t)[:20].ljust(20) for t in (upper, lower)
    ]
    assert glass.lines == shown
    assert glass.unknown_bytes == glass.refused_bytes == 0


def test_the_pole_frame_is_as_in_the_manual():
    frame = cd5220.frame(("TOTAL         227.90", ""))
    assert frame == b"\x0c\x1bQATOTAL         227.90\r\x1bQB" + b" " * 20 + b"\r"


def test_init_is_obeyed_also_in_string_mode():
    glass = LineDisplay()
    glass.feed(cd5220.frame(("A", "B")) + cd5220.INIT)
    assert glass.refused_bytes == glass.unknown_bytes == 0


def test_no_screen_stops_the_encoders():
    chance = random.Random(4)
    glass, led = LineDisplay(), LedDisplay()
    for _ in range(20_000):
        text = "".join(
            chr(chance.choice((13, 27, 12, 48, 65, 0x4F1A))) for _ in range(chance.randrange(9))
        )
        glass.feed(cd5220.frame((text, text)))
        led.feed(
            led8n.frame(Pole((text, text), chance.randrange(-(10**11), 10**11), None, text[:3]))
        )
    assert glass.unknown_bytes == led.unknown_bytes == 0


# -- what a kill -9, a power cut or a pulled cable leaves on the glass ----------------------------

OLD, NEW = Pole(("OLD", "1.00"), 100, Lamp.PRICE), Pole(("TOTAL", "227.90"), 22790, Lamp.TOTAL)


def told(name: str) -> text_pole.Speech:
    profile = load_profile(SHARE, name)
    assert isinstance(profile, TextPoleProfile)
    return profile.speech()


def text_frames(name):
    speech = told(name)
    return speech.init, lambda pole: text_pole.frame(pole.lines, speech, 20)


# A glass, what the driver sends when it has opened the line, and a screen.
PROTOCOLS = {
    "cd5220": (LineDisplay, cd5220.INIT, lambda pole: cd5220.frame(pole.lines)),
    "led8n": (LedDisplay, led8n.INIT, led8n.frame),
    "dm-d": (DmDisplay, *text_frames("dm-d")),
    "utc": (lambda: StringDisplay("utc"), *text_frames("utc")),
    "aedex": (lambda: StringDisplay("aedex"), *text_frames("aedex")),
}


# Commands that other programs and self-tests send: they may be cut off as well.
FOREIGN = {
    "cd5220": [b"\x1bl\x01\x01", b"\x1b[A", b"\x1bQDsale"],
    "led8n": [b"\x02L1011", b"\x02B2", b"\x1bQA12.5"],
    "dm-d": [b"\x1f\x24\x01\x01", b"\x1fX\x04", b"\x1bt\x00"],
    "utc": [b"\x1buAsale"],
    "aedex": [b"!#1sale"],
}


def face(glass):
    return (glass.digits, glass.lamp) if isinstance(glass, LedDisplay) else glass.lines


@pytest.mark.parametrize("name", PROTOCOLS)
def test_no_display_is_left_with_half_a_frame(name):
    """Killed behind any byte of any frame, the next start shows the right screen and no other."""
    new_glass, init, frame = PROTOCOLS[name]
    fresh = new_glass()
    fresh.feed(init + frame(NEW))
    assert fresh.unknown_bytes == 0
    sent = init + frame(OLD) + frame(OLD)
    begun = [sent[:cut] for cut in range(len(sent) + 1)]
    begun += [each[:cut] for each in FOREIGN[name] for cut in range(1, len(each))]
    for cut in begun:
        glass = new_glass()
        glass.feed(cut)
        glass.feed(init)
        glass.feed(frame(NEW))
        assert face(glass) == face(fresh), cut
        before = glass.unknown_bytes
        glass.feed(frame(OLD) + frame(NEW))
        assert (face(glass), glass.unknown_bytes) == (face(fresh), before), cut


def test_the_bytes_of_text_displays():
    lines = ("TOTAL", "227.90 ¥")
    upper, lower = b"TOTAL".ljust(20), b"227.90 ?".ljust(20)
    dmd = text_pole.frame(lines, text_pole.DMD, 20)
    assert dmd == b"\x0c\x1f\x24\x01\x01" + upper + b"\x1f\x24\x01\x02" + lower
    assert told("dm-d") == text_pole.DMD
    aedex = text_pole.frame(lines, told("aedex"), 20)
    assert aedex == b"\r!#1" + upper + b"\r!#2" + lower + b"\r"
    utc = text_pole.frame(lines, told("utc"), 20)
    assert utc == b"\r\x0c\x1buA" + upper + b"\r\x1buB" + lower + b"\r"


def test_behind_a_printer_the_printer_hears_again_afterwards():
    glass = DmDisplay(selected=1)
    frame = text_pole.frame(NEW.lines, text_pole.DMD, 20)
    glass.feed(b"receipt\n" + text_pole.behind_printer(frame) + b"more\n")
    assert glass.lines == [line.ljust(20) for line in NEW.lines]
    assert glass.passed() == b"receipt\nmore\n"
