"""Driver for everything that reads and talks over a serial line. Wire: the decoder it is given.

Card swipers (wire/magtek_serial.py, wire/msr605.py), readers without contact (wire/em_serial.py),
scanners (wire/frames.py).
"""

import asyncio
from collections.abc import Callable

from daemon.drivers.line import Line
from daemon.drivers.reporter import Reporter
from daemon.drivers.transport import Stream
from daemon.drivers.wire.frames import Frames
from daemon.drivers.wire.readings import Reading
from daemon.drivers.wire.wedge import Burst


class SerialReader:
    """A CardReader or a Scanner, by its reading."""

    def __init__(
        self,
        line: Line,
        reporter: Reporter,
        *,
        frames: Callable[[], Frames],
        reading: Reading,
        stall_s: float,
    ) -> None:
        self._line = line
        self._reporter = reporter
        self._new_frames = frames
        self._frames = frames()
        self._reading = reading
        self._stall_s = stall_s
        self._stream: Stream | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard = asyncio.Event()

    async def open(self) -> None:
        self._stream = await self._line.open(self._take)
        await self._send(self._stream)
        self._reporter.online()

    async def serve(self) -> None:
        assert self._stream is not None
        gone = self._stream.gone
        gone.add_done_callback(lambda _: self._heard.set())
        while not gone.done():
            await self._heard.wait()
            self._heard.clear()
            if not gone.done():
                await self._send(self._stream)
        raise self._line.lost("listening", gone.result())

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._stream is not None:
            self._line.close(self._stream)
        self._stream = self._timer = None
        self._reporter.reading(False)
        self._frames = self._new_frames()  # half a frame is no card

    def place(self) -> str | None:
        return self._line.place()

    def presence(self) -> object:
        return self._line.presence()

    def _take(self, data: bytes) -> None:
        self._tell(self._frames.feed(data, self._now_ms()))
        self._heard.set()
        self._reporter.reading(self._frames.due_ms() is not None)
        if self._timer is None:
            self._arm()

    async def _send(self, stream: Stream) -> None:
        told = self._frames.to_send()
        if told:
            try:
                await stream.write(told, stall_s=self._stall_s)
            except (TimeoutError, ConnectionError) as error:
                raise self._line.lost("arming", str(error)) from error

    def _arm(self) -> None:
        due_ms = self._frames.due_ms()
        loop = asyncio.get_running_loop()
        self._timer = None if due_ms is None else loop.call_at(due_ms / 1000, self._idle)

    def _idle(self) -> None:
        self._tell(self._frames.idle(self._now_ms()))
        self._reporter.reading(self._frames.due_ms() is not None)
        self._arm()

    def _tell(self, bursts: list[Burst]) -> None:
        for burst in bursts:
            event = self._reading.read(burst, self._now_ms())
            if event is not None:
                self._reporter.read(event, self._reading.trouble)

    @staticmethod
    def _now_ms() -> int:
        return int(asyncio.get_running_loop().time() * 1000)
