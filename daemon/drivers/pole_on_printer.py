"""Driver for a text display whose line goes through a receipt printer. Wire: wire/text_pole.py.

The line is the printer's: bytes go through it between two commands, never inside of one, and the
printer is selected again at the end of every write.
"""

import asyncio
from typing import Protocol

from daemon.drivers.reporter import Reporter
from daemon.drivers.wire.text_pole import Speech, behind_printer, frame
from daemon.errors import DeviceError
from daemon.paper import Pole


class PassThrough(Protocol):
    """The printer, as far as a display behind it knows it."""

    def expect_display(self) -> None:
        """A display hangs on it."""

    async def until_open(self) -> None: ...

    async def until_closed(self) -> None:
        """Return when its line is lost; at once when it has none."""

    async def pass_on(self, data: bytes) -> None:
        """Write data to whoever hangs on the printer. Raises DeviceError."""


class PoleOnPrinter:
    """A LineDisplay: the last screen wins."""

    def __init__(
        self,
        through: PassThrough,
        printer: str,
        reporter: Reporter,
        *,
        speech: Speech,
        columns: int,
    ) -> None:
        through.expect_display()
        self._through = through
        self._printer = printer
        self._reporter = reporter
        self._speech = speech
        self.columns = columns
        self._wanted: Pole | None = None
        self._wake = asyncio.Event()

    def show(self, pole: Pole) -> None:
        self._wanted = pole
        self._wake.set()

    async def open(self) -> None:
        self._reporter.offline(f"its printer {self._printer} is offline. See to the printer.")
        await self._through.until_open()
        await self._through.pass_on(behind_printer(self._speech.init))
        self._wake.set()  # what was wanted while it was away is shown now
        self._reporter.online()

    async def serve(self) -> None:
        closed = asyncio.ensure_future(self._through.until_closed())
        closed.add_done_callback(lambda _: self._wake.set())
        try:
            await self._show_until(closed)
        finally:
            closed.cancel()
        found = f"its printer {self._printer} is offline"
        fix = "See to the printer."
        raise DeviceError(self._reporter.name, doing="waiting", found=found, fix=fix, retry=True)

    async def close(self) -> None:
        """The line is the printer's."""

    def place(self) -> str | None:
        return None

    def presence(self) -> object:
        return None

    async def _show_until(self, closed: "asyncio.Future[None]") -> None:
        shown: Pole | None = None
        while not closed.done():
            await self._wake.wait()
            self._wake.clear()
            wanted = self._wanted
            if wanted is not None and wanted != shown and not closed.done():
                data = frame(wanted.lines, self._speech, self.columns)
                await self._through.pass_on(behind_printer(data))
                shown = wanted
