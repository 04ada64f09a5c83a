"""`memberbox kiosk` and its unit: no child of the box, and each survives the other."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from daemon.commands.kiosk import (
    BOX_STALE_S,
    SILENT_S,
    START_WITHIN_S,
    Look,
    Watch,
    command,
    hangs,
)
from tests.kiosk.browser import installed
from tests.kiosk.house import EXAMPLE
from tests.stage import ROOT, Stage, tool

UNIT = ROOT / "systemd" / "memberbox-kiosk.service"
EXPOSURE_MAX = 45  # tenths; a browser compiles JavaScript and makes its own sandbox
URL = "http://127.0.0.1:1/"


def test_a_page_is_given_up_only_when_the_box_lives_and_hears_nothing():
    late_s = START_WITHIN_S + 1
    assert not hangs(Look(URL, up=True, silent_s=5.0), late_s)
    assert hangs(Look(URL, up=True, silent_s=SILENT_S + 1), late_s)
    assert hangs(Look(URL, up=True, silent_s=None), late_s)
    assert not hangs(Look(URL, up=True, silent_s=None), START_WITHIN_S - 1)
    assert not hangs(Look(URL, up=False, silent_s=1e6), late_s)


def test_how_old_a_status_is_does_not_depend_on_the_wall_clock(tmp_path):
    file = tmp_path / "status.json"
    watch = Watch(file)
    assert watch.look(0.0) == Look(None, up=False, silent_s=None)
    said = {"kiosk_url": URL, "kiosk": {"pages": 1, "seen_age_s": 2.0}, "seq": 1}
    file.write_text(json.dumps(said))
    os.utime(file, (0, 0))  # a box without a battery begins in 1970
    assert watch.look(10.0) == Look(URL, up=True, silent_s=2.0)
    assert watch.look(11.0) == Look(URL, up=True, silent_s=3.0)
    assert not watch.look(10.0 + BOX_STALE_S).up
    file.write_text("{half a fi")
    assert watch.look(40.0).url == URL
    file.write_text('{"kiosk_url": null}')
    os.utime(file, (5, 5))
    assert watch.look(41.0) == Look(None, up=True, silent_s=None)


def test_a_browser_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="cage is not installed"):
        command(URL, "chromium", {"PATH": str(tmp_path)})


@pytest.fixture
def desktop(tmp_path: Path) -> Path:
    """A folder of programs in which the screen is nobody's: cage without glass."""
    program = installed()
    if program is None:
        pytest.skip("Chromium is missing: apt-get install chromium")
    cage = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'
    chromium = f'exec {program} "$@" --headless=new --no-sandbox --ozone-platform=headless'
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, does in (("cage", cage), ("chromium", f"{chromium} --disable-gpu")):
        script = folder / name
        script.write_text(f"#!/bin/sh\n{does}\n")
        script.chmod(0o755)
    return folder


def test_box_and_browser_survive_each_other(desktop, tmp_path):
    """The real box, the real command, a real browser; only the glass is missing."""
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.settimeout(10)
    with Stage(tmp_path / "stage") as stage:
        stage.config.write_text(alone(stage.root))
        stage.start_box()
        box_url = stage.box("status")["kiosk_url"]
        environment = {
            **os.environ,
            "PATH": f"{desktop}:{os.environ['PATH']}",
            "RUNTIME_DIRECTORY": str(tmp_path),
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
        }
        words = [tool("memberbox"), "kiosk", "--run-dir", str(stage.root / "run")]
        screen = subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            stage.until(lambda: heard(stage), "the page to be heard")
            assert told.recv(100) == b"READY=1"
            doctor = stage.box("doctor")["findings"]
            assert [one["level"] for one in doctor if one["what"] == "screen"] == ["ok"]
            browser = children(screen.pid)[0]
            stage.kill("box")
            stage.start_box()
            assert stage.box("status")["kiosk_url"] == box_url
            stage.until(lambda: heard(stage), "the same page to find the box again")
            assert children(screen.pid)[0] == browser
            drain(told)
            assert told.recv(100) == b"WATCHDOG=1"
            os.killpg(browser, signal.SIGKILL)
            assert screen.wait(10) == 3  # systemd starts it anew
            assert stage.processes["box"].poll() is None
            stage.until(lambda: stage.box("status")["kiosk"]["pages"] == 0, "the page to be missed")
            doctor = stage.box("doctor")["findings"]
            assert [one["level"] for one in doctor if one["what"] == "screen"] == ["warning"]
            again = subprocess.Popen(words, env=environment)
            stage.until(lambda: heard(stage), "the next browser's page")
            again.send_signal(signal.SIGTERM)
            assert again.wait(10) == 0
        finally:
            screen.kill()
            screen.wait()
    told.close()


def alone(root: Path) -> str:
    """Return the config of a box with a screen and nothing else."""
    text = EXAMPLE.read_text(encoding="utf-8")
    shop = text[text.index("[shop]") : text.index("# Headquarters.")]
    folders = f'state_dir = "{root}/state"\nrun_dir = "{root}/run"\n'
    return f'[box]\nid = "0018"\n{folders}{shop}[counter]\noperator = "02"\n[kiosk]\n'


def heard(stage: Stage) -> bool:
    said = stage.box("status")["kiosk"]
    return said["pages"] == 1 and said["seen_age_s"] is not None


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in text.split()]


def drain(told: socket.socket) -> None:
    deadline = time.monotonic() + 5
    told.setblocking(False)
    try:
        while time.monotonic() < deadline:
            told.recv(100)
    except BlockingIOError:
        pass
    told.settimeout(10)


def test_systemd_understands_every_line_of_the_unit_and_a_break_in_reaches_little(tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is missing (Debian: systemd)")
    here = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    here.write_text(text.replace("/opt/memberbox/bin/memberbox", "/bin/true"), encoding="utf-8")
    verified = subprocess.run([program, "verify", str(here)], capture_output=True, text=True)
    assert [line for line in verified.stderr.splitlines() if UNIT.name in line] == []
    arguments = ("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(here))
    assert subprocess.run([program, *arguments], capture_output=True).returncode == 0


def test_the_unit_keeps_to_its_limits_and_is_nobodys_child():
    said: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            said.setdefault(key, []).append(value)
    assert said["Type"] == ["notify"] and int(said["WatchdogSec"][0]) > 0
    assert said["Restart"] == ["always"] and said["StartLimitIntervalSec"] == ["0"]
    assert "MemoryMax" in said and int(said["OOMScoreAdjust"][0]) > 0
    bound = {"Requires", "BindsTo", "PartOf", "Requisite"} & said.keys()
    assert not bound  # it does not end when the box ends
    assert "memberbox.service" not in said["Wants"]
    assert said["User"] == ["memberbox-kiosk"]
    box = (ROOT / "systemd" / "memberbox.service").read_text(encoding="utf-8")
    assert "kiosk" not in box
