"""Every entry that prints a slip can: its file is there, and what customers keep has its code."""

from inspect import getsource

import pytest

from daemon.counter.effects import DOCUMENTS
from daemon.ledger.codec import encode, hash_of
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from daemon.ledger.signed import parse_receipt_code, receipt_code
from daemon.paperwork import maker
from tests.acts import worked

SEED = bytes(32)


@pytest.fixture(scope="module", name="entries")
def _entries() -> dict[Kind, Entry]:
    return dict(worked.entries())


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_a_slip_that_carries_a_code_can_be_made(kind: Kind, entries: dict[Kind, Entry]) -> None:
    make = maker(DOCUMENTS[kind])
    entry = entries[kind]
    if "code_of" not in getsource(make):
        return
    code = receipt_code(entry, hash_of(encode(entry)), SEED)
    assert parse_receipt_code(code).seq == entry.seq
