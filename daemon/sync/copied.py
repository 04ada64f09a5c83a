"""The files of a second copy: what is in them, and a box made again from a folder of them.

    eEPOCH-FIRST-LAST-HASH.mbcopy   a sealed file (vault.py): 4-byte length, members' keys as
                                    canonical JSON, then a batch (batch.py)
    box.mbkeys                      a sealed file: the keys of the box

A name says which entries are in the file and how the last one's hash begins. Files of another
chain, or of another branch, are never mistaken for ours: each has to follow the one before.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from daemon import vault
from daemon.errors import SealError
from daemon.ledger.archive import ChainHead, Contents, Keys, Manifest
from daemon.ledger.codec import canonical
from daemon.ledger.records import Record
from daemon.ledger.views import Stored
from daemon.sync.batch import BatchError, check_links, parse_batch

SUFFIX = ".mbcopy"
KEYS_FILE = "box.mbkeys"
WHAT_PIECE = "copy"
WHAT_KEYS = "keys"
_LENGTH_BYTES = 4

_NAME = re.compile(r"e(\d{1,7})-(\d{1,10})-(\d{1,10})-([0-9a-f]{16})\.mbcopy")


class CopiedKey(Record, frozen=True):
    """A member's key: card, key and digest of the phone ("" without one), base64."""

    card: str
    key: str
    phone: str


_KEYS = msgspec.json.Decoder(tuple[CopiedKey, ...])
_BOX_KEYS = msgspec.json.Decoder(Keys)


class Piece(msgspec.Struct, frozen=True):
    """One file: entries first..last of an epoch, and how the last one's hash begins."""

    path: Path
    epoch: int
    first: int
    last: int
    shown: str


class TakingCopy(Protocol):
    """Who gets what a copy holds (ledger/restore.py)."""

    def entries(self, epoch: int, run: Sequence[Stored]) -> None: ...

    def keys(self, keys: Keys) -> None: ...

    def member_key(self, card: str, *, key: bytes, phone_digest: bytes | None) -> None: ...


def pieces(folder: Path) -> list[Piece]:
    """Return the files of a copy by their names."""
    found = []
    for path in folder.iterdir():
        match = _NAME.fullmatch(path.name)
        if match is not None:
            epoch, first, last = int(match[1]), int(match[2]), int(match[3])
            found.append(Piece(path, epoch, first, last, match[4]))
    return found


def packed(batch: bytes, keys: tuple[CopiedKey, ...]) -> bytes:
    text = canonical(keys)
    return len(text).to_bytes(_LENGTH_BYTES, "big") + text + batch


def parted(plain: bytes) -> tuple[bytes, tuple[CopiedKey, ...]]:
    """Return batch and keys. Raises SealError: it is no piece."""
    end = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES], "big")
    try:
        return plain[end:], _KEYS.decode(plain[_LENGTH_BYTES:end])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SealError(f"no piece of a copy: {error}") from error


def copied_key(card: str, key: bytes, phone: bytes | None) -> CopiedKey:
    shown = "" if phone is None else b64encode(phone).decode()
    return CopiedKey(card, b64encode(key).decode(), shown)


def read_plain(path: Path, recovery: bytes) -> bytes:
    """Return what is in a sealed file. Raises OSError, SealError."""
    with path.open("rb") as file:
        return b"".join(vault.unlock(file, recovery))


def read_keys(folder: Path, recovery: bytes) -> Keys | None:
    """Return the keys of the box; None: they are not there, or not to be read."""
    try:
        return _BOX_KEYS.decode(read_plain(folder / KEYS_FILE, recovery))
    except (OSError, SealError, msgspec.DecodeError):
        return None


def take_back(folder: Path, recovery: bytes, box: str, taking: TakingCopy) -> Contents:
    """Hand over every entry of a copy that follows the one before; return how far it went.

    Raises SealError: there is nothing that this code opens.
    """
    keys = read_keys(folder, recovery)
    if keys is not None:
        taking.keys(keys)
    found = pieces(folder)
    heads, count = [], 0
    for epoch in sorted({one.epoch for one in found}):
        head = _take_chain([one for one in found if one.epoch == epoch], recovery, box, taking)
        if head is not None:
            heads.append(head)
            count += head.seq
    if not heads:
        raise SealError("the recovery code opens no piece of this copy, or it has no beginning")
    return Contents(Manifest(box, "", "", tuple(heads)), count)


def _take_chain(
    found: list[Piece], recovery: bytes, box: str, taking: TakingCopy
) -> ChainHead | None:
    done, before = 0, ""
    while True:
        for piece in sorted(found, key=lambda one: -one.last):
            run = _following(piece, recovery, box, done=done, before=before)
            if run:
                taking.entries(piece.epoch, run)
                for card, key, phone in _member_keys(piece, recovery):
                    taking.member_key(card, key=key, phone_digest=phone)
                done, before = run[-1].seq, run[-1].hash
                break
        else:
            return ChainHead(found[0].epoch, done, before) if done else None


def _following(piece: Piece, recovery: bytes, box: str, *, done: int, before: str) -> list[Stored]:
    """Return the entries of a piece that follow what was taken; none where it does not."""
    if not piece.first <= done + 1 <= piece.last:
        return []
    try:
        batch = parse_batch(parted(read_plain(piece.path, recovery))[0])
        hashes = check_links(batch)
    except (OSError, SealError, BatchError):
        return []
    head = batch.header
    if (head.box, head.epoch, head.first) != (box, piece.epoch, piece.first):
        return []
    at = done + 1 - head.first
    link = head.hash_before if at == 0 else hashes[at - 1]
    if done and link != before:
        return []
    return [
        Stored(head.first + n, hashes[n], batch.entries[n]) for n in range(at, len(batch.entries))
    ]


def _member_keys(piece: Piece, recovery: bytes) -> Iterator[tuple[str, bytes, bytes | None]]:
    for one in parted(read_plain(piece.path, recovery))[1]:
        yield one.card, b64decode(one.key), b64decode(one.phone) if one.phone else None
