"""A counter for tests: simulated devices on their cables, and our drivers at the other end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from daemon.devices import DeviceConfig
from daemon.drivers.devices import Devices
from daemon.events import DeviceChanged, DeviceEvent, DeviceState, InputEvent

SHARE = Path(__file__).parents[2] / "config"
SOON_S = 3.0  # far above any deadline of ours, for machines under load
STEP_S = 0.005


@dataclass
class Counter:
    """The devices of one box and what they have said."""

    devices: Devices
    told: list[tuple[str, DeviceEvent]] = field(default_factory=list)

    @property
    def events(self) -> list[InputEvent]:
        return [event for _, event in self.told if not isinstance(event, DeviceChanged)]

    def state(self, name: str) -> DeviceState:
        return self.devices.states()[name].state

    def reason(self, name: str) -> str:
        return self.devices.states()[name].reason

    async def online(self, name: str, within_s: float = SOON_S) -> None:
        await until(lambda: self.state(name) is DeviceState.ONLINE, within_s)

    async def offline(self, name: str, within_s: float = SOON_S) -> None:
        await until(lambda: self.state(name) is DeviceState.OFFLINE, within_s)

    async def stale(self, name: str, within_s: float = SOON_S) -> None:
        await until(lambda: self.state(name) is DeviceState.STALE, within_s)

    def reached(self) -> set[DeviceState]:
        """The states that any device is in."""
        return {changed.state for changed in self.devices.states().values()}

    async def all_reach(
        self, state: DeviceState, within_s: float, names: Sequence[str] | None = None
    ) -> None:
        """Wait until all (named) devices are in state; a failure names those that are not."""
        wanted = set(names or self.devices.states())
        deadline_s = asyncio.get_running_loop().time() + within_s
        while late := {name for name in wanted if self.state(name) is not state}:
            assert asyncio.get_running_loop().time() < deadline_s, f"not {state}: {late}"
            await asyncio.sleep(STEP_S)


@contextlib.asynccontextmanager
async def counter(*configs: DeviceConfig, share: Path = SHARE) -> AsyncIterator[Counter]:
    """A running box of these devices; at the end all of them are let go."""
    told: list[tuple[str, DeviceEvent]] = []
    devices = Devices(
        configs,
        emit=lambda name, event: told.append((name, event)),
        jitter=lambda: 0.5,
        share=share,
    )
    await devices.start()
    try:
        yield Counter(devices, told)
    finally:
        await devices.stop()


async def until(fact: Callable[[], object], within_s: float = SOON_S) -> None:
    """Wait until fact holds; fails the test when it does not in time."""
    deadline_s = asyncio.get_running_loop().time() + within_s
    while not fact():
        assert asyncio.get_running_loop().time() < deadline_s, f"not within {within_s} s"
        await asyncio.sleep(STEP_S)


async def still(fact: Callable[[], object], for_s: float) -> None:
    """Fail the test if fact stops holding within for_s."""
    until_s = asyncio.get_running_loop().time() + for_s
    while asyncio.get_running_loop().time() < until_s:
        assert fact()
        await asyncio.sleep(STEP_S)


def ordered(told: Sequence[tuple[str, DeviceEvent]], name: str) -> list[DeviceState]:
    """The states that a device went through."""
    return [event.state for who, event in told if who == name and isinstance(event, DeviceChanged)]
