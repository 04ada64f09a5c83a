"""Programs of Debian that make and run guests: which are missing, and what a failing one said."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

# program -> Debian's package; tools/test-tools.sh installs them
NEEDED = {
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "systemd-sysusers": "systemd",
    "mkfs.ext4": "e2fsprogs",
    "modprobe": "kmod",
    "cpio": "cpio",
}
SBIN = ":/usr/sbin:/sbin"
NICE = 10  # what makes guests waits for nobody's clock


class GuestError(Exception):
    """A guest, or what makes one, did not do what was asked; says what it said."""


def why_not() -> str:
    """Return why no guest can be made here; "" when it can."""
    path = os.environ.get("PATH", "") + SBIN
    missing = [NEEDED[name] for name in NEEDED if shutil.which(name, path=path) is None]
    if missing:
        return f"missing (apt-get install {' '.join(missing)})"
    return "" if os.geteuid() == 0 else "the file systems of guests are made by root"


def gently() -> list[str]:
    """Return the words before a command that give way to everybody else's."""
    return ["nice", "-n", str(max(0, NICE - os.nice(0)))]


def run(
    command: Sequence[str | Path], *, cwd: Path | None = None, given: bytes | None = None
) -> str:
    """Return what a program said on stdout. Raises GuestError with its stderr."""
    done = subprocess.run(
        [*gently(), *map(str, command)],
        capture_output=True,
        cwd=cwd,
        input=given,
        env={**os.environ, "PATH": os.environ.get("PATH", "") + SBIN},
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise GuestError(f"{' '.join(map(str, command))}:\n{said}")
    return done.stdout.decode(errors="replace")


def qemu_version(program: str) -> str:
    return run([program, "--version"]).splitlines()[0]
