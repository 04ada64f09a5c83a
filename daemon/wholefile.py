"""A small file that is there whole or not at all, whatever cuts the writing off."""

import os
from pathlib import Path

OWNER_ONLY, READABLE = 0o600, 0o644


def replace(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Let path hold the content; it is on the medium when this returns.

    Raises OSError and leaves what was there.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
