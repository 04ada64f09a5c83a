"""The kinds of devices, as small protocols: what the rest of the box may ask of each."""

from enum import StrEnum
from pathlib import Path
from typing import Protocol, runtime_checkable

from daemon.errors import DeviceError
from daemon.paper import Paper, Pole


class Driver(Protocol):
    """The life of every device: open and prove, serve, close; again and again, for ever."""

    async def open(self) -> None:
        """Open, prove identity, and report ONLINE (or STALE). Raises DeviceError, OSError."""

    async def serve(self) -> None:
        """Serve until the device is gone; then raise DeviceError. Never returns."""

    async def close(self) -> None:
        """Let go of everything that open took. Never raises, never waits for the device."""

    def place(self) -> str | None:
        """Return the path whose coming and going is to be watched, if there is one."""

    def presence(self) -> object:
        """Return a value that changes when something is plugged in where the device belongs."""


class CardReader(Driver, Protocol):
    """Reports CardSwiped and CardRefused."""


class Scanner(Driver, Protocol):
    """Reports CodeScanned."""


class Keypad(Driver, Protocol):
    """Reports KeyPressed."""


class Printed(StrEnum):
    SENT = "sent"  # the printer took all bytes and says nothing about itself
    CONFIRMED = "confirmed"  # it took all bytes and reports no error


class PrintUnsure(DeviceError):
    """Some bytes had left when it failed: the paper may or may not have come out."""


@runtime_checkable
class ReceiptPrinter(Driver, Protocol):
    @property
    def columns(self) -> int: ...

    async def print(self, paper: Paper) -> Printed:
        """Print; wait while the cover is open or paper is out, and go on by itself.

        Raises DeviceError when nothing was sent (try again freely) and PrintUnsure when some
        was (reprint only marked as such).
        """


@runtime_checkable
class CashDrawer(Driver, Protocol):
    async def kick(self) -> None:
        """Open the drawer now. Raises DeviceError; a late kick never happens."""

    def is_open(self) -> bool | None:
        """Return whether it stands open; None while that is not known."""


@runtime_checkable
class Beeper(Driver, Protocol):
    async def beep(self, times: int) -> None:
        """Beep so many times, now or not at all. Raises DeviceError."""


@runtime_checkable
class LineDisplay(Driver, Protocol):
    @property
    def columns(self) -> int: ...

    def show(self, pole: Pole) -> None:
        """Show pole as soon as the line is free; the last one wins. Kept while offline."""


@runtime_checkable
class Stick(Driver, Protocol):
    def folder(self) -> Path | None:
        """Return the folder of the stick while one is plugged in."""
