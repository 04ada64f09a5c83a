"""`--every`: the devices that a counter has instead of the usual ones."""

import os
import select
import socket
import struct
import termios
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import serial

from tests.hardware_sim_tests.outside import BenchProcess, until

OTHERS = "swiper_hid swiper_msr tag tag_serial scanner_serial pole_dmd pole_utc pole_aedex speaker"


@pytest.fixture
def every(tmp_path: Path) -> Iterator[BenchProcess]:
    bench = BenchProcess(tmp_path, "--every")
    yield bench
    bench.close()


def test_they_stand_behind_the_usual_ones_and_in_the_config(every: BenchProcess) -> None:
    devices = cast(list[dict[str, object]], every.ask("devices")["devices"])
    names = [str(device["name"]) for device in devices]
    assert names[-9:] == OTHERS.split()
    config = tomllib.loads((every.folder / "memberbox.toml").read_text())
    told = [device["name"] for device in config["devices"]]
    assert [name for name in told if name != "drawer"] == names


def test_a_report_and_a_tag_and_a_code(every: BenchProcess) -> None:
    assert "nobody reads" in str(every.try_ask("swipe", device="swiper_hid", track2="1")["error"])
    node = os.open(every.folder / "swiper_hid", os.O_RDONLY | os.O_NONBLOCK)
    every.ask("swipe", device="swiper_hid", track2="8800000000018=")
    select.select([node], [], [], 5)
    report = os.read(node, 4096)
    assert len(report) == 337
    assert report[117 : 117 + report[4]] == b";8800000000018=?"
    os.close(node)
    with serial.Serial(str(every.folder / "tty" / "tag_serial"), 9600, timeout=5) as line:
        every.ask("tag", number="06008E6D5D")
        assert line.read(10) == bytes.fromhex("020A0206008E6D5DB003")
    with serial.Serial(str(every.folder / "tty" / "scanner_serial"), 9600, timeout=5) as line:
        every.ask("scan", device="scanner_serial", code="6901234100013")
        assert line.read(14) == b"6901234100013\r"
    assert "ten hex digits" in str(every.try_ask("tag", number="12")["error"])


def test_a_reader_writer_answers_only_when_told_to_read(every: BenchProcess) -> None:
    with serial.Serial(str(every.folder / "tty" / "swiper_msr"), 9600, timeout=5) as line:
        refused = every.try_ask("swipe", device="swiper_msr", track2="88=")
        assert "not told to read" in str(refused["error"])
        line.write(b"\x1ba\x1br")
        until(lambda: bool(every.try_ask("swipe", device="swiper_msr", track2="88=")["ok"]))
        assert line.read_until(b"\x1b0") == b"\x1bs\x1b\x01\x1b\x02;88=?\x1b\x03?\x1c\x1b0"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pole_dmd", b"\x0c\x1f\x24\x01\x02HELLO"),
        ("pole_utc", b"\r\x0c\x1buBHELLO\r"),
        ("pole_aedex", b"\r!#2HELLO\r"),
    ],
)
def test_displays_show_what_their_manuals_say(every: BenchProcess, name: str, data: bytes) -> None:
    line = os.open(every.folder / "tty" / name, os.O_RDWR | os.O_NOCTTY)
    assert termios.tcgetattr(line)[5] == termios.B9600
    os.write(line, data)
    until(lambda: every.ask("pole", device=name)["lines"] == [" " * 20, "HELLO".ljust(20)])
    assert every.ask("pole", device=name)["unknown_bytes"] == 0
    os.write(line, b"\x1f\xee\xee\r")
    until(lambda: bool(every.ask("pole", device=name)["unknown_bytes"]))
    os.close(line)


def test_buzzer_and_speaker_tell_how_often_they_sounded(every: BenchProcess) -> None:
    assert every.ask("beeps")["sounds"] == 0
    with socket.create_connection(("127.0.0.1", every.port()), timeout=5) as line:
        line.sendall(b"\x1bB\x03\x02\x1b(A\x04\x00\x30\x01\x02\x02")
        until(lambda: every.ask("beeps")["beeps"] == [3, 2])
    node = os.open(every.folder / "speaker", os.O_WRONLY | os.O_NONBLOCK)
    for hz in (2000, 0, 2000, 0):
        os.write(node, struct.pack("llHHi", 0, 0, 0x12, 0x02, hz))
    until(lambda: every.ask("beeps", device="speaker")["sounds"] == 2)
    os.close(node)
