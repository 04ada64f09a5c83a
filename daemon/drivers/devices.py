"""All devices of one box: the public face of this room.

Every device has its own supervisor; events and states come out through `emit`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from daemon.devices import DeviceConfig
from daemon.drivers.assembly import make_drivers
from daemon.drivers.kinds import Beeper, CashDrawer, LineDisplay, ReceiptPrinter, Stick
from daemon.drivers.notes import Notes, PocketNotes
from daemon.drivers.order import Order
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.reporter import Emit, Reporter
from daemon.drivers.supervisor import Supervisor
from daemon.events import DeviceChanged, DeviceKind
from daemon.paper import Pole


class Devices:
    """Raises DeviceError for a config that `assembly.problems` would have named."""

    def __init__(
        self,
        configs: Sequence[DeviceConfig],
        *,
        emit: Emit,
        jitter: Callable[[], float],
        share: Path,
        notes: Notes | None = None,
    ) -> None:
        self._configs = {config.name: config for config in configs}
        self._order = Order(emit)
        self._reporters = {c.name: self._reporter(c) for c in configs}
        self._watch = PlugWatch()
        drivers = make_drivers(
            configs,
            self._reporters,
            share=share,
            watch=self._watch,
            notes=notes or PocketNotes(),
        )
        self._supervisors = {
            name: Supervisor(driver, self._reporters[name], jitter=jitter, watch=self._watch)
            for name, driver in drivers.items()
        }

    async def start(self) -> None:
        """Start every device's task; none is waited for."""
        for supervisor in self._supervisors.values():
            supervisor.start()

    async def stop(self) -> None:
        await asyncio.gather(*(supervisor.stop() for supervisor in self._supervisors.values()))
        self._watch.close()
        self._order.stop()

    def states(self) -> Mapping[str, DeviceChanged]:
        """Return the present state of every device, by name."""
        return {name: reporter.changed for name, reporter in self._reporters.items()}

    def alive(self) -> bool:
        """Return whether every device's task has lately said so: for the watchdog."""
        return all(supervisor.alive() for supervisor in self._supervisors.values())

    def named(self, kind: DeviceKind, *, role: str | None = None) -> list[str]:
        """Return the names of the devices of one kind (and role), in the order of the config."""
        return [
            name
            for name, config in self._configs.items()
            if config.kind is kind and role in (None, config.role)
        ]

    def show(self, name: str, pole: Pole) -> None:
        """Show pole on a line display; kept and shown later while it is offline."""
        self.display(name).show(pole)

    def printer(self, name: str) -> ReceiptPrinter:
        driver = self._supervisors[name].driver
        assert isinstance(driver, ReceiptPrinter), f"{name} is no printer"
        return driver

    def drawer(self, name: str) -> CashDrawer:
        driver = self._supervisors[name].driver
        assert isinstance(driver, CashDrawer), f"{name} is no cash drawer"
        return driver

    def beeper(self, name: str) -> Beeper:
        driver = self._supervisors[name].driver
        assert isinstance(driver, Beeper), f"{name} is no beeper"
        return driver

    def display(self, name: str) -> LineDisplay:
        driver = self._supervisors[name].driver
        assert isinstance(driver, LineDisplay), f"{name} is no line display"
        return driver

    def stick(self, name: str) -> Stick:
        driver = self._supervisors[name].driver
        assert isinstance(driver, Stick), f"{name} is no stick"
        return driver

    def stick_folder(self) -> Path | None:
        """Return where the files of the first good stick are, while one is plugged in."""
        folders = (self.stick(name).folder() for name in self.named(DeviceKind.STICK))
        return next((folder for folder in folders if folder is not None), None)

    def _reporter(self, config: DeviceConfig) -> Reporter:
        def reading(open_: bool) -> None:
            self._order.reading(config.name, open_=open_)

        return Reporter(config.name, config.kind, self._order.emit, reading)
