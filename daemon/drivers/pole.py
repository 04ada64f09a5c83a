"""Driver for line displays that only listen. Wire formats: wire/cd5220.py, wire/led8n.py."""

import asyncio
from collections.abc import Callable

from daemon.drivers.line import Line
from daemon.drivers.reader_settings import Link
from daemon.drivers.reporter import Reporter
from daemon.drivers.transport import Stream
from daemon.paper import Pole

BITS_PER_BYTE = 10  # 8N1


class PoleDisplay:
    """A LineDisplay: the last screen wins, what came meanwhile is skipped."""

    def __init__(
        self,
        line: Line,
        reporter: Reporter,
        *,
        init: bytes,
        frame: Callable[[Pole], bytes],
        columns: int,
        link: Link,
    ) -> None:
        self._line = line
        self._reporter = reporter
        self._init = init
        self._frame = frame
        self.columns = columns
        self._link = link
        self._stream: Stream | None = None
        self._wanted: Pole | None = None
        self._wake = asyncio.Event()

    def show(self, pole: Pole) -> None:
        self._wanted = pole
        self._wake.set()

    async def open(self) -> None:
        self._stream = await self._line.open(lambda _: None)
        self._stream.gone.add_done_callback(lambda _: self._wake.set())
        await self._send(self._init)
        self._wake.set()  # what was wanted while it was away is shown now
        self._reporter.online()

    async def serve(self) -> None:
        assert self._stream is not None
        shown: Pole | None = None
        while not self._stream.gone.done():
            await self._wake.wait()
            self._wake.clear()
            wanted = self._wanted
            if wanted is not None and wanted != shown and not self._stream.gone.done():
                await self._send(self._frame(wanted))
                shown = wanted
        raise self._line.lost("showing", self._stream.gone.result())

    async def close(self) -> None:
        if self._stream is not None:
            self._line.close(self._stream)
        self._stream = None

    def place(self) -> str | None:
        return self._line.place()

    def presence(self) -> object:
        return self._line.presence()

    async def _send(self, data: bytes) -> None:
        """Write data and wait until the line has carried it: only then is the next one chosen."""
        assert self._stream is not None
        try:
            await self._stream.write(data, stall_s=self._link.stall_s)
        except (TimeoutError, ConnectionError) as error:
            raise self._line.lost("showing", str(error)) from error
        await asyncio.sleep(len(data) * BITS_PER_BYTE / self._link.baud)
