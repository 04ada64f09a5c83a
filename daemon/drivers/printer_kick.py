"""Driver for cash drawers that hang on a receipt printer: a device of its own, on its line.

Which level of the pin means "open" is not standard. It is learnt once, at the first kick that moves
the pin, and kept in the box's notes; before that nobody is told that the drawer is open or shut.
"""

import asyncio
import contextlib
from typing import Protocol

from daemon.drivers.notes import Notes
from daemon.drivers.reporter import Reporter
from daemon.errors import DeviceError

LOOK_S = 1.0  # how late a drawer that was shut by hand is seen, beside the printer's own polls
MOVES_WITHIN_S = 0.6  # a drawer is fully out 0.3 s after its pulse
OPEN = "open"
_LEVELS = ("low", "high")


class Kicker(Protocol):
    """The printer, as far as a drawer knows it."""

    async def until_open(self) -> None: ...

    async def until_closed(self) -> None:
        """Return when its line is lost; at once when it has none."""

    async def kick(self) -> None: ...

    def drawer_high(self) -> bool | None:
        """Return the level of the drawer's pin; None while it is not known."""

    async def ask_drawer(self) -> bool | None:
        """Ask for the level of the drawer's pin now; None when it is not known."""


class PrinterKick:
    """A CashDrawer."""

    def __init__(self, kicker: Kicker, printer: str, reporter: Reporter, notes: Notes) -> None:
        self._kicker = kicker
        self._printer = printer
        self._reporter = reporter
        self._notes = notes
        self._fact = f"drawer.{reporter.name}.open"
        self._wake = asyncio.Event()
        self._kicked = False
        self._before: bool | None = None

    async def open(self) -> None:
        self._reporter.offline(f"its printer {self._printer} is offline. See to the printer.")
        await self._kicker.until_open()
        self._tell(self._kicker.drawer_high())

    async def serve(self) -> None:
        closed = asyncio.ensure_future(self._kicker.until_closed())
        closed.add_done_callback(lambda _: self._wake.set())
        try:
            while not closed.done():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await self._wake.wait()
                self._wake.clear()
                if not closed.done():
                    await self._look()
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

    async def kick(self) -> None:
        self._before = self._kicker.drawer_high()
        await self._kicker.kick()
        self._kicked = True
        self._wake.set()

    def is_open(self) -> bool | None:
        """Return whether the drawer stands open; None while that is not known."""
        high, learnt = self._kicker.drawer_high(), self._notes.fact(self._fact)
        return None if high is None or learnt is None else _LEVELS[high] == learnt

    async def _look(self) -> None:
        if not self._kicked:
            shut = not self.is_open()  # while it stands open the hand that shuts it is waited for
            self._tell(self._kicker.drawer_high() if shut else await self._kicker.ask_drawer())
            return
        self._kicked = False
        await asyncio.sleep(MOVES_WITHIN_S)
        high = await self._kicker.ask_drawer()
        if None not in (high, self._before) and high != self._before:
            self._learn(_LEVELS[bool(high)])
        self._tell(high)

    def _learn(self, level: str) -> None:
        """Learnt once: a drawer that was held shut later teaches nothing wrong."""
        if self._notes.fact(self._fact) is None:
            self._notes.put_fact(self._fact, level)

    def _tell(self, high: bool | None) -> None:
        learnt = self._notes.fact(self._fact)
        stands_open = high is not None and _LEVELS[high] == learnt
        self._reporter.online(OPEN if stands_open else "")
