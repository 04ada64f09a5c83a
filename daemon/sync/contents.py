"""Contents on the box's disk, by hash; those that are still coming end in `.part`. Blocking.

    STATE/content/HASH         whole, hashed, on the disk
    STATE/content/HASH.part    its first bytes; after a cut it goes on where it stands

Parts may come in any thread, one at a time; whole contents may be read by any.
"""

import contextlib
import hashlib
import os
import shutil
import threading
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.sync.content import Part, is_name

FREE_BYTES_MIN = 256 * 1024 * 1024  # left for the journal: a month of sales is a tenth of it
CHUNK_BYTES = 1 << 20


class Come(msgspec.Struct, frozen=True):
    """How much of a content is here. `whole`: all of it, and it is what its name says."""

    hash: str
    have: int
    whole: bool
    why: str = ""  # it does not go on


class Contents:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._adding = threading.Lock()  # a line and a stick may bring the same part at once

    def path(self, name: str) -> Path | None:
        """Return where a whole content lies; None: it is not here."""
        path = self._folder / name
        return path if is_name(name) and path.is_file() else None

    def have(self, name: str) -> int:
        """Return how many bytes of a content that is coming are here."""
        try:
            return self._coming(name).stat().st_size
        except OSError:
            return 0

    def add(self, part: Part) -> Come:
        """Take the next part; one that is not the next changes nothing. Raises StoreError."""
        with self._adding:
            return self._add(part)

    def _add(self, part: Part) -> Come:
        if self.path(part.hash) is not None:
            return Come(part.hash, part.size, whole=True)
        have = self.have(part.hash)
        if part.offset != have:
            return Come(part.hash, have, whole=False)
        try:
            return self._append(part, have)
        except OSError as error:
            raise StoreError(
                str(self._folder),
                doing="keeping a content",
                found=str(error),
                fix="Look at the disk: is it full, may the box write there?",
                retry=True,
            ) from error

    def take_file(self, source: Path, name: str) -> bool:
        """Take a whole content from a file, as a stick brings it; whether it is what it says.

        Raises OSError.
        """
        if self.path(name) is not None:
            return True
        if not is_name(name) or _digest(source) != name:
            return False
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        coming = self._coming(name)
        shutil.copyfile(source, coming)
        return self._whole(name)

    def keep_only(self, names: frozenset[str]) -> None:
        """Forget every content that nobody names any more."""
        with contextlib.suppress(OSError):
            for path in list(self._folder.iterdir()):
                if path.name.removesuffix(".part") not in names:
                    path.unlink(missing_ok=True)

    def _append(self, part: Part, have: int) -> Come:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        left = shutil.disk_usage(self._folder).free - (part.size - have)
        if left < FREE_BYTES_MIN:
            why = f"{part.size - have} more bytes would leave too little room for the journal"
            return Come(part.hash, have, whole=False, why=why)
        with self._coming(part.hash).open("ab") as file:
            file.write(part.data)
        have += len(part.data)
        if have < part.size:
            return Come(part.hash, have, whole=False)
        if self._whole(part.hash):
            return Come(part.hash, part.size, whole=True)
        return Come(part.hash, 0, whole=False)

    def _whole(self, name: str) -> bool:
        """Let a content be read if it is what its name says; else it begins anew."""
        coming = self._coming(name)
        if _digest(coming) != name:  # a power cut may leave zeros in the middle
            coming.unlink(missing_ok=True)
            return False
        with coming.open("rb") as file:
            os.fsync(file.fileno())
        coming.rename(self._folder / name)
        return True

    def _coming(self, name: str) -> Path:
        return self._folder / f"{name}.part"


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
