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
from daemon.ledger.codec import CodecError, Envelope, canonical, envelope, hash_of
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


class Broken(msgspec.Struct, frozen=True):
    """The first entry of a chain that does not hold, and why; nothing behind it is proved."""

    epoch: int
    seq: int
    what: str

    def __str__(self) -> str:
        return f"entry {self.epoch}:{self.seq} {self.what}"


class Contents(msgspec.Struct, frozen=True):
    """What a backup was found to hold; with nothing broken, all of it was proved."""

    manifest: Manifest
    entries: int
    broken: tuple[Broken, ...] = ()

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

    Every link of every chain is followed, and every head has to be the one that was promised. What
    lies behind a broken link may be handed over or not: whoever takes it looks at `broken`.
    """
    blocks = _blocks(stream)
    manifest = _manifest(blocks)
    walk = _Walk(manifest)
    told: int | None = None
    for letter, data in blocks:
        match letter:
            case "E":
                taking.entries(*walk.run(data))
            case "L":
                taking.local(data)
            case "K":
                taking.keys(_typed(data, Keys))
            case "Z":
                told = _typed(data, int)
            case _:
                raise ArchiveError(f"a part {letter!r} that this software does not know")
    if told is None:
        raise ArchiveError("its end is missing")
    broken = tuple(walk.end())
    if not broken and told != walk.count:
        raise ArchiveError(f"{walk.count} entries, the end says another number")
    return Contents(manifest, walk.count, broken)


def whole(contents: Contents) -> Contents:
    """Return contents in which every chain holds. Raises ArchiveError naming the first break."""
    for one in contents.broken:
        raise ArchiveError(str(one))
    return contents


@dataclass(slots=True)
class _Walk:
    """Follows the chains entry by entry."""

    manifest: Manifest
    count: int = 0
    heads: dict[int, Head] = field(default_factory=dict)
    checks: dict[int, ChainCheck] = field(default_factory=dict)
    broken: dict[int, Broken] = field(default_factory=dict)

    def run(self, data: bytes) -> tuple[int, list[Stored]]:
        head, *lines = data.split(b"\n")
        start = _typed(head, Run)
        run = [Stored(seq, hash_of(line), line) for seq, line in enumerate(lines, start.first)]
        kept = []
        for stored in run:
            self._follow(start.epoch, stored)
            if start.epoch not in self.broken:
                kept.append(stored)
        self.count += len(run)
        return start.epoch, kept

    def end(self) -> Iterator[Broken]:
        """Yield for each chain where it is broken, also when it ends too early."""
        for epoch, check in self.checks.items():
            for one in check.end():
                self._break(Broken(epoch, one.seq, one.what))
        for wanted in self.manifest.chains:
            head = self.heads.get(wanted.epoch, Head(0, ZERO_HASH))
            if head != Head(wanted.seq, wanted.hash):
                what = f"is missing: epoch {wanted.epoch} does not end with entry {wanted.seq}"
                self._break(Broken(wanted.epoch, head.seq + 1, what))
        yield from (self.broken[epoch] for epoch in sorted(self.broken))

    def _follow(self, epoch: int, stored: Stored) -> None:
        """Look at an entry. Broken chains are looked at further: the next entry may tell that not
        this one but the one before it was changed."""
        try:
            seen: Envelope | None = envelope(stored.data)
        except CodecError:
            seen = None
        check = self.checks.get(epoch)
        if check is None:
            before = Head(0, ZERO_HASH if seen is None else seen.prev or ZERO_HASH)
            check = self.checks[epoch] = ChainCheck(Chain(self.manifest.box, epoch), before)
        for one in check.feed(stored, seen):
            self._break(Broken(epoch, one.seq, one.what))
        self.heads[epoch] = Head(stored.seq, stored.hash)

    def _break(self, found: Broken) -> None:
        """Keep the first break of a chain."""
        known = self.broken.get(found.epoch)
        if known is None or found.seq < known.seq:
            self.broken[found.epoch] = found


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
