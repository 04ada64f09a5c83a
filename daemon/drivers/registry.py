"""Which driver names there are, and how each is made: one explicit table.

A new driver is one file, one line here, and one row in tests/contract.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from daemon.drivers.beepers import PrinterBeeper, Speaker
from daemon.drivers.escpos import EscPosPrinter
from daemon.drivers.folder import DiskPlace, FolderPlace, StickDriver
from daemon.drivers.kinds import Driver
from daemon.drivers.pen import Pen
from daemon.drivers.pole_makers import make_cd5220, make_led8n, make_text_pole
from daemon.drivers.printer_kick import PrinterKick
from daemon.drivers.profiles import (
    Cd5220Profile,
    Led8nProfile,
    PrinterProfile,
    TextPoleProfile,
)
from daemon.drivers.reader_makers import (
    make_hid,
    make_msr605,
    make_rfid,
    make_scanner,
    make_swiper,
    make_wedge,
)
from daemon.drivers.reader_settings import (
    HidProfile,
    Msr605Profile,
    RfidProfile,
    ScannerProfile,
    SwiperProfile,
    WedgeProfile,
)
from daemon.drivers.resources import (
    DiskPort,
    FolderPort,
    HidrawPort,
    InputPort,
    LpPort,
    PipePort,
    PrinterPort,
    SerialPort,
    TcpPort,
    UsbPort,
)
from daemon.drivers.setting import DriverType, Setting, line_of, link_of
from daemon.drivers.stick_medium import RealFiles
from daemon.events import DeviceKind

_BEEPS = frozenset({DeviceKind.BEEPER})
_CARDS = frozenset({DeviceKind.CARD_READER})
_SCANS = frozenset({DeviceKind.SCANNER})
_POLES = frozenset({DeviceKind.LINE_DISPLAY})
_TYPING = _CARDS | _SCANS | {DeviceKind.KEYPAD}
_SERIAL = (SerialPort,)


def _make_printer(setting: Setting) -> Driver:
    profile = setting.profile
    assert isinstance(profile, PrinterProfile)
    columns = setting.config.columns or profile.dialect.columns
    dialect = msgspec.structs.replace(profile.dialect, columns=columns)
    link = link_of(setting, profile.link)
    profile = msgspec.structs.replace(profile, dialect=dialect, link=link)
    logo = Path(setting.config.logo) if setting.config.logo else None
    pen = Pen(setting.share, logo)
    return EscPosPrinter(line_of(setting, link), profile, setting.reporter, pen)


def _make_kick(setting: Setting) -> Driver:
    assert isinstance(setting.port, PrinterPort)
    name = setting.port.name
    return PrinterKick(setting.printers[name], name, setting.reporter, setting.notes)


def _make_printer_beep(setting: Setting) -> Driver:
    assert isinstance(setting.port, PrinterPort)
    name = setting.port.name
    return PrinterBeeper(setting.printers[name], name, setting.reporter)


def _make_speaker(setting: Setting) -> Driver:
    assert isinstance(setting.port, InputPort | PipePort)
    return Speaker(setting.port, setting.reporter)


def _make_folder(setting: Setting) -> Driver:
    assert isinstance(setting.port, FolderPort)
    place = FolderPlace(setting.port.path)
    return StickDriver(place, RealFiles(), setting.reporter, setting.watch)


def _make_usb_stick(setting: Setting) -> Driver:
    assert isinstance(setting.port, DiskPort)
    place = DiskPlace(setting.port.path)
    return StickDriver(place, RealFiles(), setting.reporter, setting.watch)


DRIVERS: Mapping[str, DriverType] = MappingProxyType(
    {
        "wedge": DriverType(_TYPING, (PipePort, InputPort), make_wedge, WedgeProfile()),
        "hid_swiper": DriverType(_CARDS, (HidrawPort, PipePort), make_hid, HidProfile()),
        "serial_swiper": DriverType(_CARDS, _SERIAL, make_swiper, SwiperProfile()),
        "msr605": DriverType(_CARDS, _SERIAL, make_msr605, Msr605Profile()),
        "serial_rfid": DriverType(_CARDS, _SERIAL, make_rfid, RfidProfile()),
        "serial_scanner": DriverType(_SCANS, _SERIAL, make_scanner, ScannerProfile()),
        "escpos": DriverType(
            frozenset({DeviceKind.RECEIPT_PRINTER}),
            (TcpPort, SerialPort, LpPort, UsbPort),
            _make_printer,
            PrinterProfile(),
        ),
        "cd5220": DriverType(_POLES, _SERIAL, make_cd5220, Cd5220Profile()),
        "led8n": DriverType(_POLES, _SERIAL, make_led8n, Led8nProfile()),
        "text_pole": DriverType(
            _POLES, (SerialPort, PrinterPort), make_text_pole, TextPoleProfile()
        ),
        "printer_kick": DriverType(frozenset({DeviceKind.CASH_DRAWER}), (PrinterPort,), _make_kick),
        "printer_beep": DriverType(_BEEPS, (PrinterPort,), _make_printer_beep),
        "speaker": DriverType(_BEEPS, (InputPort, PipePort), _make_speaker),
        "folder": DriverType(frozenset({DeviceKind.STICK}), (FolderPort,), _make_folder),
        "usb_stick": DriverType(frozenset({DeviceKind.STICK}), (DiskPort,), _make_usb_stick),
    }
)
