"""What provisioning does to files, in steps between which the power may go.

A file is replaced as a whole: written beside its place, flushed, renamed, the folder flushed: who
finds the machine after a cut finds the old file or the new one.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

NEW = ".new"


class Disk(Protocol):
    """The steps. Each raises OSError; after any of them the power may be cut."""

    def make_folder(self, path: Path, mode: int) -> None: ...

    def write(self, path: Path, data: bytes, mode: int) -> None: ...

    def flush(self, path: Path) -> None: ...

    def rename(self, old: Path, new: Path) -> None: ...

    def flush_folder(self, path: Path) -> None: ...

    def remove(self, path: Path) -> None: ...


class RealDisk:
    """The machine's own files."""

    def make_folder(self, path: Path, mode: int) -> None:
        path.mkdir(mode=mode, parents=True, exist_ok=True)

    def write(self, path: Path, data: bytes, mode: int) -> None:
        """Write a new file; its group is that of its folder, so that the box may read its own."""
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(handle, "wb") as file:
            file.write(data)
            with suppress(PermissionError):  # FAT has neither groups nor modes
                os.fchown(handle, -1, path.parent.stat().st_gid)
                os.fchmod(handle, mode)

    def flush(self, path: Path) -> None:
        _flush(path, os.O_RDONLY)

    def rename(self, old: Path, new: Path) -> None:
        old.rename(new)

    def flush_folder(self, path: Path) -> None:
        _flush(path, os.O_RDONLY | os.O_DIRECTORY)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)


def replace(disk: Disk, path: Path, data: bytes, mode: int) -> None:
    """Let path hold data, whole or not at all. Raises OSError and leaves what was there."""
    fresh = path.with_name(f"{path.name}{NEW}")
    try:
        disk.write(fresh, data, mode)
        disk.flush(fresh)
        disk.rename(fresh, path)
    except OSError:
        with suppress(OSError):
            disk.remove(fresh)
        raise
    disk.flush_folder(path.parent)


def _flush(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
