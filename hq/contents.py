"""Contents at headquarters: files by hash beside the database, handed out in parts.

DIR/content/HASH    the bytes; the hash is their name (SHA-256, hex)
"""

import hashlib
import os
from pathlib import Path

from daemon.errors import StoreError
from daemon.ledger.messages_shop import Content
from daemon.sync.content import CONTENT_BYTES_MAX, PART_BYTES, is_name, pack_part
from daemon.sync.wire import Want, down
from hq.intake import Outgoing
from hq.store import CONTENT_FOLDER, Office

CHUNK_BYTES = 1 << 20


def put_file(office: Office, path: Path) -> Content:
    """Keep a file's bytes, once; return how messages name them. Raises StoreError."""
    try:
        size = path.stat().st_size
        if not 0 < size <= CONTENT_BYTES_MAX:
            raise _cannot(path, f"{size} bytes; a content has 1 to {CONTENT_BYTES_MAX}")
        folder = office.folder / CONTENT_FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        digest, fresh = hashlib.sha256(), folder / f".{office.entropy.draw(8).hex()}"
        with path.open("rb") as source, fresh.open("wb") as kept:
            while chunk := source.read(CHUNK_BYTES):
                digest.update(chunk)
                kept.write(chunk)
            kept.flush()
            os.fsync(kept.fileno())
        fresh.rename(folder / digest.hexdigest())
    except OSError as error:
        raise _cannot(path, str(error)) from error
    return Content(digest.hexdigest(), size, path.name)


def put_bytes(office: Office, data: bytes) -> Content:
    """Keep bytes, once; return how messages name them. Raises StoreError."""
    folder, name = office.folder / CONTENT_FOLDER, hashlib.sha256(data).hexdigest()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        fresh = folder / f".{office.entropy.draw(8).hex()}"
        with fresh.open("wb") as kept:
            kept.write(data)
            kept.flush()
            os.fsync(kept.fileno())
        fresh.rename(folder / name)
    except OSError as error:
        raise _cannot(folder, str(error)) from error
    return Content(name, len(data))


def path_of(office: Office, name: str) -> Path | None:
    """Return where a content lies; None: there is none of this name."""
    path = office.folder / CONTENT_FOLDER / name
    return path if is_name(name) and path.is_file() else None


def part(office: Office, want: Want) -> Outgoing | None:
    """Return the part that a box wants; None: it wants what is not here."""
    path = path_of(office, want.hash)
    if path is None:
        return None
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if want.offset >= size:
            return None
        file.seek(want.offset)
        data = file.read(PART_BYTES)
    payload = pack_part(want.hash, size, want.offset, data, office.sign)
    return Outgoing(down(want.box, "content"), payload)


def _cannot(path: Path, found: str) -> StoreError:
    return StoreError(
        str(path),
        doing="keeping a content",
        found=found,
        fix="Look at the file, and at the room on headquarters' disk.",
        retry=False,
    )
