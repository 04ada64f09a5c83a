"""The vectors of docs/PROTOCOL.md are what this software writes and reads."""

import io
import json
import re
from base64 import b64decode
from pathlib import Path

from daemon import seal
from daemon.ledger.bodies import MemberEnrolled
from daemon.ledger.codec import canonical, decode
from daemon.ledger.profiles import open_profile
from daemon.sync import asking, content, fetching, inbox, link, protocol, stick, wire
from daemon.sync import batch as batches
from daemon.sync.batch import check_links, check_signature, parse_batch
from daemon.sync.content import parse_part
from daemon.sync.stick import content_place, parse_name, read_file, read_head, read_key
from daemon.sync.wire import (
    SignedMessage,
    check_letter,
    parse_letter,
    parse_post,
    read_ask,
    read_message,
)
from daemon.vault import unlock
from hq import admission, packs, postman
from tests.sync.vectors import BOX_SEED, HQ_SEED, vectors

DOCS = Path(__file__).parents[2] / "docs"
ROOMS = (
    asking,
    batches,
    content,
    fetching,
    inbox,
    link,
    protocol,
    stick,
    wire,
    postman,
    packs,
    admission,
)
FILE = DOCS / "protocol-vectors.json"


def test_what_is_written_is_what_the_file_says() -> None:
    kept = json.loads(FILE.read_text())
    for sealed in ("batch", "stick_up", "stick_down"):
        kept.pop(sealed)
    assert kept == vectors()


def test_the_vectors_are_read() -> None:
    kept = json.loads(FILE.read_text())
    box, hq = (bytes.fromhex(kept["keys"][name]) for name in ("box_key", "hq_key"))
    batch = parse_batch(b64decode(kept["batch"]))
    check_signature(batch.header, box)
    assert [entry.decode() for entry in batch.entries] == kept["entries"]
    assert check_links(batch) == kept["hashes"]
    for name, key in (
        ("ack", hq),
        ("nack", hq),
        ("turn", hq),
        ("hello", box),
        ("state", box),
        ("ask", box),
        ("want", box),
    ):
        check_letter(parse_letter(kept[name]["letter"].encode()), key)
    (signed,) = parse_post(kept["message"]["post"].encode()).messages
    read = read_message(signed, hq)
    assert (read.text, read.hash) == (kept["message"]["text"], kept["message"]["hash"])
    part = parse_part(b64decode(kept["part"]), hq)
    assert (part.data, part.offset, part.size) == (b"GIF89a", 0, 6)
    asked = read_ask(parse_letter(kept["ask"]["letter"].encode()))
    request = kept["request"]
    told = read_message(SignedMessage(request["text"], request["signature"]), hq)
    assert told.message.prev == read.hash
    assert asked.id in request["text"]


def test_the_key_beside_an_enrolment_opens_its_profile() -> None:
    kept = json.loads(FILE.read_text())
    batch, told = parse_batch(b64decode(kept["batch"])), kept["profile"]
    (key,) = batch.header.keys
    opened = seal.unseal(HQ_SEED, b64decode(key.sealed))
    assert (key.member, opened.hex()) == (told["member"], told["key"])
    body = decode(batch.entries[1]).body
    assert isinstance(body, MemberEnrolled) and body.card == told["card"]
    person = open_profile(body.profile, card=told["card"], key=opened)
    assert canonical(person).decode() == told["plain"]


def test_a_content_on_a_stick_is_opened_by_who_knows_its_hash() -> None:
    kept = json.loads(FILE.read_text())
    told, part = kept["stick"], b64decode(kept["part"])
    hq = bytes.fromhex(kept["keys"]["hq_key"])
    place, key = content_place(parse_part(part, hq).hash)
    assert (f"{place}-00001.mbcontent", key.hex()) == (told["content_name"], told["content_key"])
    head, frame = read_file(io.BytesIO(b64decode(told["content_file"])), key)
    assert read_head(head).what == "content"
    assert frame.content == part


def test_the_files_of_a_stick_are_opened_by_their_receivers() -> None:
    kept = json.loads(FILE.read_text())
    told = kept["stick"]
    for way, seed in (("up", HQ_SEED), ("down", BOX_SEED)):
        data = b64decode(kept[f"stick_{way}"])
        key = read_key(io.BytesIO(data), seed)
        assert key.hex() == told["key"]
        plain = b"".join(unlock(io.BytesIO(data), key))
        assert plain.hex() == told[f"{way}_plain"]
        head, *frames = read_file(io.BytesIO(data), key)
        assert read_head(head).what == way
        assert "".join(frame.kind for frame in frames) == {"up": "l", "down": "klp"}[way]
        assert parse_name(told[f"{way}_name"]) is not None


def test_the_document_names_every_limit_as_the_code_has_it() -> None:
    """Numbers in the text are those of the code: `NAME = value` anywhere in the document."""
    text = (DOCS / "PROTOCOL.md").read_text()
    named = re.findall(r"`([A-Z][A-Z_]+) = ([0-9_.]+)`", text)
    assert len(named) >= 15
    for name, value in named:
        found = {getattr(room, name) for room in ROOMS if hasattr(room, name)}
        assert found == {float(value.replace("_", ""))}, name
