"""Where a device is, as data: the `port` of a configured device, parsed and judged.

pipe:PATH   tcp:HOST:PORT   folder:PATH   printer:NAME   /dev/input/by-path/...   /dev/serial/...
usblp:PATH   usb:BUS-PORT.PORT   usb:VID:PID   usb:VID:PID:SERIAL
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

import msgspec


class PipePort(msgspec.Struct, frozen=True):
    """A FIFO of `struct input_event` records: the bench's wedges."""

    path: str


class InputPort(msgspec.Struct, frozen=True):
    """A node of the kernel's input devices."""

    path: str


class SerialPort(msgspec.Struct, frozen=True):
    """A serial line, or a symlink to a pty."""

    path: str


class TcpPort(msgspec.Struct, frozen=True):
    host: str
    port: int


class LpPort(msgspec.Struct, frozen=True):
    """A printer node of the kernel's usblp, by a udev symlink."""

    path: str


class UsbPort(msgspec.Struct, frozen=True):
    """A printer without usblp: by where it is plugged in, else by what it says it is."""

    place: str = ""  # bus and ports, as lsusb -t and sysfs name them: 1-1.4
    vendor: int = 0
    product: int = 0
    serial: str = ""


class HidrawPort(msgspec.Struct, frozen=True):
    """A HID device that is no keyboard, by a udev symlink to its hidraw node."""

    path: str


class DiskPort(msgspec.Struct, frozen=True):
    """A partition of a USB stick; where it is mounted is the kernel's to say."""

    path: str


class FolderPort(msgspec.Struct, frozen=True):
    """A folder that is there while its medium is."""

    path: str


class PrinterPort(msgspec.Struct, frozen=True):
    """Whatever hangs on a printer, by the printer's name."""

    name: str


Port = (
    PipePort
    | InputPort
    | HidrawPort
    | SerialPort
    | TcpPort
    | LpPort
    | UsbPort
    | DiskPort
    | FolderPort
    | PrinterPort
)

SHAPES: Mapping[type[Port], str] = MappingProxyType(
    {
        PipePort: "pipe:PATH",
        InputPort: "/dev/input/by-path/...-event-kbd",
        HidrawPort: "/dev/memberbox/... (a udev symlink to its hidraw node)",
        SerialPort: "/dev/serial/by-path/...",
        TcpPort: "tcp:HOST:PORT",
        LpPort: "usblp:PATH",
        UsbPort: "usb:1-1.4 or usb:VID:PID",
        DiskPort: "/dev/disk/by-path/...-part1",
        FolderPort: "folder:PATH",
        PrinterPort: "printer:NAME",
    }
)

# These names are given in the order of plugging in: after a brown-out they mean another device.
_NO_STABLE_NAME = (
    (re.compile(r"/dev/tty(USB|ACM)\d+"), "/dev/serial/by-path/..."),
    (re.compile(r"/dev/input/event\d+"), "/dev/input/by-path/..."),
    (re.compile(r"/dev/hidraw\d+"), "a udev symlink"),
    (re.compile(r"/dev/usb/lp\d+"), "a udev symlink"),
)


def parse_port(text: str, accepted: tuple[type[Port], ...]) -> Port:
    """Return the port that text names. Raises ValueError with words for the config's author."""
    for pattern, stable in _NO_STABLE_NAME:
        if pattern.fullmatch(text.removeprefix("usblp:")):
            raise ValueError(
                f'"{text}" is no stable name. Use one of {stable} (memberbox suggest).'
            )
    port = _parse(text, accepted)
    if port is None or not isinstance(port, accepted):
        shapes = " or ".join(SHAPES[kind] for kind in accepted)
        raise ValueError(f'"{text}" is no place for this driver. Use {shapes}.')
    return port


def _parse(text: str, accepted: tuple[type[Port], ...]) -> Port | None:
    scheme, colon, rest = text.partition(":")
    if text.startswith("/"):
        return _parse_path(text, accepted)
    if not colon or not rest:
        return None
    match scheme:
        case "pipe":
            return PipePort(rest)
        case "folder":
            return FolderPort(rest)
        case "printer":
            return PrinterPort(rest)
        case "usblp":
            return _parse_lp(rest)
        case "usb":
            return _parse_usb(rest)
        case "tcp":
            return _parse_tcp(rest)
    return None


def _parse_path(text: str, accepted: tuple[type[Port], ...]) -> Port | None:
    """A bare path is what the driver takes paths for; only /dev/input is never a serial line."""
    if HidrawPort in accepted:
        return HidrawPort(text)
    if DiskPort in accepted:
        return DiskPort(text)
    if InputPort in accepted or text.startswith("/dev/input/"):
        return InputPort(text)
    if FolderPort in accepted:
        return FolderPort(text)
    return SerialPort(text)


def _parse_lp(path: str) -> LpPort | None:
    return LpPort(path) if path.startswith("/") else None


def _parse_usb(rest: str) -> UsbPort | None:
    if re.fullmatch(r"\d+-\d+(\.\d+)*", rest):
        return UsbPort(place=rest)
    found = re.fullmatch(r"([0-9a-fA-F]{4}):([0-9a-fA-F]{4})(?::(.+))?", rest)
    if found is None:
        return None
    return UsbPort("", int(found[1], 16), int(found[2], 16), found[3] or "")


def _parse_tcp(rest: str) -> TcpPort | None:
    host, _, number = rest.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not number.isascii() or not number.isdigit():
        return None
    return TcpPort(host, int(number)) if 0 < int(number) < 65536 else None
