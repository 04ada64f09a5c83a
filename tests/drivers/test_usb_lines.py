"""USB printers both ways: the kernel's usblp by a stand-in node, libusb by a stand-in bus.

No machine of ours has either; what stands in answers as the kernel and the bus would.
"""

import asyncio
import contextlib
import errno
import socket
import subprocess
import sys

import pytest
import usb.core

from daemon.drivers.escpos import EscPosPrinter
from daemon.drivers.kinds import Printed, PrintUnsure
from daemon.drivers.line import Line
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.profiles import PrinterProfile
from daemon.drivers.reader_settings import Link
from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import LpPort, UsbPort
from daemon.drivers.supervisor import Supervisor
from daemon.drivers.transport import Stream
from daemon.drivers.usb_bulk import UsbPrinter
from daemon.drivers.usblp import LpNode
from daemon.errors import DeviceError
from daemon.events import DeviceKind, DeviceState
from daemon.paper import Cut, Qr, Text
from tests.contract.counter import until
from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.printers import PrinterDevice
from tests.hardware_sim.ptys import Pty
from tests.hardware_sim.usb_printer import Board, UsbBus

SLIP = (Text("销售小票"), Qr("MB1|0018|412"), Cut())
LONG = (*(Text(f"{n:04} 保湿面霜 120.00") for n in range(2000)), Cut())
HERE = UsbPort(place="1-1.4")


class Box:
    """One printer driver, without a supervisor."""

    def __init__(self, line, **profile) -> None:
        settings = PrinterProfile(link=Link(stall_s=0.6), **profile)
        self.reporter = Reporter("it", DeviceKind.RECEIPT_PRINTER, lambda *_: None)
        self.driver = EscPosPrinter(line, settings, self.reporter)

    @property
    def state(self):
        return self.reporter.changed.state


@contextlib.asynccontextmanager
async def on_usblp(tmp_path, **profile):
    device = PrinterDevice("it", Pty(tmp_path / "lp", 9600), 48, has_drawer=True)
    device.start()
    board = Board(device.printer)
    line = Line(
        "it", LpPort(device.path), Link(stall_s=0.6), lambda path: LpNode(path, board.ioctl)
    )
    box = Box(line, **profile)
    try:
        yield device, board, box
    finally:
        await box.driver.close()
        device.stop()


@contextlib.asynccontextmanager
async def on_libusb(*, port=HERE, profile=None, **how):
    bus = UsbBus(Board(Printer(48)), **how)
    line = Line("it", port, Link(stall_s=0.6), open_usb=lambda port: UsbPrinter(port, bus))
    box = Box(line, **(profile or {}))
    try:
        yield bus, box
    finally:
        await box.driver.close()
        await asyncio.sleep(0)


# -- usblp --------------------------------------------------------------------------------------


def test_usblp_prints_and_confirms(tmp_path):
    async def scenario():
        async with on_usblp(tmp_path) as (device, _, box):
            await box.driver.open()
            assert await box.driver.print(SLIP) is Printed.CONFIRMED
            (receipt,) = device.printer.receipts
            assert receipt.unknown_bytes == 0

    asyncio.run(scenario())


def test_usblp_an_office_printer_is_named_and_left_alone(tmp_path):
    async def scenario():
        async with on_usblp(tmp_path) as (device, board, box):
            board.device_id = "MFG:HP;MDL:LaserJet;CMD:PCL,PJL;"
            with pytest.raises(DeviceError, match="HP LaserJet prints pages"):
                await box.driver.open()
            assert device.printer.unfinished.items == ()

    asyncio.run(scenario())


def test_usblp_a_silent_printer_tells_paper_end_by_its_port_once_the_port_is_believed(tmp_path):
    async def scenario():
        async with on_usblp(tmp_path) as (device, board, box):
            assert board.honest
            device.fault("silent")
            await box.driver.open()
            assert "does not say" in box.reporter.changed.reason
            device.fault("paper_end")
            job = asyncio.create_task(box.driver.print(SLIP))
            await until(lambda: "paper end" in box.reporter.changed.reason)
            assert not job.done()
            device.fault("clear")
            device.fault("silent")
            assert await job is Printed.SENT  # the port says no word about the slip

    asyncio.run(scenario())


def test_usblp_a_constant_port_status_is_no_word(tmp_path):
    async def scenario():
        async with on_usblp(tmp_path, answers=False) as (device, board, box):
            board.honest = False
            device.fault("paper_end")
            await box.driver.open()
            assert box.state is DeviceState.ONLINE

    asyncio.run(scenario())


def test_usblp_a_board_that_answers_no_ioctl_still_prints(tmp_path):
    async def scenario():
        async with on_usblp(tmp_path) as (_, board, box):
            board.mute = True
            await box.driver.open()
            assert await box.driver.print(SLIP) is Printed.CONFIRMED

    asyncio.run(scenario())


def test_usblp_pulled_in_the_middle_is_unsure(tmp_path):
    async def scenario():
        async with on_usblp(tmp_path) as (device, _, box):
            await box.driver.open()
            device.fault("stall")
            job = asyncio.create_task(box.driver.print(LONG))
            await asyncio.sleep(0.1)
            device.fault("unplug")
            with pytest.raises(PrintUnsure):
                await asyncio.wait_for(job, 3)

    asyncio.run(scenario())


def test_an_empty_packet_is_the_end_of_a_socket_and_nothing_at_all_for_usblp():
    """usblp returns 0 for a packet of no bytes; a node that has gone hangs up as well."""

    async def scenario():
        for ends in (True, False):
            near, far = socket.socketpair()
            near.setblocking(False)
            stream = Stream(near, lambda _: None, empty_ends=ends)
            far.shutdown(socket.SHUT_WR)
            await asyncio.sleep(0.05)
            assert stream.gone.done() is ends
            far.close()
            await asyncio.sleep(0.05)
            assert stream.gone.done()
            stream.let_go()()

    asyncio.run(scenario())


# -- libusb -------------------------------------------------------------------------------------


@pytest.mark.parametrize("port", [HERE, UsbPort(vendor=0x0416, product=0x5011)])
def test_libusb_prints_and_confirms_and_takes_no_liberty(port):
    async def scenario():
        async with on_libusb(port=port) as (bus, box):
            await box.driver.open()
            assert await box.driver.print(SLIP) is Printed.CONFIRMED
            (receipt,) = bus.board.printer.receipts
            assert receipt.unknown_bytes == 0
        await until(lambda: "close" in bus.calls)
        assert {"reset", "detach", "set_configuration"}.isdisjoint(bus.calls)
        assert {call for call in bus.calls if "claim" in call} == {"claim 0"}

    asyncio.run(scenario())


def test_libusb_a_device_without_configuration_gets_one():
    async def scenario():
        async with on_libusb(configured=False) as (bus, box):
            await box.driver.open()
            assert bus.calls.count("set_configuration") == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("how", "port", "words"),
    [
        ({"kernel_driver": True}, HERE, "usblp has it"),
        ({}, UsbPort(place="1-2"), "no such USB printer"),
        ({}, UsbPort(vendor=1, product=2), "no such USB printer"),
    ],
)
def test_libusb_what_cannot_be_opened_says_why(how, port, words):
    async def scenario():
        async with on_libusb(port=port, **how) as (bus, box):
            with pytest.raises(OSError, match=words):
                await box.driver.open()
            assert "detach" not in bus.calls

    asyncio.run(scenario())


@pytest.mark.parametrize("way", ["usblp", "libusb"])
def test_a_printer_that_another_program_has_is_named_and_taken_when_it_is_free(way, tmp_path):
    """usblp lets one opener in (EBUSY), libusb one claimer."""

    async def scenario():
        bus, board = UsbBus(Board(Printer(48))), Board(Printer(48))
        bus.busy = True
        device = PrinterDevice("it", Pty(tmp_path / "lp", 9600), 48, has_drawer=False)
        device.start()

        def open_node(path):
            if bus.busy:
                raise OSError(errno.EBUSY, "Device or resource busy", path)
            return LpNode(path, board.ioctl)

        port = LpPort(device.path) if way == "usblp" else HERE
        line = Line("it", port, Link(), open_node, lambda port: UsbPrinter(port, bus))
        box = Box(line)
        supervisor = Supervisor(box.driver, box.reporter, jitter=lambda: 0.5, watch=PlugWatch())
        supervisor.start()
        await until(lambda: "Another program has it open" in box.reporter.changed.reason)
        assert box.state is DeviceState.OFFLINE
        bus.busy = False
        await until(lambda: box.state is DeviceState.ONLINE, 6)
        assert await box.driver.print(SLIP) is Printed.CONFIRMED
        await supervisor.stop()
        device.stop()
        await asyncio.sleep(0.05)

    asyncio.run(scenario())


def test_libusb_a_printer_that_takes_nothing_is_given_up_and_let_go():
    async def scenario():
        async with on_libusb() as (bus, box):
            await box.driver.open()
            bus.stuck = True
            with pytest.raises(PrintUnsure):
                await asyncio.wait_for(box.driver.print(SLIP), 4)
        await until(lambda: "release 0" in bus.calls)

    asyncio.run(scenario())


def test_libusb_pulled_it_is_gone_at_once_and_its_threads_end():
    async def scenario():
        async with on_libusb() as (bus, box):
            await box.driver.open()
            serving = asyncio.create_task(box.driver.serve())
            bus.unplug()
            with pytest.raises(DeviceError, match="unplugged"):
                await asyncio.wait_for(serving, 1)
        await until(lambda: "close" in bus.calls)

    asyncio.run(scenario())


def test_libusb_missing_says_what_to_install(monkeypatch):
    def no_backend(**_):
        raise usb.core.NoBackendError("No backend available")

    monkeypatch.setattr(usb.core, "find", no_backend)
    with pytest.raises(OSError, match="apt-get install libusb"):
        UsbPrinter(HERE)


def test_pyusb_is_imported_only_where_it_is_used():
    code = "import sys, daemon.drivers.devices; sys.exit('usb' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
