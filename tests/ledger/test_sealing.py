"""Marks of a draft, and what makes two requests the same."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts
from daemon.ledger.ids import entry_id, id_of, lot_id, parse_entry_id
from daemon.ledger.kinds import Kind
from daemon.ledger.records import VERSION, By, Chain, Posting
from daemon.ledger.sealing import content_digest, seal_draft
from tests.ledger import shop

CHAIN = Chain("0018", 3)
WORDS = st.text(st.sampled_from("ab#@1:"), min_size=1, max_size=6)


def sealed(posting: Posting) -> Posting:
    draft = msgspec.structs.replace(shop.sale("one"), postings=(posting,))
    return seal_draft(draft, CHAIN, seq=412, prev="f" * 64).postings[0]


def test_an_entry_is_its_draft_with_a_place_in_the_chain() -> None:
    draft = shop.sale("one")
    entry = seal_draft(draft, CHAIN, seq=412, prev="f" * 64)
    assert (entry.v, entry.box, entry.epoch, entry.seq) == (VERSION, "0018", 3, 412)
    assert entry.prev == "f" * 64
    for name in ("source", "id", "kind", "at", "by", "pack", "re", "body"):
        assert getattr(entry, name) == getattr(draft, name)
    assert {posting.holder for posting in entry.postings} == {"0018.3"}


def test_marks_become_chain_entry_and_lot() -> None:
    assert sealed(Posting("@", accounts.points("#"), "point", "#2", 5)) == Posting(
        "0018.3", "points:0018.3:412", "point", "0018.3:412:2", 5
    )
    assert sealed(Posting("transit:@", "x", "point", "hq.1:5:1", -5)).holder == "transit:0018.3"
    assert sealed(Posting("@", accounts.returnable("#11"), "returnable", "#11", 1)) == Posting(
        "0018.3", "returnable:0018.3:412:11", "returnable", "0018.3:412:11", 1
    )


@pytest.mark.parametrize("sku", ["#", "@", "#1", "A#1", "X:#", "面霜@#2"])
def test_names_that_headquarters_chose_are_no_marks(sku: str) -> None:
    for account in (
        accounts.stock(sku),
        accounts.sold(sku),
        accounts.given(sku),
        accounts.tender(sku),
    ):
        assert sealed(Posting("@", account, "piece", "", 1)).account == account


@settings(max_examples=200, deadline=None)
@given(WORDS)
def test_only_whole_segments_are_marks(lot: str) -> None:
    marks = {"@": "0018.3", "#": "0018.3:412", "#1": "0018.3:412:1", "#11": "0018.3:412:11"}
    expected = ":".join(marks.get(segment, segment) for segment in lot.split(":"))
    if "#111" not in lot:
        assert sealed(Posting("@", "points:x", "point", lot, 1)).lot == expected


def test_the_content_of_a_request_is_what_was_asked_not_when_or_where() -> None:
    draft = shop.sale("one")
    digest = content_digest(draft)
    assert content_digest(seal_draft(draft, CHAIN, seq=9, prev="0" * 64)) == digest
    later = shop.at(shop.MORNING.replace(hour=11))
    assert content_digest(shop.sale("two", when=later)) == digest
    replace = msgspec.structs.replace
    for other in (
        replace(draft, kind=Kind.ANCHOR),
        replace(draft, re="0018.1:5"),
        replace(draft, by=By("03", "clerk")),
        shop.sale("one", points=121),
    ):
        assert content_digest(other) != digest


@settings(max_examples=50, deadline=None)
@given(st.text("018a.", min_size=1, max_size=5), st.integers(1, 999), st.integers(1, 10**9))
def test_ids_come_apart_as_they_were_made(box: str, epoch: int, seq: int) -> None:
    chain = Chain(box, epoch)
    assert parse_entry_id(entry_id(chain, seq)) == (chain, seq)


def test_what_is_no_entry_id_is_none() -> None:
    for text in ("", "0018.1", "0018:5", "0018.0:5", "0018.1:0", "0018.1:05", "hq", "0018.1:x"):
        assert parse_entry_id(text) is None
    entry = seal_draft(shop.sale("one"), CHAIN, seq=412, prev="f" * 64)
    assert lot_id(id_of(entry), 2) == "0018.3:412:2"
