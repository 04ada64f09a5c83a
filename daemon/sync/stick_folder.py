"""The files of one marker folder: put there whole or not at all, and read back from the medium.

A file is written under another name, flushed, read again past the cache, and only then renamed.
Whatever ends us in between leaves the older file; what is left over is removed at the next visit.
"""

import contextlib
import errno
import hashlib
import mmap
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from daemon.errors import LinkError
from daemon.sync.stick import MARKER, marker, parse_name
from daemon.vault import Readable

NEW = ".new"  # behind the name of a file that is not whole yet
BACK_BYTES = 1024 * 1024  # read back at once; O_DIRECT wants whole blocks
_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # no way into this machine; a pipe hangs not
FREE_RESERVE_BYTES = 256 * 1024  # FAT's own tables grow with the files

FAKE = "it does not keep what is written to it: a fake or broken stick. Throw it away"
FULL = "it is full. Delete other files from it, or use a larger one"
READ_ONLY = "it is read-only. Slide its switch, or have it repaired on a computer (fsck, chkdsk)"


class Shelf(Protocol):
    """Where the files of a stick stand. Raises LinkError for what the medium does to us."""

    def names(self) -> list[str]: ...

    def open(self, name: str) -> "contextlib.AbstractContextManager[Readable]": ...

    def size(self, name: str) -> int: ...

    def room(self) -> int:
        """Return how many bytes may be written."""

    def put(self, name: str, chunks: Iterable[bytes]) -> int:
        """Write a file, or leave the one that is there as it is; return its length."""

    def remove(self, name: str) -> None: ...


class Calls:
    """The few calls that a medium can fail in; tests let each fail once."""

    def create(self, path: Path) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _PLAIN
        return _only_a_file(os.open(path, flags, 0o644))

    def write(self, fd: int, data: bytes) -> int:
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        os.fsync(fd)

    def rename(self, old: Path, new: Path) -> None:
        old.rename(new)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def read_back(self, path: Path) -> bytes:
        """Return SHA-256 of what the medium has, not of what memory has."""
        try:
            return _hash_of(path, os.O_DIRECT)
        except OSError as error:
            if error.errno != errno.EINVAL:  # a file system that knows no direct reading
                raise
        return _hash_of(path, 0)


class StickFolder:
    """A Shelf in a folder."""

    def __init__(self, path: Path, calls: Calls | None = None) -> None:
        self.path = path
        self._calls = calls or Calls()

    def names(self) -> list[str]:
        with self._telling("looking at it"):
            return sorted(os.listdir(self.path)) if self.path.is_dir() else []

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[Readable]:
        with self._telling(f"reading {name}"):
            fd = _only_a_file(os.open(self.path / name, os.O_RDONLY | _PLAIN))
            with open(fd, "rb") as file:
                yield file

    def size(self, name: str) -> int:
        with self._telling(f"looking at {name}"):
            return (self.path / name).lstat().st_size

    def room(self) -> int:
        with self._telling("looking for room"):
            told = os.statvfs(self.path)
            if told.f_flag & os.ST_RDONLY:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            return max(0, told.f_bavail * told.f_frsize - FREE_RESERVE_BYTES)

    def make(self) -> None:
        """Make the folder: from now on its stick is one of the chain's."""
        with self._telling("making it"):
            self.path.mkdir(exist_ok=True)
            if not _is_folder(self.path):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))

    def put(self, name: str, chunks: Iterable[bytes]) -> int:
        draft = self.path / (name + NEW)
        with self._telling(f"writing {name}"):
            try:
                length, written = self._write(draft, chunks)
                if self._calls.read_back(draft) != written:
                    raise _trouble(self.path, f"writing {name}", FAKE, retry=False)
                self._calls.rename(draft, self.path / name)
            except BaseException:
                with contextlib.suppress(OSError):
                    self._calls.remove(draft)
                raise
            self._sync_folder()
        return length

    def remove(self, name: str) -> None:
        with self._telling(f"removing {name}"):
            self._calls.remove(self.path / name)

    def _write(self, path: Path, chunks: Iterable[bytes]) -> tuple[int, bytes]:
        """Write it to the medium; return length and SHA-256."""
        hashed, length = hashlib.sha256(), 0
        fd = self._calls.create(path)
        try:
            for chunk in chunks:
                hashed.update(chunk)
                rest = memoryview(chunk)
                while rest:
                    taken = self._calls.write(fd, bytes(rest))
                    if taken <= 0:
                        raise OSError(errno.EIO, "it takes no more")
                    rest = rest[taken:]
                length += len(chunk)
            self._calls.sync(fd)
        finally:
            os.close(fd)
        return length, hashed.digest()

    def _sync_folder(self) -> None:
        fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._calls.sync(fd)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some file systems of sticks cannot
                raise
        finally:
            os.close(fd)

    @contextlib.contextmanager
    def _telling(self, doing: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _trouble(self.path, doing, _said(error), retry=True) from error


def found_on(root: Path, hq_key: bytes) -> StickFolder | None:
    """Return the folder of our chain of shops on a stick, or a folder of its files that somebody
    has carried here by any means; None: there is none. Raises LinkError."""
    wanted = marker(hq_key)
    try:
        if root.name == wanted or any(parse_name(name) for name in os.listdir(root)):
            return StickFolder(root)
        return StickFolder(root / wanted) if _is_folder(root / wanted) else None
    except OSError as error:
        raise _trouble(root, "looking at it", _said(error), retry=True) from error


def made_on(root: Path, hq_key: bytes) -> StickFolder:
    """Return the folder of our chain of shops, made where there was none. Raises LinkError."""
    folder = found_on(root, hq_key)
    if folder is None:
        folder = StickFolder(root / marker(hq_key))
        folder.make()
    return folder


def is_foreign(root: Path) -> bool:
    """Whether a stick belongs to another chain of shops."""
    with contextlib.suppress(OSError):
        return any(name.startswith(MARKER) for name in os.listdir(root))
    return False


def _trouble(path: Path, doing: str, found: str, *, retry: bool) -> LinkError:
    what, _, fix = found.partition(". ")
    return LinkError(str(path), doing=doing, found=what, fix=fix, retry=retry)


def _is_folder(path: Path) -> bool:
    """Whether it is a folder of this medium: a link may lead into this machine."""
    return path.is_dir() and not path.is_symlink()


def _only_a_file(fd: int) -> int:
    """Return it if a plain file is open there. Raises OSError: a pipe, a device, a folder."""
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return fd


def _hash_of(path: Path, flags: int) -> bytes:
    hashed, offset = hashlib.sha256(), 0
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        with mmap.mmap(-1, BACK_BYTES) as page:
            while (count := os.preadv(fd, [page], offset)) > 0:
                hashed.update(page[:count])
                offset += count
                if count < BACK_BYTES:
                    break  # the end; a direct read from within a block is refused
    finally:
        os.close(fd)
    return hashed.digest()


def _said(error: OSError) -> str:
    """Return what a person is told: what is wrong, a full stop, what to do."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return FULL
        case errno.EROFS:
            return READ_ONLY
        case errno.ELOOP:
            return "it is no file, but a link, a pipe or a folder. Delete it from the stick"
        case errno.EFBIG:
            return "it takes no file of this size. Format it anew, as FAT32 or exFAT"
        case errno.ENOENT | errno.ENODEV | errno.ENXIO | errno.ENOTDIR | errno.ESHUTDOWN:
            return "it was pulled out. Plug it in again: what is missing goes on it then"
        case errno.EACCES | errno.EPERM:
            return "this program may not write there. Look at the rights of the folder"
        case _:
            words = error.strerror or type(error).__name__
            return f"{words}. Plug it in again; if that stays, use another stick"
