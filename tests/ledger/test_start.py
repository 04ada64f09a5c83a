"""What a start finds: books behind, gone, damaged or ahead of the journal."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Unit
from daemon.ledger.rebuild import rebuild
from daemon.ledger.records import Chain
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable
from tests.ledger.shop import MEMBER, open_store, sale

POINTS = accounts.points(MEMBER)


def sell(store: Store, *names: str) -> None:
    for name in names:
        assert isinstance(store.commit(sale(name)), Durable)


def copy(folder: Path, to: Path) -> Path:
    """A copy of a live state directory: what a power cut leaves, or a backup."""
    shutil.copytree(folder, to)
    return to


def test_a_power_cut_leaves_books_behind_and_the_start_replays_the_tail(tmp_path: Path) -> None:
    store = open_store(tmp_path / "box")
    sell(store, "a", "b", "c")
    after_cut = copy(tmp_path / "box", tmp_path / "cut")
    store.close()
    assert verify(after_cut, full=True).ok
    store = open_store(after_cut)
    assert store.chain == Chain("0018", 1)
    assert store.head.seq == 4
    assert store.books.balance(POINTS, Unit.POINT) == 360
    again = store.commit(sale("b"))
    assert isinstance(again, Durable)
    assert again.again
    store.close()


@pytest.mark.parametrize("how", ["gone", "garbage", "empty", "newer"])
def test_books_that_are_no_use_are_made_again(tmp_path: Path, how: str) -> None:
    store = open_store(tmp_path)
    sell(store, "a", "b")
    store.close()
    books = tmp_path / "books.db"
    if how == "gone":
        books.unlink()
    elif how == "garbage":
        books.write_bytes(b"no database at all" * 500)
    elif how == "empty":
        books.write_bytes(b"")
    else:
        with sqlite3.connect(books) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
    store = open_store(tmp_path)
    assert store.chain == Chain("0018", 1)
    assert store.books.balance(POINTS, Unit.POINT) == 240
    store.close()
    assert verify(tmp_path, full=True).ok


@pytest.mark.parametrize("rebuilt", [False, True], ids=["started", "rebuilt before"])
def test_a_journal_that_was_rolled_back_ends_the_chain(tmp_path: Path, rebuilt: bool) -> None:
    """Also where `verify` was asked first, whose answer is to run `rebuild`."""
    store = open_store(tmp_path / "box")
    sell(store, "a")
    store.close()
    backup = copy(tmp_path / "box", tmp_path / "backup")
    store = open_store(tmp_path / "box")
    sell(store, "b", "c")
    store.close()
    shutil.copy(backup / "journal.db", tmp_path / "box" / "journal.db")
    if rebuilt:
        assert not verify(tmp_path / "box").ok
        assert rebuild(tmp_path / "box") == 2
    store = open_store(tmp_path / "box")
    assert store.chain == Chain("0018", 2)
    opened = decode(store.read(2, 1, 1)[0].data).body
    assert isinstance(opened, EpochOpened)
    assert (opened.reason, opened.parent_seq) == ("restore", 2)
    assert store.books.balance(POINTS, Unit.POINT) == 0
    again = store.commit(sale("a"))
    assert isinstance(again, Durable)
    assert again.again
    assert not store.commit(sale("b")).again  # type: ignore[union-attr]  # it is lost
    store.close()
    assert verify(tmp_path / "box", full=True).ok


def test_a_lost_journal_never_begins_at_epoch_one_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    sell(store, "a")
    store.close()
    (tmp_path / "journal.db").unlink()
    store = open_store(tmp_path)
    assert store.chain == Chain("0018", 2)
    opened = decode(store.read(2, 1, 1)[0].data).body
    assert isinstance(opened, EpochOpened)
    assert (opened.reason, opened.parent_epoch, opened.parent_seq) == ("restore", 1, 2)
    store.close()
    assert verify(tmp_path, full=True).ok


def test_a_journal_of_newer_software_is_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    sell(store, "a")
    store.close()
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(StoreError, match="Install the newer memberbox"):
        open_store(tmp_path)


def test_an_entry_of_an_unknown_kind_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    sell(store, "a")
    store.close()
    (tmp_path / "books.db").unlink()
    with sqlite3.connect(tmp_path / "journal.db") as connection:
        connection.execute(
            "UPDATE entry SET data ="
            " CAST(replace(CAST(data AS TEXT), '\"sale\"', '\"moon\"') AS BLOB)"
            " WHERE id & 0xffffffff = 2"
        )
    connection.close()
    with pytest.raises(StoreError, match=r"reading entry 1:2: .*unknown kind|entry 1:2") as found:
        open_store(tmp_path)
    assert not found.value.retry, "nobody tries for ever what only other software can read"


def test_a_directory_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="opening the store"):
        open_store(tmp_path / "file" / "state")


def test_rebuild_needs_the_box_stopped_and_gives_the_same_books(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    sell(store, "a", "b")
    with pytest.raises(StoreError, match="Stop the running box"):
        rebuild(tmp_path)
    store.close()
    told: list[int] = []
    assert rebuild(tmp_path, progress=told.append) == 3
    assert told[-1] == 3
    assert verify(tmp_path, full=True).ok
    with pytest.raises(StoreError):
        rebuild(tmp_path / "nowhere")
