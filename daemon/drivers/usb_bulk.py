"""A USB printer without usblp, through libusb: two threads carry bytes between it and a socket.

The rest of the box sees one descriptor, as of any other line. Endpoints come from the descriptor;
nothing is reset, and a kernel driver is never pushed aside. The only file that imports pyusb, and
only when a device of the config needs it. Source: spec/devices.md 3.5 and 6.
"""

import contextlib
import errno
import fcntl
import socket
import struct
import termios
import threading

import usb.core
import usb.util
from usb.backend import IBackend

from daemon.drivers.resources import UsbPort
from daemon.drivers.wire.usb_printer import ID_BYTES_MAX, DeviceId, parse_device_id

PRINTER_CLASS = 0x07
CHUNK_BYTES = 512  # of one transfer
HELD_BYTES = 8192  # in the socket: four receipts, as for any other line
WRITE_MS, READ_MS = 500, 500  # how soon a closing is noticed; no deadline of the printer
CONTROL_MS = 1000
_FROM_INTERFACE = 0xA1  # class request to an interface, device to host
_GET_DEVICE_ID, _GET_PORT_STATUS = 0, 1


class UsbPrinter:
    """An open USB printer; what is written to `fileno()` goes to it, answers come from there."""

    def __init__(self, port: UsbPort, backend: IBackend | None = None) -> None:
        """Find, claim and start. May block; raises OSError with what to do."""
        self._device = _find(port, backend)
        self._interface = _printer_interface(self._device)
        _claim(self._device, self._interface.bInterfaceNumber)
        self._out, self._in = _endpoints(self._interface)
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        for end in (self._near, self._far):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, HELD_BYTES)
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._carry_out, daemon=True, name="usb out")]
        if self._in is not None:
            listen = threading.Thread(target=self._carry_in, daemon=True, name="usb in")
            self._threads.append(listen)
        for thread in self._threads:
            thread.start()

    def fileno(self) -> int:
        return self._near.fileno()

    def close(self) -> None:
        """Let go of the printer; what it has not taken is thrown away. Blocks for about 1 s."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._far.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._near.close()
        self._far.close()
        with contextlib.suppress(usb.core.USBError):
            usb.util.release_interface(self._device, self._interface.bInterfaceNumber)
        usb.util.dispose_resources(self._device)

    def unsent_bytes(self) -> int:
        answer = fcntl.ioctl(self._far.fileno(), termios.FIONREAD, b"\0\0\0\0")
        return int(struct.unpack("i", answer)[0])

    def device_id(self) -> DeviceId:
        """Return who it says it is; nothing when it does not answer."""
        number = self._interface.bInterfaceNumber
        if number:  # pyusb would claim the alternate setting's number in place of the interface's
            return DeviceId()
        answer = self._ask(_GET_DEVICE_ID, number << 8, ID_BYTES_MAX)
        return parse_device_id(answer)

    def port_status(self) -> int | None:
        answer = self._ask(_GET_PORT_STATUS, self._interface.bInterfaceNumber, 1)
        return answer[0] if answer else None

    def _ask(self, request: int, index: int, length: int) -> bytes:
        try:
            answer = self._device.ctrl_transfer(
                _FROM_INTERFACE, request, 0, index, length, CONTROL_MS
            )
        except usb.core.USBError:
            return b""
        return bytes(answer)

    def _carry_out(self) -> None:
        """Take out of the socket only what the printer has taken: what is left is counted there."""
        try:
            while data := self._far.recv(CHUNK_BYTES, socket.MSG_PEEK):
                if self._closing.is_set():
                    return
                taken = self._write(data)
                if taken:
                    self._far.recv(taken)
        except OSError:  # unplugged: USBError is one
            self._end()

    def _write(self, data: bytes) -> int:
        try:
            return int(self._out.write(data, WRITE_MS))
        except usb.core.USBTimeoutError:  # cover open, paper out: it takes nothing, for as long
            return 0

    def _carry_in(self) -> None:
        assert self._in is not None, "it only listens"
        while not self._closing.is_set():
            try:
                data = bytes(self._in.read(self._in.wMaxPacketSize, READ_MS))
                self._far.sendall(data)
            except usb.core.USBTimeoutError:
                continue
            except OSError:
                self._end()
                return

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._far.shutdown(socket.SHUT_RDWR)


def _find(port: UsbPort, backend: IBackend | None) -> usb.core.Device:
    try:
        found = list(usb.core.find(find_all=True, backend=backend, custom_match=_matching(port)))
    except usb.core.NoBackendError as error:
        raise OSError(0, "libusb is missing: apt-get install libusb-1.0-0") from error
    if not found:
        raise OSError(errno.ENODEV, "no such USB printer is plugged in")
    if len(found) > 1:
        places = ", ".join(sorted(_place(device) for device in found))
        raise OSError(0, f"several are plugged in; name one by its place: usb:{places}")
    return found[0]


def _matching(port: UsbPort):  # type: ignore[no-untyped-def]  # pyusb carries no types
    def match(device: usb.core.Device) -> bool:
        if port.place:
            return _place(device) == port.place
        if (device.idVendor, device.idProduct) != (port.vendor, port.product):
            return False
        return not port.serial or device.serial_number == port.serial

    return match


def _place(device: usb.core.Device) -> str:
    return f"{device.bus}-" + ".".join(str(number) for number in device.port_numbers or ())


def _printer_interface(device: usb.core.Device) -> usb.core.Interface:
    try:
        configuration = device.get_active_configuration()
    except usb.core.USBError:  # setting one anew would reset a device that has one
        device.set_configuration()
        configuration = device.get_active_configuration()
    interface = usb.util.find_descriptor(configuration, bInterfaceClass=PRINTER_CLASS)
    if interface is None:
        raise OSError(0, "this USB device is no printer")
    return interface


def _claim(device: usb.core.Device, number: int) -> None:
    with contextlib.suppress(NotImplementedError):
        if device.is_kernel_driver_active(number):
            raise OSError(0, "the kernel's usblp has it: use usblp:PATH in the config")
    usb.util.claim_interface(device, number)


def _endpoints(
    interface: usb.core.Interface,
) -> "tuple[usb.core.Endpoint, usb.core.Endpoint | None]":
    """Return bulk OUT, and bulk IN where there is one: cheap boards only listen."""
    out, back = None, None
    for endpoint in interface:
        if usb.util.endpoint_type(endpoint.bmAttributes) != usb.util.ENDPOINT_TYPE_BULK:
            continue
        way = usb.util.endpoint_direction(endpoint.bEndpointAddress)
        if way == usb.util.ENDPOINT_OUT:
            out = out or endpoint
        else:
            back = back or endpoint
    if out is None:
        raise OSError(0, "this USB printer has no way in (bulk OUT)")
    return out, back
