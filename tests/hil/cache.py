"""What is expensive to make and stays the same: kept in folders named by the hash of what made it.

MEMBERBOX_HIL_CACHE says where; else ~/.cache/memberbox-hil. Never in the checkout.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

KEPT = 3  # of each kind: this checkout's, and those of a branch or two
UNUSED_S = 2 * 3600.0  # longer than any run that may still go on with a folder
BORN = "born"  # in each folder


def place() -> Path:
    named = os.environ.get("MEMBERBOX_HIL_CACHE")
    return Path(named) if named else Path.home() / ".cache/memberbox-hil"


def key(*parts: str | Path) -> str:
    """Return a short hash over words, and over files and folders of Python by their contents."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            digest.update(part.encode() + b"\0")
            continue
        for path in sorted(part.rglob("*.py")) if part.is_dir() else (part,):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def kept(kind: str, mark: str, make: Callable[[Path], None]) -> Path:
    """Return the folder `kind-mark`, which `make` has filled, now or earlier.

    It gets its name when it is whole; who wants one of its kind meanwhile waits for it.
    """
    folder = place() / f"{kind}-{mark}"
    place().mkdir(parents=True, exist_ok=True)
    with (place() / f".{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            scratch = Path(tempfile.mkdtemp(prefix=f".{kind}-", dir=place()))
            try:
                make(scratch)
                (scratch / BORN).write_text(secrets.token_hex(8))
                scratch.rename(folder)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
        os.utime(folder)
        _forget(kind)
    return folder


def born(folder: Path) -> str:
    """Return what tells this folder from one that was made again with the same mark.

    A saved guest remembers blocks of its disks; it fits the very files that it was saved with.
    """
    return (folder / BORN).read_text()


def _forget(kind: str) -> None:
    """Delete what was not used for longest."""
    found = sorted(place().glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)
    now_s = found[-1].stat().st_mtime
    for old in found[:-KEPT]:
        if now_s - old.stat().st_mtime > UNUSED_S:
            shutil.rmtree(old, ignore_errors=True)
