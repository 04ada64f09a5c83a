"""Slower than the suite bears: what systemd, dpkg and the kernel do to a box on its worst days.

`make hil-full` runs it.
"""

import tempfile
import time
from pathlib import Path

import pytest

from tests.hil.counter import EVERYTHING, Counter
from tests.hil.installed import (
    INSTALLED_WITHIN_S,
    NEXT,
    ON_CARD,
    SPOILT,
    UNIT,
    UP_WITHIN_S,
    disks,
    installed,
)
from tests.hil.machine import AMD64_BOARD, Machine, blank, start
from tests.hil.programs import GuestError
from tests.hil.selling import CONFIG, STATE, VERSION
from tests.hil.test_appliance import entries, sell, serves_again, told, wait_until, whole
from tests.hil.unwritable import unwritable

pytestmark = [pytest.mark.hil, pytest.mark.timeout(3600)]

DAY_S = 86400
NO_BATTERY = ("-rtc", "base=1970-01-02T00:00:00")
STICK = "/media/memberbox"
STICK_LINES = f"""
[[devices]]
name = "stick"
kind = "stick"
driver = "folder"
port = "folder:{STICK}"
"""
SYNCHRONIZED = """
import pathlib, sys, time
time.clock_settime(time.CLOCK_REALTIME, float(sys.argv[1]))
pathlib.Path("/run/systemd/timesync").mkdir()
pathlib.Path("/run/systemd/timesync/synchronized").touch()
"""
FLOOD = 2000
FLOODED = f"""
import os, socket, time
open("/sys/fs/cgroup/system.slice/{UNIT}/cgroup.procs", "w").write(str(os.getpid()))
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.connect("/dev/log")
for number in range({FLOOD}):
    log.send(b"<12>box: flood %d" % number)
time.sleep(5)  # journald looks up whose a line is while its sender lives
"""


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@pytest.fixture
def counter(folder):
    saved = installed()
    with saved.restore(disks(saved, folder)) as machine:
        machine.set_clock()
        yield Counter(machine)


def plug_disk(machine: Machine, path: Path) -> None:
    """Plug a USB disk in, or the same one again; it is /dev/sda."""
    node = {"driver": "file", "filename": str(path), "node-name": "usbdisk"}
    machine.command("blockdev-add", **node)
    machine.command("device_add", driver="usb-storage", id="usbdisk", drive="usbdisk",
                    bus="usb.0", port="2")  # fmt: skip
    machine.ask("system.wait_for_path", path="/dev/sda")


def pull_disk(machine: Machine) -> None:
    machine.unplug("usbdisk")
    machine.ask("system.wait_for_path", path="/dev/sda", gone=True)
    until_s = time.monotonic() + UP_WITHIN_S
    while True:
        try:
            machine.command("blockdev-del", **{"node-name": "usbdisk"})
        except GuestError:  # QEMU lets go of it a moment later
            assert time.monotonic() < until_s
        else:
            return


def test_a_box_that_is_stopped_as_a_whole_is_started_anew(counter):
    """Deaf even to systemd's SIGABRT: it is killed, and serves again."""
    sell(counter)
    before = counter.status()["seq"]
    counter.machine.run("systemctl", "kill", "--signal=STOP", UNIT)
    wait_until(counter, "NRestarts=1")
    serves_again(counter)
    assert counter.status()["seq"] > before
    sell(counter)
    assert whole(counter)


def test_upgraded_and_purged_the_books_stay(counter):
    sell(counter)
    began = entries(counter)
    config = counter.machine.ask("system.read", path=CONFIG)
    assert release(counter) == f"releases/{VERSION}"
    counter.machine.run("dpkg", "-i", "/srv/next.deb", within_s=INSTALLED_WITHIN_S)
    serves_again(counter)
    assert release(counter) == f"releases/{NEXT}"
    sell(counter)
    assert entries(counter)[: len(began)] == began
    assert counter.machine.ask("system.read", path=CONFIG) == config
    counter.machine.run("dpkg", "--purge", "memberbox", within_s=INSTALLED_WITHIN_S)
    assert told(counter, "ActiveState") == {"ActiveState": "inactive"}
    assert not counter.machine.ask("system.exists", path="/opt/memberbox/current")
    assert counter.machine.ask("system.exists", path=f"{STATE}/journal.db")
    assert counter.machine.ask("system.read", path=CONFIG) == config


def test_a_release_that_cannot_take_over_leaves_the_old_one_running(counter):
    """dpkg says why; the box was not even restarted, and a restart or a repair finds it whole."""
    sell(counter)
    pid, began = told(counter, "MainPID"), entries(counter)
    refused = counter.machine.ask(
        "system.run", INSTALLED_WITHIN_S + 30, limit_s=INSTALLED_WITHIN_S,
        command=["dpkg", "-i", "/srv/spoilt.deb"],
    )  # fmt: skip
    assert refused["code"] != 0
    said = refused["out"] + refused["err"]
    assert f"memberbox {SPOILT} cannot take over" in said and "table later already exists" in said
    assert told(counter, "MainPID") == pid
    assert release(counter) == "kept"
    sell(counter)
    counter.machine.run("systemctl", "restart", UNIT, within_s=UP_WITHIN_S)
    serves_again(counter)
    sell(counter)
    assert entries(counter)[: len(began)] == began
    counter.machine.run("dpkg", "-i", "/srv/first.deb", within_s=INSTALLED_WITHIN_S)
    serves_again(counter)
    assert release(counter) == f"releases/{VERSION}"
    assert whole(counter)


def test_a_file_with_mistakes_changes_nothing_and_a_good_one_brings_a_stick(counter, folder):
    """Told, and the box goes on; then a stick is mounted for it, and gone when it is pulled."""
    machine = counter.machine
    good = machine.ask("system.read", path=ON_CARD)
    machine.ask("system.write", path=ON_CARD, text=good.replace('"escpos"', '"escpoz"'))
    machine.run("systemctl", "restart", UNIT, within_s=UP_WITHIN_S)
    serves_again(counter)
    log = machine.run("journalctl", "--no-pager", "--unit=memberbox-provision", "--output=cat")
    assert "escpoz" in log and "1 mistake; nothing was changed" in log
    assert machine.ask("system.read", path=CONFIG) == good
    notes = " ".join(counter.status()["notes"])
    assert "escpoz" in notes and "nothing was changed" in notes, "the box tells of it"
    machine.ask("system.write", path=ON_CARD, text=good + STICK_LINES)
    machine.run("systemctl", "restart", UNIT, within_s=UP_WITHIN_S)
    counter.wait_for_devices("offline", "stick", within_s=UP_WITHIN_S)
    plug_disk(machine, Path(blank(folder / "stick.img")))
    machine.run("busybox", "mkdosfs", "/dev/sda")
    machine.run("sync")
    pull_disk(machine)
    plug_disk(machine, folder / "stick.img")
    counter.wait_for_devices("online", "stick", within_s=UP_WITHIN_S)
    assert machine.run("stat", "-c", "%U", STICK).strip() == "memberbox"
    pull_disk(machine)
    counter.wait_for_devices("offline", "stick", within_s=UP_WITHIN_S)
    machine.ask("system.wait_for_path", path=STICK, gone=True)
    sell(counter)


def test_a_flood_of_lines_does_not_push_out_the_rest(counter):
    """journald takes as many as the unit allows, and leaves out the others."""
    machine = counter.machine
    machine.run("python3", "-c", FLOODED)
    machine.run("journalctl", "--sync")
    kept = machine.run("journalctl", "--no-pager", f"--unit={UNIT}", "--output=cat")
    assert 0 < kept.count("flood ") < FLOOD // 2
    sell(counter)


def test_the_screen_and_the_box_go_on_without_each_other(counter):
    """No browser is here: the screen's unit goes on trying for ever, and the box never notices."""
    machine = counter.machine
    kiosk = "memberbox-kiosk.service"
    reading = ("setpriv", "--reuid=memberbox-kiosk", "--regid=memberbox-kiosk", "--clear-groups")
    machine.run(*reading, "cat", "/run/memberbox/status.json")
    pid = told(counter, "MainPID")
    machine.run("systemctl", "start", kiosk, within_s=UP_WITHIN_S)
    for _ in range(3):
        machine.ask("system.run", command=["systemctl", "kill", "--signal=KILL", kiosk])
        machine.run("sleep", "1")
    assert told(counter, "MainPID", "NRestarts") == {**pid, "NRestarts": "0"}
    sell(counter)
    machine.run("systemctl", "kill", "--signal=KILL", UNIT)
    serves_again(counter)
    state = machine.run("systemctl", "show", kiosk, "-p", "ActiveState")
    assert state.strip() in ("ActiveState=active", "ActiveState=activating")


def test_booted_without_a_clock_on_a_root_that_cannot_be_written(folder):
    """It sells, and says that nobody vouches for the time; then systemd-timesyncd does."""
    made, disks = unwritable(folder)
    with start(AMD64_BOARD, made, disks, extra=NO_BATTERY) as machine:
        assert machine.ask("system.run", command=["touch", "/etc/anything"])["code"] != 0
        now_s = time.clock_gettime(time.CLOCK_REALTIME)
        assert float(machine.run("date", "+%s")) < now_s - DAY_S, "what systemd makes of 1970"
        counter = Counter(machine)
        counter.plug_in()
        said = counter.wait_for_devices("online", *EVERYTHING, within_s=UP_WITHIN_S)
        assert said["clock"] == "estimated"
        sell(counter)
        machine.run("python3", "-c", SYNCHRONIZED, str(now_s))
        counter.wait_for(within_s=UP_WITHIN_S, clock="synced")
        sell(counter)
        kinds = [str(entry["kind"]) for entry in entries(counter)]
        before, after = [number for number, kind in enumerate(kinds) if kind == "sale"][-2:]
        assert "clock.set" in kinds[before:after]
        assert not [kind for kind in kinds[:before] if kind.endswith(".lapsed")]
        assert whole(counter)


def release(counter: Counter) -> str:
    return counter.machine.run("readlink", "/opt/memberbox/current").strip()
