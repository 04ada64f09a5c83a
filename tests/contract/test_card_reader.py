"""Every driver of a card reader: one swipe, one event; a bank card leaves nothing."""

import asyncio

import pytest

from daemon.events import CardRefused, CardSwiped
from tests.contract.counter import counter, still, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.hid_swiper import HidSwiper
from tests.hardware_sim.msr605 import OK, READ_ERROR, Msr605
from tests.hardware_sim.serial_swiper import SerialSwiper
from tests.hardware_sim.wedges import Wedge

READERS = ["swiper", "swiper_serial", "swiper_hid", "swiper_idtech", "swiper_msr"]
IN_PIECES = ["swiper", "swiper_serial"]
BANK = "6222021234567890128"
TOLD_WITHIN_S = 0.4  # the idle gap of 0.1, and room for machines under load
TRACKS = {
    ";8800000000018=?": [CardSwiped("8800000000018")],
    "%A8800000000018^LI^?;8800000000018=8213?": [CardSwiped("8800000000018")],
    "%E?": [CardRefused("E01")],
    f"%B{BANK}^LI/MEI^29122010000?;{BANK}=29122010000?": [CardRefused("E02")],
    f";{BANK}=29122010000?": [CardRefused("E02")],
}


async def swipe(device, tracks):
    if isinstance(device, Wedge):
        await device.type_text(tracks + "\r")
    elif isinstance(device, HidSwiper):
        await device.swipe(tracks)
    elif isinstance(device, Msr605):
        pieces = {piece[0]: piece[1:] for piece in tracks.split("?") if piece}
        bad = "E" in pieces.values()
        told = ("", "", "") if bad else tuple(pieces.get(start, "") for start in "%;+")
        await until(lambda: device.armed)
        device.swipe(told, status=READ_ERROR if bad else OK)
    else:
        assert isinstance(device, SerialSwiper)
        device.swipe(tracks)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(("tracks", "events"), TRACKS.items())
def test_a_swipe_is_one_event(name, tracks, events, tmp_path, caplog):
    asyncio.run(one_swipe(RIGS[name], tracks, events, tmp_path))
    assert BANK not in caplog.text


async def one_swipe(rig, tracks, events, tmp_path):
    device = rig.make(tmp_path)
    device.start()
    async with counter(rig.config(device)) as box:
        await box.online("it")
        await swipe(device, tracks)
        await until(lambda: box.events, TOLD_WITHIN_S)
        await still(lambda: box.events == events, 0.2)
        assert BANK not in repr(box.told)
    device.stop()


@pytest.mark.parametrize("name", IN_PIECES)
def test_half_a_swipe_before_an_unplug_is_no_card(name, tmp_path):
    asyncio.run(torn_swipe(RIGS[name], tmp_path))


async def torn_swipe(rig, tmp_path):
    device = rig.make(tmp_path)
    device.start()
    async with counter(rig.config(device)) as box:
        await box.online("it")
        if isinstance(device, Wedge):
            await device.type_text(";88000")
        else:
            device._send(b"\x02;88000")
        await asyncio.sleep(0.02)
        device.fault("unplug")
        await box.offline("it")
        device.fault("clear")
        await box.online("it")
        if isinstance(device, Wedge):
            await device.type_text(";8800000000018=?\r")
        else:
            device._send(b";8800000000018=?\r")  # a reader set up without STX
        await until(lambda: box.events)
        await still(lambda: box.events == [CardSwiped("8800000000018")], 0.3)
    device.stop()


FAULTS = {
    "syn_dropped": CardRefused("E01"),
    "glued": CardSwiped("8800000000018"),
    "slow": CardSwiped("8800000000018"),
    "alt_codes": CardSwiped("8800000000018"),
    "caps_lock": CardSwiped("8800000000018"),
}


@pytest.mark.parametrize(("fault", "event"), FAULTS.items())
def test_the_ways_of_wedges(fault, event, tmp_path):
    asyncio.run(faulty_swipe(fault, event, tmp_path))


async def faulty_swipe(fault, event, tmp_path):
    rig = RIGS["swiper"]
    device = rig.make(tmp_path)
    device.start()
    async with counter(rig.config(device)) as box:
        await box.online("it")
        device.fault(fault)
        await swipe(device, ";8800000000018=?")
        await until(lambda: box.events)
        device.fault("clear")
        await swipe(device, ";8800000000018=?")
        await until(lambda: len(box.events) == 2)
        assert box.events == [event, CardSwiped("8800000000018")]
    device.stop()


TYPED = {
    "%E?;8800000000018=?\r": "the first track could not be read, the second could",
    "%?;8800000000018=?+?\r": "blank tracks are sent as nothing between their sentinels",
    ";8800000000018=?\n": "Ctrl+J: some send a line feed for Enter",
    "\t;8800000000018=?\r\n": "a tab before, Enter and Ctrl+J behind",
    "%A8800000000018^^^?\r;8800000000018=?\r+E?\r": "Enter after every track",
}


@pytest.mark.parametrize(("text", "why"), TYPED.items())
def test_what_wedges_put_around_a_card_is_not_part_of_it(text, why, tmp_path):
    async def scenario():
        device = RIGS["swiper"].make(tmp_path)
        assert isinstance(device, Wedge)
        device.start()
        async with counter(RIGS["swiper"].config(device)) as box:
            await box.online("it")
            await device.type_text(text)
            await until(lambda: box.events)
            await still(lambda: box.events == [CardSwiped("8800000000018")], 0.2)
        device.stop()

    asyncio.run(scenario())


def test_noise_on_the_line_is_no_card(tmp_path):
    asyncio.run(noisy_line(tmp_path))


async def noisy_line(tmp_path):
    rig = RIGS["swiper_serial"]
    device = rig.make(tmp_path)
    device.start()
    async with counter(rig.config(device)) as box:
        await box.online("it")
        device.fault("noise")
        await still(lambda: set(box.events) <= {CardRefused("E01")}, 0.15)
        await swipe(device, ";8800000000018=?")
        await until(lambda: CardSwiped("8800000000018") in box.events)
    device.stop()
