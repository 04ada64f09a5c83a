"""The fault console says no in a sentence, and the process comes and goes cleanly."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from tests.hardware_sim_tests.outside import ROOT, BenchProcess, until


def test_unknown_request_says_what_exists(bench: BenchProcess) -> None:
    answer = bench.try_ask("dance")
    assert answer["ok"] is False
    assert "swipe, scan, keys, pole, clerk, led, drawer, paper, paper_png" in str(answer["error"])


@pytest.mark.parametrize("line", [b"{nonsense", b"[1]", b'"swipe"', b"{}", b'{"do":7}', b"\xff"])
def test_malformed_line_leaves_the_connection(bench: BenchProcess, line: bytes) -> None:
    assert bench.say(line)["ok"] is False
    assert bench.ask("pole")["ok"] is True


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"do": "swipe"}, "track2"),
        ({"do": "swipe", "track2": "1", "raw": "2"}, "either"),
        ({"do": "swipe", "track2": 88}, "a text"),
        ({"do": "swipe", "track2": "1", "device": "printer"}, "swiper_serial"),
        ({"do": "swipe", "raw": "x" * 500}, "at most"),
        ({"do": "scan", "code": "1", "end": "lf"}, "enter, tab, none"),
        ({"do": "keys", "keys": "12"}, "list"),
        ({"do": "keys", "keys": [None]}, "no key"),
        ({"do": "pole", "device": "led"}, "shows digits"),
        ({"do": "led", "device": "pole"}, "shows lines"),
        ({"do": "paper", "device": "pole"}, "printer, printer_serial"),
        ({"do": "paper_png", "n": 99, "path": "x.png"}, "there is no n 99"),
        ({"do": "fault", "device": "fridge", "fault": "clear"}, "swiper, scanner, keypad"),
        ({"do": "fault", "device": "pole", "fault": "paper_end"}, "unplug, stall, clear"),
        ({"do": "stick", "insert": "yes"}, "true or false"),
    ],
)
def test_wrong_request_is_refused_in_words(
    bench: BenchProcess, request_: dict[str, object], why: str
) -> None:
    fields = {name: value for name, value in request_.items() if name != "do"}
    answer = bench.try_ask(str(request_["do"]), **fields)
    assert answer["ok"] is False
    assert why in str(answer["error"])


def test_devices_and_help_name_everything(bench: BenchProcess) -> None:
    devices = cast(list[dict[str, object]], bench.ask("devices")["devices"])
    names = "swiper scanner keypad swiper_serial pole clerk led printer printer_serial stick"
    assert [device["name"] for device in devices] == names.split()
    columns = {device["name"]: device["columns"] for device in devices if "columns" in device}
    assert columns == {"printer": 32, "printer_serial": 48}
    faults = cast(dict[str, dict[str, str]], bench.ask("help")["faults"])
    for fault in ("paper_end", "cover_open", "silent", "late", "noise", "stall", "unplug", "clear"):
        assert fault in faults["printer"]
    assert {"caps_lock", "syn_dropped", "glued", "slow"} <= set(faults["swiper"])
    assert bench.fault("keypad", "unplug")["active"] == ["unplug"]


def test_stick_goes_in_and_out_with_what_is_on_it(bench: BenchProcess) -> None:
    folder = bench.folder / "stick"
    assert not folder.exists()
    bench.ask("stick", insert=True)
    (folder / "memberbox").mkdir()
    (folder / "memberbox" / "file").write_text("x")
    bench.ask("stick", insert=False)
    assert not folder.exists()
    (folder / "memberbox").mkdir(parents=True)  # someone lays files into its place
    (folder / "memberbox" / "other").write_text("y")
    bench.ask("stick", insert=True)
    assert sorted(path.name for path in (folder / "memberbox").iterdir()) == ["file", "other"]
    bench.ask("stick", insert=False)


def test_two_clients_at_once(bench: BenchProcess) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(bench.folder / "bench.sock"))
        other.sendall(b'{"do":"pole"}\n{"do":"led"}\n')
        lines = other.makefile("rb")
        assert b'"lines"' in lines.readline()
        assert bench.ask("pole")["ok"] is True
        assert b'"digits"' in lines.readline()
        lines.close()


def test_second_bench_in_the_folder_is_refused(bench: BenchProcess) -> None:
    command = [sys.executable, "-m", "tests.hardware_sim", "--dir", str(bench.folder)]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert (second.returncode, second.stdout) == (2, "")
    assert "another bench runs in this folder" in second.stderr
    assert bench.ask("pole")["ok"] is True


def test_socket_path_that_is_too_long_is_said(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    command = [sys.executable, "-m", "tests.hardware_sim", "--dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert "shorter --dir" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    bench = BenchProcess(tmp_path)
    bench.process.send_signal(number)
    assert bench.process.wait(10) == 0
    assert bench.close() == 0
    left = {path.name for path in tmp_path.iterdir() if not path.is_file()}
    assert left == {"tty", "stick.out"}
    assert os.listdir(tmp_path / "tty") == []


def test_killed_bench_is_replaced(tmp_path: Path) -> None:
    first = BenchProcess(tmp_path)
    first.process.kill()
    first.process.wait()
    assert (tmp_path / "bench.sock").exists()
    port = int((tmp_path / "printer.port").read_text())
    second = BenchProcess(tmp_path)
    until(lambda: second.ask("pole")["ok"] is True)
    assert second.port() == port  # a box that runs on finds its printer again
    assert second.close() == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        third = BenchProcess(tmp_path)
        assert third.port() != port
        assert f"tcp:127.0.0.1:{third.port()}" in (tmp_path / "memberbox.toml").read_text()
        assert third.close() == 0
    first.close()
