"""An amd64 guest in which dpkg installed our package, under a real systemd as PID 1; saved so.

Its card is as a Raspberry Pi's: a FAT partition with the technician's file (/dev/vdc1), and ext4
for the state directory (/dev/vdc2). The shop's books are put there as after a restore.
"""

import shutil
import struct
import tempfile
from pathlib import Path

from tests.deb.packages import changed, newer, spoilt
from tests.hil import cache
from tests.hil.counter import EVERYTHING, Counter
from tests.hil.machine import WRITTEN_BYTES, Disks, Machine, blank
from tests.hil.selling import STATE, VERSION, box_text, commit, devices, hq_of, package, stocked
from tests.hil.states import SYSTEMD, Saved, booted, disk_of

HERE = Path(__file__).parent
NEXT, SPOILT = "1.1", "1.2"  # a release with a new table, and one whose second step fails
POLE = "/dev/serial/by-path/pci-0000:00:02.0-usb-0:1:1.0-port0"
BOOT = "/boot/firmware"
ON_CARD = f"{BOOT}/memberbox.toml"
BROUGHT_FILE = "/srv/memberbox.toml"
UNIT = "memberbox.service"
TOKEN, PASSWORD = "0123456789abcdef0123456789abcdef", "geheim=#12345678"
INSTALLED_WITHIN_S = 600.0  # half a minute on a quiet machine
UP_WITHIN_S = 300.0  # 15 s on a quiet machine
MADE_BY = ("installed", "selling", "counter", "machine")

SECTOR_BYTES = 512
BOOT_STARTS, STATE_STARTS = 2048, 2048 + (16 << 20) // SECTOR_BYTES
FAT32_LBA, LINUX = 0x0C, 0x83
FSTAB = f"""
/dev/vdc1 {BOOT} vfat defaults,nosuid 0 2
/dev/vdc2 {STATE} ext4 defaults,noatime 0 2
"""


def installed() -> Saved:
    """Return the guest whose box was installed and sells, made now (two minutes) or earlier."""
    up = booted(SYSTEMD)
    mark = cache.key(up.mark, commit(), *(HERE / f"{name}.py" for name in MADE_BY))
    folder = cache.kept("installed", mark, lambda out: _make(up, out))
    return Saved(up.guest, up.image, folder / "state", mark)


def disks(saved: Saved, folder: Path) -> Disks:
    """Return what the guest was saved with; its card is a copy, for it is mounted."""
    kept = saved.state.parent
    shutil.copy(kept / "card.img", folder / "card.img")
    return Disks(str(kept / "brought.img"), str(folder / "card.img"))


def bring(out: Path) -> Disks:
    """Make the disk with our packages and the shop's books, and an empty card."""
    first, goods = package("amd64"), stocked()
    hq = {**hq_of(goods), "token": TOKEN, "password": PASSWORD}
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        shutil.copytree(goods, tree / "goods")
        (tree / "memberbox.toml").write_text(box_text(devices(POLE), hq), encoding="utf-8")
        shutil.copy(first, tree / "first.deb")
        for name, version, change in (("next", NEXT, newer), ("spoilt", SPOILT, spoilt)):
            later = changed(first, Path(scratch) / name, VERSION, version, change)
            shutil.copy(later, tree / f"{name}.deb")
        return Disks(disk_of(tree, out / "brought.img"), card(out / "card.img"))


def card(path: Path) -> str:
    """Make a card with two empty partitions; return its address."""
    address = blank(path)
    last = WRITTEN_BYTES // SECTOR_BYTES
    table = b"".join(
        struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", begin, end - begin)
        for kind, begin, end in (
            (FAT32_LBA, BOOT_STARTS, STATE_STARTS),
            (LINUX, STATE_STARTS, last),
        )
    )
    with path.open("r+b") as file:
        file.seek(446)
        file.write(table.ljust(64, b"\0") + b"\x55\xaa")
    return address


def install(machine: Machine) -> None:
    """Hand the package to dpkg on a machine that never had it."""
    for command in (
        "mount -o ro /dev/vdb /srv",
        "blockdev --rereadpt /dev/vdc",  # the guest was saved with another card in it
        "busybox mkdosfs /dev/vdc1",
        "mkfs.ext4 -q /dev/vdc2",
        f"mkdir -p {BOOT} {STATE}",
    ):
        machine.run(*command.split())
    machine.ask("system.write", path="/etc/fstab", text=FSTAB)
    machine.run("systemctl", "daemon-reload")
    machine.run("mount", "-a")
    machine.run("dpkg", "-i", "/srv/first.deb", within_s=INSTALLED_WITHIN_S)


def provision(machine: Machine) -> None:
    """Copy the one file onto the card, the shop's books beside it, and start the box anew."""
    machine.run("systemctl", "stop", UNIT)
    machine.run("cp", "-a", "/srv/goods/state/.", STATE)
    machine.run("chown", "-R", "memberbox:memberbox", STATE)
    machine.run("cp", BROUGHT_FILE, ON_CARD)
    machine.run("systemctl", "start", UNIT, within_s=UP_WITHIN_S)


def _make(up: Saved, out: Path) -> None:
    with up.restore(bring(out)) as machine:
        machine.set_clock()
        counter = Counter(machine)
        counter.plug_in()
        install(machine)
        provision(machine)
        counter.wait_for_devices("online", *EVERYTHING, within_s=UP_WITHIN_S)
        counter.paper()
        machine.save(out / "state")
