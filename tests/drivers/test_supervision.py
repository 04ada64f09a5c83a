"""Many lives: what stays behind after ten thousand plugs, and who waits for whom."""

import asyncio
import os
import socket
import threading
import time

import pytest
from msgspec.structs import replace

from daemon.devices import DeviceConfig
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.pole import PoleDisplay
from daemon.drivers.uevents import Uevents
from daemon.events import CardSwiped, DeviceKind, DeviceState
from daemon.paper import Lamp, Pole
from tests.contract.counter import counter, until
from tests.contract.rigs import RIGS
from tests.hardware_sim.displays import Display
from tests.hardware_sim.wedges import Wedge

# Each cycle pulls and plugs seven devices. `make soak-plugs PLUGS=10000` makes as many plugs.
PLUGS = int(os.environ.get("MEMBERBOX_SOAK_PLUGS", "700"))
NAMES = ("swiper", "pole", "swiper_hid", "tag_serial", "printer_serial", "speaker", "stick")
CYCLES = -(-PLUGS // len(NAMES))


def handles() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.timeout(0 if CYCLES > 1000 else 120)
def test_threads_and_handles_are_flat_over_many_plugs(tmp_path):
    async def scenario():
        devices = {}
        for name in NAMES:
            (tmp_path / name).mkdir()
            devices[name] = RIGS[name].make(tmp_path / name)
            devices[name].start()
            devices[name].fault("clear")
        configs = [replace(RIGS[name].config(devices[name]), name=name) for name in NAMES]
        async with counter(*configs) as box:
            await box.all_reach(DeviceState.ONLINE, 3.0)
            before = None
            for cycle in range(CYCLES):
                for device in devices.values():
                    device.fault("unplug")
                await box.all_reach(DeviceState.OFFLINE, 3.0)
                for device in devices.values():
                    device.fault("clear")
                await box.all_reach(DeviceState.ONLINE, 6.0)
                box.told.clear()
                if cycle == 5:
                    before = settled()
            after = settled()
            assert before is not None
            assert after[0] <= before[0], "handles stay open"
            assert after[1] <= before[1], "threads stay"
            print(f"\n{CYCLES * len(NAMES)} plugs: handles, threads {before} then {after}")
        for device in devices.values():
            device.stop()

    asyncio.run(scenario())


def settled() -> tuple[int, int]:
    """Handles and threads, when short-lived closers have had time to end."""
    time.sleep(0.05)
    return handles(), threading.active_count()


def test_a_writer_that_blocks_for_ever_delays_no_swipe(tmp_path):
    """A printer and a pole that read nothing, and a reader whose open never returns."""

    async def scenario():
        swiper = Wedge("swiper", "card_reader", tmp_path / "w")
        pole = Display("pole", tmp_path / "pole", 9600, "cd5220")
        silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        swiper.start()
        pole.start()
        pole.fault("stall")
        port = silent.sockets[0].getsockname()[1]
        configs = (
            DeviceConfig("swiper", DeviceKind.CARD_READER, "wedge", f"pipe:{swiper.path}"),
            DeviceConfig("pole", DeviceKind.LINE_DISPLAY, "cd5220", pole.path, profile="cd5220"),
            DeviceConfig("printer", DeviceKind.RECEIPT_PRINTER, "escpos", f"tcp:127.0.0.1:{port}"),
        )
        async with counter(*configs) as box:
            stuck = threading.Event()
            driver = box.devices._supervisors["pole"].driver
            assert isinstance(driver, PoleDisplay)
            driver._line._blocking.later(
                "closing", stuck.wait
            )  # a close that never comes back from the kernel
            await box.online("swiper")
            took = []
            for turn in range(10):
                box.devices.show("pole", Pole(("x", str(turn)), turn, Lamp.TOTAL))
                box.told.clear()
                await asyncio.sleep(0.01)
                began_s = time.monotonic()
                await swiper.type_text(f";880000000{turn:04}=?\r")
                await until(lambda: box.events)
                took.append(time.monotonic() - began_s)
                assert box.events == [CardSwiped(f"880000000{turn:04}")]
            assert sorted(took)[5] < 0.2, took  # the gap that ends a swipe is 0.1
            stuck.set()
        silent.close()
        swiper.stop()
        pole.stop()

    asyncio.run(scenario())


def test_news_of_any_device_wakes_everybody_who_waits():
    class News(Uevents):
        """A socket of ours in the place of the kernel's."""

        def __init__(self):
            self._socket, self.kernel = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    async def scenario():
        news = News()
        watch = PlugWatch(lambda: news)
        waiting = [watch.arm(None), watch.arm("/nowhere/at/all"), watch.arm("/tmp/x")]
        await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        for _ in range(3):
            news.kernel.send(b"add@/devices/usb1/1-1\0ACTION=add\0")
        await asyncio.wait_for(asyncio.gather(*waiting), 1.0)
        later = watch.arm(None)
        await asyncio.sleep(0.01)
        assert not later.done()  # three messages, one waking
        watch.close()
        news.kernel.close()

    asyncio.run(scenario())


def test_without_the_right_to_news_nothing_breaks():
    class Refused(Uevents):
        def __init__(self):
            self._socket = None

    async def scenario():
        watch = PlugWatch(Refused)
        future = watch.arm(None)
        await asyncio.sleep(0)
        assert not future.done()
        assert Refused().fd == -1
        Refused().drain()
        watch.close()

    asyncio.run(scenario())
