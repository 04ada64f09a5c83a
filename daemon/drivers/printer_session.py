"""One opened line to an ESC/POS printer: what it says of itself, and bytes that never mix."""

import asyncio

from daemon.drivers.kinds import Printed
from daemon.drivers.line import Line
from daemon.drivers.printer_status import StatusAsker
from daemon.drivers.profiles import PrinterProfile
from daemon.drivers.reporter import Reporter
from daemon.drivers.transport import Stream
from daemon.drivers.wire.escpos import end_of_frame
from daemon.drivers.wire.escpos_status import IN_ORDER, REPORT_ALL, Condition
from daemon.drivers.wire.usb_printer import PortStatus

PAUSE_POLL_S, PAUSE_POLL_MAX_S = 0.5, 2.0  # how late a closed cover may be seen; after a minute
PAUSE_GROWTH = 1.05
PAUSED_SILENT_MAX = 3  # a paused printer that says nothing any more was switched off
CONFIRM_WITHIN_S = 10.0  # a slow 58 mm printer needs this for the longest slip that it has taken
DRAIN_POLL_S = 0.02
PAPER_LOW = "the paper is near its end. Have a new roll ready."


class Session:
    """Made anew for every opening: a line that was opened again knows nothing of an old job."""

    def __init__(
        self,
        line: Line,
        profile: PrinterProfile,
        reporter: Reporter,
        board: PortStatus,
        note: str = "",
    ) -> None:
        """`note` is told while all is well."""
        self._note = note
        self._line = line
        self._profile = profile
        self._stall_s = profile.link.stall_s
        self._reporter = reporter
        self._board = board
        self._asker = StatusAsker(self.send, self._told)
        self._bytes = asyncio.Lock()  # a question in the middle of a command would be printed
        self._stream: Stream | None = None
        self._changed = asyncio.Event()
        self._has_paper = False  # the port says so, where the printer itself is silent
        self.known: Condition | None = None  # None: it has not said

    async def open(self, *, torn: bool, select: bytes) -> None:
        """Open the line; torn: the last command may have broken off, and is ended first.

        select: what makes the printer the one that hears, where a display shares its line.
        """
        self._stream = await self._line.open(self._asker.heard)
        if torn:
            await self.send(end_of_frame(select))
            await self._drain()
        if self._profile.reports:
            await self.send(REPORT_ALL)
        await self.look()

    @property
    def stream(self) -> Stream:
        assert self._stream is not None, "the line is not open yet"
        return self._stream

    def close(self) -> None:
        if self._stream is not None:
            self._line.close(self._stream)
        self._changed.set()

    @property
    def halted(self) -> str:
        """Return why it does not print, with what to do; empty when it prints or does not say."""
        return "" if self.known is None else self.known.halted

    async def look(self) -> None:
        """Ask how the printer is, and report it. Raises OSError when the line is no good."""
        known = await self._asker.condition(self.known) if self._profile.answers else None
        paper_end = None if known else self._board.paper_end(await self._line.port_status())
        self._has_paper = paper_end is False
        self.known = Condition(offline=True, paper_end=True) if paper_end else known
        self._report()

    async def send(self, data: bytes) -> None:
        async with self._bytes:
            await self.stream.write(data, stall_s=self._stall_s)

    async def send_within(self, data: bytes, within_s: float) -> None:
        """Send now or not at all. Raises OSError; what was begun and not ended ends the line."""
        begun = False
        try:
            async with asyncio.timeout(within_s), self._bytes:
                begun = True
                await self.stream.write(data, stall_s=within_s)
        except TimeoutError as error:
            if begun:
                self.stream.end("it took half a command")
            raise TimeoutError("the line is busy") from error

    async def send_job(self, data: bytes) -> None:
        self._asker.printed.clear()
        await self.send(data + IN_ORDER if self._profile.confirms else data)

    async def until_it_can_print(self) -> None:
        """Wait, before the first byte, while the printer says that it cannot print."""
        pause_s = PAUSE_POLL_S
        while self.halted:
            await self.look()
            if self.halted:
                pause_s = await self._pause(pause_s)
        self._still_there()

    async def confirm(self) -> Printed:
        """Return once the printer took everything and says it is well, or says nothing at all."""
        await self._drain()
        halted, silent, pause_s = False, 0, PAUSE_POLL_S
        loop = asyncio.get_running_loop()
        until_s = loop.time() + CONFIRM_WITHIN_S
        while True:
            await self.look()
            self._still_there()
            if self.known is None and (self._has_paper or not halted):
                return Printed.SENT
            if self.known is None:
                silent += 1
                if silent >= PAUSED_SILENT_MAX:
                    raise TimeoutError("it stopped in the middle and says nothing any more")
            elif self.halted:
                halted, silent, until_s = True, 0, loop.time() + CONFIRM_WITHIN_S
            elif not self._profile.confirms or self._asker.printed.is_set():
                return Printed.CONFIRMED
            elif loop.time() > until_s:
                return Printed.SENT
            pause_s = await self._pause(pause_s)

    async def _pause(self, pause_s: float) -> float:
        """Wait, at most so long; return how long the next pause may be."""
        self._changed.clear()
        waits = [asyncio.ensure_future(self._changed.wait())]
        if not self.halted:
            waits.append(asyncio.ensure_future(self._asker.printed.wait()))
        try:
            await asyncio.wait(waits, timeout=pause_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        return min(pause_s * PAUSE_GROWTH, PAUSE_POLL_MAX_S)

    def _told(self, condition: Condition) -> None:
        """It said by itself that something has changed."""
        self.known = condition
        self._changed.set()
        self._report()

    def _report(self) -> None:
        if self.halted:
            self._reporter.stale(self.halted)
        elif self.known is None and self._profile.answers:
            self._reporter.stale("does not say how it is. Printing goes on, unconfirmed.")
        else:
            low = self.known is not None and self.known.paper_low
            self._reporter.online(PAPER_LOW if low else self._note)

    async def _drain(self) -> None:
        """Wait until this machine holds no byte of the job any more. Raises TimeoutError."""
        loop = asyncio.get_running_loop()
        least, since_s = self.stream.unsent_bytes(), loop.time()
        while least > 0:
            await asyncio.sleep(DRAIN_POLL_S)
            left = self.stream.unsent_bytes()
            if left < least:
                least, since_s = left, loop.time()
            elif loop.time() - since_s > self._stall_s:
                raise TimeoutError(f"{left} bytes not taken for {self._stall_s:g} s")

    def _still_there(self) -> None:
        if self.stream.gone.done():
            raise ConnectionResetError(self.stream.gone.result())
