"""Readers beside the usual ones: reports, reader-writers, tags, serial scanners, other keypads."""

import asyncio

import pytest
from msgspec.structs import replace

from daemon.devices import DeviceConfig
from daemon.events import CardRefused, CardSwiped, CodeScanned, DeviceKind, KeyPressed
from tests.contract.counter import counter, still, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.hid_swiper import HidSwiper
from tests.hardware_sim.msr605 import Msr605
from tests.hardware_sim.tag_reader import SerialScanner, TagReader
from tests.hardware_sim.wedges import Wedge

MEMBER = CardSwiped("8800000000018")


def play(name, scene, tmp_path, **more):
    """Run a scene with one device of a rig and a box that has it; `more` is config."""

    async def scenario():
        rig = RIGS[name]
        device = rig.make(tmp_path)
        device.start()
        async with counter(replace(rig.config(device), **more)) as box:
            await box.online("it")
            await scene(device, box)
        device.stop()

    asyncio.run(scenario())


def test_an_encrypting_reader_is_refused_and_the_technician_told_why(tmp_path):
    async def scene(device, box):
        assert isinstance(device, HidSwiper)
        device.fault("encrypted")
        await device.swipe(";8800000000018=?")
        await until(lambda: box.events == [CardRefused("E01")])
        await box.stale("it")
        assert "encrypted" in box.reason("it")
        device.fault("clear")
        await device.swipe(";8800000000018=?")
        await until(lambda: box.events[-1] == MEMBER)
        await box.online("it")

    play("swiper_hid", scene, tmp_path)


def test_a_report_that_could_not_be_read_is_told(tmp_path):
    async def scene(device, box):
        device.fault("unreadable")
        await device.swipe(";8800000000018=?")
        await until(lambda: box.events == [CardRefused("E01")])

    play("swiper_hid", scene, tmp_path)


@pytest.mark.parametrize("raw", [False, True])
def test_a_reader_writer_is_armed_again_after_every_swipe(raw, tmp_path):
    (tmp_path / "devices").mkdir()
    text = f'driver = "msr605"\nraw = {"true" if raw else "false"}\n'
    (tmp_path / "devices" / "mine.toml").write_text(text)

    async def scenario():
        device = Msr605("it", tmp_path / "tty", 9600)
        device.start()
        config = replace(RIGS["swiper_msr"].config(device), profile="mine")
        async with counter(config, share=tmp_path) as box:
            for _ in range(3):
                await until(lambda: device.armed)
                device.swipe(("A8800000000018^LI", "8800000000018=8213", "123"))
                await until(lambda: not device.armed or box.events)
            await until(lambda: box.events == [MEMBER] * 3)
            assert device.unknown_commands == 0
        device.stop()

    asyncio.run(scenario())


def test_a_card_that_lies_on_the_reader_is_one_card(tmp_path):
    async def scene(device, box):
        assert isinstance(device, TagReader)
        for _ in range(5):
            device.present("06008E6D5D")
            await asyncio.sleep(0.05)
        device.present("0100000007")
        await until(lambda: len(box.events) == 2)
        assert box.events == [CardSwiped("0009334109"), CardSwiped("0000000007")]
        device.fault("noise")
        device.present("06008E6D5D")
        await until(lambda: box.events[2:] == [CardSwiped("0009334109")])

    play("tag_serial", scene, tmp_path)


@pytest.mark.parametrize(
    ("numbers", "typed", "number"),
    [
        ("8H-10D lsb as 8H-10D", "3891977766", "0652147431"),
        ("8H-10D msb as 8H-10D", "0652147431", "0652147431"),
        ("8H-10D lsb", "3891977766", "26DEFAE7"),
        ("8H00-12D msb as 8H-10D", "166949742336", "0652147431"),
    ],
)
def test_readers_of_both_orders_tell_one_number(numbers, typed, number, tmp_path):
    async def scene(device, box):
        assert isinstance(device, Wedge)
        await device.type_text(typed + "\r\n")
        await until(lambda: box.events == [CardSwiped(number)])
        await device.type_text(typed + "\r")
        await still(lambda: box.events == [CardSwiped(number)], 0.3)
        await device.type_text("nonsense\r")
        await box.stale("it")
        assert "memberbox teach" in box.reason("it")

    play("swiper", scene, tmp_path, numbers=numbers)


def test_a_reader_set_to_another_keyboard_is_named(tmp_path):
    async def scene(device, box):
        assert isinstance(device, Wedge)
        await device.type_text("<8800000000018)_\r")  # what a German keyboard has for ; = ?
        await until(lambda: box.events == [CardRefused("E01")])
        await box.stale("it")
        assert "German" in box.reason("it")
        assert "US layout" in box.reason("it")
        await device.type_text(";8800000000018=?\r")
        await until(lambda: box.events[1:] == [MEMBER])
        await box.online("it")

    play("swiper", scene, tmp_path)


def test_a_serial_scanner_tells_codes(tmp_path):
    async def scene(device, box):
        assert isinstance(device, SerialScanner)
        device.scan("6901234100013")
        device.scan("]C1010690123410001317261231\x1d10AB")
        device.send("会员|甲\r\n".encode())
        await until(lambda: len(box.events) == 3)
        codes = ["6901234100013", "6901234100013", "会员|甲"]
        assert box.events == [CodeScanned(code) for code in codes]

    play("scanner_serial", scene, tmp_path)


@pytest.mark.parametrize("name", ["scanner", "scanner_serial"])
def test_a_members_qr_is_a_card_and_a_receipts_qr_is_none(name, tmp_path):
    async def scene(device, box):
        send = device.type_text if isinstance(device, Wedge) else say(device)
        await send("ZZ:8800000000018\r")
        await send("MB1|0018|000412\r")
        await send("ZZ:<script>\r")
        await until(lambda: len(box.events) == 3)
        assert box.events == [MEMBER, CodeScanned("MB1|0018|000412"), CardRefused("E01")]

    play(name, scene, tmp_path, member_qr="ZZ:")


def say(device):
    async def send(text):
        device.send(text.encode())

    return send


def test_a_keypad_of_other_keys_means_what_the_config_says(tmp_path):
    async def scenario():
        device = Wedge("it", "keypad", tmp_path / "w")
        device.start()
        keys = (("KEY_TAB", "CLEAR"), ("KEY_A", "*"))
        config = DeviceConfig("it", DeviceKind.KEYPAD, "wedge", f"pipe:{device.path}", keys=keys)
        async with counter(config) as box:
            await box.online("it")
            await device.type_text("1a\tb\r")
            await until(lambda: len(box.events) == 4)
            assert box.events == [KeyPressed(key) for key in ("1", "*", "CLEAR", "ENTER")]
        device.stop()

    asyncio.run(scenario())
