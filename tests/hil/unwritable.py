"""The amd64 system with our package and config in it, and a root that cannot be written: cold.

What a technician leaves who sets "read-only root" last of all. dpkg and `memberbox provision` run
on the host, inside that Debian's own tree; the shop's books lie on the card, /dev/vdc.
"""

import os
import shutil
from pathlib import Path

from tests.deb.house import House
from tests.hil.image import AMD64, FILE_SYSTEM, ROOM_BYTES, Image, image
from tests.hil.installed import ON_CARD, PASSWORD, POLE, TOKEN
from tests.hil.machine import BROUGHT_BYTES, WRITTEN_BYTES, Disks, blank
from tests.hil.programs import run
from tests.hil.selling import STATE, box_text, devices, hq_of, package, stocked

# systemd remounts the root as the first line says before it starts anything of ours
FSTAB = f"""
overlay / overlay ro 0 0
tmpfs /tmp tmpfs mode=1777 0 0
tmpfs /var/tmp tmpfs mode=1777 0 0
/dev/vdc {STATE} ext4 defaults,noatime 0 2
"""


def unwritable(folder: Path) -> tuple[Image, Disks]:
    """Make its files in `folder`; half a minute."""
    bare = image(AMD64)
    house = House(folder / "tree")
    house.root.mkdir()
    run(["debugfs", "-R", f"rdump / {house.root}", bare.root])
    done = house.install(package("amd64"))
    assert done.returncode == 0, done.stderr
    hq = {**hq_of(stocked()), "token": TOKEN, "password": PASSWORD}
    house.write(ON_CARD, box_text(devices(POLE), hq))
    house.must("memberbox", "--json", "provision")
    house.write("/etc/fstab", FSTAB)
    state = house.path(STATE)
    run(["cp", "-a", f"{stocked()}/state/.", state])
    house.must("chown", "-R", "memberbox:memberbox", STATE)
    card = blank(folder / "card.img", WRITTEN_BYTES)
    run(["mkfs.ext4", "-q", "-F", "-d", state, card])
    shutil.rmtree(state)
    state.mkdir()
    root = folder / "root.img"
    blank(root, os.path.getsize(bare.root) + ROOM_BYTES)
    run([*FILE_SYSTEM, "-d", house.root, root])
    shutil.rmtree(house.root)
    brought = blank(folder / "brought.img", BROUGHT_BYTES)
    made = Image(AMD64, "", bare.kernel, bare.initramfs, root)
    return made, Disks(brought, card)
