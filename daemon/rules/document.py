"""Pack documents: text to a checked pack, its hash, its signature. Mistakes are data, all at once.

A document is JSON. `$schema`, for editors, is no part of the pack. The hash is the SHA-256 of the
pack's canonical bytes, so spaces and the order of keys do not matter. Signed, it is

    {"pack": {...}, "signature": {"signer": "<public key, hex>", "value": "<base64>"}}

where the signature covers the domain tag and the pack's canonical bytes. Nothing is read or
written here.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from daemon import seal
from daemon.errors import SealError
from daemon.ledger.codec import CodecError, canonical, hash_of
from daemon.ledger.records import PackRef
from daemon.mistakes import ConfigProblem

if TYPE_CHECKING:
    from daemon.rules.models import Pack

DOMAIN = "memberbox/pack/1"
DOCUMENT_BYTES_MAX = 1_000_000  # a rule list with every sku of a catalogue in it; no media
FILE = "pack"  # what a mistake calls a document that came without a file name

_SCHEMA_KEY = "$schema"
_DOCUMENT_SAID = "a JSON document as pack.schema.json says"
_SIGNED_SAID = "a document as memberbox-hq pack publish signs it"
_SIGNATURE_SAID = "a pack signed by this chain's headquarters"


class PackError(ValueError):
    """The document is no pack that may become active; `problems` says all that is wrong."""

    def __init__(self, problems: list[ConfigProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class Opened(msgspec.Struct, frozen=True):
    """A checked pack, and how entries name it."""

    pack: "Pack"
    ref: PackRef


class Proven(msgspec.Struct, frozen=True):
    """The canonical bytes of a pack that HQ signed, and how entries would name it."""

    data: bytes
    ref: PackRef


def parse(text: str, file: str = FILE) -> "Pack":
    """Return the checked pack of an unsigned document. Raises PackError."""
    return read(text, file).pack


def canonical_hash(text: str) -> str:
    """Return the hash that names this version of the pack. Raises PackError."""
    return hash_of(_bytes_of(_object(text, FILE), FILE))


def read(text: str, file: str = FILE) -> Opened:
    """Return the checked pack of an unsigned document, and its name. Raises PackError."""
    data = _bytes_of(_object(text, file), file)
    pack = _checked(data, file)
    return Opened(pack, _reference(pack, data))


def sign(text: str, seed: bytes) -> str:
    """Return the signed document of an unsigned one that is in order. Raises PackError."""
    data = _bytes_of(_object(text, FILE), FILE)
    _checked(data, FILE)
    value = base64.b64encode(seal.sign(seed, DOMAIN, data)).decode()
    signature = canonical({"signer": seal.public_key(seed).hex(), "value": value})
    return '{"pack":' + data.decode() + ',"signature":' + signature.decode() + "}"


def open_signed(text: str, hq_public: bytes, file: str = FILE) -> Opened:
    """Return the pack of a document that HQ signed, checked. Raises PackError."""
    proven = prove(text, hq_public, file)
    return Opened(_checked(proven.data, file), proven.ref)


def prove(text: str, hq_public: bytes, file: str = FILE) -> Proven:
    """Return what HQ signed, not looked at any further. Raises PackError."""
    document = _object(text, file)
    inner, signature = document.get("pack"), document.get("signature")
    if set(document) != {"pack", "signature"} or not isinstance(inner, dict):
        raise PackError([_problem(file, "", "is no signed pack", _SIGNED_SAID)])
    data = _bytes_of(inner, file)
    try:
        seal.verify(hq_public, DOMAIN, data, _signature(signature))
    except SealError:
        found = "does not verify with headquarters' key"
        raise PackError([_problem(file, "signature", found, _SIGNATURE_SAID)]) from None
    name, version = inner.get("id"), inner.get("version")
    if not isinstance(name, str) or not isinstance(version, int):
        raise PackError([_problem(file, "", "has no id and version", _DOCUMENT_SAID)])
    return Proven(data, PackRef(name, version, hash_of(data)))


def _reference(pack: "Pack", data: bytes) -> PackRef:
    return PackRef(pack.id, pack.version, hash_of(data))


def _checked(data: bytes, file: str) -> "Pack":
    from daemon.rules.checking import checked  # heavy: a box that applies rules does without

    pack = checked(data, file)
    if isinstance(pack, list):
        raise PackError(pack)
    return pack


def _object(text: str, file: str) -> dict[str, object]:
    """Return the top object of the text; refuse what JSON readers may read differently."""
    if len(text) > DOCUMENT_BYTES_MAX:
        found = f"is longer than {DOCUMENT_BYTES_MAX} characters"
        raise PackError([_problem(file, "", found, _DOCUMENT_SAID)])
    try:
        document = json.loads(
            text,
            object_pairs_hook=_without_twins,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except (ValueError, RecursionError) as error:
        raise PackError([_problem(file, "", f"cannot be read: {error}", _DOCUMENT_SAID)]) from None
    if not isinstance(document, dict):
        raise PackError([_problem(file, "", "is no JSON object", _DOCUMENT_SAID)])
    return document


def _bytes_of(document: Mapping[str, object], file: str) -> bytes:
    inner = {key: value for key, value in document.items() if key != _SCHEMA_KEY}
    try:
        return canonical(inner)
    except (CodecError, RecursionError) as error:
        raise PackError(
            [_problem(file, "", f"cannot be hashed: {error}", _DOCUMENT_SAID)]
        ) from None


def _signature(table: object) -> bytes:
    value = table.get("value") if isinstance(table, dict) else None
    if not isinstance(value, str):
        raise SealError("no signature")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealError("no base64") from error


def _problem(file: str, key: str, found: str, allowed: str) -> ConfigProblem:
    return ConfigProblem(file, key, None, allowed, None, found)


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the key "{twin}" stands twice in one object')
    return table


def _no_fraction(number: str) -> object:
    raise ValueError(f"{number}: a pack holds whole numbers only")
