"""The driver skeleton keeps every promise that it is copied for: wire, life, fuzz, capture."""

import asyncio
import itertools
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.drivers.line import Line
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.reader_settings import Link
from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import SerialPort
from daemon.drivers.supervisor import Supervisor
from daemon.events import DeviceChanged, DeviceKind, DeviceState, KeyPressed
from tests.contract.counter import still, until
from tests.drivers.skeleton import wire
from tests.drivers.skeleton.driver import KeySwitch
from tests.drivers.skeleton.simulator import SimulatedKeySwitch
from tests.drivers.wire.fuzzing import fuzz

KEYS = [*"0123456789", "ENTER", "CLEAR"]


@pytest.mark.parametrize("key", KEYS)
def test_the_table_is_used_both_ways(key):
    assert wire.Decoder().feed(wire.encode(key)) == [key]


@given(st.lists(st.sampled_from(KEYS), max_size=5), st.lists(st.integers(0, 20), max_size=5))
def test_any_pieces_are_the_same_keys(keys, cuts):
    data = b"".join(map(wire.encode, keys))
    edges = [0, *sorted(cuts), len(data)]
    decoder = wire.Decoder()
    pieces = [data[a:b] for a, b in itertools.pairwise(edges)]
    assert [key for piece in pieces for key in decoder.feed(piece)] == keys


def test_fuzz_noise_presses_nothing_for_good():
    decoder = wire.Decoder()

    def one(chance, _):
        decoder.feed(chance.randbytes(chance.randrange(5)))
        assert decoder.feed(b"\0\0\0" + wire.encode("7")) == ["7"]

    fuzz("key switch", one)


def test_a_capture_means_what_it_says():
    path = Path(__file__).with_name("skeleton") / "capture.toml"
    for press in tomllib.loads(path.read_text())["keys"]:
        assert wire.Decoder().feed(bytes.fromhex(press["bytes"])) == press["events"], press["what"]


def test_it_comes_it_goes_it_comes_back(tmp_path):
    async def scenario():
        told = []
        device = SimulatedKeySwitch("it", tmp_path / "tty", 9600)
        device.start()
        reporter = Reporter("it", DeviceKind.KEYPAD, lambda _, event: told.append(event))
        line = Line("it", SerialPort(device.path), Link())
        watch = PlugWatch()
        driver = KeySwitch(line, reporter)
        supervisor = Supervisor(driver, reporter, jitter=lambda: 0.5, watch=watch)
        supervisor.start()

        def state():
            return reporter.changed.state

        for _ in range(2):
            await until(lambda: state() is DeviceState.ONLINE)
            device.fault("noise")
            await still(lambda: not any(isinstance(event, KeyPressed) for event in told), 0.05)
            device.press("5")
            await until(lambda: KeyPressed("5") in told)
            device.fault("unplug")
            await until(lambda: state() is DeviceState.OFFLINE)
            assert reporter.changed.reason.endswith(".")
            told.clear()
            device.fault("clear")
        await until(lambda: state() is DeviceState.ONLINE)
        assert all(isinstance(event, DeviceChanged) for event in told)
        await supervisor.stop()
        watch.close()
        device.stop()

    asyncio.run(scenario())
