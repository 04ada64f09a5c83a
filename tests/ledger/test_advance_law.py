"""The checker finds what is lent above a holding amiss: beyond the floor, or not owed whole."""

import msgspec
import pytest

from daemon.ledger.bodies import Advance, Sale
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry, Posting
from tests.ledger.invariants import check
from tests.ledger.test_invariants import OWN, entry
from tests.ledger.witnesses import Broken


def lending(seq: int, *moved: tuple[str, str, str, int]) -> Entry:
    """A sale that says it has lent ten points: lot 1, owed as lot 2."""
    body = Sale(lines=(), tenders=(), list_fen=0, bill_fen=0, rounding_fen=0, pay_fen=0,
                member="M", advance=Advance(1, 2, 10))  # fmt: skip
    postings = tuple(Posting(OWN, *one) for one in moved)
    return msgspec.structs.replace(entry(seq, body=body, kind=Kind.SALE), postings=postings)


def lent(seq: int, *, owed: int = 10, spent: int = 10) -> Entry:
    return lending(
        seq,
        ("issued:points", "point", "", -spent),
        ("spent:point", "point", f"{OWN}:{seq}:1", spent),
        ("claim:M", "claim:point", f"{OWN}:{seq}:2", owed),
        ("claimed", "claim:point", "", -owed),
    )


@pytest.mark.parametrize(
    ("history", "floor", "rule"),
    [
        ([lent(1)], 9, 6),
        ([lent(1), lent(2)], 19, 6),
        ([lent(1, owed=9)], 20, 6),
        ([lent(1, spent=11)], 20, 3),
    ],
    ids=["above the floor", "both above it", "not owed whole", "more than is said"],
)
def test_what_is_lent_amiss_is_found(history: list[Entry], floor: int, rule: int) -> None:
    with pytest.raises(Broken) as caught:
        check(history, floor_points=floor)
    assert caught.value.rule == rule


def test_what_is_lent_within_the_floor_is_good() -> None:
    check([lent(1), lent(2)], floor_points=20)
