"""Scanner: one code, one event, at its terminator. Keypad: every key at once."""

import asyncio

from daemon.events import CardRefused, CodeScanned, KeyPressed
from tests.contract.counter import counter, still, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.wedges import Wedge

BANK = "6222021234567890128"


def wedge(name, tmp_path):
    rig = RIGS[name]
    device = rig.make(tmp_path)
    assert isinstance(device, Wedge)
    device.start()
    return device, rig.config(device)


def test_codes_come_as_they_were_scanned(tmp_path):
    async def scenario():
        device, config = wedge("scanner", tmp_path)
        async with counter(config) as box:
            await box.online("it")
            await device.type_text("6901234100013\r]E06901234100020\r\n")
            await device.type_text("MB1|0018|000412|A b-c_d\r")
            await until(lambda: len(box.events) == 3)
            assert box.events == [
                CodeScanned("6901234100013"),
                CodeScanned("6901234100020"),
                CodeScanned("MB1|0018|000412|A b-c_d"),
            ]
        device.stop()

    asyncio.run(scenario())


def test_a_swiper_set_up_as_a_scanner_tells_no_bank_card(tmp_path, caplog):
    async def scenario():
        device, config = wedge("scanner", tmp_path)
        async with counter(config) as box:
            await box.online("it")
            await device.type_text(f"%B{BANK}^LI^2912?;{BANK}=2912?\r")
            await until(lambda: box.events)
            assert box.events == [CardRefused("E02")]
            assert BANK not in repr(box.told)
        device.stop()

    asyncio.run(scenario())
    assert BANK not in caplog.text


def test_half_a_code_is_no_code(tmp_path):
    async def scenario():
        device, config = wedge("scanner", tmp_path)
        async with counter(config) as box:
            await box.online("it")
            device.fault("syn_dropped")
            await device.type_text("6901234100013\r")
            await still(lambda: not box.events, 0.25)
            await device.type_text("6901234100013\r")
            await until(lambda: box.events == [CodeScanned("6901234100013")])
        device.stop()

    asyncio.run(scenario())


def test_keys_come_at_once_and_in_order(tmp_path):
    async def scenario():
        device, config = wedge("keypad", tmp_path)
        names = [*"0123456789.+-*/", "ENTER", "CLEAR"]
        async with counter(config) as box:
            await box.online("it")
            await device.press(["1"])
            await until(lambda: box.events == [KeyPressed("1")])
            box.told.clear()
            await device.press(names)
            await until(lambda: box.events == [KeyPressed(name) for name in names])
        device.stop()

    asyncio.run(scenario())
