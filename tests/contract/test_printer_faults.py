"""The faults of printers, one by one: each test falls when its handling is taken out.

What else a printer can do wrong stands in test_receipt_printer.py (covers, paper, silence, cables)
and tests/drivers/test_torn_frames.py (a job that broke off at any byte).
"""

import asyncio
import subprocess
import sys

import pytest
from msgspec.structs import replace

from daemon.drivers import printer_session
from daemon.drivers.kinds import Printed, PrintUnsure
from daemon.events import DeviceState
from daemon.paper import Align, Cut, Text
from tests.contract.counter import counter, still, until
from tests.contract.test_receipt_printer import LONG, SLIP, printer, scenarios, texts
from tests.stage import ROOT

CONFIRMS = "confirms = true\nidle_poll_s = 0.1"


@pytest.mark.parametrize(
    ("fault", "words"), [("cutter_error", "cutter jammed"), ("head_hot", "too hot")]
)
def test_an_error_pauses_the_job_says_what_to_do_and_goes_on(fault, words, tmp_path):
    async def play(device, box, it):
        device.fault(fault)
        job = asyncio.create_task(it.print(SLIP))
        await box.stale("it")
        assert words in box.reason("it")
        await still(lambda: not job.done(), 0.2)
        device.fault("clear")
        assert await asyncio.wait_for(job, 3) is Printed.CONFIRMED
        assert len(texts(device)) == 1

    scenarios("printer", tmp_path, play)


def test_paper_near_its_end_prints_and_is_told(tmp_path):
    async def play(device, box, it):
        device.fault("near_end")
        assert await it.print(SLIP) is Printed.CONFIRMED
        assert box.state("it") is DeviceState.ONLINE
        assert "near its end" in box.reason("it")
        device.fault("clear")
        assert await it.print(SLIP) is Printed.CONFIRMED
        assert box.reason("it") == ""

    scenarios("printer", tmp_path, play)


@pytest.mark.parametrize("name", ["printer", "printer_serial"])
def test_a_timeout_in_mid_receipt_and_then_it_accepts_again(name, tmp_path):
    async def play(device, box, it):
        device.fault("stall")
        with pytest.raises(PrintUnsure):
            await asyncio.wait_for(it.print(LONG * 4), 4)
        await box.offline("it")
        device.fault("clear")
        await box.online("it", 6)
        assert await it.print((Cut(), *SLIP)) is Printed.CONFIRMED
        await until(lambda: texts(device) and "销售小票" in texts(device)[-1])
        assert "保湿面霜" not in texts(device)[-1]  # the broken slip is on a paper of its own
        assert device.printer.receipts[-1].unknown_bytes == 0

    scenarios(name, tmp_path, play, "[link]\nstall_s = 0.4")


def test_killed_in_the_middle_of_a_slip_the_next_box_prints_a_whole_one(tmp_path):
    async def scenario():
        device, config = printer("printer", tmp_path)
        device.fault("stall")
        script = [sys.executable, "-m", "tests.contract.print_and_hang", config.port]
        writer = subprocess.Popen(script, cwd=ROOT, stdout=subprocess.PIPE)
        with writer:
            assert writer.stdout is not None
            assert await asyncio.to_thread(writer.stdout.readline) == b"in the middle\n"
            writer.kill()
        device.fault("clear")
        async with counter(config) as box:
            await box.online("it")
            slip = (Cut(), *SLIP)
            assert await box.devices.printer("it").print(slip) is Printed.CONFIRMED
            await until(lambda: texts(device))
            assert "销售小票" in texts(device)[-1]
            assert "[QR MB1|0018|412]" in texts(device)[-1]
            assert device.printer.receipts[-1].unknown_bytes == 0
        device.stop()

    asyncio.run(scenario())


def test_the_line_of_a_printer_is_taken_by_another_program(tmp_path):
    async def scenario():
        device, config = printer("printer_serial", tmp_path)
        async with counter(config) as first:
            await first.online("it")
            async with counter(config) as second:
                await until(lambda: "Another program has it open" in second.reason("it"))
        device.stop()

    asyncio.run(scenario())


def test_a_network_printer_that_serves_another_computer_confirms_nothing(tmp_path):
    """Its print server lets everybody in and attends to one: bytes are taken, nothing is said."""

    async def play(device, box, it):
        device.fault("busy")
        await box.stale("it", 8)
        assert "does not say" in box.reason("it")
        assert await asyncio.wait_for(it.print(SLIP), 8) is Printed.SENT
        assert texts(device) == []
        device.fault("clear")  # the other one has gone
        await until(lambda: len(texts(device)) == 1)
        assert device.printer.receipts[0].unknown_bytes == 0
        await box.online("it", 8)

    scenarios("printer", tmp_path, play, "idle_poll_s = 0.1")


def test_modes_are_set_anew_for_every_slip(tmp_path):
    """A printer that was switched off and on between two slips has forgotten Chinese mode."""

    async def play(device, box, it):
        assert await it.print(SLIP) is Printed.CONFIRMED
        device.printer.power_on()
        assert await it.print(SLIP) is Printed.CONFIRMED
        await until(lambda: len(texts(device)) == 2)
        assert texts(device)[0] == texts(device)[1]
        await it.print((Text("大", Align.RIGHT, 2, 2, bold=True), Cut()))
        await it.print((Text("小"), Cut()))  # nothing of the slip before is left
        await until(lambda: len(texts(device)) == 4)
        assert texts(device)[3] == "小"

    scenarios("printer", tmp_path, play)


@pytest.mark.parametrize(
    ("fault", "charset", "shown"),
    [
        ("gb2312_only", "gb2312", "□基 会员"),
        ("no_chinese", "ascii", "???? ????"),
        ("clear", "gbk", "镕基 会员"),
    ],
)
def test_each_firmware_gets_only_what_it_knows(fault, charset, shown, tmp_path):
    async def play(device, box, it):
        device.fault(fault)
        await it.print((Text("镕基 会员"), Cut()))
        await until(lambda: texts(device))
        assert texts(device) == [shown]
        assert device.printer.receipts[0].unknown_bytes == 0

    scenarios("printer", tmp_path, play, f'[dialect]\ncharset = "{charset}"')


def test_confirmed_means_printed_where_the_printer_answers_in_order(tmp_path):
    """It took all bytes and says that it is well, and goes off before it has printed them."""

    async def play(device, box, it):
        asked = device.printer.feed
        held = bytearray()

        def slow(data):  # queries are answered at once; what is to be printed waits
            if data[:2] == b"\x10\x04":
                return asked(data)
            held.extend(data)
            return b""

        device.printer.feed = slow
        job = asyncio.create_task(it.print(SLIP))
        await still(lambda: not job.done(), 0.4)
        device.printer.feed = asked
        device._answer(asked(bytes(held)))
        assert await asyncio.wait_for(job, 3) is Printed.CONFIRMED
        assert len(texts(device)) == 1

    scenarios("printer", tmp_path, play, CONFIRMS)


def test_a_printer_that_never_answers_in_order_is_sent_not_confirmed(tmp_path, monkeypatch):
    monkeypatch.setattr(printer_session, "CONFIRM_WITHIN_S", 0.3)

    async def play(device, box, it):
        asked = device.printer.feed
        device.printer.feed = lambda data: asked(data.replace(b"\x1dr\x01", b""))
        assert await asyncio.wait_for(it.print(SLIP), 4) is Printed.SENT

    scenarios("printer", tmp_path, play, CONFIRMS)


def test_a_printer_that_reports_by_itself_is_known_at_once(tmp_path):
    async def play(device, box, it):
        device.fault("cover_open")
        await box.stale("it", 0.5)  # long before the next question
        device.fault("clear")
        await box.online("it", 0.5)

    scenarios("printer", tmp_path, play, "reports = true\nidle_poll_s = 60.0")


def test_a_printer_that_blocks_for_ever_delays_no_other(tmp_path):
    async def scenario():
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        stuck, first = printer("printer", tmp_path / "a")
        other, second = printer("printer_serial", tmp_path / "b")
        configs = replace(first, name="stuck"), replace(second, name="it")
        async with counter(*configs) as box:
            await box.online("it")
            await box.online("stuck")
            stuck.fault("stall")
            endless = (*LONG, *LONG, *LONG)
            blocked = asyncio.create_task(box.devices.printer("stuck").print(endless))
            await asyncio.sleep(0.1)
            job = box.devices.printer("it").print(SLIP)
            assert await asyncio.wait_for(job, 0.5) is Printed.CONFIRMED
            assert not blocked.done()
            blocked.cancel()
        stuck.stop()
        other.stop()

    asyncio.run(scenario())
