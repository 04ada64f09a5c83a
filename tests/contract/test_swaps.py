"""Devices that come back as another node, or in each other's: the port says who is who.

ttyUSB0 and ttyUSB1, event3 and event4 are given in the order of plugging in; the box knows its
devices by the port of the hub that they are plugged into, whose link follows the node.
"""

import asyncio
import os

import pytest
from msgspec.structs import replace

from daemon.events import CardSwiped, CodeScanned, DeviceState
from daemon.paper import Pole
from tests.contract.counter import counter, until
from tests.contract.rigs import RIGS


def made(tmp_path, *names):
    """Devices by name, the rig of each is what stands before the dot; and their configs."""
    devices, configs = {}, []
    for name in names:
        rig = RIGS[name.partition(".")[0]]
        (tmp_path / name).mkdir()
        devices[name] = rig.make(tmp_path / name)
        devices[name].start()
        devices[name].fault("clear")
        configs.append(replace(rig.config(devices[name]), name=name))
    return devices, configs


def node(device):
    return os.readlink(device.path)


async def brown_out(box, devices, order):
    """The hub loses its power, and has it again: what was first is last."""
    for device in devices.values():
        device.fault("unplug")
    await box.all_reach(DeviceState.OFFLINE, 3.0)
    for name in order:
        devices[name].fault("clear")
        await asyncio.sleep(0.02)
    await box.all_reach(DeviceState.ONLINE, 6.0)


@pytest.mark.parametrize("kind", ["pole", "led"])
def test_two_identical_displays_that_swapped_their_nodes_show_what_is_theirs(kind, tmp_path):
    async def scenario():
        devices, configs = made(tmp_path, f"{kind}.a", f"{kind}.b")
        first, second = devices.values()
        async with counter(*configs) as box:
            await box.all_reach(DeviceState.ONLINE, 3.0)
            before = node(first), node(second)
            await brown_out(box, devices, reversed(list(devices)))
            assert (node(second), node(first)) == before, "the simulator did not swap them"
            for number, name in enumerate(devices):
                box.devices.show(name, Pole((f"{number}" * 4, ""), 1100 * (number + 1)))
            await until(lambda: shown(first) != shown(second))
            await until(lambda: ("0000" if kind == "pole" else "11.00") in shown(first))
            await until(lambda: ("1111" if kind == "pole" else "22.00") in shown(second))
        for device in devices.values():
            device.stop()

    asyncio.run(scenario())


def shown(device):
    glass = device.glass
    return glass.digits if hasattr(glass, "digits") else "".join(glass.lines)


def test_two_identical_readers_that_swapped_their_nodes_keep_their_roles(tmp_path):
    """Both are serial readers of one make; one stands at the till, one at the door."""

    async def scenario():
        devices, configs = made(tmp_path, "swiper_serial.till", "swiper_serial.door")
        till, door = devices.values()
        async with counter(*configs) as box:
            await box.all_reach(DeviceState.ONLINE, 3.0)
            before = node(till), node(door)
            await brown_out(box, devices, reversed(list(devices)))
            assert (node(door), node(till)) == before
            box.told.clear()
            till.swipe(";8800000000018?")
            await until(lambda: box.events)
            door.swipe(";8800000000026?")
            await until(lambda: len(box.events) == 2)
            assert box.told == [
                ("swiper_serial.till", CardSwiped("8800000000018")),
                ("swiper_serial.door", CardSwiped("8800000000026")),
            ]
        for device in devices.values():
            device.stop()

    asyncio.run(scenario())


def test_a_hub_that_browns_out_gives_everything_back_in_another_order(tmp_path):
    async def scenario():
        names = (
            "swiper",
            "scanner",
            "keypad",
            "pole",
            "swiper_hid",
            "tag_serial",
            "printer_serial",
        )
        devices, configs = made(tmp_path, *names)
        async with counter(*configs) as box:
            await box.all_reach(DeviceState.ONLINE, 3.0)
            for order in (reversed(names), (*names[3:], *names[:3])):
                await brown_out(box, devices, order)
            box.told.clear()
            await devices["scanner"].type_text("6901234100013\r")
            await devices["swiper"].type_text(";8800000000018=?\r")
            await until(lambda: len(box.events) == 2)
            assert box.told == [
                ("scanner", CodeScanned("6901234100013")),
                ("swiper", CardSwiped("8800000000018")),
            ]
            box.devices.show("pole", Pole(("BACK", ""), 0))
            await until(lambda: "BACK" in shown(devices["pole"]))
        for device in devices.values():
            device.stop()

    asyncio.run(scenario())
