"""Driver for keyboard wedges: card readers, scanners and keypads. Wire: wire/wedge_events.py."""

import asyncio
import os

from daemon.drivers.blocking import Blocking
from daemon.drivers.keyboard import Device, KeyReader, open_device
from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import InputPort, PipePort
from daemon.drivers.wire.wedge_events import Taker
from daemon.errors import DeviceError
from daemon.events import InputEvent

OPEN_WITHIN_S = 3.0  # waking a suspended hub takes up to 2 s
WRITER_POLL_S = 0.2  # a pipe tells nobody that its other end was opened


class Wedge:
    """A CardReader, Scanner or Keypad, by its taker."""

    def __init__(self, port: PipePort | InputPort, taker: Taker, reporter: Reporter) -> None:
        self._port = port
        self._taker = taker
        self._reporter = reporter
        self._blocking = Blocking(reporter.name)
        self._reader: KeyReader | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._typed_ms = self._taken_ms = 0  # of the last event: by the kernel, and by the loop

    async def open(self) -> None:
        node = self.presence()
        device = await self._blocking.call(
            "opening",
            lambda: open_device(self._port),
            within_s=OPEN_WITHIN_S,
            undo=lambda late: late.close(),
        )
        self._reader = self._listen_to(device)
        while isinstance(self._port, PipePort) and not self._reader.plugged():
            self._reporter.offline(f"nobody writes to {self._port.path}. Plug the device in.")
            await asyncio.sleep(WRITER_POLL_S)
            if self.presence() != node:  # this end is of a cable that is no longer there
                fix = "It is opened anew by itself."
                found = "another cable stands in its place"
                name = self._reporter.name
                raise DeviceError(name, doing="opening", found=found, fix=fix, retry=True)
        self._reader.listen()
        self._reporter.online()

    async def serve(self) -> None:
        assert self._reader is not None
        found = await self._reader.gone
        fix = "Plug it in again; the box takes it back by itself."
        raise DeviceError(self._reporter.name, doing="listening", found=found, fix=fix, retry=True)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._reader is not None:
            self._blocking.later("closing", self._reader.let_go())
        self._reader = self._timer = None
        self._reporter.reading(False)
        self._taker.reset()  # what was half swiped when it was unplugged is no card

    def place(self) -> str | None:
        return self._port.path

    def presence(self) -> object:
        return plugged_node(self._port.path)

    def _listen_to(self, device: Device) -> KeyReader:
        return KeyReader(device, self._take)

    def _take(self, kind: int, code: int, value: int, typed_ms: int) -> None:
        self._end_by_a_pause_of(typed_ms - self._typed_ms)
        self._typed_ms, self._taken_ms = typed_ms, self._now_ms()
        self._tell(self._taker.feed(kind, code, value, self._taken_ms))
        due_ms = self._taker.due_ms()
        self._reporter.reading(due_ms is not None)
        if due_ms is not None and (self._timer is None or due_ms / 1000 < self._timer.when()):
            self._arm(due_ms)

    def _end_by_a_pause_of(self, pause_ms: int) -> None:
        """Between two cards there was a pause, also when the loop was busy and reads them as one.

        Only the kernel's stamps know: else a bank card would take the member's card with it.
        """
        due_ms = self._taker.due_ms()
        if due_ms is not None and pause_ms >= due_ms - self._taken_ms:
            self._tell(self._taker.idle(due_ms))

    def _arm(self, due_ms: int | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if due_ms is None else loop.call_at(due_ms / 1000, self._idle)

    def _idle(self) -> None:
        """The gap may be over, or keys came since the timer was set: the taker knows."""
        self._tell(self._taker.idle(self._now_ms()))
        due_ms = self._taker.due_ms()
        self._reporter.reading(due_ms is not None)
        self._arm(due_ms)

    def _tell(self, event: InputEvent | None) -> None:
        if event is not None:
            self._reporter.read(event, self._taker.trouble)

    @staticmethod
    def _now_ms() -> int:
        return int(asyncio.get_running_loop().time() * 1000)


def plugged_node(path: str) -> object:
    """Return what stands at path now: another node, or a symlink set anew, is another thing."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_rdev)
