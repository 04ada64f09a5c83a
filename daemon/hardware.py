"""Which machine this is: the serial number of its board, and of the disk that the journal lies on.

A chain does not go on where either is another one (ledger/epochs.py). Read from the kernel's own
files, by whoever runs the box; what a machine does not tell is left out. A PC's board tells its
number to root alone.
"""

import os
from pathlib import Path

SYS, PROC = Path("/sys"), Path("/proc")
BOARD = "device-tree/serial-number"  # below /proc: Raspberry Pi and its like
# Below /sys/block/DISK: what a card, virtio, NVMe, SCSI and what USB says is one tell of a disk.
# Each is a part of its own: a file that only a later kernel has makes no other machine.
DISK = ("device/cid", "serial", "device/serial", "wwid", "device/wwid")


def hardware_of(folder: Path, sys: Path = SYS, proc: Path = PROC) -> str:
    """Return the numbers as `board:... cid:...`; "" for a machine that tells none."""
    disk = disk_of(folder, sys)
    places = [] if disk is None else [disk / name for name in DISK]
    told = {"board": _read(proc / BOARD)}
    for place in places:
        told[place.name] = told.get(place.name) or _read(place)
    return " ".join(f"{part}:{number}" for part, number in told.items() if number)


def disk_of(folder: Path, sys: Path = SYS) -> Path | None:
    """Return the sysfs folder of the whole disk that a folder lies on."""
    try:
        number = folder.stat().st_dev
        node = (sys / "dev" / "block" / f"{os.major(number)}:{os.minor(number)}").resolve()
    except OSError:
        return None
    if not node.is_dir():
        return None
    return node.parent if (node / "partition").exists() else node


def _read(path: Path) -> str:
    """Return a number without spaces and without the zero byte that ends a device tree's text."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    return "".join(text.replace("\0", "").split())
