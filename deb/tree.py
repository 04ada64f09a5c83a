"""The files of the package, laid out below a root as they will lie on a box.

    /opt/memberbox/releases/VERSION   a private Python environment with this release in it
    /opt/memberbox/current            which release runs; made at installation, never shipped
    /opt/memberbox/bin, /usr/bin      the commands

The environment knows its own folder from where it was started, so a release can be kept under
another name while the next one is tried.
"""

import compileall
import contextlib
import gzip
import io
import os
import py_compile
import re
import shutil
import stat
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from deb.manual import completion, config_page, page
from deb.programs import PackageError
from deb.wheels import MACHINES, Machine, debian_evdev, fetch, unpack

PYTHON_OF_DEBIAN = "/usr/bin/python3.11"
COMMANDS: Mapping[str, str] = {"memberbox": "daemon.cli", "memberbox-hq": "hq.cli"}
FILES = Path(__file__).parent / "files"
SHARED = ("devices", "packs", "fonts")  # of config/: what a running box reads


def lay_out(
    checkout: Path, root: Path, scratch: Path, *, machine: Machine, version: str, built: int
) -> None:
    """Fill `root` with every file of the package for `machine`.

    `built` is the moment of the sources, in seconds of the epoch: the least of all nows for a box
    without a clock. Raises PackageError.
    """
    release = root / "opt/memberbox/releases" / version
    site = release / "lib/python3.11/site-packages"
    site.mkdir(parents=True)
    wheels = scratch / f"wheels-{machine.name}"
    wheels.mkdir(exist_ok=True)
    fetch(machine, checkout / "requirements.lock", wheels, scratch)
    unpack(wheels, site)
    if machine is MACHINES["arm64"]:
        debian_evdev(machine, site, scratch)
    _copy_ours(checkout, release, site, built)
    _environment(release)
    _commands(root)
    _system(checkout, root)
    _documents(checkout, root, built)
    _compile(root, site)
    _settle(root, built)


def _copy_ours(checkout: Path, release: Path, site: Path, built: int) -> None:
    ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
    for room in ("daemon", "hq"):
        shutil.copytree(checkout / room, site / room, ignore=ignore)
    for folder in SHARED:
        shutil.copytree(
            checkout / "config" / folder, release / "share/memberbox" / folder, ignore=ignore
        )
    stamp = datetime.fromtimestamp(built, timezone.utc)
    told = site / "daemon/release.py"
    line = f"BUILT = datetime({stamp.year}, {stamp.month}, {stamp.day}, tzinfo=timezone.utc)"
    text, changed = re.subn(
        r"^BUILT = datetime\([^\n]*\)", line, told.read_text("utf-8"), flags=re.M
    )
    if changed != 1:
        raise PackageError("daemon/release.py does not say BUILT = datetime(...) once")
    told.write_text(text, encoding="utf-8")


def _environment(release: Path) -> None:
    (release / "bin").mkdir()
    (release / "bin/python3").symlink_to(PYTHON_OF_DEBIAN)
    (release / "pyvenv.cfg").write_text(
        "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11\n", encoding="utf-8"
    )
    for command, module in COMMANDS.items():
        _write(release / "bin" / command, _filled("command.in", COMMAND=command, MODULE=module))


def _commands(root: Path) -> None:
    for command in COMMANDS:
        wrapper = root / "opt/memberbox/bin" / command
        _write(wrapper, _filled("wrapper.in", COMMAND=command), executable=True)
        link = root / "usr/bin" / command
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"../../opt/memberbox/bin/{command}")


def _system(checkout: Path, root: Path) -> None:
    for unit in sorted((checkout / "systemd").glob("*.service")):
        _write(root / "lib/systemd/system" / unit.name, unit.read_text("utf-8"))
    rules = (FILES / "60-memberbox.rules").read_text("utf-8")
    _write(root / "lib/udev/rules.d/60-memberbox.rules", rules)
    for kind in ("sysusers", "tmpfiles"):
        text = (FILES / f"memberbox.{kind}").read_text("utf-8")
        _write(root / f"usr/lib/{kind}.d/memberbox.conf", text)


def _documents(checkout: Path, root: Path, built: int) -> None:
    docs = root / "usr/share/doc/memberbox"
    example = (checkout / "config/memberbox.example.toml").read_text("utf-8")
    _write(docs / "memberbox.example.toml", example)
    _write(docs / "copyright", (checkout / "LICENSE").read_text("utf-8"))
    _write_packed(docs / "changelog.gz", (checkout / "CHANGELOG.md").read_text("utf-8"))
    for folder in ("OPERATIONS.md", "COUNTER.md", "drivers.md"):
        _write_packed(docs / f"{folder}.gz", (checkout / "docs" / folder).read_text("utf-8"))
    for path in sorted((checkout / "docs/incidents").rglob("*.*")):  # as `doctor` names them
        _write(docs / path.relative_to(checkout / "docs"), path.read_text("utf-8"))
    day = datetime.fromtimestamp(built, timezone.utc).date()
    pages = root / "usr/share/man"
    for command, module in COMMANDS.items():
        _write_packed(pages / f"man1/{command}.1.gz", page(command, module, day))
        _write(
            root / "usr/share/bash-completion/completions" / command, completion(command, module)
        )
    _write_packed(pages / "man5/memberbox.toml.5.gz", config_page(example, day))


def _compile(root: Path, site: Path) -> None:
    """Compile ahead: the root is read-only at run time, and a start is twice as fast.

    The compiled files carry no time of their sources, so that two builds are alike.
    """
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        good = compileall.compile_dir(
            site,
            quiet=1,
            stripdir=str(root),
            prependdir="/",
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    if not good:
        raise PackageError(f"not everything compiles:\n{said.getvalue()}")


def _settle(root: Path, built: int) -> None:
    """Give every file the mode and the time that it has in every build."""
    for path in sorted(root.rglob("*"), reverse=True):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (built, built), follow_symlinks=False)


def _filled(name: str, **words: str) -> str:
    text = (FILES / name).read_text("utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def _write(path: Path, text: str, *, executable: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755 if executable else 0o644)


def _write_packed(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def main() -> int:
    """Lay out the commit in the current folder: ROOT SCRATCH MACHINE VERSION SECONDS."""
    root, scratch, machine, version, built = sys.argv[1:]
    try:
        lay_out(
            Path.cwd(),
            Path(root),
            Path(scratch),
            machine=MACHINES[machine],
            version=version,
            built=int(built),
        )
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
