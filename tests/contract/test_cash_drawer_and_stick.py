"""The drawer opens now or not at all; the stick is there or not."""

import asyncio

import pytest

from daemon.devices import DeviceConfig
from daemon.drivers.kinds import Printed
from daemon.errors import DeviceError
from daemon.events import DeviceKind, DeviceState
from daemon.paper import Cut, Text
from tests.contract.counter import counter, still, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.printers import PrinterDevice

DRAWER = DeviceConfig("drawer", DeviceKind.CASH_DRAWER, "printer_kick", "", printer="it")


def scenarios(tmp_path, play):
    async def scenario():
        device = RIGS["printer"].make(tmp_path)
        assert isinstance(device, PrinterDevice)
        device.start()
        async with counter(DRAWER, RIGS["printer"].config(device)) as box:
            await box.online("it")
            await box.online("drawer")
            await play(device, box, box.devices.drawer("drawer"))
        device.stop()

    asyncio.run(scenario())


def test_it_opens_once_for_each_kick(tmp_path):
    async def play(device, box, drawer):
        await drawer.kick()
        await until(lambda: len(device.printer.drawer_pulses) == 1)
        (pulse,) = device.printer.drawer_pulses
        assert pulse.on_ms / (pulse.on_ms + pulse.off_ms) <= 0.2

    scenarios(tmp_path, play)


def test_which_level_is_open_is_learnt_once_and_told_from_then_on(tmp_path):
    async def play(device, box, drawer):
        assert drawer.is_open() is None  # nobody knows what the pin means
        await drawer.kick()
        await until(drawer.is_open)
        assert (box.state("drawer"), box.reason("drawer")) == (DeviceState.ONLINE, "open")
        device.shut_drawer()
        await until(lambda: drawer.is_open() is False)
        await until(lambda: box.reason("drawer") == "")

    scenarios(tmp_path, play)


def test_a_drawer_of_the_other_polarity_is_learnt_too(tmp_path):
    async def play(device, box, drawer):
        device.invert_drawer()
        await box.devices.printer("it").print((Cut(),))
        await drawer.kick()
        await until(drawer.is_open)

    scenarios(tmp_path, play)


def test_a_printer_that_does_not_say_leaves_the_drawer_unknown(tmp_path):
    async def play(device, box, drawer):
        device.fault("silent")
        await drawer.kick()
        await still(lambda: drawer.is_open() is None, 1.0)
        assert box.reason("drawer") == ""

    scenarios(tmp_path, play)


def test_it_does_not_wait_for_a_receipt_and_does_not_spoil_it(tmp_path):
    async def play(device, box, drawer):
        job = asyncio.create_task(
            box.devices.printer("it").print((*(Text(f"{n:03}") for n in range(300)), Cut()))
        )
        await asyncio.sleep(0)
        await asyncio.wait_for(drawer.kick(), 0.5)
        assert await job is Printed.CONFIRMED
        (receipt,) = device.printer.receipts
        assert receipt.unknown_bytes == 0

    scenarios(tmp_path, play)


def test_without_paper_it_is_refused_and_does_not_open_later(tmp_path):
    async def play(device, box, drawer):
        device.fault("paper_end")
        job = asyncio.create_task(box.devices.printer("it").print((Text("a"), Cut())))
        await box.stale("it")
        with pytest.raises(DeviceError, match="key"):
            await drawer.kick()
        device.fault("clear")
        await job
        await still(lambda: not device.printer.drawer_pulses, 0.1)

    scenarios(tmp_path, play)


def test_it_is_offline_with_its_printer(tmp_path):
    async def play(device, box, drawer):
        device.fault("unplug")
        await box.offline("drawer", 0.75)
        with pytest.raises(DeviceError, match="key"):
            await drawer.kick()
        device.fault("clear")
        await box.online("drawer", 6)
        await drawer.kick()
        await until(lambda: len(device.printer.drawer_pulses) == 1)

    scenarios(tmp_path, play)


def test_the_stick_is_a_folder_while_it_is_in(tmp_path):
    async def scenario():
        rig = RIGS["stick"]
        device = rig.make(tmp_path)
        device.start()
        async with counter(rig.config(device)) as box:
            await still(lambda: box.devices.stick("it").folder() is None, 0.1)
            device.fault("clear")
            await box.online("it", 0.75)
            assert box.devices.stick("it").folder() == tmp_path / "stick"
            device.fault("unplug")
            await box.offline("it", 0.75)
            assert box.devices.stick("it").folder() is None

    asyncio.run(scenario())
