"""Reading in spans, by several processes, finds what reading entry by entry finds."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest
from msgspec.structs import replace

from daemon.ledger.codec import decode, encode, hash_of
from daemon.ledger.crew import Crew, CrewLost, Span, spans
from daemon.ledger.records import Chain, Head, Posting
from daemon.ledger.verify import verify
from tests.ledger.shop import open_store, sale, spend

ENTRIES = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crew") / "box"
    store = open_store(folder)
    for name in "abcd":
        store.commit(sale(name, lines=2))
    store.commit(spend("e", "0018.1:2:3", 20))
    store.close()
    return folder


@pytest.fixture
def box(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "box"))


def flipped(journal: sqlite3.Connection, seq: int) -> None:
    query = "SELECT data FROM entry WHERE id = ?"
    (data,) = journal.execute(query, (place(seq),)).fetchone()
    changed = data.replace(b"2026-03-06", b"2026-03-07", 1)
    journal.execute("UPDATE entry SET data = ? WHERE id = ?", (changed, place(seq)))


def deleted(journal: sqlite3.Connection, seq: int) -> None:
    journal.execute("DELETE FROM entry WHERE id = ?", (place(seq),))


def displaced(journal: sqlite3.Connection, seq: int) -> None:
    query = "UPDATE entry SET id = ? WHERE id = ?"
    journal.execute(query, (place(ENTRIES + 1), place(seq)))


def exchanged(journal: sqlite3.Connection, seq: int) -> None:
    other = seq % ENTRIES + 1
    for old, new in ((seq, 99), (other, seq), (99, other)):
        journal.execute("UPDATE entry SET id = ? WHERE id = ?", (place(new), place(old)))


def rewritten(journal: sqlite3.Connection, seq: int) -> None:
    """With a hash that fits: only the next entry's link tells."""
    query = "SELECT data FROM entry WHERE id = ?"
    entry = decode(journal.execute(query, (place(seq),)).fetchone()[0])
    write(journal, seq, encode(replace(entry, source="somebody")))


def inserted(journal: sqlite3.Connection, seq: int) -> None:
    """A copy at the end of the chain that follows nothing."""
    query = "SELECT data FROM entry WHERE id = ?"
    entry = decode(journal.execute(query, (place(seq),)).fetchone()[0])
    write(journal, ENTRIES + 1, encode(replace(entry, seq=ENTRIES + 1, id="new")))


def of_another_chain(journal: sqlite3.Connection, seq: int) -> None:
    query = "SELECT hash, data FROM entry WHERE id = ?"
    entry = decode(journal.execute(query, (place(seq),)).fetchone()[1])
    before = journal.execute(query, (place(ENTRIES),)).fetchone()[0].hex()
    more = replace(entry, box="0022", seq=ENTRIES + 1, id="new", prev=before)
    write(journal, ENTRIES + 1, encode(more))


def unbalanced(journal: sqlite3.Connection, seq: int) -> None:
    """As the last entry, with everything right but its postings."""
    query = "SELECT hash, data FROM entry WHERE id = ?"
    entry = decode(journal.execute(query, (place(seq),)).fetchone()[1])
    before = journal.execute(query, (place(ENTRIES),)).fetchone()[0].hex()
    moved = (*entry.postings, Posting("0018.1", "cash:drawer", "fen", "", 1))
    more = replace(entry, seq=ENTRIES + 1, id="new", prev=before, postings=moved)
    write(journal, ENTRIES + 1, encode(more))


def write(journal: sqlite3.Connection, seq: int, data: bytes) -> None:
    row = (place(seq), bytes.fromhex(hash_of(data)), data)
    journal.execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", row)


def place(seq: int) -> int:
    return (1 << 32) | seq


@pytest.mark.parametrize("seq", range(1, ENTRIES + 1))
@pytest.mark.parametrize(
    "how",
    [
        *(flipped, deleted, displaced, exchanged),
        *(rewritten, inserted, of_another_chain, unbalanced),
    ],
)
def test_what_is_wrong_is_named_the_same_however_it_is_read(
    box: Path, how: Callable[[sqlite3.Connection, int], None], seq: int
) -> None:
    assert verify(box, span_entries=2).ok
    with closing(sqlite3.connect(box / "journal.db")) as journal, journal:
        how(journal, seq)
    named = {verify(box, span_entries=length).bad for length in (1, 2, 3, 1000)}
    assert len(named) == 1, named
    at_head = seq == ENTRIES and how in (deleted, rewritten)  # HQ's acknowledgement tells those
    assert all(named) or at_head, named


def test_several_processes_prove_what_one_proves(box: Path) -> None:
    alone = verify(box, processes=1)
    assert alone.ok and alone.entries == ENTRIES
    told: list[int] = []
    assert verify(box, processes=3, span_entries=2, progress=told.append) == alone
    assert told == [2, 4, 6]
    with closing(sqlite3.connect(box / "journal.db")) as journal, journal:
        flipped(journal, 4)
    bad = verify(box, processes=2, span_entries=2).bad
    assert [(one.epoch, one.seq) for one in bad] == [(1, 4)]


def test_one_wrong_balance_is_found_by_several_processes(box: Path) -> None:
    with closing(sqlite3.connect(box / "books.db")) as books, books:
        books.execute("UPDATE balance SET amount = amount + 1 WHERE lot <> 0 AND amount = 100")
    bad = verify(box, processes=2, span_entries=2).bad
    assert len(bad) == 1 and "run rebuild" in bad[0].what


def test_spans_make_the_chains() -> None:
    chains = [(Chain("0018", 1), Head(5, "")), (Chain("0018", 2), Head(2, ""))]
    parts = list(spans(chains, length=2))
    assert parts == [Span(1, 1, 2), Span(1, 3, 4), Span(1, 5, 5), Span(2, 1, 2)]


def length(span: Span) -> tuple[int, int]:
    return span.last - span.first + 1, os.getpid()


def fails_at(seq: int, span: Span) -> int:
    if span.first == seq:
        raise ValueError(f"no {seq}")
    return span.first


def ends_at(seq: int, span: Span) -> int:
    if span.first == seq:
        os._exit(9)
    return span.first


@pytest.fixture
def crew() -> Iterator[Crew]:
    made = Crew(2)
    yield made
    made.close()


def test_what_is_made_comes_in_order_from_other_processes(crew: Crew) -> None:
    parts = [Span(1, 1, n) for n in range(1, 30)]
    made = list(crew.each(length, parts, ahead=1))
    assert [one for one, _ in made] == list(range(1, 30))
    assert os.getpid() not in {pid for _, pid in made}


def test_an_error_of_a_part_is_the_callers_and_a_lost_worker_too(crew: Crew) -> None:
    parts = [Span(1, n, n) for n in range(1, 9)]
    made = crew.each(partial(fails_at, 3), parts)
    assert [next(made), next(made)] == [1, 2]
    with pytest.raises(ValueError, match="no 3"):
        next(made)
    with pytest.raises(CrewLost):
        list(crew.each(partial(ends_at, 5), parts))


def test_workers_end_with_a_parent_that_was_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert workers
    parent.kill()
    parent.wait()
    deadline = monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert monotonic() < deadline, "a worker waits for work that nobody has"
        sleep(0.05)


PARENT = """
import time
from daemon.ledger.crew import Crew, Span
from tests.ledger.test_crew import length
crew = Crew(2)
made = crew.each(length, [Span(1, 1, n) for n in range(1, 200)])
print(*{pid for _, pid in made}, flush=True)
time.sleep(60)
"""
