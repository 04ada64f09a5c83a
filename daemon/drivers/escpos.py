"""Driver for ESC/POS receipt printers, serial or network. Wire: wire/escpos.py, escpos_status.py.

Cover open and paper end pause a job, and it goes on by itself. Silence is never "ok" and never
"no paper": it prints, and the result says that nothing was confirmed.
"""

import asyncio

from daemon.drivers.kinds import Printed, PrintUnsure
from daemon.drivers.line import FIX, Line
from daemon.drivers.printer_status import StatusAsker
from daemon.drivers.profiles import PrinterProfile
from daemon.drivers.reporter import Reporter
from daemon.drivers.transport import Stream
from daemon.drivers.wire.escpos import document, drawer_pulse
from daemon.drivers.wire.escpos_status import Condition
from daemon.errors import DeviceError
from daemon.paper import Paper

PAUSE_POLL_S, PAUSE_POLL_MAX_S = 0.5, 2.0  # how late a closed cover may be seen; after a minute
PAUSE_GROWTH = 1.05
PAUSED_SILENT_MAX = 3  # a paused printer that says nothing any more was switched off
DRAIN_POLL_S = 0.02
KICK_WITHIN_S = 2.0  # a drawer that opens later than this surprises somebody
PRINTING, KICKING = "printing", "opening the drawer"
KEY = "Open the drawer with its key."


class EscPosPrinter:
    """A ReceiptPrinter. One job at a time; owns its line."""

    def __init__(self, line: Line, profile: PrinterProfile, reporter: Reporter) -> None:
        self._line = line
        self._profile = profile
        self._stall_s = profile.link.stall_s
        self._reporter = reporter
        self._stream: Stream | None = None
        self._asker = StatusAsker(self._send_question)
        self._known: Condition | None = None  # None: it has not said
        self._opened = asyncio.Event()
        self._job = asyncio.Lock()
        self._bytes = asyncio.Lock()  # a question in the middle of a command would be printed

    @property
    def columns(self) -> int:
        return self._profile.dialect.columns

    async def open(self) -> None:
        self._asker = StatusAsker(self._send_question)
        self._stream = await self._line.open(self._asker.heard)
        await self._look()
        self._opened.set()

    async def serve(self) -> None:
        assert self._stream is not None
        gone = self._stream.gone
        while not gone.done():
            await asyncio.wait({gone}, timeout=self._profile.idle_poll_s)
            if not gone.done() and not self._job.locked():
                await self._look()
        raise self._line.lost("listening", gone.result())

    async def close(self) -> None:
        if self._stream is not None:
            self._line.close(self._stream)
        self._stream = self._known = None
        self._opened.clear()

    def place(self) -> str | None:
        return self._line.place()

    def presence(self) -> object:
        return self._line.presence()

    async def until_open(self) -> None:
        await self._opened.wait()

    async def until_closed(self) -> None:
        if self._stream is not None:
            await asyncio.wait({self._stream.gone})

    async def print(self, paper: Paper) -> Printed:
        data = document(paper, self._profile.dialect)
        async with self._job:
            stream = self._need_stream(PRINTING, FIX)
            try:
                await self._until_it_can_print(stream)
            except OSError as error:
                raise self._failed(PRINTING, str(error), FIX) from error
            try:
                await self._send(stream, data)
                return await self._confirm(stream)
            except OSError as error:  # TimeoutError and ConnectionError are among them
                stream.end(str(error))  # its half receipt is not to be mixed with the next one
                fix = "Look whether the receipt came out; a second one is marked 补打."
                raise PrintUnsure(
                    self._reporter.name, doing=PRINTING, found=str(error), fix=fix, retry=True
                ) from error

    async def kick(self) -> None:
        """Open the drawer on this printer. One without paper would do it much later: refused."""
        stream = self._need_stream(KICKING, KEY)
        if self._halted():
            raise self._failed(KICKING, self._halted().rstrip("."), KEY)
        pulse = drawer_pulse(self._profile.dialect)
        try:
            async with asyncio.timeout(KICK_WITHIN_S), self._bytes:
                await stream.write(pulse, stall_s=KICK_WITHIN_S)
        except OSError as error:
            raise self._failed(KICKING, str(error) or "the line is busy", KEY) from error

    async def _until_it_can_print(self, stream: Stream) -> None:
        """Wait, before the first byte, while the printer says that it cannot print."""
        pause_s = PAUSE_POLL_S
        while self._halted():
            await self._look()
            if self._halted():
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * PAUSE_GROWTH, PAUSE_POLL_MAX_S)
        _still_there(stream)

    async def _confirm(self, stream: Stream) -> Printed:
        """Return once the printer took everything and says it is well, or says nothing at all."""
        await self._drain(stream)
        halted, silent, pause_s = False, 0, PAUSE_POLL_S
        while True:
            await self._look()
            _still_there(stream)
            if self._known is None and not halted:
                return Printed.SENT
            if self._known is None:
                silent += 1
                if silent >= PAUSED_SILENT_MAX:
                    raise TimeoutError("it stopped in the middle and says nothing any more")
            elif not self._halted():
                return Printed.CONFIRMED
            else:
                halted, silent = True, 0
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * PAUSE_GROWTH, PAUSE_POLL_MAX_S)

    def _halted(self) -> str:
        return "" if self._known is None else self._known.halted

    async def _look(self) -> None:
        """Ask how the printer is, and report it. Raises OSError when the line is no good."""
        if not self._profile.answers:
            self._reporter.online()
            return
        self._known = await self._asker.condition(self._known)
        if self._known is None:
            self._reporter.stale("does not say how it is. Printing goes on, unconfirmed.")
        elif self._halted():
            self._reporter.stale(self._halted())
        else:
            self._reporter.online()

    async def _send(self, stream: Stream, data: bytes) -> None:
        async with self._bytes:
            await stream.write(data, stall_s=self._stall_s)

    async def _send_question(self, question: bytes) -> None:
        async with self._bytes:
            if self._stream is None:
                raise ConnectionResetError("closed")
            await self._stream.write(question, stall_s=self._stall_s)

    async def _drain(self, stream: Stream) -> None:
        """Wait until this machine holds no byte of the job any more. Raises TimeoutError."""
        loop = asyncio.get_running_loop()
        least, since_s = stream.unsent_bytes(), loop.time()
        while least > 0:
            await asyncio.sleep(DRAIN_POLL_S)
            left = stream.unsent_bytes()
            if left < least:
                least, since_s = left, loop.time()
            elif loop.time() - since_s > self._stall_s:
                raise TimeoutError(f"{left} bytes not taken for {self._stall_s:g} s")

    def _need_stream(self, doing: str, fix: str) -> Stream:
        if self._stream is None or self._stream.gone.done():
            raise self._failed(doing, f"offline, {self._reporter.changed.reason or 'lost'}", fix)
        return self._stream

    def _failed(self, doing: str, found: str, fix: str) -> DeviceError:
        return DeviceError(self._reporter.name, doing=doing, found=found, fix=fix, retry=True)


def _still_there(stream: Stream) -> None:
    """A line that was opened anew meanwhile knows nothing of this job."""
    if stream.gone.done():
        raise ConnectionResetError(stream.gone.result())
