"""What lies on a stick: sealed files, each one way, of what travels over MQTT as well.

    mbstick-TAG/                 the marker folder of a chain of shops; TAG names HQ's key
        ADDRESS-00001.mbup       box to headquarters; ADDRESS names the box's device key
        ADDRESS-00001.mbdown     headquarters to box
        TAG-00001.mbcontent      a content, for every box whose log names it

A file is a sealed file (vault.py) whose key is sealed to its receiver, so that a lost stick says
nothing but how much is on it. Opened, it is frames:

    +------------------+--------+---------+
    | 4 bytes: length  | 1 byte | content |     the length is that of the content, big-endian
    +------------------+--------+---------+

    h  the head: who to whom              first, once
    l  a letter: hello, ack, nack         as on MQTT
    b  a batch                            as on MQTT
    p  a post                             as on MQTT
    k  blocked cards                      outside the order of the log
    c  a part of a content                as on MQTT
    s  the signature of the sender        last, once: over all that stands before

A kind that nobody here knows is passed over. Pure: no I/O, no clock; random bytes are given.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Literal, TypeVar

import msgspec

from daemon import seal, vault
from daemon.errors import SealError
from daemon.ledger.codec import canonical
from daemon.ledger.records import Record
from daemon.sync.batch import LONE_BYTES_MAX, Signer
from daemon.sync.content import HEADER_BYTES_MAX
from daemon.sync.content import PART_BYTES as CONTENT_PART_BYTES
from daemon.sync.wire import LETTER_BYTES_MAX, POST_BYTES_MAX

VERSION = 1
DOMAIN_STICK = "memberbox/stick/1"
MARKER = "mbstick-"
WHAT = "stick"  # of a sealed file's header; box and about stay empty
NAME_HEX = 16  # of a tag or an address: 64 bits tell the boxes of any chain apart
NUMBER_MAX = 99_999  # of the files of one box, each way
FILE_BYTES = 16 * 1024 * 1024  # what a pulled stick costs at most; a month of a busy shop is 3 MiB
FILE_BYTES_MAX = 4 * 1024 * 1024 * 1024 - 1024 * 1024  # FAT32 takes 4 GiB less one byte
HEAD_BYTES_MAX = 4096
BLOCKED_BYTES_MAX = 256 * 1024
BLOCKED_PER_FRAME = 2000  # cards; below 128 KiB
SIGNATURE_BYTES = 64
LENGTH_BYTES, KIND_BYTES = 4, 1

Way = Literal["up", "down", "content"]
_NAME = re.compile(rf"([0-9a-f]{{{NAME_HEX}}})-(\d{{5}})\.mb(up|down|content)")


class StickFault(StrEnum):
    """Why a file of a stick is refused."""

    FOREIGN = "foreign"  # no file of a memberbox
    SEALED = "sealed"  # its key does not open: it is for somebody else, or changed
    DAMAGED = "damaged"  # changed, cut off, or not to be read
    CONTENT = "content"  # it opens, to what nobody here writes
    SIGNATURE = "signature"  # not signed by whom it names
    SENDER = "sender"  # from another headquarters, or from a box that nobody knows
    RECEIVER = "receiver"  # for somebody else
    OLD = "old"  # for a chain that the box has ended


class StickError(ValueError):
    """A file that is refused. `fault` for programs, the text for people: what, and what to do."""

    def __init__(self, fault: StickFault, found: str) -> None:
        super().__init__(f"{found}. {_fix(fault)}")
        self.fault = fault
        self.found = found


class Kind(StrEnum):
    """What a frame holds; one byte."""

    HEAD = "h"
    LETTER = "l"
    BATCH = "b"
    POST = "p"
    BLOCKED = "k"
    CONTENT = "c"
    SIGNATURE = "s"


class Head(Record, frozen=True):
    """Who writes to whom. A content is nobody's: headquarters writes it to itself, box "", epoch 0;
    it is opened by whoever knows its hash."""

    v: int
    what: Way
    box: str
    epoch: int  # the newest chain of the box that the sender knows
    incarnation: int  # of headquarters, as far as the sender knows
    sender: str  # Ed25519, hex
    receiver: str  # Ed25519, hex
    at: str  # for people: RFC 3339


class BlockedCard(Record, frozen=True):
    card: str
    reason: str  # lost, frozen, closed


class Blocked(Record, frozen=True):
    """Cards that are honoured no more. `n`: the message of the chain's log by which the log has
    said so too; from there on the log alone counts."""

    epoch: int
    n: int
    cards: tuple[BlockedCard, ...]


class Frame(msgspec.Struct, frozen=True):
    kind: str  # a Kind; or what a newer software writes
    content: bytes


class Name(msgspec.Struct, frozen=True):
    """A file's name in its parts."""

    address: str
    number: int
    way: Way

    def __str__(self) -> str:
        return f"{self.address}-{self.number:05d}.mb{self.way}"


_LIMITS = (
    (Kind.HEAD, HEAD_BYTES_MAX),
    (Kind.LETTER, LETTER_BYTES_MAX),
    (Kind.BATCH, LONE_BYTES_MAX),
    (Kind.POST, POST_BYTES_MAX),
    (Kind.BLOCKED, BLOCKED_BYTES_MAX),
    (Kind.CONTENT, CONTENT_PART_BYTES + HEADER_BYTES_MAX + LENGTH_BYTES),
    (Kind.SIGNATURE, SIGNATURE_BYTES),
)
FRAME_BYTES_MAX = max(most for _, most in _LIMITS)
_HEAD = msgspec.json.Decoder(Head)
_BLOCKED = msgspec.json.Decoder(Blocked)
T = TypeVar("T")


def marker(hq_key: bytes) -> str:
    """Return the name of the folder that makes a stick one of this headquarters."""
    return MARKER + _digest("memberbox/stick/chain/1", hq_key)


def address(device_key: bytes) -> str:
    """Return what the files of a box begin with: nobody reads the box's name out of it."""
    return _digest("memberbox/stick/address/1", device_key)


def parse_name(name: str) -> Name | None:
    """Return the parts of a file's name; None: it is not ours."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    ways: tuple[Way, ...] = ("up", "down", "content")
    return Name(match[1], int(match[2]), next(way for way in ways if way == match[3]))


def content_place(content: str) -> tuple[str, bytes]:
    """Return what the files of a content begin with, and their key: of its hash, which only those
    know to whom the log has said it."""
    name = bytes.fromhex(content)
    key = hashlib.sha256(b"memberbox/stick/content-key/1\x00" + name).digest()
    return _digest("memberbox/stick/content/1", name), key[: vault.RECOVERY_BYTES]


def seal_file(
    head: Head, frames: Iterable[Frame], *, sign: Signer, key: bytes, nonce: bytes
) -> Iterator[bytes]:
    """Yield the bytes of a file. `key`, `nonce`: vault.RECOVERY_BYTES and PREFIX_BYTES; a nonce
    is fresh; whoever has the key can read the file again."""
    receiver = None if head.what == "content" else bytes.fromhex(head.receiver)
    header = vault.new_header(WHAT, box="", about="", nonce=nonce, recovery=key, hq_key=receiver)
    return vault.lock(header, recovery=key, chunks=plain(head, frames, sign))


def plain(head: Head, frames: Iterable[Frame], sign: Signer) -> Iterator[bytes]:
    """Yield what is sealed: the head, the frames, the signature over both."""
    hashed = hashlib.sha256()
    yield _hashing(hashed, Frame(Kind.HEAD, canonical(head)))
    for frame in frames:
        yield _hashing(hashed, frame)
    signature = sign(DOMAIN_STICK, _statement(head, hashed.hexdigest()))
    yield frame_bytes(Frame(Kind.SIGNATURE, signature))


def _hashing(hashed: "hashlib._Hash", frame: Frame) -> bytes:
    data = frame_bytes(frame)
    hashed.update(data)
    return data


def frame_bytes(frame: Frame) -> bytes:
    length = len(frame.content).to_bytes(LENGTH_BYTES, "big")
    return length + frame.kind.encode("latin-1") + frame.content


def _statement(head: Head, digest: str) -> bytes:
    return canonical({"hash": digest, "receiver": head.receiver, "what": head.what})


def read_key(file: vault.Readable, seed: bytes) -> bytes:
    """Return the key of a file that was sealed to us. Raises StickError."""
    try:
        header = vault.read_header(file)
    except SealError as error:
        raise StickError(StickFault.FOREIGN, str(error)) from error
    if header.what != WHAT:
        raise StickError(StickFault.FOREIGN, f"it is a {header.what} file, not one of a stick")
    try:
        return vault.recovery_for(header, seed)
    except SealError as error:
        raise StickError(
            StickFault.SEALED, "it was sealed to somebody else, or is damaged"
        ) from error


def read_file(file: vault.Readable, key: bytes) -> Iterator[Frame]:
    """Yield the head's frame and what follows it, from the start of the file. Raises StickError.

    What was yielded may be used only when the end was reached without an error: read twice.
    """
    hashed = hashlib.sha256()
    head: Head | None = None
    signature = b""
    for frame in _frames(_unlocked(file, key)):
        if signature:
            raise StickError(StickFault.CONTENT, "something follows the signature")
        if head is None:
            head = read_head(frame)
        elif frame.kind == Kind.HEAD:
            raise StickError(StickFault.CONTENT, "a second head")
        if frame.kind == Kind.SIGNATURE:
            signature = frame.content
            continue
        hashed.update(frame_bytes(frame))
        yield frame
    if head is None or not signature:
        raise StickError(StickFault.SIGNATURE, "it is not signed")
    try:
        sender = bytes.fromhex(head.sender)
        seal.verify(sender, DOMAIN_STICK, _statement(head, hashed.hexdigest()), signature)
    except SealError as error:
        raise StickError(StickFault.SIGNATURE, "the signature is not the sender's") from error


def read_head(frame: Frame) -> Head:
    """Return what the head says. Raises StickError."""
    if frame.kind != Kind.HEAD:
        raise StickError(StickFault.CONTENT, "it does not begin with a head")
    head = _decoded(_HEAD, frame.content, "head")
    if head.v != VERSION:
        found = f"it is written in version {head.v}, this software knows {VERSION}"
        raise StickError(StickFault.CONTENT, found)
    for key in (head.sender, head.receiver):
        if len(key) != 2 * seal.KEY_BYTES or key.strip("0123456789abcdef"):
            raise StickError(StickFault.CONTENT, "a key in its head is no key")
    return head


def read_blocked(frame: Frame) -> Blocked:
    """Return the cards of a frame. Raises StickError."""
    return _decoded(_BLOCKED, frame.content, "list of blocked cards")


def _decoded(decoder: "msgspec.json.Decoder[T]", data: bytes, what: str) -> T:
    try:
        return decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StickError(StickFault.CONTENT, f"its {what}: {error}") from error


def _unlocked(file: vault.Readable, key: bytes) -> Iterator[bytes]:
    try:
        yield from vault.unlock(file, key)
    except SealError as error:
        raise StickError(StickFault.DAMAGED, str(error)) from error


def _frames(chunks: Iterable[bytes]) -> Iterator[Frame]:
    waiting = bytearray()
    start = LENGTH_BYTES + KIND_BYTES
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= start:
            length = int.from_bytes(waiting[:LENGTH_BYTES], "big")
            kind = chr(waiting[LENGTH_BYTES])
            _check_length(kind, length)
            if len(waiting) < start + length:
                break
            yield Frame(kind, bytes(waiting[start : start + length]))
            del waiting[: start + length]
    if waiting:
        raise StickError(StickFault.CONTENT, "its last frame is cut off")


def _check_length(kind: str, length: int) -> None:
    most = next((most for known, most in _LIMITS if known == kind), FRAME_BYTES_MAX)
    if length > most:
        raise StickError(StickFault.CONTENT, f"a frame {kind!r} of {length} bytes")


def _digest(purpose: str, key: bytes) -> str:
    return hashlib.sha256(purpose.encode() + b"\x00" + key).hexdigest()[:NAME_HEX]


def _fix(fault: StickFault) -> str:
    match fault:
        case StickFault.FOREIGN:
            return "It is left alone"
        case StickFault.SEALED | StickFault.RECEIVER:
            return "Bring it to whom it is for; it is left alone here"
        case StickFault.DAMAGED | StickFault.CONTENT | StickFault.SIGNATURE:
            return "Nothing of it was taken: write it anew, on another stick if that comes again"
        case StickFault.SENDER:
            return "Nothing of it was taken: is this the stick of this chain of shops?"
        case StickFault.OLD:
            return "Bring this stick to headquarters, and a fresh one back"
