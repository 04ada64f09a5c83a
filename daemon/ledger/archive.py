"""What a backup is made of, as a stream: the chains' entries, local.db, the keys. Pure.

    a block: 1 letter, 8-byte length (big-endian), its bytes; all of them in one zstd stream
    M  made when, by which software, and the head of every chain
    E  a run of entries: epoch and first number, then the entries' own bytes, a line each
    L  local.db as it was just after those entries
    K  the keys of the box
    Z  how many entries there were; nothing follows

The journal only grows, so its entries up to a head are what it was at that moment. local.db is
read after it: a member's key is kept before the entry that needs it, so no key is missing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import msgspec
import zstandard

from daemon.ledger.chain import ChainCheck
from daemon.ledger.codec import CodecError, canonical, envelope, hash_of
from daemon.ledger.records import ZERO_HASH, Chain, Head
from daemon.ledger.views import Stored

ZSTD_LEVEL = 3
BLOCK_BYTES_MAX = 1 << 32  # local.db with ten million members is a tenth of it
RUN_ENTRIES = 500  # of one block: what is held in memory at once
_LENGTH_BYTES = 8

_Told = TypeVar("_Told")


class ArchiveError(ValueError):
    """The stream is no backup, or a broken one; the text says where."""


class ChainHead(msgspec.Struct, frozen=True):
    epoch: int
    seq: int
    hash: str


class Manifest(msgspec.Struct, frozen=True):
    box: str
    made: str  # RFC 3339
    software: str
    chains: tuple[ChainHead, ...]  # the oldest first, each with its last entry


class Keys(msgspec.Struct, frozen=True):
    """keys/ of the state directory, in hex."""

    device: str
    phone: str
    recovery: str


class Run(msgspec.Struct, frozen=True):
    """What stands before a block's entries."""

    epoch: int
    first: int


class Taking(Protocol):
    """Who gets what a backup holds, in its order."""

    def entries(self, epoch: int, run: Sequence[Stored]) -> None: ...

    def local(self, data: bytes) -> None: ...

    def keys(self, keys: Keys) -> None: ...


class Contents(msgspec.Struct, frozen=True):
    """What a backup was proved to hold."""

    manifest: Manifest
    entries: int

    @property
    def last(self) -> ChainHead:
        return self.manifest.chains[-1]


def packed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the stream of a backup in one zstd frame."""
    deflate = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compressobj()
    for block in blocks:
        if piece := deflate.compress(block):
            yield piece
    yield deflate.flush()


def block(letter: str, data: bytes) -> bytes:
    return letter.encode() + len(data).to_bytes(_LENGTH_BYTES, "big") + data


def run_block(epoch: int, run: Sequence[Stored]) -> bytes:
    lines = [canonical(Run(epoch, run[0].seq)), *(one.data for one in run)]
    return block("E", b"\n".join(lines))


def unpack(stream: Iterable[bytes], taking: Taking) -> Contents:
    """Hand over what the stream holds and return what it was. Raises ArchiveError.

    Every link of every chain is followed, and every head has to be the one that was promised.
    """
    blocks = _blocks(stream)
    manifest = _manifest(blocks)
    walk = _Walk(manifest)
    held: list[str] = []
    for letter, data in blocks:
        match letter:
            case "E":
                taking.entries(*walk.run(data))
            case "L":
                taking.local(data)
            case "K":
                taking.keys(_typed(data, Keys))
            case "Z":
                held.append(letter)
                if _typed(data, int) != walk.count:
                    raise ArchiveError(f"{walk.count} entries, the end says another number")
            case _:
                raise ArchiveError(f"a part {letter!r} that this software does not know")
    if not held:
        raise ArchiveError("its end is missing")
    walk.end()
    return Contents(manifest, walk.count)


@dataclass(slots=True)
class _Walk:
    """Follows the chains entry by entry."""

    manifest: Manifest
    count: int = 0
    heads: dict[int, Head] = field(default_factory=dict)
    checks: dict[int, ChainCheck] = field(default_factory=dict)

    def run(self, data: bytes) -> tuple[int, list[Stored]]:
        head, *lines = data.split(b"\n")
        start = _typed(head, Run)
        run = [Stored(seq, hash_of(line), line) for seq, line in enumerate(lines, start.first)]
        for stored in run:
            self._follow(start.epoch, stored)
        self.count += len(run)
        return start.epoch, run

    def end(self) -> None:
        for epoch, check in self.checks.items():
            for broken in check.end():
                raise ArchiveError(f"entry {epoch}:{broken.seq} {broken.what}")
        for wanted in self.manifest.chains:
            if self.heads.get(wanted.epoch) != Head(wanted.seq, wanted.hash):
                raise ArchiveError(f"epoch {wanted.epoch} does not end with entry {wanted.seq}")

    def _follow(self, epoch: int, stored: Stored) -> None:
        try:
            seen = envelope(stored.data)
        except CodecError as error:
            raise ArchiveError(f"entry {epoch}:{stored.seq}: {error}") from error
        check = self.checks.get(epoch)
        if check is None:
            before = Head(0, seen.prev or ZERO_HASH)
            check = self.checks[epoch] = ChainCheck(Chain(self.manifest.box, epoch), before)
        for broken in check.feed(stored, seen):
            raise ArchiveError(f"entry {epoch}:{broken.seq} {broken.what}")
        self.heads[epoch] = Head(stored.seq, stored.hash)


def _manifest(blocks: Iterator[tuple[str, bytes]]) -> Manifest:
    letter, data = next(blocks, ("", b""))
    if letter != "M":
        raise ArchiveError("it does not begin as a backup does")
    manifest = _typed(data, Manifest)
    if not manifest.chains:
        raise ArchiveError("it holds no chain")
    return manifest


def _blocks(stream: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    inflate = zstandard.ZstdDecompressor().decompressobj()
    waiting = bytearray()
    head = 1 + _LENGTH_BYTES
    for piece in stream:
        try:
            waiting += inflate.decompress(piece) if piece else b""
        except zstandard.ZstdError as error:
            raise ArchiveError(f"it cannot be unpacked: {error}") from error
        while len(waiting) >= head:
            length = int.from_bytes(waiting[1:head], "big")
            if length > BLOCK_BYTES_MAX:
                raise ArchiveError("a part of an impossible length")
            if len(waiting) < head + length:
                break
            yield waiting[:1].decode("ascii", "replace"), bytes(waiting[head : head + length])
            del waiting[: head + length]
    if waiting:
        raise ArchiveError("its last part is cut off")


def _typed(data: bytes, kind: type[_Told]) -> _Told:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ArchiveError(f"a part cannot be read: {error}") from error
