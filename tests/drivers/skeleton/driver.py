"""Driver: how to talk to a device. Copy to daemon/drivers/NAME.py, and add one line to registry.py.

The supervisor calls open, serve, close, again and again, for ever. Nothing here retries, logs or
remembers an old life; a failure is raised and told to people by the supervisor.
"""

from daemon.drivers.line import Line
from daemon.drivers.reporter import Reporter
from daemon.drivers.transport import Stream
from daemon.events import KeyPressed
from tests.drivers.skeleton.wire import Decoder


class KeySwitch:
    """A Keypad (daemon/drivers/kinds.py says what each kind promises)."""

    def __init__(self, line: Line, reporter: Reporter) -> None:
        self._line = line
        self._reporter = reporter
        self._decoder = Decoder()
        self._stream: Stream | None = None

    async def open(self) -> None:
        """Open, prove who it is where it can be asked, and say how it is."""
        self._stream = await self._line.open(self._take)  # in a thread, with a deadline
        self._reporter.online()

    async def serve(self) -> None:
        """Wait until it is gone. What it sends meanwhile comes to _take."""
        assert self._stream is not None
        raise self._line.lost("listening", await self._stream.gone)

    async def close(self) -> None:
        """Let go, without waiting; half of anything is forgotten."""
        if self._stream is not None:
            self._line.close(self._stream)
        self._stream = None
        self._decoder = Decoder()

    def place(self) -> str | None:
        return self._line.place()

    def presence(self) -> object:
        return self._line.presence()

    def _take(self, data: bytes) -> None:
        for key in self._decoder.feed(data):
            self._reporter.event(KeyPressed(key))
