"""Sealed files: what leaves the box on a medium that may be lost. Pure given keys and randomness.

    "memberbox sealed 1\\n"
    header, canonical JSON, one line: what it is, of which box, nonce, recovery key sealed to HQ
    pieces: 4-byte length (big-endian) + ciphertext (XChaCha20-Poly1305), the last one marked

Whoever has the box's recovery code opens it, and headquarters, which finds it in the header.
The nonce of a piece holds its number and whether it is the last (the STREAM construction): a piece
that is changed, missing, moved or cut off is found when it is read, and every piece vouches for the
header.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from daemon import seal
from daemon.errors import SealError

MAGIC = b"memberbox sealed 1\n"
RECOVERY_BYTES = 16  # 128 bits: no guessing, and 28 characters that a person can dictate
PREFIX_BYTES = 16  # of the nonce; 7 bytes count the pieces, one marks the last
PIECE_BYTES = 64 * 1024
HEADER_BYTES_MAX = 4096
LENGTH_BYTES = 4
TAG_BYTES = 16

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: nothing is misread
_CODE_CHARS, _CHECK_CHARS, _GROUP = 26, 2, 4
_ALIKE = str.maketrans("OIL", "011", " -\r\n\t")


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in clear: enough to know the file by, nothing about anybody."""

    what: str  # backup, copy ...
    box: str
    about: str  # for people: up to which entry, from when
    nonce: str  # base64
    hq: str  # the recovery key sealed to headquarters, base64; "": the box has none


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...

    def readline(self, size: int = -1, /) -> bytes: ...


_HEADER = msgspec.json.Decoder(Header)
_ENCODER = msgspec.json.Encoder(order="sorted")


def lock(
    header: Header, *, recovery: bytes, chunks: Iterable[bytes], piece_bytes: int = PIECE_BYTES
) -> Iterator[bytes]:
    """Yield the bytes of a sealed file; make the header with new_header()."""
    text = _ENCODER.encode(header)
    yield MAGIC + text + b"\n"
    prefix = b64decode(header.nonce)
    key = piece_key(recovery, prefix)
    waiting = bytearray()
    number = 0
    for chunk in chunks:
        waiting += chunk
        while len(waiting) > piece_bytes:
            yield _sealed(key, prefix, number, bytes(waiting[:piece_bytes]), text, last=False)
            del waiting[:piece_bytes]
            number += 1
    yield _sealed(key, prefix, number, bytes(waiting), text, last=True)


def new_header(
    what: str, *, box: str, about: str, nonce: bytes, recovery: bytes, hq_key: bytes | None
) -> Header:
    """Return the header of a file; nonce: PREFIX_BYTES fresh bytes, never used before."""
    hq = "" if hq_key is None else b64encode(seal.seal(hq_key, recovery)).decode()
    return Header(what, box, about, b64encode(nonce).decode(), hq)


def read_header(file: Readable) -> Header:
    """Return the header and leave the file at its first piece. Raises SealError."""
    return _read_header(file)[0]


def unlock(file: Readable, recovery: bytes) -> Iterator[bytes]:
    """Yield what was locked, from the start of the file. Raises SealError.

    What was yielded may be used only when the end was reached without an error.
    """
    header, text = _read_header(file)
    prefix = b64decode(header.nonce)
    key = piece_key(recovery, prefix)
    number = 0
    while True:
        piece = _read_piece(file)
        if piece is None:
            raise SealError("the file ends too early: it is cut off")
        plain, last = _opened(key, prefix, number, piece, text)
        yield plain
        if last:
            break
        number += 1
    if file.read(1):
        raise SealError("something follows the end of the file")


def recovery_for(header: Header, hq_seed: bytes) -> bytes:
    """Return the recovery key that headquarters finds in the header. Raises SealError."""
    if not header.hq:
        raise SealError("it was not sealed to any headquarters: only the box's code opens it")
    try:
        recovery = seal.unseal(hq_seed, b64decode(header.hq))
    except ValueError as error:
        raise SealError("it was sealed to another headquarters") from error
    if len(recovery) != RECOVERY_BYTES:
        raise SealError("it holds no recovery key")
    return recovery


def code_of(recovery: bytes) -> str:
    """Return the recovery code as people write it: 7 groups of 4, the last two letters check."""
    text = _digits(int.from_bytes(recovery, "big"), _CODE_CHARS) + _check(recovery)
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def parse_code(code: str) -> bytes:
    """Return the recovery key of a code; case, spaces and O/0, I/L/1 do not matter.

    Raises SealError: mistyped.
    """
    text = code.upper().translate(_ALIKE)
    if len(text) != _CODE_CHARS + _CHECK_CHARS or set(text) - set(_ALPHABET):
        raise SealError("a recovery code has 28 letters and digits, in 7 groups of 4")
    number = 0
    for char in text[:_CODE_CHARS]:
        number = number * 32 + _ALPHABET.index(char)
    if number >= 1 << (8 * RECOVERY_BYTES):
        raise SealError("the recovery code is mistyped")
    recovery = number.to_bytes(RECOVERY_BYTES, "big")
    if _check(recovery) != text[_CODE_CHARS:]:
        raise SealError("the recovery code is mistyped: its last two characters do not fit")
    return recovery


def piece_key(recovery: bytes, prefix: bytes) -> bytes:
    """Return a key that no other file has. The code has 128 bits: no stretching is needed."""
    return hashlib.blake2b(prefix, key=recovery, digest_size=32, person=b"memberbox-vault").digest()


def _sealed(
    key: bytes, prefix: bytes, number: int, plain: bytes, text: bytes, *, last: bool
) -> bytes:
    nonce = _nonce(prefix, number, last=last)
    cipher = seal.encrypt(key, nonce=nonce, about=text.decode(), plain=plain)
    return len(cipher).to_bytes(LENGTH_BYTES, "big") + cipher


def _opened(
    key: bytes, prefix: bytes, number: int, cipher: bytes, text: bytes
) -> tuple[bytes, bool]:
    for last in (False, True):
        nonce = _nonce(prefix, number, last=last)
        try:
            return seal.decrypt(key, nonce=nonce, about=text.decode(), cipher=cipher), last
        except SealError:
            continue
    if number == 0:
        raise SealError("the recovery code is not that of this file, or the file is damaged")
    raise SealError(f"the file is damaged at piece {number + 1}")


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(7, "big") + (b"\x01" if last else b"\x00")


def _read_header(file: Readable) -> tuple[Header, bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise SealError("it is no sealed file of a memberbox")
    text = file.readline(HEADER_BYTES_MAX + 1)
    if not text.endswith(b"\n"):
        raise SealError("its header is cut off or damaged")
    text = text[:-1]
    try:
        header = _HEADER.decode(text)
        well = len(b64decode(header.nonce, validate=True)) == PREFIX_BYTES
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise SealError("its header is damaged") from error
    if not well:
        raise SealError("its header is damaged")
    return header, text


def _read_piece(file: Readable) -> bytes | None:
    """Return the next piece; None where the file ends or says a length that nobody wrote."""
    prefix = file.read(LENGTH_BYTES)
    if len(prefix) < LENGTH_BYTES:
        return None
    length = int.from_bytes(prefix, "big")
    if not TAG_BYTES <= length <= PIECE_BYTES + TAG_BYTES:
        raise SealError("the file is damaged: a piece of an impossible length")
    piece = file.read(length)
    return piece if len(piece) == length else None


def _digits(number: int, count: int) -> str:
    return "".join(_ALPHABET[(number >> (5 * at)) & 31] for at in reversed(range(count)))


def _check(recovery: bytes) -> str:
    digest = hashlib.blake2b(recovery, digest_size=2, person=b"memberbox-check").digest()
    return _digits(int.from_bytes(digest, "big") & 0x3FF, _CHECK_CHARS)
