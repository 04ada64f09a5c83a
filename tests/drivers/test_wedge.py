"""A wedge whose reader was busy: what was typed in two goes is two readings, not one."""

import asyncio
import os

import pytest

from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import PipePort
from daemon.drivers.wedge import Wedge
from daemon.events import CardRefused, CardSwiped, DeviceKind
from tests.contract.counter import still, until
from tests.drivers.typing import card_taker
from tests.hardware_sim import wedge

MEMBER = CardSwiped("8800000000018")
BANK = "6222021234567890128"
BANKS = (
    f"%B{BANK}^LI/MEI^29122010000?;{BANK}=29122010000?\r",
    f";{BANK}=29122010000?\r",
    f"%B{BANK}^LI/MEI^29122010000?\r;{BANK}=29122010000?\r;59{BANK}=000?\r",
)
PAUSE_US = 150_000  # quicker than anybody swipes two cards


def typed(*texts, lost=()):
    """Return the events of cards, one after another; those in `lost` ran over the kernel's ring."""
    events = b""
    for place, text in enumerate(texts):
        at_us = 1_000_000 + place * PAUSE_US
        keys = wedge.burst(wedge.text_strokes(text), at_us)
        if place in lost:
            keys[len(keys) // 2] = wedge.dropped(at_us)
        events += b"".join(keys)
    return events


async def read_late(path, events):
    """Type all of it, and only then let the box read; return what it says."""
    os.mkfifo(path)
    told = []
    reporter = Reporter("it", DeviceKind.CARD_READER, lambda _, event: told.append(event))
    device = Wedge(PipePort(str(path)), card_taker(), reporter)
    writer = os.open(path, os.O_RDWR)
    assert os.write(writer, events) == len(events)
    try:
        await device.open()
        await until(lambda: cards(told))
        await still(lambda: cards(told), 0.2)
        assert BANK not in repr(told)
        return cards(told)
    finally:
        await device.close()
        os.close(writer)


def cards(told):
    return [event for event in told if isinstance(event, CardSwiped | CardRefused)]


@pytest.mark.parametrize("bank", BANKS)
def test_a_card_after_a_bank_card_is_read_by_a_busy_box(bank, tmp_path):
    events = typed(bank, ";8800000000018=?\r", bank, "8800000000018\r")
    found = asyncio.run(read_late(tmp_path / "keys", events))
    assert found == [CardRefused("E02"), MEMBER] * 2


@pytest.mark.parametrize("bank", BANKS)
def test_a_card_after_one_that_was_lost_is_read_by_a_busy_box(bank, tmp_path):
    events = typed(bank, ";8800000000018=?\r", lost=[0])
    found = asyncio.run(read_late(tmp_path / "keys", events))
    assert found == [CardRefused("E01"), MEMBER]


def test_what_is_typed_without_a_pause_stays_one_reading(tmp_path):
    """Lines of one swipe, and a stall of a slow reader in the middle of it."""
    keys = [
        wedge.burst(wedge.text_strokes("%A8800000000018^LI?\r"), 0),
        wedge.burst(wedge.text_strokes(";88000000"), 90_000),
        wedge.burst(wedge.text_strokes("00018=?\r"), 600_000),
    ]
    found = asyncio.run(read_late(tmp_path / "keys", b"".join(b"".join(go) for go in keys)))
    assert found == [MEMBER]
