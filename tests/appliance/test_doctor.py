"""What the doctor finds of a machine, on files like the kernel's; each finding says what to do."""

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from daemon.commands.doctor import doctor
from daemon.commands.doctor_link import certificates
from daemon.commands.doctor_machine import Machine
from daemon.config import load
from hq import certificates as hq_certificates
from hq.store import create
from tests.service.box_config import write_config

NOW = datetime(2026, 3, 6, tzinfo=timezone.utc)
MOUNT = "30 1 179:2 / {place} rw,noatime - ext4 /dev/mmcblk0p2 rw{options}\n"


class Fake:
    """The kernel's files of a small machine that is well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = write_config(folder)
        self.state = folder / "state"
        (self.state / "keys").mkdir(parents=True)
        self.where = Machine(folder / "sys", folder / "proc", folder / "dev", folder / "etc")
        self.disk = self.where.sys / "devices/platform/mmc/block/mmcblk0"
        number = self.state.stat().st_dev
        part = self.put(self.disk / "mmcblk0p2" / "partition", "2").parent
        link = self.where.sys / "dev/block" / f"{os.major(number)}:{os.minor(number)}"
        link.parent.mkdir(parents=True)
        link.symlink_to(part)
        self.put(self.where.proc / "uptime", "864000.00 1.0")
        self.put(self.disk / "size", str(16 * 10**9 // 512))
        self.write_rate(megabytes_a_day=100)
        self.mount()
        self.put(self.where.sys / "class/watchdog/watchdog0/state", "active")
        self.put(self.where.sys / "devices/platform/soc/soc:firmware/get_throttled", "0")

    def put(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="ascii")
        return path

    def write_rate(self, *, megabytes_a_day: int) -> None:
        sectors = megabytes_a_day * 10**6 * 10 // 512
        self.put(self.disk / "stat", f"1 2 3 4 5 6 {sectors} 8 9 10 11")

    def mount(self, kind: str = "", options: str = "") -> None:
        root = "20 0 179:2 / / ro - overlay overlay ro\n"
        ours = MOUNT.format(place=self.folder, options=options)
        text = root + (ours.replace("ext4", kind) if kind else ours)
        self.put(self.where.proc / "self/mountinfo", text)

    def found(self, what: str) -> tuple[str, str, str]:
        """Return level, words and advice of the one finding of this name."""
        said = doctor(self.config, self.where).data["findings"]
        assert isinstance(said, list)
        (one,) = [each for each in said if each["what"] == what]
        return one["level"], one["found"], one["fix"]


@pytest.fixture
def fake(tmp_path):
    return Fake(tmp_path)


def test_a_machine_that_is_well_is_told_so(fake):
    for what in ("disk", "wear", "power", "watchdog", "secrets"):
        level, found, fix = fake.found(what)
        assert (level, fix) == ("ok", ""), (what, found)


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [("tmpfs", "", "in memory"), ("overlay", "", "in memory"), ("", ",nobarrier", "barriers")],
)
def test_a_disk_that_forgets_is_an_error(fake, kind, options, words):
    fake.mount(kind, options)
    level, found, fix = fake.found("disk")
    assert level == "error" and words in found and fix


def test_how_long_a_card_lasts_follows_what_is_written(fake):
    fake.write_rate(megabytes_a_day=2_000)
    assert fake.found("wear")[:2] == (
        "warning",
        "mmcblk0: 2000 MB a day; a cheap card lasts about 1.4 years so",
    )
    fake.write_rate(megabytes_a_day=1)
    assert fake.found("wear")[:2] == (
        "ok",
        "mmcblk0: 1 MB a day; a cheap card lasts more than 50 years so",
    )


def test_a_medium_that_knows_its_wear_is_believed(fake):
    fake.put(fake.disk / "device/life_time", "0x03 0x05")
    assert fake.found("wear") == ("ok", "mmcblk0: about 50 % of its life is used, it says", "")
    fake.put(fake.disk / "device/life_time", "0x03 0x09")
    assert fake.found("wear")[0] == "warning"
    fake.put(fake.disk / "device/pre_eol_info", "0x03")
    assert fake.found("wear")[0] == "error"


def test_a_weak_supply_is_an_error_also_when_it_is_over(fake):
    low = fake.where.sys / "devices/platform/soc/soc:firmware/get_throttled"
    fake.put(low, "50000")
    assert fake.found("power")[:2] == ("error", "under-voltage since the start")
    fake.put(low, "50005")
    assert fake.found("power")[:2] == ("error", "under-voltage now")


def test_a_watchdog_that_is_not_armed_is_told_with_what_to_write(fake):
    fake.put(fake.where.sys / "class/watchdog/watchdog0/state", "inactive")
    level, _, fix = fake.found("watchdog")
    assert level == "warning" and "RuntimeWatchdogSec" in fix


def test_a_secret_that_others_may_read_is_named(fake):
    key = fake.put(fake.state / "keys/device.key", "00")
    key.chmod(0o640)
    level, found, fix = fake.found("secrets")
    assert level == "error" and str(key) in found and fix == f"chmod go= {key}"
    key.chmod(0o600)
    kept = fake.put(fake.where.etc / "credentials/hq_token", "t")
    kept.chmod(0o604)
    assert str(kept) in fake.found("secrets")[1]


def test_a_box_that_does_not_run_is_an_error_with_what_to_type(fake):
    level, _, fix = fake.found("box")
    assert level == "error" and "systemctl start" in fix


def test_certificates_are_judged_by_their_end_their_key_and_who_may_read_it(tmp_path):
    office = create(tmp_path / "hq")
    try:
        mine = hq_certificates.issue(office, "0018", tmp_path / "mine")
        other = hq_certificates.issue(office, "0018", tmp_path / "other")
    finally:
        office.close()
    path = write_config(tmp_path / "box", hq_key=bytes(32))
    path.write_text(path.read_text("utf-8") + f'tls = "{mine}"\n', encoding="utf-8")
    config = load(path)

    def judged(now: datetime) -> tuple[str, str]:
        (one,) = certificates(config, now)
        assert one.level == "ok" or one.fix
        return one.level, one.found

    assert judged(NOW)[0] == "ok"
    ends = datetime.now(timezone.utc) + timedelta(days=3660)  # noqa: TID251 - as HQ
    assert judged(ends - timedelta(days=30))[0] == "warning"
    assert judged(ends + timedelta(days=2))[0] == "error"
    (mine / "own.key").chmod(0o644)
    assert "read by others" in judged(NOW)[1]
    (mine / "own.key").write_bytes((other / "own.key").read_bytes())
    assert "not of the key" in judged(NOW)[1]
    (mine / "own.pem").unlink()
    assert judged(NOW) == ("warning", "headquarters has signed none yet")
