"""Headquarters on one disk: a SQLite database (WAL, synchronous=FULL). The default.

Commands work beside a running `serve`: each transaction takes the writer's lock at its start.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from daemon.errors import StoreError
from daemon.ledger.signed import Disks
from hq.db import Table
from hq.migrations import scripts, too_new

BUSY_S = 20.0  # an import of 100,000 cards holds the lock for seconds
PAGE_BYTES = 16384  # a sale takes 3 kB: five fill a page, where one of 4096 stays a third empty
DAMAGE_SHOWN = 5


class Sqlite:
    """One connection (of no isolation level) to one database; see hq/db.py."""

    def __init__(self, db: sqlite3.Connection, place: str) -> None:
        self._db = db
        self._place = place
        db.create_function("greatest", -1, _greatest, deterministic=True)
        db.create_function("least", -1, _least, deterministic=True)
        self._migrate()

    @property
    def place(self) -> str:
        return self._place

    @property
    def written(self) -> int:
        return self._db.total_changes

    def execute(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._db.execute(sql, values)

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> sqlite3.Cursor:
        return self._db.executemany(sql, rows)

    def put(self, table: Table, rows: Iterable[Sequence[object]]) -> None:
        self._db.executemany(_insert(table), rows)

    def merge(
        self, table: Table, rows: Sequence[Sequence[object]], *, clash: str = "DO NOTHING"
    ) -> int:
        return self._db.executemany(f"{_insert(table)} ON CONFLICT {clash}", rows).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def storing(self, boxes: Iterable[str]) -> AbstractContextManager[None]:
        return self.transaction()

    def hold(self) -> bool:
        return True  # the lock beside the file says who serves

    def durability(self) -> Disks:
        return "one"

    def wipe(self) -> bool:
        """Empty the write-ahead log; deletes have overwritten the rest (secure_delete)."""
        busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return int(busy) == 0

    def findings(self) -> list[tuple[str, str]]:
        damage = self._db.execute(f"PRAGMA quick_check({DAMAGE_SHOWN})").fetchall()
        if damage == [("ok",)]:
            return []
        return [(f"{self._place}: {row[0]}", "Restore the last backup.") for row in damage]

    def copy_to(self, path: Path) -> None:
        """Copy the database, as it is at this moment. Raises sqlite3.Error."""
        copy = sqlite3.connect(path)
        with copy:
            self._db.backup(copy)
        copy.close()

    def rows(self, table: Table) -> Iterator[Sequence[object]]:
        columns = ", ".join(table.columns)
        yield from self._db.execute(f"SELECT {columns} FROM {table.name}")  # noqa: S608 - our names

    def close(self) -> None:
        self._db.close()

    def _migrate(self) -> None:
        """Run the numbered migrations that this database does not have yet, each in one commit."""
        have = self._version()
        numbered = scripts()
        if have > max(numbered):
            raise too_new(self.place, have, max(numbered))
        for number, script in numbered.items():
            if number > have:
                self._run_migration(number, script)

    def _run_migration(self, number: int, script: str) -> None:
        text = f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
        try:
            self._db.executescript(text)
        except sqlite3.OperationalError:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            # Another command may have run it between our look and our lock.
            if self._version() < number:
                raise

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])


def open_file(path: Path) -> Sqlite:
    """Open the database in a file, made when it is not there. Raises StoreError."""
    try:
        db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        os.chmod(path, 0o600)
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA wal_autocheckpoint = 4000")
        db.execute("PRAGMA cache_size = -32768")
        db.execute("PRAGMA secure_delete = ON")  # a member who was erased leaves no bytes
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            str(path),
            doing="opening it",
            found=str(error),
            fix="Look at the disk and at who may write there.",
            retry=False,
        ) from error
    return Sqlite(db, str(path))


def _insert(table: Table) -> str:
    marks = ", ".join("?" * len(table.columns))
    # names of ours
    return f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})"  # noqa: S608


def _greatest(*values: int | None) -> int | None:
    return max((one for one in values if one is not None), default=None)


def _least(*values: int | None) -> int | None:
    return min((one for one in values if one is not None), default=None)
