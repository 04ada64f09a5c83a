"""Whether a stick may be trusted with a month of a shop's books: room, writable, keeps what it got.

A fake or dying stick takes everything and gives something else back: so a piece is written and read
again from the medium before the stick is called good. What is on the stick is not looked at.
"""

import contextlib
import os
from pathlib import Path
from typing import Protocol

FREE_BYTES_MIN = 16 * 1024 * 1024  # a month of a busy shop is 3 MiB; several shops share one stick
PROBE_BYTES = 256 * 1024
PROBE_NAME = ".memberbox-probe"

FULL = "full. Delete files from it on a computer, or use another stick."
READ_ONLY = (
    "write-protected, or damaged and mounted read-only. Slide its switch, or have it repaired on a "
    "computer (chkdsk, fsck)."
)
FAKE = "does not keep what is written to it: a fake or broken stick. Throw it away."


class Files(Protocol):
    """The few calls that a medium can fail in; each raises OSError."""

    def free_bytes(self, folder: Path) -> int: ...

    def is_read_only(self, folder: Path) -> bool: ...

    def write(self, path: Path, data: bytes) -> int:
        """Write and flush to the medium; return how many bytes it took."""

    def read(self, path: Path) -> bytes:
        """Read from the medium, not from memory."""

    def remove(self, path: Path) -> None: ...


class RealFiles:
    """The file system."""

    def free_bytes(self, folder: Path) -> int:
        told = os.statvfs(folder)
        return told.f_bavail * told.f_frsize

    def is_read_only(self, folder: Path) -> bool:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)

    def write(self, path: Path, data: bytes) -> int:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            written = os.write(fd, data)
            os.fsync(fd)
        finally:
            os.close(fd)
        return written

    def read(self, path: Path) -> bytes:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            return os.read(fd, PROBE_BYTES + 1)
        finally:
            os.close(fd)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)


def trouble(folder: Path, files: Files, pattern: bytes) -> str:
    """Return what is wrong with the stick at folder, and what to do; nothing for a good one.

    Writes a piece of `pattern` repeated, and removes it. Blocks. Raises OSError when it is pulled.
    """
    if files.is_read_only(folder):
        return READ_ONLY
    if files.free_bytes(folder) < FREE_BYTES_MIN:
        return FULL
    probe = folder / PROBE_NAME
    data = (pattern * (PROBE_BYTES // len(pattern) + 1))[:PROBE_BYTES]
    try:
        kept = files.write(probe, data) == len(data) and files.read(probe) == data
    finally:
        with contextlib.suppress(OSError):
            files.remove(probe)
    return "" if kept else FAKE
