"""One line to a device, opened and closed by its driver: serial or TCP, always with deadlines."""

from collections.abc import Callable

from daemon.drivers.blocking import Blocking
from daemon.drivers.profiles import Link
from daemon.drivers.resources import SerialPort, TcpPort
from daemon.drivers.transport import Stream, close_line, connect, open_serial, resolve
from daemon.drivers.wedge import plugged_node
from daemon.errors import DeviceError

OPEN_WITHIN_S = 3.0  # a USB adapter that has just been plugged in takes up to 1 s
FIX = "Check that it is switched on and its cable is in; the box takes it back by itself."


class Line:
    """Opens streams to one port, one after another."""

    def __init__(self, name: str, port: SerialPort | TcpPort, link: Link) -> None:
        self._name = name
        self._port = port
        self._link = link
        self._blocking = Blocking(name)

    async def open(self, on_bytes: Callable[[bytes], None]) -> Stream:
        """Return a fresh stream. Raises DeviceError, OSError."""
        if isinstance(self._port, SerialPort):
            return await self._open_serial(self._port.path, on_bytes)
        return await self._open_tcp(self._port, on_bytes)

    def close(self, stream: Stream) -> None:
        self._blocking.later("closing", stream.let_go())

    def place(self) -> str | None:
        return self._port.path if isinstance(self._port, SerialPort) else None

    def presence(self) -> object:
        return plugged_node(self._port.path) if isinstance(self._port, SerialPort) else None

    def lost(self, doing: str, found: str) -> DeviceError:
        return DeviceError(self._name, doing=doing, found=found, fix=FIX, retry=True)

    async def _open_serial(self, path: str, on_bytes: Callable[[bytes], None]) -> Stream:
        link = self._link
        line = await self._blocking.call(
            "opening",
            lambda: open_serial(path, baud=link.baud, flow=link.flow),
            within_s=OPEN_WITHIN_S,
            undo=close_line,
        )
        return Stream(line, on_bytes)

    async def _open_tcp(self, port: TcpPort, on_bytes: Callable[[bytes], None]) -> Stream:
        family, address = await self._blocking.call(
            "looking up",
            lambda: resolve(port.host, port.port),
            within_s=OPEN_WITHIN_S,
            undo=lambda _: None,
        )
        try:
            return Stream(await connect(family, address, within_s=OPEN_WITHIN_S), on_bytes)
        except TimeoutError as error:
            found = f"no answer from {port.host}:{port.port} within {OPEN_WITHIN_S:g} s"
            raise self.lost("connecting", found) from error
