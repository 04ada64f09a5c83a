"""Text of a swipe to a card: members as they are in the field, bank cards refused."""

import logging
import random
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.wire.magstripe import is_bank_card, luhn, read_burst, read_swipe
from daemon.drivers.wire.wedge import Burst
from daemon.events import CardRefused, CardSwiped
from tests.drivers.typing import DROPPED, SYN, card_taker, code_taker, feed, typed

UNREADABLE, BANK = CardRefused("E01"), CardRefused("E02")

MEMBERS = {
    ";8800000000018=?": "8800000000018",
    ";8800000000018?\r": "8800000000018",
    ";00007399=?": "00007399",  # published example
    ";0004048712?": "0004048712",  # magstripe-rs capture
    ";92101707137827464=2456?": "92101707137827464",  # gift card: no month 56, no exception
    "%A8800000000018^LI/MEI?;8800000000018=8213?": "8800000000018",
    "%8800000000018?": "8800000000018",
    "%A8800000000018^^^?": "8800000000018",
    "%XBB1 112?": "XBB1 112",  # only a letter at the start is a format code
    "%E?;8800000000018=?\r": "8800000000018",  # track 1 was bad
    ";8800000000018=?+E?\r": "8800000000018",
    "\x02%A1^X?;8800000000018=?\r\x03": "8800000000018",
    ";8800000000018=?\x1b1": "8800000000018",  # insertion reader with its sensor
    ";8800000000018=?\r;9900001122?\r": "8800000000018",  # ID TECH: track 3 has `;` too
    "4335823930\r": "4335823930",  # RFID wedge
    "0040856634": "0040856634",
    ";8800000000018=?\r;8800000000018=?\r": "8800000000018",
}


@pytest.mark.parametrize(("text", "number"), MEMBERS.items())
def test_member_cards(text, number):
    assert read_swipe(text) == CardSwiped(number)


@pytest.mark.parametrize(
    "text",
    [
        "%E?",
        ";E?\r",
        "%E?;E?+E?\r",
        ";?",
        "%?",
        ";88000000",  # half a card is never a card
        "8800000000018=?",  # its beginning is missing
        ";8800000000018=?;88000",
        "+8800000000018?",  # track 3 alone names no card
        ";8800000000018=?\r;8800000000026=?\r",  # two cards glued
        "%A1^X?;8800000000018?%A2^Y?;8800000000026?",
        "hello",
        "ç8800000000018-:",  # a reader set to another layout
        "12",
        "\ufffd\ufffd",
    ],
)
def test_what_is_no_card_is_refused(text):
    assert read_swipe(text) == UNREADABLE


@pytest.mark.parametrize("text", ["", "\r", "\r\n", " \t", "\x02\x03"])
def test_nothing_is_nothing(text):
    assert read_swipe(text) is None


def account(prefix: str, length: int, chance: random.Random) -> str:
    body = prefix + "".join(chance.choice("0123456789") for _ in range(length - len(prefix) - 1))
    return next(body + digit for digit in "0123456789" if luhn(body + digit))


def bank_swipes(number: str, expiry: str) -> list[str]:
    spaced = " ".join(number[i : i + 4] for i in range(0, len(number), 4))
    return [
        f"%B{number}^LI/MEI^{expiry}2010000?;{number}={expiry}2010000?\r",
        f"%b{number}^li/mei^{expiry}2010000?;{number}={expiry}2010000?\r",  # caps lock
        f"%B{spaced}^LI/MEI^{expiry}?",
        f"%B{number}",  # torn off
        f"%E?;{number}={expiry}2010000?\r",
        f";{number}={expiry}2010000?\r",
        f";{number}={expiry}",
        f";{number}==1234?",  # no expiry
        f"+99{number}=1561560000000?\r",
        f"%B{number}^A^{expiry}?\r;{number}={expiry}?\r;99{number}=156?\r",
        f";8800000000018=?\r;{number}={expiry}2010000?\r",  # glued to a member's card
        f"{number}={expiry}2010000",  # a reader without sentinels
        f"{number}D{expiry}2010000F",
    ]


@given(
    st.sampled_from(["62", "4", "51", "2221", "34", "3528", "6011", "9558", "1"]),
    st.sampled_from([13, 15, 16, 17, 18, 19]),
    st.sampled_from(["2512", "3001", "4912", "2600"]),
    st.randoms(use_true_random=False),
)
def test_a_bank_card_leaves_nothing_behind(prefix, length, expiry, chance):
    number = account(prefix, length, chance)
    for swipe in bank_swipes(number, expiry):
        event = read_swipe(swipe)
        assert event == BANK, swipe
        assert number not in repr(event)
        assert number not in repr(Burst(swipe))
        assert read_burst(Burst(swipe, whole=False)) == BANK


@pytest.mark.parametrize("new_taker", [card_taker, code_taker])
def test_a_bank_card_is_in_no_event_repr_log_or_exception(new_taker, caplog):
    caplog.set_level(logging.DEBUG)
    chance = random.Random(8)
    for _ in range(40):
        number = account("62", 19, chance)
        for swipe in bank_swipes(number, "2912")[:10]:
            taker, events = new_taker(), typed(swipe)
            if chance.random() < 0.5:
                place = chance.randrange(len(events))
                events = [*events[:place], DROPPED, SYN, *events[place:]]
            for index, event in enumerate(events):
                told = taker.feed(*event, index)
                assert number not in repr(told)
                assert number not in repr(taker)
                assert number not in repr(getattr(taker, "_bursts", None))
            assert number not in repr(feed(taker, [], at_ms=10_000))
    assert "62" not in caplog.text


def test_a_traceback_does_not_print_the_card():
    number = account("62", 19, random.Random(2))
    try:
        raise ValueError(Burst(f";{number}=25122010000?"))
    except ValueError as error:
        assert number not in "".join(traceback.format_exception(error))


def test_a_member_number_that_only_looks_like_an_account_is_a_card():
    assert not is_bank_card(";8800000000018=2512?")  # prefix 8
    assert not is_bank_card(";6222021234567890123=2512?")  # check digit
    assert not is_bank_card("6222021234567890128")  # no expiry


@pytest.mark.parametrize("number", ["4111111111111111", "5500000000000004", "79927398713"])
def test_luhn(number):
    assert luhn(number)
    assert not luhn(number[:-1] + str((int(number[-1]) + 1) % 10))
    assert not luhn(number[0] + number[2] + number[1] + number[3:]) or number[1] == number[2]


def test_no_text_stops_the_parser():
    """20,000 seeded texts: an event or nothing, and never a card that was not whole."""
    chance = random.Random(1)
    alphabet = "%;+?=^BE0123456789 ABX\r\x1b\ufffd"
    for _ in range(20_000):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(60)))
        event = read_swipe(text)
        if isinstance(event, CardSwiped):
            assert event.number in text.upper()
            assert "?" in text or text.strip("\r ").isdigit()
