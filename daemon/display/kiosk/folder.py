"""The playlist's folder on disk: what lies there, and the bytes of it. Blocking: not for the loop.

Nothing is ever opened by a name that a page has sent: a page asks for the hash of the bytes, and
only what the last look has hashed can be had.
"""

import hashlib
import os
import stat
from contextlib import suppress
from io import FileIO
from pathlib import Path

import msgspec

from daemon.display import playlist
from daemon.display.playlist import Content

FILES_MAX = 500  # looked at; more is not a playlist's folder
FILE_BYTES_MAX = 2 * 2**30  # a film of hours; more is a disk image
TEXT_BYTES_MAX = 256 * 1024
CHUNK_BYTES = 1 << 20  # of hashing: read at once
HASH_BYTES = 16
PUT = ".headquarters.json"  # the names of what headquarters has put into a folder
IGNORED = frozenset({"thumbs.db", "desktop.ini", playlist.FILE})
IGNORED_SUFFIXES = (".txt", ".md", ".tmp", ".part")

_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not hang us

Signature = tuple[int, int, int]  # inode, size, time of change


class Stored(msgspec.Struct, frozen=True):
    content: Content
    path: Path
    signature: Signature


class Look(msgspec.Struct, frozen=True):
    """A look at the folder. `trouble`: what a person should do something about."""

    files: tuple[Stored, ...] = ()
    text: bytes | None = None
    trouble: tuple[str, ...] = ()


class Folder:
    """Looks again and again, and hashes only what has changed and is no longer being written."""

    def __init__(self, path: Path, told: Path | None = None) -> None:
        """`told`: a folder that goes before, while headquarters has something in it."""
        self._own, self._told = path, told
        self._path = path
        self._known: dict[str, Stored] = {}
        self._before: dict[str, Signature] | None = None  # at the look before
        self._stopped = False

    def stop(self) -> None:
        """End a look that is hashing a film. Called from another thread."""
        self._stopped = True

    def look(self) -> Look:
        """Return what can be played. What changed since the look before is still being copied."""
        self._path = self._told if self._told and (self._told / PUT).exists() else self._own
        try:
            found = self._listed()
        except FileNotFoundError:
            return Look(trouble=(f"{self._path} is not there: make it and put pictures in",))
        except OSError as error:
            return Look(trouble=(f"{self._path} cannot be read: {error.strerror}",))
        first = self._before is None
        settled = {
            name: signature
            for name, signature in found.items()
            if first or (self._before or {}).get(name) == signature
        }
        self._before = found
        trouble: list[str] = []
        known: dict[str, Stored] = {}
        for name, signature in settled.items():
            stored = self._stored(name, signature, trouble)
            if stored is not None:
                known[name] = stored
        self._known = known
        return Look(tuple(known.values()), self._text(trouble), tuple(trouble))

    def _listed(self) -> dict[str, Signature]:
        with os.scandir(self._path) as entries:
            files = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        found: dict[str, Signature] = {}
        for name in [name for name in files if not _ignored(name)][:FILES_MAX]:
            with suppress(FileNotFoundError):  # gone since
                found[name] = _signature((self._path / name).lstat())
        return found

    def _stored(self, name: str, signature: Signature, trouble: list[str]) -> Stored | None:
        known = self._known.get(name)
        if known is not None and known.signature == signature:
            return known
        path, size = self._path / name, signature[1]
        if size > FILE_BYTES_MAX:
            trouble.append(f"{name}: is larger than {FILE_BYTES_MAX >> 30} GiB; make it smaller")
            return None
        try:
            with opened(path, signature) as file:
                head = os.pread(file.fileno(), playlist.HEAD_BYTES, 0)
                digest = self._digest(file)
        except OSError as error:
            trouble.append(f"{name}: cannot be read: {error.strerror or error}")
            return None
        return None if self._stopped else Stored(Content(name, digest, size, head), path, signature)

    def _digest(self, file: FileIO) -> str:
        digest = hashlib.blake2b(digest_size=HASH_BYTES)
        while not self._stopped and (chunk := file.read(CHUNK_BYTES)):
            digest.update(chunk)
        return digest.hexdigest()

    def _text(self, trouble: list[str]) -> bytes | None:
        try:
            with (self._path / playlist.FILE).open("rb") as file:
                text = file.read(TEXT_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            trouble.append(f"{playlist.FILE}: cannot be read: {error.strerror}")
            return None
        if len(text) > TEXT_BYTES_MAX:
            trouble.append(f"{playlist.FILE}: is larger than {TEXT_BYTES_MAX >> 10} KiB")
            return None
        return text


def _ignored(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(".") or lower in IGNORED or lower.endswith(IGNORED_SUFFIXES)


def opened(path: Path, signature: Signature) -> FileIO:
    """Open a file as it was looked at. Raises OSError; also when it is another one by now."""
    file = FileIO(os.open(path, _READING), "rb")
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode) or _signature(found) != signature:
        file.close()
        raise FileNotFoundError(f"{path.name} has changed")
    return file


def _signature(found: os.stat_result) -> Signature:
    return found.st_ino, found.st_size, found.st_mtime_ns
