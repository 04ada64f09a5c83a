"""Guests that have come up, saved: a test goes on from there in a second.

booted(BOX)       arm64: udev, five empty USB cables, nothing of ours yet
booted(SYSTEMD)   amd64: systemd has started everything, nothing of ours yet
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.hil import cache
from tests.hil.image import AMD64, ARM64, FILE_SYSTEM, Debian, Image, image
from tests.hil.machine import (
    AMD64_BOARD,
    ARM64_BOARD,
    BROUGHT_BYTES,
    Board,
    Disks,
    Machine,
    blank,
    restore,
    start,
)
from tests.hil.programs import qemu_version, run

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Guest:
    """A Debian and the board that it runs on."""

    debian: Debian
    board: Board


BOX = Guest(ARM64, ARM64_BOARD)
SYSTEMD = Guest(AMD64, AMD64_BOARD)


@dataclass(frozen=True, slots=True)
class Saved:
    """A guest in a file. `mark` is the hash of all that made it."""

    guest: Guest
    image: Image
    state: Path
    mark: str

    def restore(self, disks: Disks) -> Machine:
        """Go on from there. The guest's clock stands where it stood: see Machine.set_clock."""
        return restore(self.guest.board, self.image, disks, self.state)


def booted(guest: Guest) -> Saved:
    """Return the guest as it has come up, made now (half a minute) or earlier."""
    made = image(guest.debian)
    version = qemu_version(guest.board.program)
    mark = cache.key(made.mark, repr(guest.board), version, HERE / "machine.py")
    folder = cache.kept(f"up-{made.debian.arch}", mark, lambda out: _boot(guest, made, out))
    return Saved(guest, made, folder / "state", mark)


def _boot(guest: Guest, made: Image, out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        disks = Disks(blank(Path(folder) / "brought", BROUGHT_BYTES), blank(Path(folder) / "disk"))
        with start(guest.board, made, disks) as machine:
            if guest.debian.systemd:
                machine.run("systemctl", "is-system-running", "--wait")
            machine.save(out / "state")


def disk_of(tree: Path, disk: Path, length_bytes: int = BROUGHT_BYTES) -> str:
    """Write a folder into a file system on a disk of a guest; return its address."""
    blank(disk, length_bytes)
    run([*FILE_SYSTEM, "-d", tree, disk])
    return str(disk)
