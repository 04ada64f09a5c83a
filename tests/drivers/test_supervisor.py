"""One life after another: back-off, plugging in, bugs, stuck kernels, the watchdog's question."""

import asyncio
import logging
import tempfile
import threading
import time
from pathlib import Path

import pytest

from daemon.drivers.blocking import Blocking
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.reporter import Reporter
from daemon.drivers.supervisor import BACKOFF_MAX_S, Supervisor
from daemon.errors import DeviceError
from daemon.events import DeviceChanged, DeviceEvent, DeviceKind, DeviceState


class Device:
    """A driver whose life is a script: each open does the next thing."""

    def __init__(self, reporter, script):
        self.reporter, self.script = reporter, list(script)
        self.opened_s: list[float] = []
        self.closed = 0
        self.node = Path(tempfile.mkdtemp()) / "by-path" / "node"
        self.gone = asyncio.Event()

    async def open(self):
        self.opened_s.append(asyncio.get_running_loop().time())
        act = self.script.pop(0) if self.script else "fail"
        if act == "fail":
            raise OSError(2, "No such file or directory")
        if act == "bug":
            raise ValueError("6222021234567890128")
        self.reporter.online()

    async def serve(self):
        await self.gone.wait()
        self.gone.clear()
        raise DeviceError("it", doing="x", found="unplugged", fix="Plug it in.", retry=True)

    async def close(self):
        self.closed += 1

    def place(self):
        return str(self.node)

    def presence(self):
        return self.node.exists()


def supervised(script, scenario):
    async def run():
        told: list[DeviceEvent] = []
        reporter = Reporter("it", DeviceKind.SCANNER, lambda _, event: told.append(event))
        device = Device(reporter, script)
        watch = PlugWatch()
        supervisor = Supervisor(device, reporter, jitter=lambda: 1.0, watch=watch)
        supervisor.start()
        try:
            await scenario(device, supervisor, told)
        finally:
            await supervisor.stop()
            watch.close()
        assert device.closed == len(device.opened_s)
        assert not supervisor.alive()

    asyncio.run(run())


def test_tries_come_more_and_more_seldom():
    async def scenario(device, supervisor, told):
        await asyncio.sleep(2.2)
        gaps = [b - a for a, b in zip(device.opened_s, device.opened_s[1:], strict=False)]
        assert gaps == pytest.approx([0.25, 0.5, 1.0], abs=0.12)
        assert max(gaps) < BACKOFF_MAX_S
        assert [event.state for event in told] == [DeviceState.OFFLINE]
        assert "nothing at" in told[0].reason

    supervised([], scenario)


def test_plugging_in_ends_the_wait():
    async def scenario(device, supervisor, told):
        await asyncio.sleep(0.85)  # in the pause of one second
        device.node.parent.mkdir()
        await asyncio.sleep(0.02)
        device.node.touch()
        await asyncio.sleep(0.1)
        assert told[-1].state is DeviceState.ONLINE

    supervised(["fail", "fail", "fail", "work"], scenario)


def test_a_bug_in_a_driver_neither_ends_it_nor_tells_what_was_swiped(caplog):
    async def scenario(device, supervisor, told):
        await asyncio.sleep(0.6)
        assert [event.state for event in told] == [DeviceState.OFFLINE, DeviceState.ONLINE]
        assert "ValueError" in told[0].reason
        assert "6222" not in repr(told)

    caplog.set_level(logging.DEBUG)
    supervised(["bug", "work"], scenario)
    assert "ValueError at test_supervisor.py" in caplog.text
    assert "6222" not in caplog.text


def test_it_says_that_it_is_alive_and_each_change_once():
    async def scenario(device, supervisor, told):
        await asyncio.sleep(0)
        assert supervisor.alive()
        device.reporter.online()
        device.gone.set()
        await asyncio.sleep(0.05)
        assert told == [
            DeviceChanged("it", DeviceKind.SCANNER, DeviceState.ONLINE, ""),
            DeviceChanged("it", DeviceKind.SCANNER, DeviceState.OFFLINE, "unplugged. Plug it in."),
        ]

    supervised(["work"], scenario)


def test_a_stuck_call_is_given_up_undone_late_and_not_followed_by_another():
    release, undone = threading.Event(), threading.Event()

    def stuck():
        release.wait()
        return "line"

    def undo(line):
        assert line == "line"
        undone.set()

    async def scenario():
        blocking = Blocking("printer")
        with pytest.raises(DeviceError, match="no answer within"):
            await blocking.call("opening", stuck, within_s=0.05, undo=undo)
        began_s = time.monotonic()
        with pytest.raises(DeviceError, match="still stuck in the kernel"):
            await blocking.call("opening", stuck, within_s=5, undo=undo)
        assert time.monotonic() - began_s < 1
        release.set()
        await asyncio.sleep(0.05)
        assert undone.wait(1)
        assert await blocking.call("opening", lambda: 7, within_s=1, undo=print) == 7

    asyncio.run(scenario())


def test_a_blocking_call_raises_what_it_raised():
    def broken():
        raise PermissionError(13, "Permission denied")

    async def scenario():
        with pytest.raises(PermissionError):
            await Blocking("x").call("opening", broken, within_s=1, undo=print)

    asyncio.run(scenario())
