"""The way into a guest: an initramfs that mounts its root, and what stands in for systemd.

early modules -> /dev/vda read-only below a tmpfs -> /sbin/init, or else FIRST
"""

import gzip
import shutil
import tempfile
from pathlib import Path

from tests.hil.programs import run

INIT = """#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev; $b mount -t proc proc /proc; $b mount -t sysfs sys /sys
for m in $($b cat /early); do $b insmod /m/$m || echo "insmod $m failed"; done
$b mount -t ext4 -o ro /dev/vda /low || exec $b sh
$b mount -t tmpfs tmpfs /up; $b mkdir /up/u /up/w
$b mount -t overlay -o lowerdir=/low,upperdir=/up/u,workdir=/up/w overlay /new || exec $b sh
cd /new; $b mkdir -p dev proc sys run tmp mnt srv var/tmp hil; cd /; $b cp -a /hil/. /new/hil/
for d in dev proc sys; do $b mount --move /$d /new/$d; done
if [ -L /new/sbin/init ]; then exec $b switch_root /new /sbin/init; fi
exec $b switch_root /new /bin/sh /hil/first
"""
FIRST = """# PID 1 of a guest without systemd: what the kernel and udev need, then the agent
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/tmp LANG=C.UTF-8 PYTHONPATH=/hil
mount -t tmpfs tmpfs /tmp; mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /dev/pts /dev/shm /run/udev
mount -t devpts devpts /dev/pts; mount -t tmpfs tmpfs /dev/shm
busybox ip link set lo up
ldconfig
modprobe -a $(cat /etc/modules-load.d/hil.conf)
mount -t configfs configfs /sys/kernel/config
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add; udevadm settle
exec python3 -m tests.hil.guest.agent
"""


def pack(early: Path, guest: Path, out: Path) -> None:
    """Write the initramfs: busybox, early modules, and the tests' own side of the guest."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for name in ("dev", "proc", "sys", "low", "up", "new", "bin", "m", "hil/tests/hil"):
            (tree / name).mkdir(parents=True)
        for path in early.glob("*.ko"):
            shutil.copy(path, tree / "m")
        shutil.copy(early / "order", tree / "early")
        shutil.copy(early / "busybox", tree / "bin/busybox")
        shutil.copytree(
            guest, tree / "hil/tests/hil/guest", ignore=shutil.ignore_patterns("__pycache__")
        )
        for package in ("tests", "tests/hil"):
            (tree / "hil" / package / "__init__.py").touch()
        (tree / "hil/first").write_text(FIRST)
        (tree / "init").write_text(INIT)
        for program in ("init", "bin/busybox"):
            (tree / program).chmod(0o755)
        run(["mknod", tree / "dev/console", "c", "5", "1"])
        names = "\0".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
        archive = tree.parent / f"{tree.name}.cpio"
        command = ["cpio", "--quiet", "-0", "-o", "-H", "newc", "-F", str(archive)]
        run(command, cwd=tree, given=names.encode())
        out.write_bytes(gzip.compress(archive.read_bytes(), 1))
        archive.unlink()
