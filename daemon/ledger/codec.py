"""Entries and messages as canonical JSON (RFC 8785), and back. The bytes are the truth.

Our subset: objects with ASCII keys, arrays, strings, booleans, null, integers |n| < 2^53. For it
msgspec's `order="sorted"` gives exactly the bytes of RFC 8785; a test compares with another
implementation. Bytes that were once made are hashed, signed and shipped verbatim: nothing that
was read is ever encoded again but to compare.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeVar

import msgspec

from daemon.ledger.bodies import BODY_OF, Body
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import DOWN_KINDS, DownBody, DownMessage
from daemon.ledger.records import VERSION, At, By, Entry, PackRef, Posting

_Body = TypeVar("_Body")

INTEGER_MAX = 2**53 - 1  # RFC 8785: what every JSON reader holds exactly

_ENCODER = msgspec.json.Encoder(order="sorted")
_BODIES: Mapping[str, type[Body]] = MappingProxyType(
    {kind.value: body for kind, body in BODY_OF.items()}
)
_DOWN_BODIES: Mapping[str, type[DownBody]] = MappingProxyType(dict(DOWN_KINDS))
_DOWN = msgspec.json.Decoder(DownMessage)
_PLAIN = msgspec.json.Decoder()
# Copied for each text: asking OpenSSL for an algorithm takes longer than hashing a short text.
_SHA256 = hashlib.sha256()
_DIGITS = bytes(0x30 if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))
_LONG_NUMBER = b"0" * len(str(INTEGER_MAX))
_BEFORE_NUMBER = b":,[-+. \t\r\n"


class CodecError(ValueError):
    """The bytes are no entry or message that this software can read."""


class UnknownError(CodecError):
    """Newer software made it: the bytes may be sound."""


class Envelope(msgspec.Struct, frozen=True):
    """An entry whose kind or version this software may not know: the body stays raw."""

    v: int
    box: str
    epoch: int
    seq: int
    prev: str
    source: str
    id: str
    kind: str
    at: At
    by: By
    pack: PackRef | None
    re: str | None
    body: msgspec.Raw
    postings: tuple[Posting, ...]


_ENVELOPE = msgspec.json.Decoder(Envelope)


def encode(entry: Entry) -> bytes:
    """Return the entry's bytes. Raises CodecError for what canonical JSON cannot hold."""
    return _encoded(entry)


def decode(data: bytes) -> Entry:
    """Return the entry with its typed body. Raises CodecError naming what is wrong."""
    seen = envelope(data)
    if seen.v != VERSION:
        raise UnknownError(f"record version {seen.v}; this software reads version {VERSION}")
    kind = _BODIES.get(seen.kind)
    if kind is None:
        raise UnknownError(f"unknown kind {seen.kind!r}")
    try:
        body: Body = _decoder(kind).decode(seen.body)
    except msgspec.DecodeError as error:
        raise CodecError(f"body of {seen.kind}: {error}") from error
    return Entry(
        seen.v,
        seen.box,
        seen.epoch,
        seen.seq,
        seen.prev,
        seen.source,
        seen.id,
        Kind(seen.kind),
        seen.at,
        seen.by,
        seen.pack,
        seen.re,
        body,
        seen.postings,
    )


def envelope(data: bytes) -> Envelope:
    """Return what every version of an entry has; the body is left raw. Raises CodecError."""
    try:
        seen = _ENVELOPE.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CodecError(f"not an entry: {error}") from error
    _refuse_long_numbers(data)
    return seen


def down_message(data: bytes) -> DownMessage:
    """Return a message of HQ's log, its body raw. Raises CodecError."""
    try:
        return _DOWN.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CodecError(f"not a message: {error}") from error


def down_body(message: DownMessage) -> DownBody:
    """Return the typed body. Raises CodecError for an unknown kind or a wrong body."""
    kind = _DOWN_BODIES.get(message.kind)
    if kind is None:
        raise CodecError(f"unknown kind {message.kind!r}")
    try:
        body: DownBody = _decoder(kind).decode(message.body)
    except msgspec.DecodeError as error:
        raise CodecError(f"body of {message.kind}: {error}") from error
    return body


@cache
def _decoder(body: type[_Body]) -> msgspec.json.Decoder[_Body]:
    """Return the decoder of a kind's body, made when one comes: all of them are felt at a start."""
    return msgspec.json.Decoder(body)


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a struct, mapping, list, string or number.

    Raises CodecError for floats, integers beyond 2^53, keys that are not ASCII strings.
    """
    plain = msgspec.to_builtins(value, builtin_types=(bytes,), enc_hook=_plain_raw)
    _refuse_foreign(plain, "$")
    return _encoded(value)


def is_canonical(data: bytes) -> bool:
    """Tell whether data is the canonical form of what it says."""
    try:
        return canonical(_PLAIN.decode(data)) == data
    except (msgspec.DecodeError, UnicodeDecodeError, CodecError):
        return False


def hash_of(data: bytes) -> str:
    """Return the SHA-256 of data, lower-case hex."""
    digest = _SHA256.copy()
    digest.update(data)
    return digest.hexdigest()


def _plain_raw(value: object) -> object:
    """Return what stands in raw JSON, to look into it."""
    if isinstance(value, msgspec.Raw):
        return _PLAIN.decode(value)
    raise CodecError(f"{type(value).__name__} has no place in an entry")


def _encoded(value: object) -> bytes:
    try:
        data = _ENCODER.encode(value)
    except (TypeError, UnicodeEncodeError, OverflowError) as error:
        raise CodecError(f"canonical JSON cannot hold this: {error}") from error
    _refuse_long_numbers(data)
    return data


def _refuse_long_numbers(data: bytes) -> None:
    """Raise CodecError for an integer beyond 2^53.

    Two passes in C find a run of 16 digits; one entry of seven has one, mostly within a hash. Only
    when what stands before it can stand before a number, all is looked at.
    """
    digits = data.translate(_DIGITS)
    run = digits.find(_LONG_NUMBER)
    while run >= 0:
        if run == 0 or data[run - 1] in _BEFORE_NUMBER:
            _refuse_foreign(_plain(data), "$")
            return
        run = digits.find(_LONG_NUMBER, digits.find(b" ", run))


def _plain(data: bytes) -> object:
    try:
        return _PLAIN.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CodecError(f"not JSON: {error}") from error


def _refuse_foreign(value: object, path: str) -> None:
    match value:
        case bool() | str() | None:
            return
        case int():
            if abs(value) > INTEGER_MAX:
                raise CodecError(f"{path}: {value} is beyond 2^53")
        case dict():
            for key, inner in value.items():
                if not isinstance(key, str) or not key.isascii():
                    raise CodecError(f"{path}: key {key!r} is no ASCII string")
                _refuse_foreign(inner, f"{path}.{key}")
        case list() | tuple():
            for index, inner in enumerate(value):
                _refuse_foreign(inner, f"{path}[{index}]")
        case _:
            raise CodecError(f"{path}: {type(value).__name__} has no place in an entry")
