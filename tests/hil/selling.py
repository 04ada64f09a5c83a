"""A guest whose box sells: our arm64 package unpacked, goods on it, real devices; saved so."""

import json
import os
import shutil
import tempfile
from pathlib import Path

from tests.bench.unit import unit_sets
from tests.deb.packages import head, of_commit
from tests.hil import cache, goods
from tests.hil.counter import COLUMNS, EVERYTHING, TYPING, Counter
from tests.hil.machine import Disks, Machine, blank
from tests.hil.programs import run
from tests.hil.states import BOX, Saved, booted, disk_of

HERE = Path(__file__).parent
VERSION = "1.0"
POLE = "/dev/serial/by-path/platform-4010000000.pcie-pci-0000:00:02.0-usb-0:1:1.0-port0"
PORTS = {
    name: f"/dev/input/by-path/platform-dummy_hcd.{cable}-usb-0:1:1.0-event-kbd"
    for cable, name in enumerate(TYPING)
} | {"printer": f"usblp:/dev/memberbox/printer-platform-dummy_hcd.{len(TYPING)}-usb-0:1:1.0"}
OVERRUN_SWIPER = "/dev/input/by-id/overrun-swiper"  # a test puts a uinput node there
CONFIG = "/etc/memberbox/memberbox.toml"
STATE = "/var/lib/memberbox"
UP_WITHIN_S = 300.0  # 15 s on a quiet machine
AS_THE_UNIT_DOES = (
    *("setpriv", "--reuid=memberbox", "--regid=memberbox", "--init-groups", "--no-new-privs"),
    *("env", f"MEMBERBOX_CONFIG={CONFIG}", f"STATE_DIRECTORY={STATE}"),
    *(
        "RUNTIME_DIRECTORY=/run/memberbox",
        *(f"{name}={said}" for name, said in unit_sets().items()),
    ),
    "/opt/memberbox/bin/memberbox",
)


def commit() -> str:
    """Return what is tried: the last commit, or the one that MEMBERBOX_HIL_COMMIT names."""
    return os.environ.get("MEMBERBOX_HIL_COMMIT") or head()


def package(machine: str, version: str = VERSION) -> Path:
    """Return our package, built now or earlier from the same commit."""
    mark = cache.key(commit(), machine, version)
    folder = cache.kept(f"deb-{machine}", mark, lambda out: _built(out, machine, version))
    (path,) = folder.glob("*.deb")
    return path


def _built(out: Path, machine: str, version: str) -> None:
    of_commit(commit(), out, machine, version)


def brought(folder: Path) -> str:
    """Make the disk with our package unpacked on it, and the goods of the demo shop."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        run(["dpkg-deb", "-x", package("arm64"), tree])
        (tree / "opt/memberbox/current").symlink_to(f"releases/{VERSION}")
        shutil.copytree(stocked(), tree / "goods")
        return disk_of(tree, folder / "brought.img")


def stocked() -> Path:
    """Return the folder with the demo shop's state, made now or earlier from this commit."""
    return cache.kept("goods", cache.key(commit()), _goods)


def _goods(out: Path) -> None:
    goods.stock(out / "state", out / "etc")


def selling() -> Saved:
    """Return the guest whose box sells at real devices, made now (a minute) or earlier."""
    up = booted(BOX)
    mark = cache.key(up.mark, commit(), *(HERE / f"{name}.py" for name in ("selling", "counter")))
    folder = cache.kept("selling", mark, lambda out: _make(up, out))
    return Saved(up.guest, up.image, folder / "state", mark)


def disks(saved: Saved, folder: Path) -> Disks:
    """Return the disks of a saved box: what it was saved with, and an empty one."""
    return Disks(str(saved.state.parent / "brought.img"), blank(folder / "disk.img"))


def _make(up: Saved, out: Path) -> None:
    address = brought(out)
    disk = blank(out / "disk.img")
    with up.restore(Disks(address, disk)) as machine:
        machine.set_clock()
        install(machine)
        counter = Counter(machine)
        counter.plug_in()
        machine.ask("system.write", path=CONFIG, text=box_text(devices(POLE), hq_of(stocked())))
        start(machine)
        counter.wait_for_devices("online", *EVERYTHING, within_s=UP_WITHIN_S)
        counter.paper()  # what a printer is sent first ends a command of an earlier life
        machine.save(out / "state")
    Path(disk).unlink()


def install(machine: Machine) -> None:
    """Do what the package's own programs do on a box."""
    for command in (
        "mount -o ro /dev/vdb /srv",
        "mkdir -p /opt/memberbox",
        "mount --bind /srv/opt/memberbox /opt/memberbox",
        "cp /srv/usr/lib/sysusers.d/memberbox.conf /usr/lib/sysusers.d/",
        "cp /srv/lib/udev/rules.d/60-memberbox.rules /usr/lib/udev/rules.d/",
        "systemd-sysusers",
        "udevadm control --reload",
        "ln -s /opt/memberbox/bin/memberbox /usr/bin/memberbox",
        f"cp -a /srv/goods/state {STATE}",
        "cp -a /srv/goods/etc /etc/memberbox",
        "install -d -o memberbox -g memberbox /run/memberbox",
        f"chown -R memberbox:memberbox {STATE} /etc/memberbox",
    ):
        machine.run(*command.split())


def start(machine: Machine) -> None:
    """Start the box as its unit does: no root, its own groups, no new privileges."""
    machine.ask("system.start", name="box", command=[*AS_THE_UNIT_DOES, "run"])


def devices(pole: str) -> list[dict[str, object]]:
    """Return the [[devices]] of a box at this counter, as `memberbox suggest` names them."""
    return [
        {"name": "swiper", "kind": "card_reader", "driver": "wedge", "port": PORTS["swiper"],
         "profile": "magtek-wedge"},
        {"name": "scanner", "kind": "scanner", "driver": "wedge", "port": PORTS["scanner"]},
        {"name": "keypad", "kind": "keypad", "driver": "wedge", "port": PORTS["keypad"]},
        {"name": "printer", "kind": "receipt_printer", "driver": "escpos",
         "port": PORTS["printer"], "columns": COLUMNS, "role": "receipts"},
        {"name": "drawer", "kind": "cash_drawer", "driver": "printer_kick", "printer": "printer"},
        {"name": "pole", "kind": "line_display", "driver": "cd5220", "port": pole,
         "baud": 9600, "role": "customer"},
        {"name": "second_swiper", "kind": "card_reader", "driver": "wedge",
         "port": OVERRUN_SWIPER, "profile": "magtek-wedge"},
    ]  # fmt: skip


def hq_of(goods_dir: Path) -> dict[str, object]:
    """Return an [hq] that is out of reach; its key proves the rules."""
    return {"mqtt": "127.0.0.1:1", "key": (goods_dir / "etc" / goods.HQ_KEY).read_text()}


def box_text(devices: list[dict[str, object]], hq: dict[str, object]) -> str:
    """Return a memberbox.toml of the demo shop."""
    tables: list[tuple[str, dict[str, object]]] = [
        ("[box]", {"id": "0018"}),
        ("[shop]", goods.shop()),
        ("[hq]", hq),
        ("[counter]", {"operator": "02", "guide": "02", "float_fen": 30000}),
        *(("[[devices]]", device) for device in devices),
    ]
    return "\n".join(
        "\n".join([title, *(f"{key} = {_toml(value)}" for key, value in fields.items()), ""])
        for title, fields in tables
    )


def _toml(value: object) -> str:
    """TOML's basic strings take JSON's escapes."""
    return json.dumps(value, ensure_ascii=False)
