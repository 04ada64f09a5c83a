"""One line to a device, opened and closed by its driver; always with deadlines."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from daemon.drivers.blocking import Blocking
from daemon.drivers.reader_settings import Link
from daemon.drivers.resources import LpPort, SerialPort, TcpPort, UsbPort
from daemon.drivers.transport import Handle, Stream, close_line, connect, open_serial, resolve
from daemon.drivers.usblp import LpNode
from daemon.drivers.wedge import plugged_node
from daemon.drivers.wire.usb_printer import DeviceId
from daemon.errors import DeviceError

OPEN_WITHIN_S = 3.0  # a USB adapter that has just been plugged in takes up to 1 s
PORT_STATUS_WITHIN_S = 1.0  # a control transfer; a hung board would hold it for 5
FIX = "Check that it is switched on and its cable is in; the box takes it back by itself."

LinePort = SerialPort | TcpPort | LpPort | UsbPort


@runtime_checkable
class ClassPrinter(Handle, Protocol):
    """What speaks the USB printer class: usblp or libusb."""

    def unsent_bytes(self) -> int: ...

    def device_id(self) -> DeviceId: ...

    def port_status(self) -> int | None: ...


class Line:
    """Opens streams to one port, one after another."""

    def __init__(
        self,
        name: str,
        port: LinePort,
        link: Link,
        open_node: Callable[[str], ClassPrinter] = LpNode,
        open_usb: Callable[[UsbPort], ClassPrinter] | None = None,
    ) -> None:
        self._name = name
        self._port = port
        self._link = link
        self._open_node = open_node
        self._open_usb = open_usb or _open_usb
        self._blocking = Blocking(name)
        self._asking = Blocking(name)
        self._printer: ClassPrinter | None = None

    async def open(self, on_bytes: Callable[[bytes], None]) -> Stream:
        """Return a fresh stream. Raises DeviceError, OSError."""
        match self._port:
            case SerialPort(path):
                return await self._open_serial(path, on_bytes)
            case TcpPort():
                return await self._open_tcp(self._port, on_bytes)
            case LpPort(path):
                return await self._open_printer(lambda: self._open_node(path), on_bytes, False)
            case UsbPort() as port:
                return await self._open_printer(lambda: self._open_usb(port), on_bytes, True)

    async def port_status(self) -> int | None:
        """Return the USB port status; None on another line, or when it does not answer."""
        printer = self._printer
        if printer is None:
            return None
        try:
            return await self._asking.call(
                "asking the port",
                printer.port_status,
                within_s=PORT_STATUS_WITHIN_S,
                undo=lambda _: None,
            )
        except DeviceError:
            return None

    def close(self, stream: Stream) -> None:
        self._printer = None
        self._blocking.later("closing", stream.let_go())

    def place(self) -> str | None:
        return self._port.path if isinstance(self._port, SerialPort | LpPort) else None

    def presence(self) -> object:
        place = self.place()
        return None if place is None else plugged_node(place)

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

    async def _open_printer(
        self, opener: Callable[[], ClassPrinter], on_bytes: Callable[[bytes], None], ends: bool
    ) -> Stream:
        def work() -> tuple[ClassPrinter, DeviceId]:
            printer = opener()
            return printer, printer.device_id()

        printer, who = await self._blocking.call(
            "opening", work, within_s=OPEN_WITHIN_S, undo=lambda late: late[0].close()
        )
        if who.is_office_printer:
            self._blocking.later("closing", printer.close)
            found = f"{who.maker} {who.model} prints pages ({', '.join(who.commands)}), no receipts"
            fix = "Plug the receipt printer in there, or correct the port."
            raise DeviceError(self._name, doing="opening", found=found, fix=fix, retry=True)
        self._printer = printer
        return Stream(printer, on_bytes, counted=printer, empty_ends=ends)

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


def _open_usb(port: UsbPort) -> ClassPrinter:
    from daemon.drivers.usb_bulk import UsbPrinter  # pyusb: only where a device needs it

    return UsbPrinter(port)
