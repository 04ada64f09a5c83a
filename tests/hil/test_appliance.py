"""The package under a real systemd as PID 1, with all devices working inside the unit's sandbox.

amd64: dpkg installed it, its scripts started it, the technician's file was taken from the card.
"""

import json
import re
import tempfile
from pathlib import Path

import pytest

from tests.hil.counter import EVERYTHING, Counter
from tests.hil.installed import (
    BOOT,
    BROUGHT_FILE,
    ON_CARD,
    PASSWORD,
    TOKEN,
    UNIT,
    UP_WITHIN_S,
    disks,
    installed,
)
from tests.hil.selling import CONFIG, STATE
from tests.hil.test_devices import CARD, CLEANSER, POINTS, SLIP_BYTES, pay

pytestmark = pytest.mark.hil

EXPOSURE_MAX = 1.6
STARTS = 8  # systemd's own limit is five in ten seconds
GOODS = "保湿洁面乳"
HAND_S = "3"  # a slow hand: this guest is the slowest of all


@pytest.fixture(scope="session")
def saved_appliance():
    return installed()


@pytest.fixture
def counter(saved_appliance):
    with (
        tempfile.TemporaryDirectory() as folder,
        saved_appliance.restore(disks(saved_appliance, Path(folder))) as machine,
    ):
        machine.set_clock()
        yield Counter(machine)


def told(counter: Counter, *names: str) -> dict[str, str]:
    """Return properties of the unit."""
    said = counter.machine.run("systemctl", "show", UNIT, "-p", ",".join(names))
    return dict(line.split("=", 1) for line in said.splitlines())


def wait_until(counter: Counter, line: str, within_s: float = UP_WITHIN_S) -> None:
    """Wait until a property of the unit is as this pattern says."""
    name = line.partition("=")[0]
    loop = f"until systemctl show {UNIT} -p {name} | grep -qxE '{line}'; do sleep 0.5; done"
    counter.machine.run("timeout", str(within_s), "bash", "-c", loop, within_s=within_s + 30)


def sell(counter: Counter) -> int:
    """One thing for cash, with its receipt; return the last entry's number."""
    pay(counter)
    paper = ""
    while GOODS not in paper:  # a printer that was just opened is first sent what ends old commands
        paper += counter.paper()
    return int(counter.status()["seq"])


def serves_again(counter: Counter) -> None:
    counter.wait_for_devices("online", *EVERYTHING, within_s=UP_WITHIN_S)


def entries(counter: Counter) -> list[dict[str, object]]:
    said = counter.machine.run("memberbox", "--json", "journal", "tail", "--count", "100")
    found: list[dict[str, object]] = json.loads(said)["entries"]
    return found


def whole(counter: Counter) -> bool:
    """Tell whether chain and books prove themselves."""
    return bool(json.loads(counter.machine.run("memberbox", "--json", "verify", "--full"))["ok"])


def test_it_serves_under_its_sandbox(counter):
    """Every device works inside it, also one that comes later; and it is as tight as promised."""
    state = told(counter, "Type", "ActiveState", "SubState", "NRestarts", "User", "WatchdogUSec")
    assert state == {
        "Type": "notify", "ActiveState": "active", "SubState": "running", "NRestarts": "0",
        "User": "memberbox", "WatchdogUSec": "30s",
    }  # fmt: skip
    pole = counter.plug_pole()
    counter.wait_for_devices("online", "pole", *EVERYTHING)
    counter.unplug("printer", "swiper")
    counter.wait_for_devices("offline", "printer", "swiper")
    counter.plug("swiper", "printer")
    counter.wait_for_devices("online", *EVERYTHING)
    counter.swipe(f";{CARD}?")
    pole.wait_for(lambda came: POINTS in came, 60)
    sell(counter)
    pole.wait_for(lambda came: b"CHG" in came, 60)
    said = counter.machine.run("systemd-analyze", "security", "--no-pager", UNIT)
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", said)
    assert exposure is not None and float(exposure[1]) <= EXPOSURE_MAX, said


def test_the_technicians_file_was_taken_and_its_secrets_are_nowhere_else(counter):
    machine = counter.machine
    mine = machine.ask("system.read", path=CONFIG)
    assert mine == machine.ask("system.read", path=ON_CARD)
    brought = machine.ask("system.read", path=BROUGHT_FILE)
    assert len(mine.splitlines()) == len(brought.splitlines()), "a remark stands in their place"
    for secret, name in ((TOKEN, "hq_token"), (PASSWORD, "hq_password")):
        assert secret in brought and secret not in mine
        kept = f"/etc/memberbox/credentials/{name}"
        assert machine.ask("system.read", path=kept) == secret
        assert machine.run("stat", "-c", "%a %U", kept).strip() == "600 root"
        handed = f"/run/credentials/{UNIT}/memberbox_{name}"
        assert machine.ask("system.read", path=handed) == secret
        held = ["grep", "-rlF", secret, STATE, BOOT, "/run/memberbox"]
        assert machine.ask("system.run", command=held)["out"] == ""
        assert secret not in machine.run("journalctl", "--no-pager", "--boot", "--unit=memberbox*")
    assert machine.run("stat", "-c", "%a %U %G", CONFIG).strip() == "640 root memberbox"


def test_a_card_that_hangs_starves_the_watchdog(counter):
    """A flush that never ends: systemd ends the box, and it serves again with whole books."""
    before = sell(counter)
    counter.machine.run("fsfreeze", "--freeze", STATE)
    counter.scan(CLEANSER)
    for keys in ((), ("ENTER",), ("100", "ENTER")):
        counter.keys(*keys)
        counter.machine.run("sleep", HAND_S)
    wait_until(counter, "SubState=stop-watchdog")
    assert counter.machine.ask("paper.waiting") < SLIP_BYTES, "paper says only what is durable"
    counter.machine.run("fsfreeze", "--unfreeze", STATE)
    wait_until(counter, "NRestarts=1")
    serves_again(counter)
    assert whole(counter)
    assert sell(counter) > before


def test_a_box_that_cannot_start_is_tried_for_ever(counter):
    """Its program cannot be read for a while; then it serves, as no start limit ended it."""
    program = "/opt/memberbox/bin/memberbox"
    counter.machine.run("chmod", "-x", program)
    counter.machine.run("systemctl", "kill", "--signal=KILL", UNIT)
    wait_until(counter, f"NRestarts=({STARTS}|[1-9][0-9]+)")
    counter.machine.run("chmod", "+x", program)
    serves_again(counter)
    sell(counter)
    assert whole(counter)
