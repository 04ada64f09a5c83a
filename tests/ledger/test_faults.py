"""Disks that are slow, read-only or rotten, and files of older software: refused or mended."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest

from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.checkup import damage
from daemon.ledger.kinds import Unit
from daemon.ledger.medium import Medium
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable, Outcome
from tests.ledger.shop import MEMBER, open_store, sale

POINTS = accounts.points(MEMBER)
FSYNC_S = 5.0
FIXTURES = Path(__file__).parent / "fixtures"
ROOT = Path(__file__).resolve().parents[2]


class SlowMedium(Medium):
    """A journal whose next commit takes seconds to be flushed, as worn cards do."""

    def __init__(self) -> None:
        self.slow = False

    def connect(self, path: Path, *, readonly: bool) -> sqlite3.Connection:
        if path.name != "journal.db" or readonly:
            return super().connect(path, readonly=readonly)
        medium = self

        class Slow(sqlite3.Connection):
            def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
                done = super().execute(sql, *values)  # type: ignore[arg-type]
                if medium.slow and sql.startswith("INSERT"):
                    medium.slow = False
                    time.sleep(FSYNC_S)
                return done

        return sqlite3.connect(
            f"file:{quote(str(path))}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=Slow,
        )


def test_a_flush_of_five_seconds_keeps_nobody_waiting_who_need_not(tmp_path: Path) -> None:
    medium = SlowMedium()
    store = open_store(tmp_path, medium=medium)
    assert isinstance(store.commit(sale("a")), Durable)
    medium.slow = True
    began = time.monotonic()
    outcome: Future[Outcome] = store.submit(sale("b"))
    assert time.monotonic() - began < 0.1, "to hand a draft in takes no time"
    while medium.slow:
        time.sleep(0.01)
    looked = time.monotonic()
    assert store.books.balance(POINTS, Unit.POINT) == 120, "not shown before it is durable"
    assert store.books.last_anonymous_sale("02", "2026-03-06") is None
    assert time.monotonic() - looked < 1.0, "reading goes on"
    assert not outcome.done()
    waiting = store.submit(sale("c"))
    assert isinstance(outcome.result(2 * FSYNC_S), Durable)
    assert time.monotonic() - began >= FSYNC_S
    assert isinstance(waiting.result(1.0), Durable)
    assert store.books.balance(POINTS, Unit.POINT) == 360
    store.close()
    assert verify(tmp_path, full=True).ok


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a disk of its own is mounted")
def test_a_disk_that_became_read_only_is_said_and_recovers(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    script = f"cd {tmp_path} && mount -t tmpfs -o size=8m tmpfs disk && exec " + (
        f"{sys.executable} -P -m tests.ledger.readonly_disk disk"
    )
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "permission" in run.stderr.lower() or "not permitted" in run.stderr.lower():
        pytest.skip(f"mount is not allowed here: {run.stderr.strip()}")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "recovered", run.stdout


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("file", ["journal.db", "books.db", "local.db"])
def test_rot_in_any_file_ends_in_a_box_that_sells_or_says_why(
    tmp_path: Path, file: str, seed: int
) -> None:
    """Cut, zero or flip a file anywhere: the box serves with what is true, or names the file."""
    store = open_store(tmp_path)
    for number in range(20):
        store.commit(sale(f"a{number}"))
    store.close()
    rot(tmp_path / file, Random(f"{file}{seed}"))
    try:
        store = open_store(tmp_path)
    except StoreError as error:
        assert file.partition(".")[0] in str(error)
        return
    points = store.books.balance(POINTS, Unit.POINT)
    if store.chain.epoch == 1:
        if file != "journal.db":
            assert points == 20 * 120
    else:
        assert points == 0, "a new chain holds nothing"
        assert file == "journal.db"
    assert isinstance(store.commit(sale("after")), Durable)
    store.close()
    if file != "journal.db":
        assert verify(tmp_path, full=True).ok
    else:
        proof = verify(tmp_path, full=True)  # flipped bytes of an entry are named, not mended
        found = damage(tmp_path)
        assert proof.ok or proof.bad[0].seq or found, "nothing rotten is passed over"


def rot(path: Path, random: Random) -> None:
    raw = bytearray(path.read_bytes())
    spot = random.randrange(len(raw))
    match random.randrange(3):
        case 0:
            del raw[spot:]
        case 1:
            raw[spot : spot + 4096] = bytes(min(4096, len(raw) - spot))
        case _:
            for _ in range(20):
                raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    path.write_bytes(bytes(raw))


def test_a_look_at_every_page_finds_what_a_start_does_not_see(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for number in range(60):
        store.commit(sale(f"a{number}"))
    store.close()
    assert damage(tmp_path) == ""
    assert damage(tmp_path / "nowhere") == ""
    journal = tmp_path / "journal.db"
    raw = bytearray(journal.read_bytes())
    # An inner page of the tree: what is in the middle of it is gone, its ends are whole.
    pages = [at for at in range(1024, len(raw), 1024) if raw[at] in (0x05, 0x0D)]
    middle = pages[len(pages) // 2]
    raw[middle : middle + 512] = b"\xff" * 512
    journal.write_bytes(bytes(raw))
    assert damage(tmp_path) != ""


# -- files of older software ----------------------------------------------------------------------


def test_a_state_of_every_released_schema_is_opened_with_its_figures(tmp_path: Path) -> None:
    """fixtures/state-N holds the three files as the software of that time left them."""
    states = sorted(FIXTURES.glob("state-*"))
    assert states, "there is a fixture of every schema"
    for state in states:
        folder = tmp_path / state.name
        shutil.copytree(state, folder)
        (folder / "keys").chmod(0o700)
        store = open_store(folder)
        assert store.chain.epoch == 1, state
        assert store.books.balance(POINTS, Unit.POINT) == 240
        again = store.commit(sale("a"))
        assert isinstance(again, Durable) and again.again
        assert store.local.member_key("8800000000018") == b"k" * 32
        assert isinstance(store.commit(sale("new")), Durable)
        store.close()
        assert verify(folder, full=True).ok


@pytest.mark.parametrize("file", ["journal", "books", "local"])
def test_a_migration_that_fails_leaves_the_old_file_as_it_was(
    tmp_path: Path, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path / "box")
    store.commit(sale("a"))
    store.close()
    schema = tmp_path / "schema"
    shutil.copytree(ROOT / "daemon/ledger/schema", schema)
    last = max(int(path.stem[-4:]) for path in schema.glob(f"{file}-*.sql"))
    (schema / f"{file}-{last + 1:04d}.sql").write_text(
        "CREATE TABLE half (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);"
    )
    monkeypatch.setattr("daemon.ledger.medium._SCHEMA", schema)
    path = tmp_path / "box" / f"{file}.db"
    before = dump(path)
    if file == "books":  # a projection: it is thrown away and made again, which fails as well
        with pytest.raises(StoreError):
            open_store(tmp_path / "box")
    else:
        with pytest.raises(StoreError, match=file):
            open_store(tmp_path / "box")
        assert dump(path) == before
    monkeypatch.undo()
    store = open_store(tmp_path / "box")
    assert store.chain.epoch == 1
    assert store.books.balance(POINTS, Unit.POINT) == 120
    store.close()


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        lines = list(connection.iterdump())
        lines.append(str(connection.execute("PRAGMA user_version").fetchone()))
    connection.close()
    return lines
