"""Driver for ESC/POS receipt printers on any line. Wire: wire/escpos.py, escpos_status.py.

Cover open and paper end pause a job, and it goes on by itself. Silence is never "ok" and never
"no paper": it prints, and the result says that nothing was confirmed.
"""

import asyncio
import contextlib
from functools import partial

from daemon.drivers.blocking import Blocking
from daemon.drivers.kinds import Printed, PrintUnsure
from daemon.drivers.line import FIX, Line
from daemon.drivers.pen import Pen
from daemon.drivers.printer_session import Session
from daemon.drivers.profiles import PrinterProfile
from daemon.drivers.reporter import Reporter
from daemon.drivers.wire.escpos import document, drawer_pulse
from daemon.drivers.wire.sound import printer_beeps
from daemon.drivers.wire.text_pole import TO_PRINTER
from daemon.drivers.wire.usb_printer import PortStatus
from daemon.errors import DeviceError
from daemon.paper import Paper

BEEP_WITHIN_S = 0.3  # a later beep is about something else
KICK_WITHIN_S = 2.0  # a drawer that opens later than this surprises somebody
PRINTING, KICKING, PASSING, BEEPING = "printing", "opening the drawer", "passing on", "beeping"
LOGO_WITHIN_S = 20.0  # read once; the largest takes 2 s, ten times that on a small machine
KEY = "Open the drawer with its key."


class EscPosPrinter:
    """A ReceiptPrinter. One job at a time; owns its line."""

    def __init__(
        self,
        line: Line,
        profile: PrinterProfile,
        reporter: Reporter,
        pen: Pen | None = None,
    ) -> None:
        self._line = line
        self._pen = pen
        self._reading = Blocking(f"{reporter.name} logo")
        self._profile = profile
        self._reporter = reporter
        self._board = PortStatus()
        self._session: Session | None = None
        self._select = b""
        self._torn = True  # an earlier life may have ended in the middle of a command
        self._opened = asyncio.Event()
        self._job = asyncio.Lock()

    @property
    def columns(self) -> int:
        return self._profile.dialect.columns

    async def open(self) -> None:
        note = await self._read_logo()
        session = Session(self._line, self._profile, self._reporter, self._board, note)
        self._session = session
        await session.open(torn=self._torn, select=self._select)
        self._torn = False
        self._opened.set()

    async def serve(self) -> None:
        assert self._session is not None
        session, gone = self._session, self._session.stream.gone
        while not gone.done():
            await asyncio.wait({gone}, timeout=self._profile.idle_poll_s)
            if not gone.done() and not self._job.locked():
                await session.look()
        raise self._line.lost("listening", gone.result())

    async def close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None
        self._opened.clear()

    def place(self) -> str | None:
        return self._line.place()

    def presence(self) -> object:
        return self._line.presence()

    async def until_open(self) -> None:
        await self._opened.wait()

    async def until_closed(self) -> None:
        if self._session is not None and self._opened.is_set():
            await asyncio.wait({self._session.stream.gone})

    async def print(self, paper: Paper) -> Printed:
        data = document(paper, self._profile.dialect, self._pen)
        async with self._job:
            session = self._need_session(PRINTING, FIX)
            try:
                await session.until_it_can_print()
            except OSError as error:
                raise self._failed(PRINTING, str(error), FIX) from error
            self._torn = True
            try:
                await session.send_job(data)
                printed = await session.confirm()
            except OSError as error:  # TimeoutError and ConnectionError are among them
                session.stream.end(str(error))  # half a receipt is not to be mixed with the next
                fix = "Look whether the receipt came out; a second one is marked 补打."
                raise PrintUnsure(
                    self._reporter.name, doing=PRINTING, found=str(error), fix=fix, retry=True
                ) from error
            self._torn = False
            return printed

    async def kick(self) -> None:
        """Open the drawer on this printer. One without paper would do it much later: refused."""
        session = self._need_session(KICKING, KEY)
        if session.halted:
            raise self._failed(KICKING, session.halted.rstrip("."), KEY)
        try:
            await session.send_within(drawer_pulse(self._profile.dialect), KICK_WITHIN_S)
        except OSError as error:
            self._torn = True
            raise self._failed(KICKING, str(error), KEY) from error

    @property
    def has_buzzer(self) -> bool:
        return bool(self._profile.dialect.beep)

    async def beep(self, times: int) -> None:
        """Beep now; not while a slip is under way or halted, it would come when that is out."""
        session = self._need_session(BEEPING, FIX)
        if session.halted or self._job.locked():
            return
        try:
            await session.send_within(
                printer_beeps(self._profile.dialect.beep, times), BEEP_WITHIN_S
            )
        except OSError as error:
            self._torn = True
            raise self._failed(BEEPING, str(error), FIX) from error

    def expect_display(self) -> None:
        """A display shares the line: an earlier life may have ended while it was selected."""
        self._select = TO_PRINTER

    async def pass_on(self, data: bytes) -> None:
        """Write between two commands to whatever hangs on the printer. Raises DeviceError."""
        session = self._need_session(PASSING, FIX)
        try:
            await session.send_within(data, KICK_WITHIN_S)
        except OSError as error:
            self._torn = True
            raise self._failed(PASSING, str(error), FIX) from error

    def drawer_high(self) -> bool | None:
        """Return the level of the drawer pin; None while the printer does not say."""
        known = None if self._session is None else self._session.known
        return None if known is None else known.drawer_high

    async def ask_drawer(self) -> bool | None:
        """Ask for the level of the drawer pin now, unless a receipt is under way."""
        session = self._session
        if session is not None and self._opened.is_set() and not self._job.locked():
            with contextlib.suppress(OSError):
                await session.look()
        return self.drawer_high()

    async def _read_logo(self) -> str:
        """Have the logo ready before the first receipt; return what is wrong with it."""
        if self._pen is None or not self._pen.lacks_logo:
            return ""
        read = partial(self._pen.read_logo, self._profile.dialect.dots)
        try:
            await self._reading.call(
                "reading the logo", read, within_s=LOGO_WITHIN_S, undo=lambda _: None
            )
        except DeviceError as error:  # receipts without it are receipts
            return f"prints no logo: {error}"
        return ""

    def _need_session(self, doing: str, fix: str) -> Session:
        session = self._session
        if session is None or not self._opened.is_set() or session.stream.gone.done():
            raise self._failed(doing, f"offline, {self._reporter.changed.reason or 'lost'}", fix)
        return session

    def _failed(self, doing: str, found: str, fix: str) -> DeviceError:
        return DeviceError(self._reporter.name, doing=doing, found=found, fix=fix, retry=True)
