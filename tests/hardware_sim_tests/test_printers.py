"""Printers at the end of their cables: paper over the console, answers, and faults."""

import os
import select
import socket
import time
from collections.abc import Iterator

import pytest
import serial

from tests.hardware_sim_tests.outside import BenchProcess, is_silent, read_bytes, until

CUT = b"\x1dV\x42\x00"
RECEIPT = b"\x1b@\x1c&\x1ba\x01" + "销售小票\n".encode("gbk") + b"\x1ba\x00" + CUT
TEXT = " " * 12 + "销售小票"


def status(number: int = 1) -> bytes:
    return bytes((0x10, 0x04, number))


@pytest.fixture
def line(bench: BenchProcess) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", bench.port()), timeout=5) as line:
        yield line


def new_text(bench: BenchProcess, count: int) -> str:
    """The text of the newest receipt, once there are count."""
    until(lambda: len(bench.receipts()) >= count)
    return str(bench.receipts()[count - 1]["text"])


def test_receipt_comes_out(bench: BenchProcess, line: socket.socket) -> None:
    count = len(bench.receipts()) + 1
    line.sendall(RECEIPT[:9])
    line.sendall(RECEIPT[9:])
    assert new_text(bench, count) == TEXT
    receipt = bench.receipts()[-1]
    assert (receipt["n"], receipt["unknown_bytes"], receipt["cut"]) == (count, 0, True)
    newer = bench.ask("paper", since=count - 1)["receipts"]
    assert newer == [receipt]


def test_serial_printer_has_its_own_wider_paper(bench: BenchProcess) -> None:
    before = len(bench.receipts())
    with serial.Serial(str(bench.folder / "tty" / "printer_serial"), 115200, timeout=5) as line:
        line.write(RECEIPT + status(4))
        assert line.read(1) == b"\x12"
    (receipt,) = bench.receipts("printer_serial")
    assert receipt["text"] == " " * 20 + "销售小票"
    assert len(bench.receipts()) == before
    answer = bench.try_ask("drawer", device="printer_serial")
    assert (answer["ok"], "no drawer" in str(answer["error"])) == (False, True)


def test_drawer_opens(bench: BenchProcess, line: socket.socket) -> None:
    opened = int(str(bench.ask("drawer")["opened"]))
    line.sendall(b"\x1bp\x00\x19\xfa")
    until(lambda: bench.ask("drawer")["opened"] == opened + 1)
    line.sendall(status())
    assert read_bytes(line.fileno(), 1) == b"\x16"
    bench.ask("drawer", shut=True)
    line.sendall(status())
    assert read_bytes(line.fileno(), 1) == b"\x12"


def test_paper_end_pauses_and_clear_goes_on(bench: BenchProcess, line: socket.socket) -> None:
    count = len(bench.receipts()) + 1
    bench.fault("printer", "paper_end")
    line.sendall(RECEIPT + status(4))
    assert read_bytes(line.fileno(), 1) == b"\x7e"
    assert len(bench.receipts()) == count - 1
    assert bench.ask("paper")["waiting_bytes"] == len(RECEIPT + status(4))
    bench.fault("printer", "clear")
    assert new_text(bench, count) == TEXT
    line.sendall(status(4))
    assert read_bytes(line.fileno(), 1) == b"\x12"


def test_paper_ends_after_so_many_lines(bench: BenchProcess, line: socket.socket) -> None:
    bench.fault("printer", "paper_end", after_lines=2)
    line.sendall(b"1\n2\n3\n" + status())
    assert read_bytes(line.fileno(), 1) == b"\x1a"
    assert bench.ask("paper")["unfinished"] == "1\n2"


def test_cover_open_takes_no_more_than_its_buffer(bench: BenchProcess) -> None:
    bench.fault("printer", "cover_open")
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        line.connect(("127.0.0.1", bench.port()))
        line.settimeout(0.3)
        with pytest.raises(TimeoutError):
            for _ in range(1000):
                line.sendall(b"x" * 4096)
    waiting = int(str(bench.ask("paper")["waiting_bytes"]))
    assert 4096 <= waiting < 3 * 4096
    bench.fault("printer", "clear")
    with socket.create_connection(("127.0.0.1", bench.port()), timeout=5) as next_line:
        next_line.sendall(status())  # served only when all of the first client is printed
        assert read_bytes(next_line.fileno(), 1) == b"\x12"


def test_silent_printer_prints(bench: BenchProcess, line: socket.socket) -> None:
    count = len(bench.receipts()) + 1
    bench.fault("printer", "silent")
    line.sendall(RECEIPT + status())
    assert new_text(bench, count) == TEXT
    assert is_silent(line.fileno())


def test_late_answers_come_late(bench: BenchProcess, line: socket.socket) -> None:
    bench.fault("printer", "late")
    begun = time.monotonic()
    line.sendall(status())
    assert read_bytes(line.fileno(), 1) == b"\x12"
    assert time.monotonic() - begun > 1.2


def test_answers_glued_to_noise_or_zero(bench: BenchProcess, line: socket.socket) -> None:
    bench.fault("printer", "noise")
    line.sendall(status())
    answer = read_bytes(line.fileno(), 7)
    assert (answer[3:4], len(set(answer))) == (b"\x12", 4)
    bench.fault("printer", "clear")
    bench.fault("printer", "zero")
    line.sendall(status())
    assert read_bytes(line.fileno(), 1) == b"\x00"


def test_stalled_printer_blocks_the_writer(bench: BenchProcess) -> None:
    bench.fault("printer_serial", "stall")
    count = len(bench.receipts("printer_serial")) + 1
    path = bench.folder / "tty" / "printer_serial"
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    written = 0
    with pytest.raises(BlockingIOError):
        while written < 1 << 20:
            written += os.write(fd, b"x" * 31 + b"\n")
    bench.fault("printer_serial", "clear")
    assert select.select([], [fd], [], 5)[1]
    os.set_blocking(fd, True)
    os.write(fd, b"\n" + CUT)
    until(lambda: len(bench.receipts("printer_serial")) == count)
    os.close(fd)


def test_unplugged_printer_refuses_and_comes_back_on_its_port(
    bench: BenchProcess, line: socket.socket
) -> None:
    count, port = len(bench.receipts()) + 1, bench.port()
    line.sendall(b"half\nlost")
    until(lambda: bench.ask("paper")["unfinished"] == "half")
    bench.fault("printer", "unplug")
    assert line.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    bench.fault("printer", "clear")
    assert bench.port() == port
    with socket.create_connection(("127.0.0.1", port), timeout=5) as again:
        again.sendall(RECEIPT)
        assert new_text(bench, count) == "half\n" + TEXT


def test_second_client_waits_for_the_first(bench: BenchProcess, line: socket.socket) -> None:
    line.sendall(status())
    assert read_bytes(line.fileno(), 1) == b"\x12"
    with socket.create_connection(("127.0.0.1", bench.port()), timeout=5) as second:
        second.sendall(status())
        assert is_silent(second.fileno())
        line.close()
        assert read_bytes(second.fileno(), 1) == b"\x12"


def test_firmware_without_chinese(bench: BenchProcess, line: socket.socket) -> None:
    count = len(bench.receipts()) + 1
    bench.fault("printer", "no_chinese")
    line.sendall(RECEIPT)
    assert "销售小票" not in new_text(bench, count)
    bench.fault("printer", "clear")
    line.sendall(RECEIPT)
    assert new_text(bench, count + 1) == TEXT
