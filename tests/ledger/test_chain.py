"""A chain names the first entry that was changed, taken out, put in or moved."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.ledger.chain import check_run
from daemon.ledger.codec import encode, hash_of
from daemon.ledger.records import ZERO_HASH, Chain, Head
from daemon.ledger.sealing import seal_draft
from daemon.ledger.views import Stored
from tests.ledger import shop

CHAIN = Chain("0018", 1)
START = Head(0, ZERO_HASH)


def make_run(length: int, box: str = "0018") -> list[Stored]:
    run: list[Stored] = []
    prev = ZERO_HASH
    for seq in range(1, length + 1):
        entry = seal_draft(shop.sale(f"s{seq}"), Chain(box, 1), seq=seq, prev=prev)
        data = encode(entry)
        prev = hash_of(data)
        run.append(Stored(seq, prev, data))
    return run


RUN = make_run(8)


def first_bad(run: list[Stored]) -> tuple[int, str] | None:
    for broken in check_run(CHAIN, START, run):
        return broken.seq, broken.what
    return None


def test_an_untouched_run_is_in_order_from_anywhere() -> None:
    assert list(check_run(CHAIN, START, RUN)) == []
    assert list(check_run(CHAIN, Head(3, RUN[2].hash), RUN[3:])) == []


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 7), st.integers(0, 10**6), st.integers(1, 255))
def test_any_flipped_byte_is_named_by_its_entry_alone(index: int, where: int, by: int) -> None:
    data = bytearray(RUN[index].data)
    data[where % len(data)] ^= by
    run = [*RUN]
    run[index] = replace(RUN[index], data=bytes(data))
    assert [broken.seq for broken in check_run(CHAIN, START, run)] == [index + 1]


def test_a_rewritten_entry_is_named_although_its_stored_hash_was_rewritten_too() -> None:
    data = RUN[3].data.replace(b'"pay_fen":12000', b'"pay_fen":11999')
    run = [*RUN]
    run[3] = Stored(4, hash_of(data), data)
    bad = list(check_run(CHAIN, START, run))
    assert [(broken.seq, broken.what) for broken in bad] == [
        (4, "was rewritten: entry 5 follows other bytes")
    ]


def test_a_deleted_entry_is_missing() -> None:
    assert first_bad(RUN[:3] + RUN[4:]) == (4, "missing")
    assert first_bad(RUN[:3] + RUN[6:]) == (4, "missing, and all up to 6")
    assert first_bad(RUN[1:]) == (1, "missing")


def test_moved_entries_are_out_of_order() -> None:
    seen = first_bad([*RUN[:2], RUN[3], RUN[2], *RUN[4:]])
    assert seen is not None
    assert seen[0] == 3
    swapped = [*RUN[:2], replace(RUN[3], seq=3), replace(RUN[2], seq=4), *RUN[4:]]
    assert first_bad(swapped) == (3, "its bytes say number 4")


def test_an_inserted_entry_is_named() -> None:
    forged = encode(seal_draft(shop.sale("forged"), CHAIN, seq=9, prev="0" * 64))
    run = [*RUN, Stored(9, hash_of(forged), forged)]
    assert first_bad(run) == (9, "does not follow entry 8: prev names another hash")
    twice = [*RUN[:4], RUN[3], *RUN[4:]]
    assert first_bad(twice) == (4, "out of order: it stands after entry 4")


def test_an_entry_of_another_box_is_named() -> None:
    run = [*RUN[:2], make_run(3, "0022")[2], *RUN[3:]]
    assert first_bad(run) == (3, "belongs to chain 0022.1")


@pytest.mark.parametrize("data", [b"", b"[]", b'{"a":1}'], ids=["none", "list", "object"])
def test_bytes_that_are_no_entry_are_named_even_with_their_own_hash(data: bytes) -> None:
    run = [*RUN[:4], Stored(5, hash_of(data), data), *RUN[5:]]
    assert first_bad(run) == (5, "its bytes are not an entry")


def test_a_run_must_follow_what_was_known_before() -> None:
    assert first_bad(make_run(1)) is None
    bad = list(check_run(CHAIN, Head(0, "1" * 64), make_run(1)))
    assert [broken.seq for broken in bad] == [1]
