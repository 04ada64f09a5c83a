"""What beeps: so many times, now or not at all; and nobody waits for it."""

import asyncio

import pytest
from msgspec.structs import replace

from daemon.counter.effects import Beep
from daemon.devices import DeviceConfig
from daemon.errors import DeviceError
from daemon.events import DeviceKind, DeviceState
from daemon.paper import Cut, Text
from daemon.surfaces import BEEPS
from tests.contract.counter import counter, still, until
from tests.contract.rigs import RIGS
from tests.contract.test_receipt_printer import printer, texts
from tests.hardware_sim.speaker import Speaker

BEEPER = DeviceConfig("beeper", DeviceKind.BEEPER, "printer_beep", "", printer="it")


def with_printer(tmp_path, play, profile):
    async def scenario():
        device, config = printer("printer", tmp_path)
        async with counter(replace(config, profile=profile), BEEPER) as box:
            await box.online("it")
            await play(device, box)
        device.stop()

    asyncio.run(scenario())


def test_a_printer_beeps_as_often_as_it_is_told(tmp_path):
    async def play(device, box):
        await box.online("beeper")
        for beep in (Beep.OK, Beep.ATTENTION, Beep.REFUSE):
            await box.devices.beeper("beeper").beep(BEEPS[beep])
        await until(lambda: device.printer.beeps == [1, 2, 3])
        await box.devices.printer("it").print((Text("a"), Cut()))
        assert texts(device) == ["a"]
        assert device.printer.receipts[0].unknown_bytes == 0

    with_printer(tmp_path, play, "xprinter-80")


def test_a_printer_without_paper_does_not_beep_when_the_paper_is_in(tmp_path):
    async def play(device, box):
        device.fault("paper_end")
        await box.stale("it", 8)
        await box.devices.beeper("beeper").beep(3)
        device.fault("clear")
        await box.online("it", 8)
        assert device.printer.beeps == []

    with_printer(tmp_path, play, "xprinter-80")


def test_a_printer_that_has_no_buzzer_is_said_to_have_none(tmp_path):
    async def play(device, box):
        await until(lambda: "names no buzzer" in box.reason("beeper"))
        assert box.state("beeper") is DeviceState.OFFLINE
        assert device.printer.unfinished.unknown_bytes == 0

    with_printer(tmp_path, play, "generic-58")


def test_a_speaker_sounds_and_is_silent_again(tmp_path):
    async def scenario():
        device = RIGS["speaker"].make(tmp_path)
        assert isinstance(device, Speaker)
        device.start()
        async with counter(RIGS["speaker"].config(device)) as box:
            await box.online("it")
            it = box.devices.beeper("it")
            await asyncio.gather(it.beep(3), it.beep(1))  # the second is not heard later
            await until(lambda: device.sounds == 3)
            sounding = asyncio.create_task(it.beep(3))
            await until(lambda: not device.silent)
            sounding.cancel()  # the box stops
            await until(lambda: device.silent)
            await still(lambda: device.silent, 0.2)
            device.fault("unplug")
            await box.offline("it")
            with pytest.raises(DeviceError, match="Plug it in again"):
                await it.beep(1)
        assert device.unknown_events == 0
        device.stop()

    asyncio.run(scenario())
