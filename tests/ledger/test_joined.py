"""Entries as one text: the rows as they are, up to the first that is missing."""

from pathlib import Path

import pytest

from daemon.ledger import journal
from daemon.ledger.journal import PIECE_ENTRIES, Journal
from daemon.ledger.medium import Medium
from daemon.ledger.views import Joined, Stored

MOST = 2 * PIECE_ENTRIES + 1
COUNTS = (1, 2, PIECE_ENTRIES - 1, PIECE_ENTRIES, PIECE_ENTRIES + 1, MOST - 1, MOST)


def row(seq: int) -> Stored:
    return Stored(seq, f"{seq:064x}", b"entry %d" % seq)


def journal_of(folder: Path, seqs: list[int]) -> Journal:
    made = Journal(folder / journal.FILE, Medium())
    made.write(1, [row(seq) for seq in seqs])
    return made


def joined(first: int, last: int) -> Joined:
    text = b"\n".join(row(seq).data for seq in range(first, last + 1))
    before = row(first - 1).hash if first > 1 else ""
    return Joined(first, last, before, row(last).hash, text)


@pytest.mark.parametrize("first", [1, 2, PIECE_ENTRIES])
def test_a_text_is_its_rows_however_many(tmp_path: Path, first: int) -> None:
    opened = journal_of(tmp_path, list(range(1, MOST + 1)))
    for count in COUNTS:
        wanted = joined(first, min(MOST, first + count - 1))
        assert opened.joined(1, first, count) == wanted
    assert opened.joined(1, MOST + 1, 5) is None
    assert opened.joined(2, first, 5) is None
    opened.close()


@pytest.mark.parametrize("hole", COUNTS)
def test_nothing_is_joined_over_a_hole(tmp_path: Path, hole: int) -> None:
    opened = journal_of(tmp_path, [seq for seq in range(1, MOST + 3) if seq != hole])
    found = opened.joined(1, 1, MOST + 2)
    assert found is None or found == joined(1, hole - 1)
    assert opened.joined(1, hole + 1, 1) is None  # what it follows is not there
    opened.close()
