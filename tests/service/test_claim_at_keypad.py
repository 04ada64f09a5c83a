"""`/9 5` from the keys to the next start: a box writes nowhere but in its state directory."""

import asyncio
import re
from pathlib import Path
from typing import cast

from daemon import config as configs
from daemon.counter.effects import DocumentKind, Errand, Listing, Run
from daemon.desk import Desk
from daemon.entropy import Entropy
from daemon.errands import Aside, Errands
from daemon.ledger.store import Store
from daemon.spools import Spools
from tests.config.test_config import EXAMPLE
from tests.counter.clerk import Clerk
from tests.drivers.test_plugged import PCI, ROOT, Machine
from tests.ledger.shop import Dice

UNIT = ROOT / "systemd" / "memberbox.service"


class Slips:
    """Where papers go."""

    def __init__(self) -> None:
        self.printed: list[tuple[str, list[str]]] = []

    def add(self, kind: DocumentKind, about: str, *, listing: Listing) -> None:
        assert kind is DocumentKind.SERVICE
        self.printed.append((about, [row.text for row in listing.rows]))


def keyed(config: Path, machine: Machine) -> list[tuple[str, list[str]]]:
    """Press /9 5 and do what it wants; return the papers."""
    clerk, slips = Clerk(), Slips()
    clerk.keys("/95")
    (errand,) = [one.errand for one in clerk.seen if isinstance(one, Run)]
    assert errand is Errand.CLAIM

    async def run() -> None:
        aside = Aside(
            config,
            EXAMPLE.parent,
            cast(Entropy, Dice()),
            cast(Store, None),
            lambda: None,
            machine.sys,
            machine.dev,
        )
        errands = Errands(configs.load(config), aside, cast(Desk, clerk.shop), cast(Spools, slips))
        errands.run(errand)
        while errands.busy:
            await asyncio.sleep(0.01)

    asyncio.run(run())
    return slips.printed


def test_new_devices_hold_from_the_next_start_and_the_config_is_never_written(tmp_path: Path):
    folder, state = tmp_path / "etc", tmp_path / "state"
    folder.mkdir()
    state.mkdir()
    config = folder / "memberbox.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    config.write_text(re.sub(r"^# state_dir = .*$", f'state_dir = "{state}"', text, flags=re.M))
    before, written = configs.load(config), config.read_bytes()
    machine = Machine(tmp_path)
    machine.node("usbmisc", "lp1", machine.usb("1-1.7", "0416:5011", "POS58"))
    machine.link(f"disk/by-path/{PCI}-usb-0:1.8:1.0-scsi-0:0:0:0-part1", "sda1")

    asked, done = keyed(config, machine)
    assert asked[0] == done[0] == "claim"
    assert any("POS58" in line for line in asked[1])
    assert "written" in done[1][-1] and "not written" not in done[1][-1], done
    new = [one for one in configs.load(config).devices if one not in before.devices]
    assert sorted(one.kind.value for one in new) == ["receipt_printer", "stick"]
    assert (config.read_bytes(), [one.name for one in folder.iterdir()]) == (written, [config.name])

    (again,) = keyed(config, machine)  # what is claimed is new no more
    assert "没有新设备" in again[1][0]


def test_a_state_directory_that_takes_nothing_is_told_on_paper(tmp_path: Path):
    config = tmp_path / "memberbox.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    gone = tmp_path / "gone"
    config.write_text(re.sub(r"^# state_dir = .*$", f'state_dir = "{gone}"', text, flags=re.M))
    machine = Machine(tmp_path)
    machine.node("usbmisc", "lp1", machine.usb("1-1.7", "0416:5011", "POS58"))
    _, done = keyed(config, machine)
    assert "not written" in done[1][-1] and "gone" in done[1][-1]
    assert any(line.startswith("port = ") for line in done[1])  # for a technician to copy


def test_the_unit_gives_the_box_no_other_place_to_write():
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    assert "ProtectSystem=strict" in lines and "StateDirectory=memberbox" in lines
    assert not any(line.startswith("ReadWritePaths") and "/etc" in line for line in lines)
