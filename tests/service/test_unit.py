"""The systemd unit: what the box promises to a machine that nobody watches."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon.config import RUN_DIR, STATE_DIR

UNIT = Path(__file__).parents[2] / "systemd" / "memberbox.service"
EXPOSURE_MAX = 16  # tenths; comparable daemons score 84 to 96


def settings() -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            said.setdefault(key, []).append(value)
    return said


def test_it_is_watched_and_comes_back_for_ever():
    said = settings()
    assert said["Type"] == ["notify"]
    assert int(said["WatchdogSec"][0]) >= 10
    assert said["Restart"] == ["always"]
    assert said["StartLimitIntervalSec"] == ["0"]


def test_what_a_box_may_take_and_write_has_limits():
    said = settings()
    assert said["MemoryMax"] == ["256M"]
    assert said["LogRateLimitBurst"] and said["LogRateLimitIntervalSec"]
    assert said["ProtectSystem"] == ["strict"]
    written = " ".join(said["ReadWritePaths"]).split()
    assert {path.lstrip("-") for path in written} == {"/media", "/mnt", "/run/media"}, "sticks"


def test_it_never_waits_for_the_network():
    assert not [value for values in settings().values() for value in values if "network" in value]


def test_its_folders_are_the_boxs_defaults():
    said = settings()
    assert said["StateDirectory"] == [STATE_DIR.name]
    assert said["RuntimeDirectory"] == [RUN_DIR.name]
    assert said["StateDirectoryMode"] == ["0700"]


@pytest.fixture
def analyze(tmp_path):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is missing (Debian: systemd)")
    # verify wants the program to be there
    text = UNIT.read_text(encoding="utf-8")
    here = tmp_path / UNIT.name
    here.write_text(text.replace("/opt/memberbox/bin/memberbox", "/bin/true"), encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments, str(here)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "SYSTEMD_COLORS": "0"},
        )

    return run


def test_systemd_understands_every_line(analyze):
    verified = analyze("verify")
    ours = [line for line in verified.stderr.splitlines() if UNIT.name in line]
    assert (verified.returncode, ours) == (0, [])


def test_a_break_in_reaches_little(analyze):
    judged = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}")
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr
