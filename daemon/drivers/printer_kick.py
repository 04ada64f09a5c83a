"""Driver for cash drawers that hang on a receipt printer: a device of its own, on its line."""

import asyncio
from typing import Protocol

from daemon.drivers.reporter import Reporter
from daemon.errors import DeviceError

LOOK_S = 0.2  # how late the drawer follows its printer


class Kicker(Protocol):
    """The printer, as far as a drawer knows it."""

    def is_open(self) -> bool: ...

    async def kick(self) -> None: ...


class PrinterKick:
    """A CashDrawer."""

    def __init__(self, kicker: Kicker, printer: str, reporter: Reporter) -> None:
        self._kicker = kicker
        self._printer = printer
        self._reporter = reporter

    async def open(self) -> None:
        if not self._kicker.is_open():
            raise self._no_printer("opening")
        self._reporter.online()

    async def serve(self) -> None:
        while self._kicker.is_open():
            await asyncio.sleep(LOOK_S)
        raise self._no_printer("waiting")

    async def close(self) -> None:
        """The line is the printer's."""

    def presence(self) -> object:
        return self._kicker.is_open()

    async def kick(self) -> None:
        await self._kicker.kick()

    def _no_printer(self, doing: str) -> DeviceError:
        found = f"its printer {self._printer} is offline"
        fix = "See to the printer; until then open the drawer with its key."
        return DeviceError(self._reporter.name, doing=doing, found=found, fix=fix, retry=True)
