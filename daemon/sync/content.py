"""Content beside the log: pictures, films, packs too long for a message. Named by hash, in parts.

A box asks for the part it lacks next (a Letter `want`), so that a cut line costs one part:

    +----------------+------------------------+--------------------------+
    | 4 bytes,       | header: canonical JSON | the bytes of this part   |
    | big-endian:    |                        |                          |
    | header length  |                        |                          |
    +----------------+------------------------+--------------------------+

Each part is signed by headquarters, so that a stranger on the line can spoil nothing; the whole is
hashed once more before anybody opens it. Pure.
"""

import re
from base64 import b64encode

import msgspec

from daemon import seal
from daemon.errors import SealError
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.records import Record
from daemon.sync.batch import Signer, unbase64
from daemon.sync.wire import VERSION, WireError

DOMAIN_CONTENT = "memberbox/content/1"
PART_BYTES = 64 * 1024  # what a cut line costs; a slow line carries it in seconds
CONTENT_BYTES_MAX = 512 * 1024 * 1024  # a film of minutes; longer ones are shown from a folder
HEADER_BYTES_MAX = 1024
LENGTH_BYTES = 4

_HASH = re.compile(r"[0-9a-f]{64}")


class Header(Record, frozen=True):
    v: int
    hash: str  # of the whole content: its name
    size: int  # of the whole
    offset: int  # of the first byte of this part
    part: str  # the hash of this part's bytes
    signature: str  # base64, over the rest


class Part(msgspec.Struct, frozen=True):
    """A part that headquarters has signed."""

    hash: str
    size: int
    offset: int
    data: bytes


_HEADER = msgspec.json.Decoder(Header)


def is_name(text: str) -> bool:
    """Whether a text may be the name of a content; it is a file's name too."""
    return _HASH.fullmatch(text) is not None


def pack_part(name: str, size: int, offset: int, data: bytes, sign: Signer) -> bytes:
    """Return a part as it travels."""
    bare = Header(VERSION, name, size, offset, hash_of(data), "")
    signature = b64encode(sign(DOMAIN_CONTENT, canonical(bare))).decode()
    header = canonical(msgspec.structs.replace(bare, signature=signature))
    return len(header).to_bytes(LENGTH_BYTES, "big") + header + data


def parse_part(payload: bytes, hq_key: bytes) -> Part:
    """Return the part if headquarters signed it. Raises WireError."""
    length = int.from_bytes(payload[:LENGTH_BYTES], "big")
    end = LENGTH_BYTES + length
    if length > HEADER_BYTES_MAX or len(payload) <= end or len(payload) - end > PART_BYTES:
        raise WireError(f"a part of {len(payload)} bytes, header of {length}")
    data = payload[end:]
    try:
        header = _HEADER.decode(payload[LENGTH_BYTES:end])
        bare = msgspec.structs.replace(header, signature="")
        seal.verify(hq_key, DOMAIN_CONTENT, canonical(bare), unbase64(header.signature))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, SealError) as error:
        raise WireError(f"a part: {error}") from error
    if header.v != VERSION or not is_name(header.hash) or header.part != hash_of(data):
        raise WireError("a part: its bytes are not those that were signed")
    if not 0 <= header.offset <= header.offset + len(data) <= header.size <= CONTENT_BYTES_MAX:
        raise WireError(f"a part: {header.offset} and {len(data)} of {header.size} bytes")
    return Part(header.hash, header.size, header.offset, data)
