"""Canonical bytes: compared with another implementation of RFC 8785, and both ways."""

import json
import math

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.clock import ClockState
from daemon.ledger.bodies import BODY_OF, Sale
from daemon.ledger.codec import (
    INTEGER_MAX,
    CodecError,
    canonical,
    decode,
    down_body,
    down_message,
    encode,
    envelope,
    hash_of,
    is_canonical,
)
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import DOWN_KINDS, Products
from daemon.ledger.records import At, By, Chain, Entry, PackRef, Posting
from daemon.ledger.sealing import seal_draft
from tests.ledger import shop

INTEGERS = st.integers(-INTEGER_MAX, INTEGER_MAX)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
KEYS = st.text(st.characters(max_codepoint=127), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def rfc8785(value: object) -> str:
    """The standard, once more, written from its text (sections 3.2.2 and 3.2.3) for our subset."""
    match value:
        case None:
            return "null"
        case True:
            return "true"
        case False:
            return "false"
        case int():
            assert float(value) == value  # a double holds it: ECMAScript prints it in full
            return str(value)
        case str():
            return '"' + "".join(map(escaped, value)) + '"'
        case list() | tuple():
            return "[" + ",".join(map(rfc8785, value)) + "]"
        case dict():
            names = sorted(value, key=lambda name: name.encode("utf-16-be"))
            return "{" + ",".join(f"{rfc8785(name)}:{rfc8785(value[name])}" for name in names) + "}"
        case _:
            raise AssertionError(value)


def escaped(char: str) -> str:
    short = {
        '"': '\\"',
        "\\": "\\\\",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
    }
    if char in short:
        return short[char]
    return f"\\u{ord(char):04x}" if char < " " else char


POSTINGS = st.builds(Posting, TEXTS, TEXTS, st.sampled_from(["fen", "point"]), TEXTS, INTEGERS)
ENTRIES = st.builds(
    Entry,
    v=st.just(1),
    box=TEXTS,
    epoch=st.integers(1, 9),
    seq=st.integers(1, INTEGER_MAX),
    prev=TEXTS,
    source=TEXTS,
    id=TEXTS,
    kind=st.just(Kind.SALE),
    at=st.builds(At, TEXTS, INTEGERS, TEXTS, st.sampled_from(ClockState), TEXTS),
    by=st.builds(By, TEXTS, TEXTS),
    pack=st.none() | st.builds(PackRef, TEXTS, INTEGERS, TEXTS),
    re=st.none() | TEXTS,
    body=st.builds(
        Sale,
        lines=st.just(()),
        tenders=st.just(()),
        list_fen=INTEGERS,
        bill_fen=INTEGERS,
        rounding_fen=INTEGERS,
        pay_fen=INTEGERS,
        member=TEXTS,
    ),
    postings=st.lists(POSTINGS, max_size=3).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_canonical_is_rfc_8785(value: object) -> None:
    assert canonical(value).decode() == rfc8785(value)
    assert is_canonical(canonical(value))


@settings(max_examples=100, deadline=None)
@given(ENTRIES)
def test_an_entry_comes_back_from_its_bytes_which_are_canonical(entry: Entry) -> None:
    data = encode(entry)
    assert decode(data) == entry
    assert data.decode() == rfc8785(json.loads(data))


def test_every_kind_has_a_body_and_every_message_too() -> None:
    assert set(BODY_OF) == set(Kind)
    assert len(dict(DOWN_KINDS)) == len(DOWN_KINDS)


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**63, 10**30])
def test_numbers_that_some_reader_rounds_are_refused_both_ways(number: int) -> None:
    entry = seal_draft(shop.sale("one"), Chain("0018", 1), seq=2, prev="ab" * 32)
    with pytest.raises(CodecError):
        encode(msgspec.structs.replace(entry, seq=number))
    data = encode(entry).replace(b'"seq":2', b'"seq":%d' % number)
    with pytest.raises(CodecError):
        decode(data)
    with pytest.raises(CodecError):
        canonical({"deep": [{"n": number}]})
    encode(msgspec.structs.replace(entry, seq=2**53 - 1))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text('0123456789:,-[ a\\"', max_size=40), max_size=4),
    st.integers(-(10**18), 10**18),
)
def test_a_long_number_is_told_from_digits_in_a_text(texts: list[str], number: int) -> None:
    entry = seal_draft(shop.sale("one"), Chain("0018", 1), seq=2, prev="9" * 64)
    moved = tuple(Posting("@", text, "fen", text, 1) for text in texts)
    made = msgspec.structs.replace(entry, id="".join(texts), postings=moved)
    assert decode(encode(made)) == made
    last = msgspec.structs.replace(made, seq=number)
    if abs(number) > INTEGER_MAX:
        with pytest.raises(CodecError, match="beyond"):
            encode(last)
    else:
        assert decode(encode(last)) == last


@pytest.mark.parametrize(
    "value", [1.5, math.nan, {"名": 1}, {"a": b"x"}, {"a": "\ud800"}, {1: 2}], ids=repr
)
def test_what_canonical_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(CodecError):
        canonical(value)


def test_unknown_kinds_and_newer_versions_are_named_and_their_envelope_is_read() -> None:
    data = encode(seal_draft(shop.sale("one"), Chain("0018", 1), seq=2, prev="0" * 64))
    strange = data.replace(b'"kind":"sale"', b'"kind":"moon"')
    with pytest.raises(CodecError, match="unknown kind 'moon'"):
        decode(strange)
    assert envelope(strange).kind == "moon"
    newer = data.replace(b'"v":1}', b'"v":2,"zz":[]}')
    with pytest.raises(CodecError, match="version 2"):
        decode(newer)
    assert envelope(newer).seq == 2


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b'"seq":2', b'"seq":"2"', "seq"),
        (b'"pay_fen":12000', b'"pay_fen":12000.5', "pay_fen"),
        (b'"pay_fen":12000', b'"pay_yuan":120', "pay_"),
        (b'{"at"', b'\xff{"at"', "not an entry"),
    ],
    ids=("kind of a value", "half a fen", "another name", "no text"),
)
def test_a_wrong_entry_is_refused_by_the_name_of_what_is_wrong(
    old: bytes, new: bytes, named: str
) -> None:
    data = encode(seal_draft(shop.sale("one"), Chain("0018", 1), seq=2, prev="0" * 64))
    assert old in data
    with pytest.raises(CodecError, match=named):
        decode(data.replace(old, new))


def test_spaces_order_and_written_defaults_are_not_canonical() -> None:
    assert is_canonical(b'{"a":1,"b":[true,null]}')
    for data in (b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":1.0}', b"{", b"\xff"):
        assert not is_canonical(data)


def test_a_message_is_read_with_its_body() -> None:
    read = down_message(shop.message("products", Products(upsert=())))
    assert down_body(read) == Products(upsert=())
    with pytest.raises(CodecError, match="unknown kind 'tea'"):
        down_body(down_message(shop.message("tea", {})))
    with pytest.raises(CodecError, match="body of products"):
        down_body(down_message(shop.message("products", {"upsert": 3})))
    with pytest.raises(CodecError):
        down_message(b"[]")


def test_the_hash_is_sha256_in_small_hex() -> None:
    assert hash_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
