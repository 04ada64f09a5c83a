"""What is expensive to make and stays the same: kept in folders named by the hash of what made it.

MEMBERBOX_HIL_CACHE says where; else ~/.cache/memberbox-hil. Never in the checkout.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

KEPT = 3  # of each kind: this checkout's, and those of a branch or two


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

    It gets its name when it is whole; who made it at the same time gets the one that came first.
    """
    folder = place() / f"{kind}-{mark}"
    if not folder.is_dir():
        place().mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{kind}-", dir=place()))
        try:
            make(scratch)
            if not folder.is_dir():
                scratch.rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    os.utime(folder)
    _forget(kind)
    return folder


def _forget(kind: str) -> None:
    """Delete what was not used for longest."""
    found = sorted(place().glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)
    for old in found[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
