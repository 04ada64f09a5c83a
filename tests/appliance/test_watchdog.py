"""The watchdog is fed by a box that really lives, and by no other: a real box, a real socket.

systemd's time is three seconds here, so a fault is told from a pause within two and a half.
"""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.app import Box, Making
from daemon.clock import SystemClock
from daemon.config import Config, load
from daemon.entropy import SystemEntropy
from daemon.ledger.records import Draft
from daemon.sync.link import Sync
from tests.brokers import Broker
from tests.service.box_config import write_config

WATCHDOG_S = 3
QUIET_S = 1.6  # a living box feeds every second
SHARE = Path(__file__).resolve().parents[2] / "config"
JAMMED = """
[[devices]]
name = "printer"
kind = "receipt_printer"
driver = "escpos"
port = "tcp:127.0.0.1:{port}"
role = "receipts"
columns = 32
"""


class Systemd:
    """The other end of NOTIFY_SOCKET: what was said, in order."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(self.path))

    def said(self) -> list[str]:
        heard = []
        with contextlib.suppress(BlockingIOError):
            while True:
                heard.append(self._socket.recv(4096).decode())
        return heard

    async def fed(self) -> bool:
        """Tell whether the box says that it lives, from now on."""
        self.said()
        for _ in range(100):
            await asyncio.sleep(0.05)
            if "WATCHDOG=1" in self.said():
                return True
        return False

    async def starved(self) -> str:
        """Return why nothing is said any more; fails when it goes on being said."""
        why = ""
        for _ in range(100):
            await asyncio.sleep(QUIET_S)
            heard = self.said()
            why = next((one for one in heard if one.startswith("STATUS=")), why)
            if "WATCHDOG=1" not in heard:
                return why
        raise AssertionError("the watchdog is fed all the same")


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    made = Systemd(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", str(made.path))
    monkeypatch.setenv("WATCHDOG_USEC", str(WATCHDOG_S * 1_000_000))
    return made


@contextlib.asynccontextmanager
async def running(config: Config, path: Path) -> AsyncIterator[Box]:
    """A box that serves; it may be past stopping at the end."""
    (config.run_dir).mkdir(parents=True, exist_ok=True)
    clock = SystemClock(ZoneInfo(config.shop.timezone))
    making = Making("t", "", False, SHARE, path)
    box = Box(config, clock=clock, entropy=SystemEntropy(), making=making)
    stop = asyncio.Event()
    task = asyncio.create_task(box.run(stop))
    try:
        yield box
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


def box_config(folder: Path, *, mqtt: str = "", more: str = "") -> tuple[Config, Path]:
    path = write_config(folder, hq_key=bytes(32) if mqtt else None)
    text = path.read_text("utf-8").replace("127.0.0.1:1", mqtt) + more
    path.write_text(text, encoding="utf-8")
    return load(path), path


def test_a_writer_that_is_blocked_feeds_nothing(systemd: Systemd, tmp_path: Path) -> None:
    asyncio.run(_blocked_writer(systemd, tmp_path))


async def _blocked_writer(systemd: Systemd, folder: Path) -> None:
    free = threading.Event()
    async with running(*box_config(folder)) as box:
        assert await systemd.fed()
        # Who is told of an entry is told in the writer's turn: there it hangs, as in a flush.
        box._store.subscribe(lambda _: _hang(free))
        box._store.submit(_any_draft(box))
        assert "writer is stuck" in await systemd.starved()
        await asyncio.sleep(QUIET_S)
        assert systemd.said() == [], "it is said once"
        free.set()
        assert await systemd.fed(), "it was slow, not dead: the next second it is fed again"


def _hang(until: threading.Event) -> None:
    until.wait(60)


def _any_draft(box: Box) -> Draft:
    from daemon.ledger import machine

    return machine.box_started(box._desk.at(), software="t", config="", last_good=False)


def test_a_loop_that_hangs_feeds_nothing(systemd: Systemd, tmp_path: Path) -> None:
    asyncio.run(_hanging_loop(systemd, tmp_path))


async def _hanging_loop(systemd: Systemd, folder: Path) -> None:
    async with running(*box_config(folder)):
        assert await systemd.fed()
        heard = await asyncio.to_thread(_listen_while, systemd, asyncio.get_running_loop())
        assert heard == []
        assert await systemd.fed()


def _listen_while(systemd: Systemd, loop: asyncio.AbstractEventLoop) -> list[str]:
    """Block the loop, and return what is said meanwhile."""
    began, ends = threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        ends.wait(60)

    loop.call_soon_threadsafe(hang)
    assert began.wait(10)
    systemd.said()
    threading.Event().wait(QUIET_S)
    heard = systemd.said()
    ends.set()
    return heard


def test_a_link_whose_task_is_gone_feeds_nothing(systemd: Systemd, tmp_path: Path) -> None:
    asyncio.run(_dead_link(systemd, tmp_path))


async def _dead_link(systemd: Systemd, folder: Path) -> None:
    async with running(*box_config(folder, mqtt="127.0.0.1:1")):
        assert await systemd.fed(), "a link without a broker lives"
        for task in asyncio.all_tasks():
            if task.get_name() == "sync":
                task.cancel()
        assert "link" in await systemd.starved()


def test_a_link_whose_thread_is_gone_mends_itself(systemd: Systemd, tmp_path: Path) -> None:
    with Broker("nats", tmp_path / "broker") as broker:
        asyncio.run(_dead_thread(systemd, tmp_path, broker))


async def _dead_thread(systemd: Systemd, folder: Path, broker: Broker) -> None:
    async with running(*box_config(folder, mqtt=broker.address)) as box:
        assert await systemd.fed()
        link = box._sync
        assert link is not None
        first = await _connected(link)
        first._client._thread_terminate = True  # what a bug in paho's thread would come to
        second = await _connected(link, other_than=first)
        assert second is not first
        assert await systemd.fed(), "and the box lived all the time"


async def _connected(link: Sync, *, other_than: object = None):
    for _ in range(400):
        if link._up and link._pipe is not None and link._pipe is not other_than:
            return link._pipe
        await asyncio.sleep(0.05)
    raise AssertionError("no connection")


def test_a_device_that_is_stuck_is_no_reason(systemd: Systemd, tmp_path: Path) -> None:
    """A printer that takes connections and never answers; then the supervisor itself is gone."""
    asyncio.run(_stuck_device(systemd, tmp_path))


async def _stuck_device(systemd: Systemd, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as jammed:
        more = JAMMED.format(port=jammed.getsockname()[1])
        async with running(*box_config(folder, more=more)):
            await asyncio.sleep(QUIET_S)
            assert await systemd.fed()
            for task in asyncio.all_tasks():
                if task.get_name() == "device printer":
                    task.cancel()
            assert "supervisor" in await systemd.starved()


def test_without_a_watchdog_patience_is_that_of_the_unit() -> None:
    from daemon.notify import PATIENCE_S, Notifier

    unit = Path(__file__).resolve().parents[2] / "systemd" / "memberbox.service"
    (line,) = [one for one in unit.read_text().splitlines() if one.startswith("WatchdogSec=")]
    seconds = int(line.partition("=")[2])
    notifier = Notifier({**os.environ, "WATCHDOG_USEC": str(seconds * 1_000_000)})
    assert notifier.patience_s == PATIENCE_S < seconds
