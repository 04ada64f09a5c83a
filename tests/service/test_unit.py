"""The systemd unit: what the box promises to a machine that nobody watches."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from daemon.commands.provision import CREDENTIALS, ETC
from daemon.config import RUN_DIR, STATE_DIR
from daemon.config_secrets import PREFIX

UNITS = Path(__file__).parents[2] / "systemd"
UNIT = UNITS / "memberbox.service"
EXPOSURE_MAX = {"memberbox": 16, "memberbox-provision": 25}  # tenths; comparable daemons: 84 to 96


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
    # verify wants the programs to be there
    for unit in UNITS.glob("*.service"):
        text = unit.read_text(encoding="utf-8").replace("/opt/memberbox/bin/memberbox", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")

    def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *arguments, str(tmp_path / f"{name}.service")],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "SYSTEMD_COLORS": "0"},
        )

    return run


@pytest.mark.parametrize(
    "name", ["memberbox", "memberbox-provision", "memberbox-kiosk", "memberbox-stick@sda1"]
)
def test_systemd_understands_every_line(analyze, name):
    verified = analyze(name, "verify")
    ours = [line for line in verified.stderr.splitlines() if "memberbox" in line]
    assert (verified.returncode, ours) == (0, [])


@pytest.mark.parametrize("name", EXPOSURE_MAX)
def test_a_break_in_reaches_little(analyze, name):
    judged = analyze(name, "security", "--offline=true", f"--threshold={EXPOSURE_MAX[name]}")
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


def test_secrets_reach_the_box_from_where_provisioning_puts_them():
    (said,) = settings()["LoadCredential"]
    assert said == f"{PREFIX.removesuffix('_')}:/{ETC}/{CREDENTIALS}"
    folders = (UNITS.parent / "deb/files/memberbox.tmpfiles").read_text("utf-8")
    assert f"d /{ETC}/{CREDENTIALS} 0700 root root -" in folders, "or the unit would not start"
