"""A USB receipt printer twice: behind the kernel's usblp, and as a device that libusb finds.

usblp: a terminal takes the node's place, `Board.ioctl` that of its two ioctls. libusb: a back end
of pyusb with one device; its endpoints lead to the same printer. Written from the USB printer
class 1.1 and the kernel's drivers/usb/class/usblp.c; boards differ in how honest they are.
"""

import array
import errno
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import usb.core
from usb.backend import IBackend

from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.printer_status import Condition

GET_STATUS, GET_DEVICE_ID = 0x060B, 0x84005001
HEALTHY, PAPER_EMPTY = 0x18, 0x20
OUT, BACK = 0x03, 0x84  # endpoints of this board; others have others
PACKET_BYTES = 64

Bytes: TypeAlias = "array.array[int]"


@dataclass
class Board:
    """The interface board of one printer."""

    printer: Printer
    device_id: str = "MFG:BENCH;CMD:ESC/POS;MDL:58;CLS:PRINTER;"
    honest: bool = True  # False: the port status is 18 whatever happens
    mute: bool = False  # ioctls and control transfers are not answered
    asked: list[int] = field(default_factory=list)

    def ioctl(self, fd: int, request: int, buffer: bytes) -> bytes:
        """Answer as the kernel would: the buffer, filled."""
        self.asked.append(request)
        if self.mute or request not in (GET_STATUS, GET_DEVICE_ID):
            raise OSError(errno.EIO, "Input/output error")
        if request == GET_STATUS:
            return struct.pack("i", self.port_status())
        return self.id_bytes().ljust(len(buffer), b"\0")

    def port_status(self) -> int:
        ended = Condition.PAPER_END in self.printer.state.conditions
        return HEALTHY | PAPER_EMPTY if ended and self.honest else HEALTHY

    def id_bytes(self) -> bytes:
        return (len(self.device_id) + 2).to_bytes(2, "big") + self.device_id.encode()


class _Descriptor:
    def __init__(self, **fields: object) -> None:
        self.extra_descriptors: tuple[int, ...] = ()
        self.__dict__.update(fields)


class UsbBus(IBackend):  # type: ignore[misc]  # pyusb carries no types
    """One plugged-in device, as pyusb sees a bus."""

    def __init__(self, board: Board, *, configured: bool = True, kernel_driver: bool = False):
        self.board = board
        self.plugged, self.stuck, self.busy = True, False, False
        self.configured, self.kernel_driver = configured, kernel_driver
        self.calls: list[str] = []  # what a careful driver does not do is seen here
        self._answers = bytearray()
        self._lock = threading.Condition()

    # -- what is plugged in -------------------------------------------------------------------

    def enumerate_devices(self) -> Iterator[object]:
        return iter([self] if self.plugged else [])

    def get_device_descriptor(self, dev: object) -> _Descriptor:
        return _Descriptor(
            bLength=18, bDescriptorType=1, bcdUSB=0x0200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=64, idVendor=0x0416, idProduct=0x5011,
            bcdDevice=0x0100, iManufacturer=0, iProduct=0, iSerialNumber=0, bNumConfigurations=1,
            address=5, bus=1, port_number=4, port_numbers=(1, 4), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: object, config: int) -> _Descriptor:
        if config:
            raise IndexError(config)
        return _Descriptor(
            bLength=9, bDescriptorType=2, wTotalLength=55, bNumInterfaces=2,
            bConfigurationValue=1, iConfiguration=0, bmAttributes=0xC0, bMaxPower=1,
        )  # fmt: skip

    def get_interface_descriptor(
        self, dev: object, intf: int, alt: int, config: int
    ) -> _Descriptor:
        if alt or intf > 1:
            raise IndexError(intf)
        kind = 0x07 if intf == 0 else 0x03  # a printer, and a keyboard that it also is
        return _Descriptor(
            bLength=9, bDescriptorType=4, bInterfaceNumber=intf, bAlternateSetting=0,
            bNumEndpoints=2 if intf == 0 else 0, bInterfaceClass=kind, bInterfaceSubClass=1,
            bInterfaceProtocol=2, iInterface=0,
        )  # fmt: skip

    def get_endpoint_descriptor(
        self, dev: object, ep: int, intf: int, alt: int, config: int
    ) -> _Descriptor:
        if intf or ep > 1:
            raise IndexError(ep)
        return _Descriptor(
            bLength=7, bDescriptorType=5, bEndpointAddress=(BACK, OUT)[ep], bmAttributes=2,
            wMaxPacketSize=PACKET_BYTES, bInterval=0, bRefresh=0, bSynchAddress=0,
        )  # fmt: skip

    # -- what is done with it -----------------------------------------------------------------

    def open_device(self, dev: object) -> object:
        self._there()
        return self

    def close_device(self, handle: object) -> None:
        self.calls.append("close")

    def get_configuration(self, handle: object) -> int:
        return 1 if self.configured else 0

    def set_configuration(self, handle: object, value: int) -> None:
        self.calls.append("set_configuration")
        self.configured = True

    def claim_interface(self, handle: object, intf: int) -> None:
        if self.busy:
            raise usb.core.USBError("Resource busy", errno=errno.EBUSY)
        self.calls.append(f"claim {intf}")

    def release_interface(self, handle: object, intf: int) -> None:
        self.calls.append(f"release {intf}")

    def reset_device(self, handle: object) -> None:
        self.calls.append("reset")

    def is_kernel_driver_active(self, handle: object, intf: int) -> bool:
        return self.kernel_driver

    def detach_kernel_driver(self, handle: object, intf: int) -> None:
        self.calls.append("detach")

    def ctrl_transfer(  # noqa: PLR0917
        self,
        handle: object,
        kind: int,
        request: int,
        value: int,
        index: int,
        data: Bytes,
        timeout: int,
    ) -> int:
        self._there()
        if self.board.mute:
            raise usb.core.USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT)
        answer = self.board.id_bytes() if request == 0 else bytes([self.board.port_status()])
        answer = answer[: len(data)]
        data[: len(answer)] = array.array("B", answer)
        return len(answer)

    def bulk_write(self, handle: object, ep: int, intf: int, data: Bytes, timeout: int) -> int:
        self._there()
        assert ep == OUT, f"endpoint {ep:#x} takes no data"
        if self.stuck:
            time.sleep(timeout / 1000)
            raise usb.core.USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT)
        with self._lock:
            self._answers += self.board.printer.feed(data.tobytes())
            self._lock.notify_all()
        return len(data)

    def bulk_read(self, handle: object, ep: int, intf: int, buff: Bytes, timeout: int) -> int:
        assert ep == BACK, f"endpoint {ep:#x} gives no data"
        with self._lock:
            self._lock.wait_for(lambda: self._answers or not self.plugged, timeout / 1000)
            self._there()
            if not self._answers:
                raise usb.core.USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT)
            answer = bytes(self._answers[: len(buff)])
            del self._answers[: len(answer)]
        buff[: len(answer)] = array.array("B", answer)
        return len(answer)

    def unplug(self) -> None:
        with self._lock:
            self.plugged = False
            self._lock.notify_all()

    def _there(self) -> None:
        if not self.plugged:
            raise usb.core.USBError("No such device", errno=errno.ENODEV)
