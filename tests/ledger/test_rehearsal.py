"""A release tries on copies whether it can take over; the state directory stays as it was."""

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.ledger import bookfile, journal, local
from daemon.ledger.medium import Medium, latest_version, open_database, rehearse

OLD = Path(__file__).parent / "fixtures" / "state-1"


def digest(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.stat().st_size and not path.name.endswith("-shm")
    }


@pytest.fixture
def state(tmp_path):
    """A copy of what the first release wrote, as databases."""
    folder = tmp_path / "state"
    folder.mkdir()
    for name in (journal.FILE, local.FILE):
        settings = journal.SETTINGS if name == journal.FILE else local.SETTINGS
        open_database(Medium(), folder / name, settings).close()
        db = sqlite3.connect(folder / name)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
    return folder


def test_what_the_first_release_wrote_is_tried_and_left_as_it_is(tmp_path):
    state = tmp_path / "old"
    shutil.copytree(OLD, state)
    before = digest(state)
    tried = rehearse(Medium(), state / bookfile.FILE, bookfile.SETTINGS, state / "try")
    assert tried == (1, latest_version("books"))
    assert digest(state) == before


def age(path: Path, version: int) -> None:
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA user_version = {version}")
    db.commit()
    db.close()


def test_what_is_up_to_date_needs_no_copy(state):
    newest = latest_version("journal")
    path = state / journal.FILE
    assert rehearse(Medium(), path, journal.SETTINGS, state / "try") == (newest, newest)


def test_a_migration_that_fails_is_told_and_nothing_is_touched(state):
    # the tables of the newest version are there, so that its migrations cannot run again
    age(state / journal.FILE, 0)
    before = digest(state)
    with pytest.raises(StoreError, match=r"journal\.db: bringing a copy of it up to date"):
        rehearse(Medium(), state / journal.FILE, journal.SETTINGS, state / "try")
    assert digest(state) == before
    assert not (state / "try").exists()


def test_a_copy_with_keys_is_made_in_memory(state):
    age(state / local.FILE, 0)
    before = set(state.iterdir())
    with pytest.raises(StoreError):
        rehearse(Medium(), state / local.FILE, local.SETTINGS, None)
    assert {path for path in state.iterdir() if not path.name.endswith(("-wal", "-shm"))} == before


def test_newer_books_are_told(state):
    age(state / journal.FILE, latest_version("journal") + 1)
    with pytest.raises(StoreError, match="made by newer software"):
        rehearse(Medium(), state / journal.FILE, journal.SETTINGS, state / "try")
