"""Every line display: the last screen wins, and is shown again after an unplug."""

import asyncio

import pytest
from msgspec.structs import replace

from daemon.paper import Lamp, Pole
from tests.contract.counter import counter, still, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.displays import Display
from tests.hardware_sim.led import LedDisplay

DISPLAYS = ["pole", "led", "dm-d", "utc", "aedex"]


def pole(fen):
    return Pole(("TOTAL", f"{fen / 100:.2f}"), fen, Lamp.TOTAL)


def shows(device, fen, *, torn=False):
    """Whether it shows the amount; only what a stall tore up may be strange to it."""
    assert torn or device.glass.unknown_bytes == 0
    text = f"{fen / 100:.2f}"
    if isinstance(device.glass, LedDisplay):
        return device.glass.digits == text and device.glass.lamp == "合计"
    assert torn or device.glass.refused_bytes == 0
    return device.glass.lines == ["TOTAL".ljust(20), text.ljust(20)]


def display(name, tmp_path):
    device = RIGS[name].make(tmp_path)
    assert isinstance(device, Display)
    device.start()
    return device, RIGS[name].config(device)


@pytest.mark.parametrize("name", DISPLAYS)
def test_the_last_of_many_screens_stands(name, tmp_path):
    async def scenario():
        device, config = display(name, tmp_path)
        async with counter(config) as box:
            await box.online("it")
            for fen in range(1, 500):
                box.devices.show("it", pole(fen))
                if fen % 100 == 0:
                    await asyncio.sleep(0.01)
            await until(lambda: shows(device, 499), 1.0)
            await still(lambda: shows(device, 499), 0.2)
        device.stop()

    asyncio.run(scenario())


@pytest.mark.parametrize("name", DISPLAYS)
def test_what_was_wanted_while_it_was_away_is_shown_when_it_is_back(name, tmp_path):
    async def scenario():
        device, config = display(name, tmp_path)
        async with counter(config) as box:
            box.devices.show("it", pole(100))
            await until(lambda: shows(device, 100))
            device.fault("unplug")
            await box.offline("it")
            box.devices.show("it", pole(200))
            device.fault("clear")
            await until(lambda: shows(device, 200))
            await asyncio.sleep(0.2)  # the line is idle again
            device.fault("unplug")
            await box.offline("it")
            device.fault("clear")
            await until(lambda: shows(device, 200))  # switched on dark, it is told again
        device.stop()

    asyncio.run(scenario())


def test_a_display_that_reads_nothing_is_offline_and_comes_back(tmp_path):
    (tmp_path / "devices").mkdir()
    quick = 'driver = "cd5220"\n[link]\nbaud = 115200\nstall_s = 0.2\n'
    (tmp_path / "devices" / "quick.toml").write_text(quick)

    async def scenario():
        device = Display("it", tmp_path / "tty", 115200, "cd5220")
        device.start()
        config = replace(RIGS["pole"].config(device), profile="quick")
        async with counter(config, share=tmp_path) as box:
            await box.online("it")
            device.fault("stall")
            fen = 0
            while "no byte taken" not in box.reason("it"):
                fen += 1
                box.devices.show("it", pole(fen))
                await asyncio.sleep(0.001)
            device.fault("clear")
            await until(lambda: shows(device, fen, torn=True), 6.0)
        device.stop()

    asyncio.run(scenario())
