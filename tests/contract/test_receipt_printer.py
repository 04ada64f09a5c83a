"""Every receipt printer: paper comes out once, pauses go on by themselves, nothing is guessed."""

import asyncio

import pytest
from msgspec.structs import replace

from daemon.drivers.kinds import Printed, PrintUnsure
from daemon.errors import DeviceError
from daemon.paper import Align, Cut, Paper, Qr, Text
from tests.contract.counter import counter, still, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.printers import PrinterDevice

PRINTERS = ["printer", "printer_serial", "printer_usblp"]
SLIP = (Text("销售小票", Align.CENTRE, 2, 2), Text("合计 227.90"), Qr("MB1|0018|412"), Cut())
LONG: Paper = (*(Text(f"{line:03} 保湿面霜 120.00") for line in range(900)), Cut())


def printer(name, tmp_path):
    device = RIGS[name].make(tmp_path)
    assert isinstance(device, PrinterDevice)
    device.start()
    return device, RIGS[name].config(device)


def texts(device):
    return [receipt.text for receipt in device.printer.receipts]


def scenarios(name, tmp_path, play, profile=""):
    """Play with one printer; profile says how it differs from the usual one."""
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "test.toml").write_text(f'driver = "escpos"\n{profile}\n')

    async def scenario():
        device, config = printer(name, tmp_path)
        async with counter(replace(config, profile="test"), share=tmp_path) as box:
            await box.online("it")
            await play(device, box, box.devices.printer("it"))
        device.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize("name", PRINTERS)
def test_a_slip_comes_out_and_is_confirmed(name, tmp_path):
    async def play(device, box, it):
        assert await it.print(SLIP) is Printed.CONFIRMED
        await until(lambda: len(texts(device)) == 1)
        receipt = device.printer.receipts[0]
        assert "合计 227.90" in receipt.text
        assert (receipt.unknown_bytes, receipt.cut) == (0, True)
        assert it.columns == device.columns

    scenarios(name, tmp_path, play)


@pytest.mark.parametrize("name", PRINTERS)
def test_jobs_do_not_mix(name, tmp_path):
    async def play(device, box, it):
        slips = [(Text(f"小票 {number}"), Text("x" * 30), Cut()) for number in range(12)]
        assert set(await asyncio.gather(*map(it.print, slips))) == {Printed.CONFIRMED}
        await until(lambda: len(texts(device)) == 12)
        assert [f"小票 {number}" in text for number, text in enumerate(texts(device))] == [
            True
        ] * 12

    scenarios(name, tmp_path, play)


@pytest.mark.parametrize("name", PRINTERS)
@pytest.mark.parametrize(("fault", "words"), [("cover_open", "cover"), ("paper_end", "paper")])
def test_a_pause_goes_on_by_itself(name, fault, words, tmp_path):
    async def play(device, box, it):
        device.fault(fault)
        job = asyncio.create_task(it.print(SLIP))
        await box.stale("it")
        assert words in box.reason("it")
        await still(lambda: not job.done() and not texts(device), 0.3)
        device.fault("clear")
        assert await asyncio.wait_for(job, 3) is Printed.CONFIRMED
        await until(lambda: len(texts(device)) == 1)
        await box.online("it")

    scenarios(name, tmp_path, play)


def test_paper_that_ends_in_the_middle_is_waited_for(tmp_path):
    async def play(device, box, it):
        device.fault("paper_end", after_lines=20)
        job = asyncio.create_task(it.print((*LONG[:60], Cut())))
        await box.stale("it")
        await still(lambda: not job.done(), 0.2)
        device.fault("clear")
        assert await asyncio.wait_for(job, 3) is Printed.CONFIRMED
        await until(lambda: len(texts(device)) == 1)
        assert all(f"{line:03} " in texts(device)[0] for line in range(60))

    scenarios("printer", tmp_path, play)


@pytest.mark.parametrize("fault", ["silent", "zero", "noise", "late"])
def test_silence_is_neither_well_nor_out_of_paper(fault, tmp_path):
    async def play(device, box, it):
        device.fault(fault)
        result = await asyncio.wait_for(it.print(SLIP), 6)
        assert result is (Printed.CONFIRMED if fault == "noise" else Printed.SENT)
        await until(lambda: len(texts(device)) == 1)
        if fault != "noise":
            await box.stale("it")
            assert "does not say" in box.reason("it")

    scenarios("printer", tmp_path, play)


@pytest.mark.parametrize("name", PRINTERS)
def test_switched_off_in_the_middle_it_is_unsure(name, tmp_path):
    async def play(device, box, it):
        device.fault("stall")
        job = asyncio.create_task(it.print(LONG))
        await asyncio.sleep(0.2)
        assert not job.done()
        device.fault("unplug")
        with pytest.raises(PrintUnsure, match="Look whether the receipt came out"):
            await asyncio.wait_for(job, 3)
        await box.offline("it")

    scenarios(name, tmp_path, play)


def test_a_printer_that_stops_reading_is_given_up(tmp_path):
    async def play(device, box, it):
        device.fault("stall")
        with pytest.raises(PrintUnsure):
            await asyncio.wait_for(it.print(LONG * 4), 3)
        await box.offline("it")
        device.fault("clear")
        await box.online("it", 6)
        assert await it.print(SLIP) is Printed.CONFIRMED

    scenarios("printer", tmp_path, play, "[link]\nstall_s = 0.4")


def test_switched_off_while_nothing_is_known_it_is_unsure_too(tmp_path):
    async def play(device, box, it):
        device.fault("silent")
        job = asyncio.create_task(it.print(SLIP))
        await until(lambda: len(texts(device)) == 1)
        await asyncio.sleep(0.1)  # it has been asked how it is, and says nothing
        device.fault("unplug")
        with pytest.raises(PrintUnsure):
            await asyncio.wait_for(job, 3)

    scenarios("printer", tmp_path, play)


def test_a_job_that_waited_for_paper_and_was_never_begun_is_not_unsure(tmp_path):
    async def play(device, box, it):
        device.fault("cover_open")
        await box.stale("it")
        job = asyncio.create_task(it.print(SLIP))
        await asyncio.sleep(0.1)
        device.fault("unplug")
        with pytest.raises(DeviceError) as caught:
            await asyncio.wait_for(job, 3)
        assert not isinstance(caught.value, PrintUnsure)

    scenarios("printer", tmp_path, play, "idle_poll_s = 0.1")


@pytest.mark.parametrize("name", PRINTERS)
def test_while_it_is_away_nothing_was_sent(name, tmp_path):
    async def play(device, box, it):
        device.fault("unplug")
        await box.offline("it")
        with pytest.raises(DeviceError, match="offline") as caught:
            await it.print(SLIP)
        assert not isinstance(caught.value, PrintUnsure)
        assert caught.value.retry
        device.fault("clear")
        await box.online("it", 6)
        assert await it.print(SLIP) is Printed.CONFIRMED
        await until(lambda: len(texts(device)) == 1)

    scenarios(name, tmp_path, play)


def test_a_pause_seen_between_receipts_is_reported(tmp_path):
    async def play(device, box, it):
        device.fault("cover_open")
        await box.stale("it")
        device.fault("clear")
        await box.online("it")

    scenarios("printer", tmp_path, play, "idle_poll_s = 0.1")
