"""Ports and configs: everything wrong is said at once, in words for the person who wrote it."""

from pathlib import Path

import pytest

from daemon.devices import DeviceConfig
from daemon.drivers.assembly import problems
from daemon.drivers.devices import Devices
from daemon.drivers.profiles import load_profile, profile_names
from daemon.drivers.registry import DRIVERS
from daemon.drivers.resources import (
    FolderPort,
    InputPort,
    PipePort,
    PrinterPort,
    SerialPort,
    TcpPort,
    parse_port,
)
from daemon.drivers.wire.dialect import Dialect
from daemon.errors import DeviceError
from daemon.events import DeviceKind

SHARE = Path(__file__).parents[2] / "config"
ANY = (PipePort, SerialPort, TcpPort, FolderPort, PrinterPort)


@pytest.mark.parametrize(
    ("text", "accepted", "port"),
    [
        ("pipe:/run/swiper", (PipePort,), PipePort("/run/swiper")),
        ("tcp:192.168.1.50:9100", (TcpPort,), TcpPort("192.168.1.50", 9100)),
        ("tcp:[fe80::1]:9100", (TcpPort,), TcpPort("fe80::1", 9100)),
        ("tcp:printer.local:9100", (TcpPort,), TcpPort("printer.local", 9100)),
        ("folder:/media/stick", (FolderPort,), FolderPort("/media/stick")),
        ("/media/stick", (FolderPort,), FolderPort("/media/stick")),
        ("printer:front", (PrinterPort,), PrinterPort("front")),
        ("/dev/ttyS0", (SerialPort,), SerialPort("/dev/ttyS0")),
        ("/tmp/bench/tty/pole", (SerialPort,), SerialPort("/tmp/bench/tty/pole")),
        ("/dev/serial/by-path/x", (TcpPort, SerialPort), SerialPort("/dev/serial/by-path/x")),
        (
            "/dev/input/by-path/x-event-kbd",
            (InputPort,),
            InputPort("/dev/input/by-path/x-event-kbd"),
        ),
    ],
)
def test_ports(text, accepted, port):
    assert parse_port(text, accepted) == port


@pytest.mark.parametrize(
    "text", ["/dev/ttyUSB0", "/dev/ttyACM12", "/dev/input/event3", "/dev/hidraw0", "/dev/usb/lp0"]
)
def test_a_name_that_changes_with_plugging_is_refused(text):
    with pytest.raises(ValueError, match=r"is no stable name\. Use one of"):
        parse_port(text, ANY)


@pytest.mark.parametrize(
    "text", ["", "tcp:", "tcp:x", "tcp:x:0", "tcp:x:99999", "tcp::9100", "pipe:", "lpt1", "udp:a:1"]
)
def test_what_is_no_port(text):
    with pytest.raises(ValueError, match=r"Use (pipe|tcp|folder)"):
        parse_port(text, (PipePort, TcpPort, FolderPort))


def test_a_wedge_is_no_serial_line():
    with pytest.raises(ValueError, match="by-path"):
        parse_port("/dev/input/by-path/x-event-kbd", (SerialPort,))


def device(name="it", kind=DeviceKind.LINE_DISPLAY, driver="cd5220", port="/x", **more):
    return DeviceConfig(name, kind, driver, port, **more)


def test_all_mistakes_are_told_at_once():
    wrong = [
        device(driver="cd522"),
        device(kind=DeviceKind.KEYPAD),
        device("a", port="/dev/ttyUSB0"),
        device("b", profile="epson-80-576"),
        device("c", profile="none"),
        DeviceConfig("d", DeviceKind.CASH_DRAWER, "printer_kick", "", printer="nobody"),
    ]
    told = problems(wrong, SHARE)
    assert [(each.index, each.key) for each in told] == [
        (0, "driver"),
        (1, "name"),
        (1, "kind"),
        (2, "port"),
        (3, "profile"),
        (4, "profile"),
        (5, "printer"),
    ]
    assert "cd5220" in told[0].what
    assert "epson-80-576" in told[5].allowed
    with pytest.raises(DeviceError, match="memberbox check"):
        Devices(wrong, emit=lambda name, event: None, jitter=lambda: 0.5, share=SHARE)


def test_every_profile_is_sound_and_names_its_source():
    assert {"epson-80-576", "epson-80-512", "xprinter-58", "generic-58"} <= set(
        profile_names(SHARE)
    )
    for name in profile_names(SHARE):
        profile = load_profile(SHARE, name)
        assert profile.source
        assert profile.model
        if isinstance(getattr(profile, "dialect", None), Dialect):
            dialect = profile.dialect  # type: ignore[union-attr]
            assert dialect.drawer_on_ms / (dialect.drawer_on_ms + dialect.drawer_off_ms) <= 0.2
            assert dialect.columns * 12 <= dialect.dots


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('driver = "escpos"\n[dialect]\ncolums = 32', "colums"),
        ('driver = "escpos"\n[dialect]\ncolumns = "32"', "int"),
        ('driver = "escpos"\n[dialect]\ncharset = "utf-8"', "utf-8"),
        ('driver = "lpr"', "lpr"),
        ("driver =", "Invalid value"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(text, words, tmp_path):
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "x.toml").write_text(text)
    with pytest.raises(DeviceError, match=words):
        load_profile(tmp_path, "x")


def test_every_kind_has_a_driver():
    assert set(DeviceKind) == {kind for known in DRIVERS.values() for kind in known.kinds}
