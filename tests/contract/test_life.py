"""What holds for every driver: it comes, it goes, it comes back, and says so each time."""

import asyncio

from msgspec.structs import replace

from daemon.devices import DeviceConfig
from daemon.drivers.supervisor import BACKOFF_MAX_S
from daemon.events import DeviceState
from tests.contract.counter import SOON_S, counter, ordered, still, until
from tests.contract.rigs import RIGS

ONLINE, OFFLINE = DeviceState.ONLINE, DeviceState.OFFLINE
NOTICED_S = 0.25  # the rule; the margin on top is for machines under load
MARGIN_S = 0.5


def make_bench(folder):
    """One simulated device per driver, each with its config; made in the test's loop."""
    made = {}
    for name, rig in RIGS.items():
        (folder / name).mkdir()
        made[name] = rig.make(folder / name)
        made[name].start()
        made[name].fault("clear")
    return made, [replace(RIGS[name].config(made[name]), name=name) for name in made]


def test_they_are_online_offline_and_online_again(tmp_path):
    async def scenario():
        devices, configs = make_bench(tmp_path)
        async with counter(*configs) as box:
            await box.all_reach(ONLINE, SOON_S)
            assert {box.reason(name) for name in devices} == {""}
            for device in devices.values():
                device.fault("unplug")
            await box.all_reach(OFFLINE, NOTICED_S + MARGIN_S)
            assert all(box.reason(name).endswith(".") for name in devices)
            for device in devices.values():
                device.fault("clear")
            await box.all_reach(ONLINE, SOON_S)
            for name in devices:
                assert ordered(box.told, name)[-3:] == [ONLINE, OFFLINE, ONLINE], name
            assert box.devices.alive()
        for device in devices.values():
            device.stop()

    asyncio.run(scenario())


def test_what_is_not_there_at_the_start_is_taken_when_it_comes(tmp_path):
    async def scenario():
        devices, configs = make_bench(tmp_path)
        for device in devices.values():
            device.fault("unplug")
        async with counter(*configs) as box:
            await still(lambda: box.reached() == {OFFLINE}, 2.0)  # back-off beyond a second by now
            for device in devices.values():
                device.fault("clear")
            told_by_the_kernel = [name for name in devices if name != "printer"]
            await box.all_reach(ONLINE, NOTICED_S + MARGIN_S, told_by_the_kernel)
            await box.all_reach(ONLINE, BACKOFF_MAX_S + MARGIN_S)  # TCP tells nothing
        for device in devices.values():
            device.stop()

    asyncio.run(scenario())


def test_a_second_opener_is_refused_with_words(tmp_path):
    asyncio.run(two_boxes(tmp_path))


async def two_boxes(tmp_path):
    rig = RIGS["pole"]
    device = rig.make(tmp_path)
    device.start()
    async with counter(rig.config(device)) as first, counter(rig.config(device)) as second:
        await until(
            lambda: "Another program has it open" in first.reason("it") + second.reason("it")
        )
    device.stop()


def test_a_device_that_never_answers_delays_no_other(tmp_path):
    asyncio.run(one_is_stuck(tmp_path))


async def one_is_stuck(tmp_path):
    rig = RIGS["swiper"]
    device = rig.make(tmp_path)
    device.start()
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0, backlog=1)
    port = silent.sockets[0].getsockname()[1]
    stuck = DeviceConfig(
        "stuck", RIGS["printer"].kind, "escpos", f"tcp:127.0.0.1:{port}", profile="generic-58"
    )
    nowhere = DeviceConfig("nowhere", RIGS["pole"].kind, "cd5220", str(tmp_path / "none"))
    async with counter(stuck, nowhere, rig.config(device)) as box:
        await box.online("it", 0.5)
        await box.stale("stuck")
        assert "nothing at" in box.reason("nowhere")
    silent.close()
    device.stop()
