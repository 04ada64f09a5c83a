"""Slower than the suite bears: what systemd, dpkg and the kernel do to a box on its worst days.

`make hil-full` runs it.
"""

import tempfile
from pathlib import Path

import pytest

from tests.hil.counter import Counter
from tests.hil.installed import (
    INSTALLED_WITHIN_S,
    NEXT,
    SPOILT,
    UNIT,
    UP_WITHIN_S,
    disks,
    installed,
)
from tests.hil.selling import CONFIG, STATE, VERSION
from tests.hil.test_appliance import entries, sell, serves_again, told, whole

pytestmark = [pytest.mark.hil, pytest.mark.timeout(3600)]

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


def release(counter: Counter) -> str:
    return counter.machine.run("readlink", "/opt/memberbox/current").strip()
