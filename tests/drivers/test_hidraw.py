"""HID nodes: identity is proved before anything is read; reports stay whole."""

import asyncio
import os
import struct

import pytest

from daemon.devices import DeviceConfig
from daemon.drivers.assembly import problems
from daemon.drivers.hidraw import HidNode, WrongDeviceError, open_hid, prove
from daemon.drivers.resources import HidrawPort, PipePort, parse_port
from daemon.events import DeviceKind
from tests.contract.counter import SHARE, counter, until
from tests.hardware_sim.hid_swiper import HidSwiper

MAGTEK = struct.pack("IHH", 3, 0x0801, 0x0002)


def test_another_device_in_that_port_is_refused_by_its_numbers():
    prove(MAGTEK, ["0801:0002"])
    prove(MAGTEK, [])  # a profile without ids takes what is there
    with pytest.raises(WrongDeviceError, match="0801:0002 is plugged in there, no 0acd:2010"):
        prove(MAGTEK, ["0acd:2010"])


def test_what_is_no_hidraw_node_is_refused_and_closed(tmp_path):
    (tmp_path / "file").touch()
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="ioctl"):
        open_hid(HidrawPort(str(tmp_path / "file")), ["0801:0002"])
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_link_made_by_udev_is_a_port_and_the_bare_node_is_none():
    assert parse_port("/dev/memberbox/swiper", (HidrawPort, PipePort)) == HidrawPort(
        "/dev/memberbox/swiper"
    )
    with pytest.raises(ValueError, match="memberbox suggest"):
        parse_port("/dev/hidraw3", (HidrawPort, PipePort))


def test_reports_that_come_together_stay_apart(tmp_path):
    async def scenario():
        device = HidSwiper("it", tmp_path / "w")
        device.start()
        reports: list[bytes] = []
        node = HidNode(open_hid(PipePort(device.path), []), reports.append)
        for card in range(5):
            await device.swipe(f";880000000000{card}=?")
        assert node.plugged()
        node.listen()
        await until(lambda: len(reports) == 5)
        assert {len(report) for report in reports} == {337}
        device.fault("unplug")
        assert await asyncio.wait_for(node.gone, 1.0) == "unplugged"
        node.let_go()()
        device.stop()

    asyncio.run(scenario())


def test_a_swiper_that_is_plugged_in_later_is_taken(tmp_path):
    async def scenario():
        device = HidSwiper("it", tmp_path / "w")
        os.mkfifo(device.path)  # left by somebody: there, and nobody at its other end
        config = DeviceConfig("it", DeviceKind.CARD_READER, "hid_swiper", f"pipe:{device.path}")
        async with counter(config) as box:
            await until(lambda: "nobody writes" in box.reason("it"))
            writer = os.open(device.path, os.O_WRONLY)
            await box.online("it")
            os.write(writer, device.report(";8800000000018=?"))
            await until(lambda: box.events)
            os.close(writer)

    asyncio.run(scenario())


def test_words_of_the_config_are_checked_with_the_rest():
    reader = DeviceConfig("a", DeviceKind.CARD_READER, "wedge", "pipe:/x", numbers="9H up")
    keypad = DeviceConfig(
        "b", DeviceKind.KEYPAD, "wedge", "pipe:/y", keys=(("KEY_KPCOMMA", "."), ("KEY_NONE", "."))
    )
    told = problems([reader, keypad], SHARE)
    assert [(each.index, each.key, each.value) for each in told] == [
        (0, "numbers", "9H up"),
        (1, "keys", "KEY_NONE"),
    ]
    assert "8H-10D" in told[0].what
