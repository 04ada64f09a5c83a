"""verify names what is wrong, and where; a box may run beside it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.codec import decode, encode, hash_of
from daemon.ledger.local import Acknowledged
from daemon.ledger.rebuild import rebuild
from daemon.ledger.records import Entry, Posting
from daemon.ledger.verify import verify
from tests.ledger.shop import MEMBER, open_store, sale, spend


@pytest.fixture
def box(tmp_path: Path) -> Path:
    store = open_store(tmp_path)
    for name in "abcd":
        store.commit(sale(name, lines=2))
    store.commit(spend("e", "0018.1:2:3", 20))
    store.close()
    return tmp_path


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    with connection:
        yield connection
    connection.close()


def place(seq: int) -> int:
    return (1 << 32) | seq


def bad(folder: Path, *, full: bool = False) -> list[tuple[int, int]]:
    proof = verify(folder, full=full)
    assert proof.ok == (not proof.bad)
    return [(one.epoch, one.seq) for one in proof.bad]


def test_an_untouched_box_is_proved_also_while_it_runs(box: Path) -> None:
    proof = verify(box, full=True)
    assert (proof.ok, proof.entries, proof.head, proof.bad) == (True, 6, "0018.1:6", ())
    store = open_store(box)
    store.commit(sale("f"))
    told: list[int] = []
    assert verify(box, progress=told.append).entries == 7
    store.commit(sale("g"))
    store.close()
    assert verify(box, full=True).entries == 8


@pytest.mark.parametrize("seq", [1, 3, 6])
def test_a_flipped_byte_is_named_by_its_entry(box: Path, seq: int) -> None:
    with tampering(box / "journal.db") as connection:
        (data,) = connection.execute(
            "SELECT data FROM entry WHERE id = ?", (place(seq),)
        ).fetchone()
        flipped = data.replace(b"2026-03-06", b"2026-03-07", 1)
        connection.execute("UPDATE entry SET data = ? WHERE id = ?", (flipped, place(seq)))
    assert bad(box) == [(1, seq)]


def test_a_byte_flipped_in_the_file_itself_is_named(box: Path) -> None:
    raw = bytearray((box / "journal.db").read_bytes())
    at = raw.find(b'"id":"c"')
    raw[at + 6] ^= 1
    (box / "journal.db").write_bytes(bytes(raw))
    assert bad(box) == [(1, 4)]


def test_a_deleted_entry_is_named(box: Path) -> None:
    with tampering(box / "journal.db") as connection:
        connection.execute("DELETE FROM entry WHERE id = ?", (place(3),))
    assert bad(box)[0] == (1, 3)


@pytest.fixture
def followed(tmp_path: Path) -> Path:
    """A box whose first chain ended with other hardware."""
    for hardware in ("one", "two"):
        store = open_store(tmp_path, hardware=hardware)
        for name in "abc":
            store.commit(sale(f"{hardware}{name}"))
        store.close()
    return tmp_path


def test_a_deleted_end_of_an_older_chain_is_named_although_the_books_are_made_anew(
    followed: Path,
) -> None:
    with tampering(followed / "journal.db") as connection:
        connection.execute("DELETE FROM entry WHERE id = ?", (place(4),))
    rebuild(followed)
    assert bad(followed) == bad(followed, full=True) == [(1, 4)]


def test_an_entry_after_the_end_of_an_older_chain_is_named(followed: Path) -> None:
    with tampering(followed / "journal.db") as connection:
        last = connection.execute("SELECT data FROM entry WHERE id = ?", (place(4),)).fetchone()[0]
        entry = decode(last)
        more = encode(replace(entry, seq=5, id="more", prev=hash_of(last), postings=()))
        insert = "INSERT INTO entry VALUES (?, ?, ?)"
        connection.execute(insert, (place(5), bytes.fromhex(hash_of(more)), more))
    rebuild(followed)
    assert bad(followed) == bad(followed, full=True) == [(1, 5)]


def test_moved_entries_are_named(box: Path) -> None:
    with tampering(box / "journal.db") as connection:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            connection.execute("UPDATE entry SET id = ? WHERE id = ?", (place(new), place(old)))
    assert bad(box)[0] == (1, 3)


def forge(folder: Path, seq: int, entry: Entry) -> None:
    data = encode(entry)
    with tampering(folder / "journal.db") as connection:
        connection.execute(
            "INSERT OR REPLACE INTO entry VALUES (?, ?, ?)",
            (place(seq), bytes.fromhex(hash_of(data)), data),
        )


def stored(folder: Path, seq: int) -> Entry:
    with tampering(folder / "journal.db") as connection:
        row = connection.execute("SELECT data FROM entry WHERE id = ?", (place(seq),)).fetchone()
    return decode(row[0])


def test_an_inserted_and_a_rewritten_entry_are_named(box: Path) -> None:
    last = stored(box, 6)
    forge(box, 7, replace(last, seq=7, prev="1" * 64))
    assert bad(box) == [(1, 7)]
    with tampering(box / "journal.db") as connection:
        connection.execute("DELETE FROM entry WHERE id = ?", (place(7),))
    forge(box, 3, replace(stored(box, 3), source="somebody"))
    assert bad(box) == [(1, 3)]


def test_postings_that_do_not_balance_or_overdraw_are_named(box: Path) -> None:
    last = stored(box, 6)
    with tampering(box / "journal.db") as connection:
        row = connection.execute("SELECT hash FROM entry WHERE id = ?", (place(6),)).fetchone()
    more = (*last.postings, Posting("0018.1", "cash:drawer", "fen", "", 1))
    forge(box, 7, replace(last, seq=7, id="x", prev=row[0].hex(), postings=more))
    assert bad(box) == [(1, 7)]
    taken = tuple(replace(one, amount=one.amount * 6) for one in last.postings)
    forge(box, 7, replace(last, seq=7, id="x", prev=row[0].hex(), postings=taken))
    assert (1, 7) not in bad(box)
    assert bad(box, full=True) == [(1, 7)]


def test_bytes_that_are_not_canonical_are_named(box: Path) -> None:
    last = stored(box, 6)
    with tampering(box / "journal.db") as connection:
        row = connection.execute("SELECT hash FROM entry WHERE id = ?", (place(6),)).fetchone()
        made = replace(last, seq=7, id="x", prev=row[0].hex(), postings=())
        data = encode(made).replace(b'"v":1', b'"v": 1')
        digest = bytes.fromhex(hash_of(data))
        connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (place(7), digest, data))
    assert bad(box) == []
    proof = verify(box, full=True)
    assert [(one.seq, one.what) for one in proof.bad] == [
        (7, "its bytes are not in canonical form")
    ]


@pytest.mark.parametrize("lot", [True, False])
def test_a_wrong_balance_is_named_and_rebuild_mends_it(box: Path, lot: bool) -> None:
    with tampering(box / "books.db") as connection:
        connection.execute(
            "UPDATE balance SET amount = amount + 1 WHERE lot <> 0 AND account IN"
            " (SELECT id FROM account WHERE name = ?)"
            if lot
            else "UPDATE balance SET amount = amount + 1 WHERE account IN"
            " (SELECT id FROM account WHERE name = ?)",
            (accounts.points(MEMBER) if lot else accounts.CASH_DRAWER,),
        )
    proof = verify(box)
    assert not proof.ok
    name = accounts.points(MEMBER) if lot else accounts.CASH_DRAWER
    assert name in proof.bad[0].what
    assert "run rebuild" in proof.bad[0].what
    rebuild(box)
    assert verify(box, full=True).ok


def test_balances_that_changed_places_are_found(box: Path) -> None:
    with tampering(box / "books.db") as connection:
        connection.execute("UPDATE balance SET lot = -lot WHERE lot > 0")
        connection.execute("UPDATE balance SET lot = 4096 - lot WHERE lot < 0")
    assert not verify(box).ok


def test_missing_books_do_not_hide_the_chain(box: Path) -> None:
    (box / "books.db").unlink()
    proof = verify(box)
    assert proof.entries == 6
    assert [(one.epoch, one.seq) for one in proof.bad] == [(0, 0)]
    assert "books.db" in proof.bad[0].what


def test_a_damaged_page_is_said_where_reading_ended(box: Path) -> None:
    raw = bytearray((box / "journal.db").read_bytes())
    page = 1024
    for at in range(3 * page, len(raw) - page, page):
        raw[at : at + 100] = b"\xee" * 100
    (box / "journal.db").write_bytes(bytes(raw))
    proof = verify(box)
    assert not proof.ok
    assert "Do not delete it" in proof.bad[0].what


def test_no_journal_is_an_error_not_an_answer(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"journal\.db"):
        verify(tmp_path)


def test_a_tail_that_headquarters_acknowledged_is_missed_even_after_a_rebuild(box: Path) -> None:
    store = open_store(box)
    head = store.head
    store.local.put_acknowledged(Acknowledged(1, 1, head.seq, head.hash, b"{}", "sig"))
    store.close()
    assert bad(box) == []
    with tampering(box / "journal.db") as journal:
        journal.execute("DELETE FROM entry WHERE id >= ?", (place(head.seq - 1),))
    rebuild(box)
    assert bad(box) == [(1, head.seq)]


def test_another_entry_of_an_acknowledged_number_is_named(box: Path) -> None:
    store = open_store(box)
    store.local.put_acknowledged(Acknowledged(1, 1, 3, "ab" * 32, b"{}", "sig"))
    store.close()
    assert bad(box) == [(1, 3)]


def test_an_empty_journal_file_is_a_lost_journal(box: Path) -> None:
    (box / "journal.db").write_bytes(b"")
    for rest in ("journal.db-wal", "journal.db-shm"):
        (box / rest).unlink(missing_ok=True)
    store = open_store(box)
    assert store.chain.epoch == 2
    store.close()
