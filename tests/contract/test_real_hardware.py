"""The devices of a real counter: `pytest tests/contract -s --bench memberbox.toml`, box stopped.

Readers are asked for (swipe, scan, press); displays and printers are looked at by a person.
"""

import asyncio
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from daemon.config import load
from daemon.devices import DeviceConfig
from daemon.drivers.kinds import Printed
from daemon.events import CardRefused, CardSwiped, CodeScanned, DeviceKind, KeyPressed
from daemon.paper import Cut, Lamp, Pole, Text
from tests.contract.counter import counter, until
from tests.hardware_sim.bench import Bench
from tests.hardware_sim.box_config import Headquarters

ONLINE_WITHIN_S = 10.0
PERSON_WITHIN_S = 30.0
ASKED = {
    DeviceKind.CARD_READER: ("swipe a member card (never a bank card)", CardSwiped),
    DeviceKind.SCANNER: ("scan any code", CodeScanned),
    DeviceKind.KEYPAD: ("press any key", KeyPressed),
}


@pytest.fixture(params=list(DeviceKind))
def real(request: pytest.FixtureRequest) -> Sequence[DeviceConfig]:
    """The devices of one kind, and the printers that they hang on."""
    file = request.config.getoption("--bench", default=None)
    if file is None:
        pytest.skip(f"hardware: no {request.param} here; give --bench FILE, a memberbox.toml")
    assert isinstance(file, Path)
    return devices_of(file, request.param)


def devices_of(file: Path, kind: DeviceKind) -> Sequence[DeviceConfig]:
    devices = load(file).devices
    named = [device for device in devices if device.kind is kind]
    if not named:
        pytest.skip(f"hardware: {file} has no {kind}")
    needed = {device.port.removeprefix("printer:") for device in named}
    printers = [device for device in devices if device.name in needed and device not in named]
    return [*named, *printers]


def test_it_does_what_its_kind_promises(real: Sequence[DeviceConfig]) -> None:
    asyncio.run(promised(real))


async def promised(configs: Sequence[DeviceConfig]) -> None:
    async with counter(*configs) as box:
        for config in configs:
            try:
                await box.online(config.name, ONLINE_WITHIN_S)
            except AssertionError:
                pytest.fail(f"{config.name} at {config.port}: {box.reason(config.name)}")
        for config in configs:
            await keeps(box, config)


async def keeps(box, config: DeviceConfig) -> None:
    print(f"\n{config.name} ({config.driver}, {config.port}): ", end="", flush=True)
    match config.kind:
        case DeviceKind.LINE_DISPLAY:
            box.devices.show(config.name, Pole(("TOTAL", "227.90"), 22790, Lamp.TOTAL))
            await asyncio.sleep(1.0)
            print("it should show 227.90")
        case DeviceKind.RECEIPT_PRINTER:
            done = await box.devices.printer(config.name).print((Text("会员 227.90"), Cut()))
            assert done in Printed
            print(f"printed, {done}")
        case DeviceKind.CASH_DRAWER:
            await box.devices.drawer(config.name).kick()
            print("it should have opened once")
        case DeviceKind.BEEPER:
            await box.devices.beeper(config.name).beep(2)
            print("it should have beeped twice")
        case DeviceKind.STICK:
            assert box.devices.stick(config.name).folder() is not None
            print("it keeps what it gets")
        case kind:
            please, event = ASKED[kind]
            print(please, flush=True)
            box.told.clear()
            await until(lambda: box.events, PERSON_WITHIN_S)
            assert isinstance(box.events[0], event | CardRefused), "another kind of device"
            print("read")


def test_the_devices_of_a_file_are_found_with_what_they_hang_on(tmp_path):
    """The simulated bench's own config, as a technician's file would be."""

    async def scenario():
        bench = Bench(tmp_path, every=True)
        bench.start()
        bench.write_files(tmp_path / "memberbox.toml", Headquarters())
        file = tmp_path / "memberbox.toml"
        assert len(tomllib.loads(file.read_text())["devices"]) == len(load(file).devices)
        drawer, printer = devices_of(file, DeviceKind.CASH_DRAWER)
        assert (drawer.name, printer.name) == ("drawer", "printer")
        for kind in (DeviceKind.LINE_DISPLAY, DeviceKind.RECEIPT_PRINTER, DeviceKind.CASH_DRAWER):
            await promised(devices_of(file, kind))
        bench.stop()

    asyncio.run(scenario())
