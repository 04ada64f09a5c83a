"""What a counter full of idle devices takes: threads that stay, and a loop that sleeps."""

import asyncio
import threading

from daemon.events import DeviceState
from tests.contract.counter import counter
from tests.contract.test_life import make_bench

TURNS_PER_S_MAX = 60  # a spinning loop makes tens of thousands


def test_idle_devices_hold_no_thread_and_do_not_spin(tmp_path):
    async def scenario():
        devices, configs = make_bench(tmp_path)
        threads = threading.active_count()
        async with counter(*configs) as box:
            await box.all_reach(DeviceState.ONLINE, 3.0)
            await asyncio.sleep(0.3)
            assert threading.active_count() == threads
            devices["swiper"].fault("unplug")
            devices["pole"].fault("unplug")
            await asyncio.sleep(0.2)
            turns = await count_turns(1.0)
            assert turns < TURNS_PER_S_MAX, turns
        for device in devices.values():
            device.stop()

    asyncio.run(scenario())


async def count_turns(for_s: float) -> int:
    """How often the loop wakes up in that time."""
    loop = asyncio.get_running_loop()
    select, woken = loop._selector.select, 0  # type: ignore[attr-defined]

    def counted(timeout: float | None = None) -> object:
        nonlocal woken
        woken += 1
        return select(timeout)

    loop._selector.select = counted  # type: ignore[attr-defined]
    await asyncio.sleep(for_s)
    loop._selector.select = select  # type: ignore[attr-defined]
    return woken
