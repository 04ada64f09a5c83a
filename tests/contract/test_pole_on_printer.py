"""A DM-D behind a printer: one line for both, and neither gets what the other was sent."""

import asyncio

from daemon.devices import DeviceConfig
from daemon.drivers.kinds import Printed
from daemon.events import DeviceKind
from daemon.paper import Cut, Lamp, Pole, Text
from tests.contract.counter import counter, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.dm_display import DmDisplay
from tests.hardware_sim.printers import PrinterDevice

POLE = DeviceConfig("pole", DeviceKind.LINE_DISPLAY, "text_pole", "printer:it", profile="dm-d")


class BehindDisplay(PrinterDevice):
    """A printer whose line goes through a display first, as a DM-D is cabled."""

    def __init__(self, given):
        super().__init__("it", given, 32, has_drawer=True)
        self.glass = DmDisplay(selected=1)

    def _on_bytes(self, data):
        self.glass.feed(data)
        for_printer = self.glass.passed()
        if for_printer:
            super()._on_bytes(for_printer)


def scenario(tmp_path, play):
    async def run():
        plain = RIGS["printer"].make(tmp_path)
        assert isinstance(plain, PrinterDevice)
        device = BehindDisplay(plain._port)
        device.start()
        async with counter(POLE, RIGS["printer"].config(device)) as box:
            await box.online("it")
            await box.online("pole")
            await play(device, box)
            assert device.glass.selected == 1, "the printer hears again"
            assert device.glass.unknown_bytes == 0
        device.stop()

    asyncio.run(run())


def screen(fen):
    return Pole(("TOTAL", f"{fen / 100:.2f}"), fen, Lamp.TOTAL)


def shown(device, fen):
    return device.glass.lines == ["TOTAL".ljust(20), f"{fen / 100:.2f}".ljust(20)]


def test_both_get_what_is_theirs(tmp_path):
    async def play(device, box):
        paper = (*(Text(f"{n:03}") for n in range(200)), Cut())
        job = asyncio.create_task(box.devices.printer("it").print(paper))
        for fen in range(1, 60):
            box.devices.show("pole", screen(fen))
            await asyncio.sleep(0.002)
        assert await job is Printed.CONFIRMED
        await until(lambda: shown(device, 59))
        (receipt,) = device.printer.receipts
        assert receipt.unknown_bytes == 0
        assert [line.strip() for line in receipt.text.split("\n") if line.strip()] == [
            f"{n:03}" for n in range(200)
        ]

    scenario(tmp_path, play)


def test_it_is_offline_with_its_printer_and_shown_again_when_it_is_back(tmp_path):
    async def play(device, box):
        box.devices.show("pole", screen(100))
        await until(lambda: shown(device, 100))
        device.fault("unplug")
        await box.offline("pole")
        assert "See to the printer" in box.reason("pole")
        box.devices.show("pole", screen(200))
        device.glass = DmDisplay(selected=1)
        device.fault("clear")
        await box.online("pole", 6)
        await until(lambda: shown(device, 200))
        device.fault("unplug")
        await box.offline("pole")
        device.glass = DmDisplay(selected=1)  # switched on dark, it is told again
        device.fault("clear")
        await until(lambda: shown(device, 200), 6)

    scenario(tmp_path, play)


def test_a_box_that_died_while_the_display_was_selected_leaves_no_deaf_printer(tmp_path):
    async def run():
        plain = RIGS["printer"].make(tmp_path)
        assert isinstance(plain, PrinterDevice)
        device = BehindDisplay(plain._port)
        device.glass.feed(b"\x1b=\x02\x1f$\x01")  # in the middle of "move the cursor"
        device.start()
        async with counter(POLE, RIGS["printer"].config(device)) as box:
            await box.online("it")  # it has answered, and may be sent a slip from here on
            await box.devices.printer("it").print((Text("abc"), Cut()))
            await until(lambda: device.printer.receipts)
            assert device.printer.receipts[0].text == "abc"
            await box.online("pole")
            box.devices.show("pole", screen(300))
            await until(lambda: shown(device, 300))
        device.stop()

    asyncio.run(run())


def test_the_display_shows_on_while_the_printer_has_no_paper(tmp_path):
    async def play(device, box):
        device.fault("paper_end")
        job = asyncio.create_task(box.devices.printer("it").print((Text("a"), Cut())))
        await box.stale("it")
        box.devices.show("pole", screen(300))
        await until(lambda: shown(device, 300))
        device.fault("clear")
        await job

    scenario(tmp_path, play)
