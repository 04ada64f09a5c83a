"""Driver for USB card readers that are no keyboards. Wire: wire/hid_report.py."""

import asyncio
import os
from collections.abc import Collection

from daemon.drivers.blocking import Blocking
from daemon.drivers.hidraw import HidNode, open_hid
from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import HidrawPort, PipePort
from daemon.drivers.wedge import OPEN_WITHIN_S, WRITER_POLL_S, plugged_node
from daemon.drivers.wire.hid_report import read_report
from daemon.drivers.wire.readings import Reading
from daemon.errors import DeviceError


class HidSwiper:
    """A CardReader."""

    def __init__(
        self,
        port: HidrawPort | PipePort,
        ids: Collection[str],
        reading: Reading,
        reporter: Reporter,
    ) -> None:
        self._port = port
        self._ids = ids
        self._reading = reading
        self._reporter = reporter
        self._blocking = Blocking(reporter.name)
        self._node: HidNode | None = None

    async def open(self) -> None:
        node = self.presence()
        fd = await self._blocking.call(
            "opening",
            lambda: open_hid(self._port, self._ids),
            within_s=OPEN_WITHIN_S,
            undo=os.close,
        )
        self._node = HidNode(fd, self._take)
        while isinstance(self._port, PipePort) and not self._node.plugged():
            self._reporter.offline(f"nobody writes to {self._port.path}. Plug the device in.")
            await asyncio.sleep(WRITER_POLL_S)
            if self.presence() != node:  # this end is of a cable that is no longer there
                raise self._lost(
                    "another cable stands in its place", "It is opened anew by itself."
                )
        self._node.listen()
        self._reporter.online()

    async def serve(self) -> None:
        assert self._node is not None
        fix = "Plug it in again; the box takes it back by itself."
        raise self._lost(await self._node.gone, fix)

    async def close(self) -> None:
        if self._node is not None:
            self._blocking.later("closing", self._node.let_go())
        self._node = None

    def place(self) -> str | None:
        return self._port.path

    def presence(self) -> object:
        return plugged_node(self._port.path)

    def _lost(self, found: str, fix: str) -> DeviceError:
        return DeviceError(self._reporter.name, doing="listening", found=found, fix=fix, retry=True)

    def _take(self, data: bytes) -> None:
        report = read_report(data)
        now_ms = int(asyncio.get_running_loop().time() * 1000)
        event = self._reading.read(report.burst, now_ms)
        if event is not None:
            self._reporter.read(event, report.trouble or self._reading.trouble)
