"""Driver for cash drawers that hang on a receipt printer: a device of its own, on its line."""

from typing import Protocol

from daemon.drivers.reporter import Reporter
from daemon.errors import DeviceError


class Kicker(Protocol):
    """The printer, as far as a drawer knows it."""

    async def until_open(self) -> None: ...

    async def until_closed(self) -> None:
        """Return when its line is lost; at once when it has none."""

    async def kick(self) -> None: ...


class PrinterKick:
    """A CashDrawer."""

    def __init__(self, kicker: Kicker, printer: str, reporter: Reporter) -> None:
        self._kicker = kicker
        self._printer = printer
        self._reporter = reporter

    async def open(self) -> None:
        self._reporter.offline(f"its printer {self._printer} is offline. See to the printer.")
        await self._kicker.until_open()
        self._reporter.online()

    async def serve(self) -> None:
        await self._kicker.until_closed()
        found = f"its printer {self._printer} is offline"
        fix = "See to the printer."
        raise DeviceError(self._reporter.name, doing="waiting", found=found, fix=fix, retry=True)

    async def close(self) -> None:
        """The line is the printer's."""

    def place(self) -> str | None:
        return None

    def presence(self) -> object:
        return None

    async def kick(self) -> None:
        await self._kicker.kick()
