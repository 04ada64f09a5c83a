"""Which driver names there are, and how each is made: one explicit table.

A new driver is one file, one line here, and one row in tests/contract.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from daemon.devices import DeviceConfig
from daemon.drivers.escpos import EscPosPrinter
from daemon.drivers.folder import FolderStick
from daemon.drivers.kinds import Driver
from daemon.drivers.line import Line
from daemon.drivers.plug_watch import PlugWatch
from daemon.drivers.pole import PoleDisplay
from daemon.drivers.printer_kick import Kicker, PrinterKick
from daemon.drivers.profiles import (
    Cd5220Profile,
    Led8nProfile,
    Link,
    PrinterProfile,
    Profile,
)
from daemon.drivers.reporter import Reporter
from daemon.drivers.resources import (
    FolderPort,
    InputPort,
    PipePort,
    Port,
    PrinterPort,
    SerialPort,
    TcpPort,
)
from daemon.drivers.serial_swiper import SerialSwiper
from daemon.drivers.wedge import Wedge
from daemon.drivers.wire import cd5220, led8n
from daemon.drivers.wire.wedge_events import CardTaker, CodeTaker, KeyTaker, Taker
from daemon.events import DeviceKind

_TAKERS: Mapping[DeviceKind, type[Taker]] = MappingProxyType(
    {
        DeviceKind.CARD_READER: CardTaker,
        DeviceKind.SCANNER: CodeTaker,
        DeviceKind.KEYPAD: KeyTaker,
    }
)


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything a driver is made from."""

    config: DeviceConfig
    port: Port
    profile: Profile | None
    reporter: Reporter
    kickers: Mapping[str, Kicker]
    watch: PlugWatch


@dataclass(frozen=True, slots=True)
class DriverType:
    kinds: frozenset[DeviceKind]
    ports: tuple[type[Port], ...]
    make: Callable[[Setting], Driver]
    profile: Profile | None = None  # what holds when the config names none


def _make_wedge(setting: Setting) -> Driver:
    assert isinstance(setting.port, PipePort | InputPort)
    return Wedge(setting.port, _TAKERS[setting.config.kind](), setting.reporter)


def _make_swiper(setting: Setting) -> Driver:
    return SerialSwiper(_line(setting, _link(setting, Link())), setting.reporter)


def _make_printer(setting: Setting) -> Driver:
    profile = setting.profile
    assert isinstance(profile, PrinterProfile)
    columns = setting.config.columns or profile.dialect.columns
    dialect = msgspec.structs.replace(profile.dialect, columns=columns)
    link = _link(setting, profile.link)
    profile = msgspec.structs.replace(profile, dialect=dialect, link=link)
    return EscPosPrinter(_line(setting, link), profile, setting.reporter)


def _make_cd5220(setting: Setting) -> Driver:
    profile = setting.profile
    assert isinstance(profile, Cd5220Profile)
    columns = setting.config.columns or profile.columns
    link = _link(setting, profile.link)
    return PoleDisplay(
        _line(setting, link),
        setting.reporter,
        init=cd5220.INIT,
        frame=lambda pole: cd5220.frame(pole.lines, columns),
        columns=columns,
        link=link,
    )


def _make_led8n(setting: Setting) -> Driver:
    profile = setting.profile
    assert isinstance(profile, Led8nProfile)
    link = _link(setting, profile.link)
    return PoleDisplay(
        _line(setting, link),
        setting.reporter,
        init=led8n.INIT,
        frame=lambda pole: led8n.frame(pole, profile.digits),
        columns=profile.digits,
        link=link,
    )


def _make_kick(setting: Setting) -> Driver:
    assert isinstance(setting.port, PrinterPort)
    return PrinterKick(setting.kickers[setting.port.name], setting.port.name, setting.reporter)


def _make_folder(setting: Setting) -> Driver:
    assert isinstance(setting.port, FolderPort)
    return FolderStick(setting.port.path, setting.reporter, setting.watch)


def _line(setting: Setting, link: Link) -> Line:
    assert isinstance(setting.port, SerialPort | TcpPort)
    return Line(setting.config.name, setting.port, link)


def _link(setting: Setting, link: Link) -> Link:
    """Return the profile's link; what the config says about the baud rate wins."""
    return msgspec.structs.replace(link, baud=setting.config.baud or link.baud)


DRIVERS: Mapping[str, DriverType] = MappingProxyType(
    {
        "wedge": DriverType(frozenset(_TAKERS), (PipePort, InputPort), _make_wedge),
        "serial_swiper": DriverType(
            frozenset({DeviceKind.CARD_READER}), (SerialPort,), _make_swiper
        ),
        "escpos": DriverType(
            frozenset({DeviceKind.RECEIPT_PRINTER}),
            (TcpPort, SerialPort),
            _make_printer,
            PrinterProfile(),
        ),
        "cd5220": DriverType(
            frozenset({DeviceKind.LINE_DISPLAY}), (SerialPort,), _make_cd5220, Cd5220Profile()
        ),
        "led8n": DriverType(
            frozenset({DeviceKind.LINE_DISPLAY}), (SerialPort,), _make_led8n, Led8nProfile()
        ),
        "printer_kick": DriverType(frozenset({DeviceKind.CASH_DRAWER}), (PrinterPort,), _make_kick),
        "folder": DriverType(frozenset({DeviceKind.STICK}), (FolderPort,), _make_folder),
    }
)
