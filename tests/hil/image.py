"""Guests from Debian's packages: kernel, initramfs, and a root file system that is never written.

    arm64   what the product runs on: unpacked, not configured; an agent as PID 1's only child
    amd64   configured by its own programs: systemd as PID 1, dpkg installs into it

The root is mounted read-only below a tmpfs. `python -m tests.hil.image` makes both.
"""

import compileall
import os
import py_compile
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.hil import cache
from tests.hil.initramfs import pack
from tests.hil.modules import prune_modules
from tests.hil.programs import run

SUITE = "bookworm"
HERE = Path(__file__).parent
GUEST = HERE / "guest"
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "var/cache/apt")
ROOM_BYTES = 64 << 20  # of the image beside its files: inodes and tables
FILE_SYSTEM = ("mkfs.ext4", "-q", "-F", "-O", "^has_journal")  # of a folder; it is only read
AGENT_UNIT = """
[Unit]
Description=what the tests do in this guest
DefaultDependencies=no
After=local-fs.target
[Service]
ExecStart=/usr/bin/python3 -m tests.hil.guest.agent
Environment=PYTHONPATH=/hil HOME=/var/tmp
OOMScoreAdjust=-1000
[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Debian:
    """A Debian for a machine: what is in it, and whether its own programs configure it."""

    arch: str
    packages: tuple[str, ...]
    systemd: bool


# python3-evdev: uinput and second readers, for the tests; ours comes with our own
ARM64 = Debian(
    "arm64",
    (
        *("linux-image-arm64", "busybox-static", "dash", "libc-bin", "kmod", "udev"),
        *("systemd", "util-linux", "mount", "e2fsprogs", "libusb-1.0-0", "tzdata", "procps"),
        *("coreutils", "python3", "python3-evdev"),
    ),
    systemd=False,
)
AMD64 = Debian(
    "amd64",
    (
        *("systemd-sysv", "udev", "kmod", "mount", "busybox-static", "python3", "python3-evdev"),
        *("libusb-1.0-0", "e2fsprogs", "procps"),
    ),
    systemd=True,
)


@dataclass(frozen=True, slots=True)
class Image:
    """The files of a guest; `mark` tells them from any others, made of the same or not."""

    debian: Debian
    mark: str
    kernel: Path
    initramfs: Path
    root: Path


def image(debian: Debian) -> Image:
    """Return the guest's files, made now (most of a minute) or earlier."""
    made_by = (HERE / "image.py", HERE / "modules.py")
    mark = cache.key(debian.arch, *debian.packages, *made_by)
    root = cache.kept(f"root-{debian.arch}", mark, lambda folder: _root(debian, folder))
    whole = cache.key(mark, GUEST, HERE / "initramfs.py")
    boot = cache.kept(
        f"boot-{debian.arch}", whole, lambda out: pack(root / "early", GUEST, out / "initramfs")
    )
    these = cache.key(whole, cache.born(root), cache.born(boot))
    return Image(debian, these, root / "kernel", boot / "initramfs", root / "root.img")


def _root(debian: Debian, out: Path) -> None:
    tree = out / "tree"
    if debian.systemd:
        _configured(debian, tree)
    else:
        _unpacked(debian, tree)
    for unwanted in LEFT_OUT:
        shutil.rmtree(tree / unwanted, ignore_errors=True)
    (version,) = (path.name for path in (tree / "lib/modules").iterdir())
    shutil.copy(tree / f"boot/vmlinuz-{version}", out / "kernel")
    prune_modules(tree, version, out / "early")
    shutil.rmtree(tree / "boot")
    used = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file())
    size = used * 9 // 8 + ROOM_BYTES
    with (out / "root.img").open("wb") as file:
        file.truncate(size)
    run([*FILE_SYSTEM, "-d", tree, out / "root.img"])
    shutil.rmtree(tree)


def _unpacked(debian: Debian, tree: Path) -> None:
    """Unpack for a machine that this one cannot run; what postinst would make is made here."""
    packages = ",".join(debian.packages)
    command = ["mmdebstrap", "--quiet", f"--arch={debian.arch}", "--variant=extract"]
    run([*command, f"--include={packages}", SUITE, tree])
    (tree / "etc/hostname").write_text("box\n")
    (tree / "etc/hosts").write_text("127.0.0.1 localhost box\n")
    (tree / "bin/sh").unlink(missing_ok=True)
    (tree / "bin/sh").symlink_to("dash")
    if not (tree / "usr/bin/python3").exists():
        (tree / "usr/bin/python3").symlink_to("python3.11")
    groups = "".join(f"g {name} - -\n" for name in ("input", "kvm", "render", "sgx"))
    (tree / "usr/lib/sysusers.d/udev.conf").write_text(groups)
    run(["systemd-sysusers", f"--root={tree}"])
    for library in ("usr/lib/python3.11", "usr/lib/python3/dist-packages"):
        compileall.compile_dir(
            tree / library,
            quiet=2,
            stripdir=str(tree),
            prependdir="/",
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


def _configured(debian: Debian, tree: Path) -> None:
    """A Debian with systemd; its kernel is unpacked alone, for it wants no initramfs of its own."""
    packages = ",".join(debian.packages)
    command = ["mmdebstrap", "--quiet", f"--arch={debian.arch}", "--variant=essential"]
    command += ["--dpkgopt=force-unsafe-io", f"--include={packages}"]
    kernel = (
        'set -e; cd "$1/tmp"; export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"; '
        "apt-get -qq download "
        "$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p'); "
        "dpkg-deb --fsys-tarfile linux-image-*.deb "
        '| tar -x --keep-directory-symlink -C "$1"; rm linux-image-*.deb'
    )
    run([*command, f"--customize-hook={kernel}", SUITE, tree])
    (tree / "etc/hostname").write_text("box\n")
    (tree / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    (tree / "etc/fstab").write_text("")
    units = tree / "etc/systemd/system"
    (units / "hil-agent.service").write_text(AGENT_UNIT)
    (units / "multi-user.target.wants").mkdir(exist_ok=True)
    (units / "multi-user.target.wants/hil-agent.service").symlink_to("../hil-agent.service")
    for masked in ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer"):
        (units / masked).symlink_to(os.devnull)
    for masked in ("e2scrub_all.timer", "fstrim.timer", "getty@tty1.service"):
        (units / masked).symlink_to(os.devnull)
    conf = tree / "etc/systemd/journald.conf.d"
    conf.mkdir(exist_ok=True)
    (conf / "ram.conf").write_text("[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n")


def main() -> None:
    for debian in (ARM64, AMD64):
        print(image(debian))


if __name__ == "__main__":
    main()
