"""Headquarters from one engine to the other: a shop becomes a chain; a chain is saved in one file.

The rows are the same in both, with their order of arrival. Whoever writes waits meanwhile.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.errors import StoreError
from hq.db import Db, Table
from hq.sqlite import Sqlite, open_file

if TYPE_CHECKING:
    from hq.postgres import Postgres

ROWS_AT_ONCE = 5000  # of one load: 3 MB


def save(db: Db, path: Path) -> None:
    """Write headquarters' database, as it is at this moment, into a new SQLite file."""
    if isinstance(db, Sqlite):
        db.copy_to(path)
        return
    copy = open_file(path)
    try:
        _copy(db, copy, _tables(db))
    finally:
        copy.close()


def move(source: Path, target: Db) -> int:
    """Load a SQLite file of headquarters into an empty database; return how many entries came.

    Raises StoreError when the database is not empty.
    """
    tables = _tables(target)
    office = open_file(source)
    try:
        check_empty(target)
        _copy(office, target, tables)
        return int(target.execute("SELECT count(*) FROM entry").fetchone()[0])
    finally:
        office.close()


def check_empty(target: Db) -> None:
    """Raise StoreError when a headquarters is in a database."""
    if target.execute("SELECT 1 FROM chain LIMIT 1").fetchone() is not None:
        raise StoreError(
            target.place,
            doing="moving headquarters",
            found="a headquarters is there",
            fix="Make an empty database: createdb --encoding=UTF8 NAME.",
            retry=False,
        )


def _tables(db: Db) -> list[Table]:
    return _server(db).tables()


def _server(db: Db) -> "Postgres":
    from hq.postgres import Postgres  # heavy, and one shop has none

    assert isinstance(db, Postgres), "one of the two is PostgreSQL"
    return db


def _copy(source: Db, target: Db, tables: Sequence[Table]) -> None:
    with source.transaction(), target.transaction():
        for table in tables:
            target.execute(f"DELETE FROM {table.name}")  # noqa: S608  (what a new one begins with)
            for chunk in _chunks(source.rows(table)):
                target.put(table, chunk)
        if isinstance(source, Sqlite):
            _server(target).count_on(tables)


def _chunks(rows: Iterator[Sequence[object]]) -> Iterable[list[Sequence[object]]]:
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        yield chunk


def put_aside(path: Path) -> Path:
    """Give the file that was moved another name, so that nobody goes on in it; return the name."""
    aside = path.with_name(f"{path.name}.moved")
    os.replace(path, aside)
    return aside
