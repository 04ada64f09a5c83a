"""Everything a driver is made from, and what makers of several kinds need."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from daemon.devices import DeviceConfig
from daemon.drivers.beepers import Buzzing
from daemon.drivers.kinds import Driver
from daemon.drivers.line import Line
from daemon.drivers.notes import Notes
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.pole_on_printer import PassThrough
from daemon.drivers.printer_kick import Kicker
from daemon.drivers.profiles import Profile
from daemon.drivers.reader_settings import Link
from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import LpPort, Port, SerialPort, TcpPort, UsbPort
from daemon.events import DeviceKind


class Printer(Kicker, PassThrough, Buzzing, Protocol):
    """A receipt printer, as far as what hangs on it knows it."""


class Setting(msgspec.Struct, frozen=True):
    config: DeviceConfig
    port: Port
    profile: Profile | None
    reporter: Reporter
    printers: Mapping[str, Printer]
    watch: PlugWatch
    notes: Notes
    share: Path


class DriverType(msgspec.Struct, frozen=True):
    kinds: frozenset[DeviceKind]
    ports: tuple[type[Port], ...]
    make: Callable[[Setting], Driver]
    profile: Profile | None = None  # what holds when the config names none


def line_of(setting: Setting, link: Link) -> Line:
    assert isinstance(setting.port, SerialPort | TcpPort | LpPort | UsbPort)
    return Line(setting.config.name, setting.port, link)


def link_of(setting: Setting, link: Link) -> Link:
    """Return the profile's link; what the config says about the baud rate wins."""
    return msgspec.structs.replace(link, baud=setting.config.baud or link.baud)
