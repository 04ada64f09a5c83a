"""A batch: a range of the journal as it travels up, over MQTT or on a stick.

    +--------+------------------------+------------------------------------+
    | 4 byte | header: canonical JSON | one zstd frame: the entries' own    |
    | length | (see Header)           | bytes, joined by a line feed        |
    +--------+------------------------+------------------------------------+

The length is that of the header, big-endian. Canonical JSON holds no line feed, so the entries
part again exactly. The signature is the box's over the head statement (ledger/signed.py): it covers
the hash of the last entry and with it, by the hash links, every byte of every entry.

Keys of members enrolled here ride beside the entries, sealed to headquarters; they are not covered
by the signature: a key is proved by the profile it opens. Pure: no I/O, no clock, no random number.
"""

import binascii
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from enum import StrEnum

import msgspec
import zstandard

from daemon import seal
from daemon.errors import SealError
from daemon.ledger.codec import canonical, envelope, hash_of
from daemon.ledger.records import Chain, Record
from daemon.ledger.signed import DOMAIN_HEAD, head_statement

VERSION = 1
LENGTH_BYTES = 4
BATCH_BYTES_MAX = 64 * 1024  # spec/sync.md: small enough for any broker and a poor line
LONE_BYTES_MAX = 768 * 1024  # one entry that alone is larger travels alone; NATS takes 1 MiB
ENTRIES_MAX = 500  # of one batch
RAW_BYTES_MAX = 4 * 1024 * 1024  # decompressed: a zip bomb is refused before it is opened
ZSTD_LEVEL = 1  # of 250 entries no higher one makes less; it takes half the time and memory of 3
LARGE_BYTES = 64 * 1024  # smaller ones need a quarter of the memory
WARM_BYTES = 384 * 1024  # about a batch unpacked, and more than one block of zstd
EPOCH_MAX = 1_000_000  # of any box; a bound for what strangers send
SEQ_MAX = 2**53 - 1


class BatchFault(StrEnum):
    """Why bytes are no batch, or not this box's."""

    SHORT = "short"  # ends before the header does
    SIZE = "size"  # larger than a batch may be
    HEADER = "header"  # the header is not what we write
    FRAME = "frame"  # the zstd frame does not open, or not to what the header says
    RANGE = "range"  # the numbers do not fit the entries
    SIGNATURE = "signature"
    LINK = "link"  # an entry does not follow from the one before


class BatchError(ValueError):
    """Bytes that are refused. `fault` for programs, the text for people."""

    def __init__(self, fault: BatchFault, found: str) -> None:
        super().__init__(f"batch refused ({fault}): {found}")
        self.fault = fault


class BrokenLink(BatchError):
    """The entries do not link from hash_before to head_hash; `seq` is the first bad one."""

    def __init__(self, seq: int, hash_found: str) -> None:
        super().__init__(BatchFault.LINK, f"entry {seq} does not follow")
        self.seq = seq
        self.hash_found = hash_found


class SealedKey(Record, frozen=True):
    """A member's key, sealed to headquarters (base64). Ed25519 key of HQ, anonymous sealed box."""

    member: str
    sealed: str


class Header(Record, frozen=True):
    v: int
    box: str
    epoch: int
    first: int
    last: int
    hash_before: str
    head_hash: str
    raw_bytes: int  # of the entries joined, before compression
    keys: tuple[SealedKey, ...]
    signature: str  # base64, Ed25519 over the head statement


class Batch(msgspec.Struct, frozen=True):
    header: Header
    entries: tuple[bytes, ...]


class Run(msgspec.Struct, frozen=True):
    """Consecutive entries of one chain, ready to be packed."""

    chain: Chain
    first: int
    last: int
    before: str  # hash of the entry before the first
    head: str  # hash of the last
    joined: bytes | bytearray  # the entries' own bytes, a line feed between them


Signer = Callable[[str, bytes], bytes]
Squeeze = Callable[[bytes | bytearray], bytes]
"""Bytes to one zstd frame that says how long they are."""
Take = Callable[[int], Run | None]
"""Give so many entries from the first on, or what there is of them; None: nothing is there."""
KeysOf = Callable[[Run], tuple[SealedKey, ...]]

_HEADER = msgspec.json.Decoder(Header)


class Squeezer:
    """Compressors to be used again and again, by one thread.

    There are two: zstd gives the memory of large frames back when many small ones follow, and a
    shop sends small ones all day.
    """

    def __init__(self, *, warm: bool = False) -> None:
        """`warm`: have the memory from here on, so that a box does not grow with a backlog."""
        self._small = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
        self._large = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
        if warm:
            self(2 * hashlib.shake_128().hexdigest(WARM_BYTES // 4).encode())

    def __call__(self, data: bytes | bytearray) -> bytes:
        """Return one zstd frame that says how long it is."""
        squeezer = self._small if len(data) < LARGE_BYTES else self._large
        return squeezer.compress(data)

    @property
    def held_bytes(self) -> int:
        """What it keeps for large frames."""
        return self._large.memory_size()


def pack_run(
    take: Take, count: int, *, squeeze: Squeeze, sign: Signer, keys_of: KeysOf
) -> tuple[bytes, int] | None:
    """Return (payload, last): at most `count` entries, as many as fit one batch, at least one.
    None: there are none."""
    count = min(count, ENTRIES_MAX)
    while True:
        run = take(count)
        if run is None:
            return None
        count, size, most = run.last - run.first + 1, len(run.joined), RAW_BYTES_MAX
        if size <= most or count == 1:
            payload = _packed(run, squeeze=squeeze, sign=sign, keys_of=keys_of)
            size, most = len(payload), BATCH_BYTES_MAX
            if size <= most or count == 1:
                return payload, run.last
        # Entries are alike: the next guess is by proportion, a little less, and always smaller.
        count = max(1, min(count - 1, count * most * 9 // (10 * size)))


def _packed(run: Run, *, squeeze: Squeeze, sign: Signer, keys_of: KeysOf) -> bytes:
    statement = head_statement(
        run.chain, first=run.first, last=run.last, before=run.before, head=run.head
    )
    header = Header(
        v=VERSION,
        box=run.chain.box,
        epoch=run.chain.epoch,
        first=run.first,
        last=run.last,
        hash_before=run.before,
        head_hash=run.head,
        raw_bytes=len(run.joined),
        keys=keys_of(run),
        signature=b64encode(sign(DOMAIN_HEAD, statement)).decode(),
    )
    text = canonical(header)
    return b"".join((len(text).to_bytes(LENGTH_BYTES, "big"), text, squeeze(run.joined)))


def parse_header(payload: bytes) -> Header:
    """Return what a batch says of itself, before anything is decompressed. Raises BatchError."""
    return _split(payload)[0]


def parse_batch(payload: bytes) -> Batch:
    """Return the batch, checked for shape only (not signed, not linked). Raises BatchError."""
    if len(payload) > LONE_BYTES_MAX:
        raise BatchError(BatchFault.SIZE, f"{len(payload)} bytes")
    header, frame = _split(payload)
    count = _count(header)
    if len(payload) > BATCH_BYTES_MAX and count > 1:
        raise BatchError(BatchFault.SIZE, f"{len(payload)} bytes for {count} entries")
    entries = tuple(_opened(frame, header.raw_bytes).split(b"\n"))
    if len(entries) != count:
        raise BatchError(BatchFault.RANGE, f"{len(entries)} entries for {count} numbers")
    return Batch(header, entries)


def _split(payload: bytes) -> tuple[Header, bytes]:
    length = int.from_bytes(payload[:LENGTH_BYTES], "big")
    end = LENGTH_BYTES + length
    if len(payload) <= end:
        raise BatchError(BatchFault.SHORT, f"{len(payload)} bytes, header of {length}")
    text = payload[LENGTH_BYTES:end]
    try:
        header = _HEADER.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BatchError(BatchFault.HEADER, str(error)) from error
    if canonical(header) != text:
        raise BatchError(BatchFault.HEADER, "not canonical JSON")
    return header, payload[end:]


def _count(header: Header) -> int:
    if header.v != VERSION:
        raise BatchError(BatchFault.HEADER, f"version {header.v}, known: {VERSION}")
    if not (1 <= header.epoch <= EPOCH_MAX and 1 <= header.first <= header.last <= SEQ_MAX):
        raise BatchError(BatchFault.RANGE, f"{header.epoch}:{header.first}-{header.last}")
    for value in (header.hash_before, header.head_hash):
        if not is_hash(value):
            raise BatchError(BatchFault.HEADER, "a hash is 64 hex digits")
    count = header.last - header.first + 1
    if count > ENTRIES_MAX:
        raise BatchError(BatchFault.RANGE, f"{count} entries, at most {ENTRIES_MAX}")
    return count


def _opened(frame: bytes, raw_bytes: int) -> bytes:
    # The frame's own header says how much it will become; what it says is allocated, so look first.
    if not 0 < raw_bytes <= RAW_BYTES_MAX:
        raise BatchError(BatchFault.FRAME, f"{raw_bytes} bytes decompressed")
    try:
        declared = zstandard.get_frame_parameters(frame)
        if declared.content_size != raw_bytes or declared.dict_id != 0:
            raise BatchError(BatchFault.FRAME, f"declares {declared.content_size} bytes")
        raw = zstandard.ZstdDecompressor().decompress(frame, raw_bytes, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise BatchError(BatchFault.FRAME, str(error)) from error
    if len(raw) != raw_bytes:
        raise BatchError(BatchFault.FRAME, f"{len(raw)} bytes, the header says {raw_bytes}")
    return bytes(raw)


def check_signature(header: Header, device_key: bytes) -> None:
    """Raise BatchError unless the head is signed by this device."""
    statement = head_statement(
        Chain(header.box, header.epoch),
        first=header.first,
        last=header.last,
        before=header.hash_before,
        head=header.head_hash,
    )
    try:
        seal.verify(device_key, DOMAIN_HEAD, statement, unbase64(header.signature))
    except SealError as error:
        raise BatchError(BatchFault.SIGNATURE, str(error)) from error


def check_links(batch: Batch) -> list[str]:
    """Return the hash of each entry; every one follows from the one before. Raises BatchError."""
    header = batch.header
    prev = header.hash_before
    hashes: list[str] = []
    for seq, data in enumerate(batch.entries, header.first):
        found = hash_of(data)
        try:
            link = envelope(data)
        except (ValueError, RecursionError) as error:
            raise BrokenLink(seq, found) from error
        place = (link.box, link.epoch, link.seq, link.prev)
        if place != (header.box, header.epoch, seq, prev):
            raise BrokenLink(seq, found)
        hashes.append(found)
        prev = found
    if prev != header.head_hash:
        raise BrokenLink(header.last, prev)
    return hashes


def is_hash(text: str) -> bool:
    """Whether text is a SHA-256 as we write it: 64 hex digits, lower case."""
    return len(text) == 64 and not text.strip("0123456789abcdef")


def unbase64(text: str) -> bytes:
    """Return the bytes of base64 in its one spelling: a changed letter never opens to the same.
    Raises SealError."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealError("not base64") from error
    if b64encode(data).decode() != text:
        raise SealError("base64 with bits behind its end")
    return data
