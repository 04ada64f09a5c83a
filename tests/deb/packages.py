"""Packages for the tests: of this commit, and changed ones as later releases would be."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from deb.__main__ import build
from deb.wheels import MACHINES

ROOT = Path(__file__).resolve().parents[2]


def head() -> str:
    """Return the last commit, which stays the same one when another follows meanwhile."""
    return _do("git", "-C", str(ROOT), "rev-parse", "HEAD").strip()


def first_packaged() -> str:
    """Return the first commit that could be packaged; of a shallow clone, the oldest one."""
    added = ("log", "--diff-filter=A", "--format=%H", "--", "deb/__main__.py")
    return _do("git", "-C", str(ROOT), *added).split()[-1]


def schemas(commit: str) -> list[str]:
    """Return the steps of the databases' schemas that this commit knows."""
    folder = "daemon/ledger/schema/"
    return _do("git", "-C", str(ROOT), "ls-tree", "--name-only", commit, folder).split()


def of_commit(commit: str, out: Path, machine: str, version: str) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    return build(ROOT, out, MACHINES[machine], version, commit=commit)


def changed(package: Path, out: Path, old: str, new: str, change: Callable[[Path], None]) -> Path:
    """Return the package as version `new`, with `change` applied to the release's own files."""
    tree = out / f"tree-{new}"
    out.mkdir(parents=True, exist_ok=True)
    _do("dpkg-deb", "-R", str(package), str(tree))
    releases = tree / "opt/memberbox/releases"
    (releases / old).rename(releases / new)
    for name in ("control", "postinst", "preinst"):
        path = tree / "DEBIAN" / name
        path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    change(releases / new / "lib/python3.11/site-packages")
    result = out / f"memberbox_{new}_amd64.deb"
    _do("dpkg-deb", "--root-owner-group", "-Zzstd", "-z1", "--build", str(tree), str(result))
    return result


def newer(site: Path) -> None:
    """A release that adds a table to the books."""
    (site / "daemon/ledger/schema/books-9000.sql").write_text("CREATE TABLE later (x INTEGER);")


def spoilt(site: Path) -> None:
    """A release whose second step fails where the first was done."""
    newer(site)
    (site / "daemon/ledger/schema/books-9001.sql").write_text("CREATE TABLE later (x INTEGER);")


def _do(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
