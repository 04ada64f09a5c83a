"""Driver for serial card swipers. Wire format: wire/magtek_serial.py."""

import asyncio

from daemon.drivers.line import Line
from daemon.drivers.reporter import Reporter
from daemon.drivers.transport import Stream
from daemon.drivers.wire.magstripe import read_burst
from daemon.drivers.wire.magtek_serial import FrameDecoder
from daemon.drivers.wire.wedge import Burst


class SerialSwiper:
    """A CardReader."""

    def __init__(self, line: Line, reporter: Reporter) -> None:
        self._line = line
        self._reporter = reporter
        self._stream: Stream | None = None
        self._frames = FrameDecoder()
        self._timer: asyncio.TimerHandle | None = None

    async def open(self) -> None:
        self._stream = await self._line.open(self._take)
        self._reporter.online()

    async def serve(self) -> None:
        assert self._stream is not None
        raise self._line.lost("listening", await self._stream.gone)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._stream is not None:
            self._line.close(self._stream)
        self._stream = self._timer = None
        self._frames = FrameDecoder()  # half a frame is no card

    def place(self) -> str | None:
        return self._line.place()

    def presence(self) -> object:
        return self._line.presence()

    def _take(self, data: bytes) -> None:
        self._tell(self._frames.feed(data, self._now_ms()))
        if self._timer is None:
            self._arm()

    def _arm(self) -> None:
        due_ms = self._frames.due_ms()
        loop = asyncio.get_running_loop()
        self._timer = None if due_ms is None else loop.call_at(due_ms / 1000, self._idle)

    def _idle(self) -> None:
        self._tell(self._frames.idle(self._now_ms()))
        self._arm()

    def _tell(self, bursts: list[Burst]) -> None:
        for burst in bursts:
            event = read_burst(burst)
            if event is not None:
                self._reporter.event(event)

    @staticmethod
    def _now_ms() -> int:
        return int(asyncio.get_running_loop().time() * 1000)
