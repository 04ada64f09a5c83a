"""A box on another machine: its chain ends, and what was handed over is the heir's.

Real processes; each machine's disk tells a number of its own, in a mount namespace over /sys.
Headquarters hears of it by stick.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from daemon.hardware import hardware_of
from daemon.ledger.epochs import is_other
from tests.acts.till import cash, line
from tests.hq.serving import ROOT, ask_hq, run_hq
from tests.hq.tables import cards_csv
from tests.service.box_config import command, write_config

CARD = "8800000000018"
TAKEN = 100  # of the 620 points that the table of cards gives her
BOX = "0001"
HANGS_S = 480  # forty commands: a loaded machine must not be called hung


class Machine:
    """A machine whose disk has this number; the box's files may be brought to it."""

    def __init__(self, folder: Path, number: str) -> None:
        self._folder = folder
        disk = folder / f"disk-{number}" / "mmcblk0"
        (disk / "mmcblk0p2").mkdir(parents=True)
        (disk / "mmcblk0p2" / "partition").write_text("2\n")
        (disk / "device").mkdir()
        (disk / "device" / "cid").write_text(f"{number}\n")
        self.nodes = folder / f"block-{number}"
        self.nodes.mkdir()
        place = folder.stat().st_dev
        (self.nodes / f"{os.major(place)}:{os.minor(place)}").symlink_to(disk / "mmcblk0p2")

    def ask(self, config: Path, *words: str) -> tuple[int, dict[str, object]]:
        """Run one command on this machine."""
        script = f'mount --bind {self.nodes} /sys/dev/block && exec "$@"'
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", script, "sh", *command(config, *words), "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=ROOT,
        )
        if "mount:" in done.stderr or "unshare:" in done.stderr:
            pytest.skip(f"no mount namespace here: {done.stderr.strip()}")
        said: dict[str, object] = json.loads(done.stdout)
        return done.returncode, said


class Field:
    """Headquarters, a shop that it knows by stick, and two machines."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._member = ""  # who has the card
        self.hq, self._stick = folder / "hq", folder / "stick"
        self._stick.mkdir()
        self.old, self.new = Machine(folder, "0a01"), Machine(folder, "0b02")
        key = bytes.fromhex(str(ask_hq(self.hq, "init")["key"]))
        ask_hq(self.hq, "import", "cards", str(cards_csv(folder / "cards.csv")))
        self.config = write_config(folder / "box", box=BOX, hq_key=key)
        token = ask_hq(self.hq, "token", BOX)["token"]
        text = self.config.read_text("utf-8")
        self.config.write_text(f'{text}token = "{token}"\n', encoding="utf-8")

    def visit(self, machine: Machine, *, made_before: bool = False) -> None:
        """The stick goes to the shop and back. `made_before`: the box has begun a new book since,
        so that what the stick brings is refused, and what it takes along is taken."""
        assert ask_hq(self.hq, "stick", "export", str(self._stick))["ok"]
        for way in ("import", "export"):
            code, said = machine.ask(self.config, "stick", way, str(self._stick))
            assert code == (1 if made_before else 0), said
            assert ("it was made for epoch" in str(said)) == made_before, said
        assert ask_hq(self.hq, "stick", "import", str(self._stick))["ok"]

    def sells(self, machine: Machine, name: str) -> None:
        goods = {"id": name, "lines": [line(1, "TOY", 1000)], "tenders": cash(1000)}
        code, said = self._act(machine, "sale", goods)
        assert code == 0, said

    def opened(self, machine: Machine, epoch: int) -> dict[str, object]:
        """What the first entry of an epoch says."""
        code, said = machine.ask(self.config, "journal", "show", f"{epoch}:1")
        assert code == 0, said
        body = said["body"]
        assert isinstance(body, dict)
        return body

    def takes(self, machine: Machine, name: str) -> tuple[int, dict[str, object]]:
        """Freeze points of the member: only a chain that holds them can."""
        self._member = self._member or self._asked(machine)
        request = {"id": name, "member": self._member, "amount": TAKEN, "reason": "wrong"}
        return self._act(machine, "points.frozen", request)

    def _asked(self, machine: Machine) -> str:
        code, said = machine.ask(self.config, "member", "export", CARD)
        assert code == 0, said
        return str(said["member"])

    def restored(self, dead: Machine, to: Machine) -> None:
        """Bring a backup and the last slip of all to another machine."""
        file = self._folder / "box.mbb"
        code, said = dead.ask(self.config, "backup", str(file))
        assert code == 0, said
        shutil.rmtree(self.config.parent / "state")
        slip = f"#{said['seq']} {str(said['hash'])[:6]}"
        code, said = to.ask(self.config, "restore", str(file), "--last-receipt", slip)
        assert (code, said["goes_on"]) == (0, True), said

    def cases(self) -> list[tuple[str, str]]:
        found = json.loads(run_hq(self.hq, "--json", "cases").stdout)["cases"]
        return [(case["kind"], case["what"]) for case in found]

    def _act(
        self, machine: Machine, kind: str, request: Mapping[str, object]
    ) -> tuple[int, dict[str, object]]:
        file = self._folder / "act.json"
        file.write_text(json.dumps(request), encoding="utf-8")
        return machine.ask(self.config, "act", kind, str(file))


@pytest.fixture
def field(tmp_path: Path) -> Field:
    made = Field(tmp_path)
    for _ in range(2):  # its hello first, then goods and members
        made.visit(made.old)
    made.sells(made.old, "sold-before")
    return made


@pytest.mark.timeout(HANGS_S)
def test_restored_it_goes_on_planned_it_leaves_everything_unplanned_nothing(field: Field) -> None:
    # the old one's card is dead; the very last slip shows that nothing is missing in the backup
    field.restored(field.old, field.new)
    assert field.takes(field.new, "restored")[0] == 0, "the chain goes on, on another machine"
    code, said = field.new.ask(field.config, "hand-over", "--yes")
    assert (code, said["heir"]) == (0, "0001.2")
    field.sells(field.old, "sold-after")
    opened = field.opened(field.old, 2)
    assert (opened["reason"], opened["hardware"]) == ("replacement", "cid:0a01")
    assert field.takes(field.old, "at-once")[0] == 0, "without a word from headquarters"
    field.visit(field.old, made_before=True)
    assert field.cases() == []
    # its card is put into the other machine, and nobody has handed over
    field.sells(field.new, "sold-again")
    opened = field.opened(field.new, 3)
    assert (opened["reason"], opened["hardware"]) == ("hardware", "cid:0b02")
    assert field.takes(field.new, "too-soon")[0] == 1, "it holds nothing of members"
    assert field.new.ask(field.config, "verify", "--full")[1]["ok"] is True
    field.visit(field.new, made_before=True)
    ((kind, what),) = field.cases()
    assert kind == "ended" and "write-off 0001.2" in what
    assert ask_hq(field.hq, "write-off", "0001.2", "--yes")["ok"]
    field.visit(field.new)
    assert field.takes(field.new, "later")[0] == 0, "headquarters has granted it anew"
    assert field.cases() == []


def test_what_a_machine_does_not_tell_makes_no_other_one_of_it(tmp_path: Path) -> None:
    assert hardware_of(tmp_path, tmp_path / "sys", tmp_path / "proc") == ""
    tree = tmp_path / "proc" / "device-tree"
    tree.mkdir(parents=True)
    (tree / "serial-number").write_text("10000000 abcd\0")
    assert hardware_of(tmp_path, tmp_path / "sys", tmp_path / "proc") == "board:10000000abcd"
    assert not is_other("board:1 disk:2", "board:1")
    assert not is_other("", "board:1 disk:2")
    assert is_other("board:1 disk:2", "board:1 disk:3")
    assert is_other("board:2", "board:1 disk:3")
    assert is_other("one", "another") and not is_other("one", "one")
