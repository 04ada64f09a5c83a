"""A damaged database is moved aside, never deleted; what can be read of it goes into a new one.

The damaged file is left as it is, byte for byte: reading happens on a copy.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.ledger.codec import CodecError, envelope, hash_of
from daemon.ledger.journal import SEQ_BITS, Journal
from daemon.ledger.local import SETTINGS as LOCAL_SETTINGS
from daemon.ledger.medium import Connection, Medium, MediumFault, open_database
from daemon.ledger.records import ZERO_HASH
from daemon.ledger.views import Stored

ROWS_AT_ONCE = 200
TRIES_MAX = 2000  # single rows that cannot be read, before the file counts as ended
LENGTH_MAX = 1 << 40  # of a file that its header may claim; holes take no room
_SUFFIXES = ("", "-wal", "-shm")
# The words of SQLite's own errors may hold bytes of a rotten file, which are no text.
_UNREADABLE = (MediumFault, OSError, UnicodeDecodeError)
_KEPT = (
    ("member_key", "SELECT card, key, phone FROM member_key"),
    ("held_key", "SELECT card, key, phone FROM held_key"),
    ("fact", "SELECT name, value FROM fact WHERE name IN ('restored', 'forked', 'phone_key')"),
)
_SEQ_MASK = (1 << SEQ_BITS) - 1

_log = logging.getLogger(__name__)


class Salvaged(msgspec.Struct, frozen=True):
    """What became of a damaged journal. `beyond`: read after a gap, so not carried over."""

    aside: Path
    carried: int
    beyond: int

    def __str__(self) -> str:
        more = f", {self.beyond} more lie behind a gap" if self.beyond else ""
        return (
            f"journal.db was damaged and lies in {self.aside.name}: {self.carried} entries were"
            f" carried over{more}. Keep the file and call your technician."
        )


def set_aside(path: Path, when: str) -> Path:
    """Rename a database with its log to `<stem>.damaged-<when>.db`; return the new path."""
    aside = path.with_name(f"{path.stem}.damaged-{when}.db")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.stem}.damaged-{when}-{number}.db")
    for suffix in _SUFFIXES:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def salvage_journal(path: Path, medium: Medium, when: str) -> Salvaged:
    """Make a new journal from what can be read. Raises StoreError when the disk fails."""
    aside = set_aside(path, when)
    carried = beyond = 0
    with closing(Journal(path, medium)) as fresh:
        last: dict[int, tuple[int, str]] = {}
        for batch in _batches(_rows(aside)):
            by_epoch: dict[int, list[Stored]] = {}
            for epoch, stored in batch:
                if _follows(epoch, stored, last):
                    last[epoch] = (stored.seq, stored.hash)
                    by_epoch.setdefault(epoch, []).append(stored)
                    carried += 1
                else:
                    beyond += 1
            for epoch, rows in by_epoch.items():
                trouble = fresh.write(epoch, rows)
                if trouble is not None:
                    raise StoreError(
                        path.name,
                        doing="salvaging entries",
                        found=str(trouble.error),
                        fix=f"Make room; the damaged file is {aside.name}.",
                        retry=True,
                    )
    done = Salvaged(aside, carried, beyond)
    _log.critical("%s", done)
    return done


def salvage_local(path: Path, medium: Medium, when: str) -> Path:
    """Make a new local.db that has the members' keys that can still be read, and the facts that
    say that a chain has to end."""
    aside = set_aside(path, when)
    kept: list[tuple[str, list[tuple[object, ...]]]] = []
    with suppress(*_UNREADABLE), _copy_of(aside) as damaged:
        for table, query in _KEPT:
            rows: list[tuple[object, ...]] = []
            with suppress(*_UNREADABLE):
                for row in damaged.execute(query):
                    rows.append(tuple(row))
            kept.append((table, rows))
    with closing(open_database(medium, path, LOCAL_SETTINGS)) as fresh, suppress(MediumFault):
        for table, rows in kept:
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                insert = f"INSERT OR REPLACE INTO {table} VALUES ({marks})"  # noqa: S608
                fresh.executemany(insert, rows)
    counted = ", ".join(f"{len(rows)} of {table}" for table, rows in kept) or "nothing"
    _log.critical("local.db was damaged and lies in %s: kept %s", aside.name, counted)
    return aside


def _follows(epoch: int, stored: Stored, last: dict[int, tuple[int, str]]) -> bool:
    """Tell whether the entry is whole and the next of its chain."""
    if hash_of(stored.data) != stored.hash:
        return False
    try:
        seen = envelope(stored.data)
    except CodecError:
        return False
    if (seen.epoch, seen.seq) != (epoch, stored.seq):
        return False
    before = last.get(epoch)
    if before is None:
        return stored.seq == 1
    return (stored.seq, seen.prev) == (before[0] + 1, before[1] or ZERO_HASH)


def _batches(rows: Iterator[tuple[int, Stored]]) -> Iterator[list[tuple[int, Stored]]]:
    batch: list[tuple[int, Stored]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    yield batch


def _rows(aside: Path) -> Iterator[tuple[int, Stored]]:
    """Yield (epoch, entry) of everything that can be read, in order."""
    try:
        with _copy_of(aside) as damaged:
            after, tries = 0, 0
            while tries < TRIES_MAX:
                try:
                    found = damaged.execute(
                        "SELECT id, hash, data FROM entry WHERE id > ? ORDER BY id LIMIT ?",
                        (after, 1 if tries else ROWS_AT_ONCE),
                    ).fetchall()
                except MediumFault:
                    tries += 1
                    after += 1 if tries > 1 else 0  # the first try again, row by row
                    continue
                if not found:
                    return
                for key, digest, data in found:
                    yield key >> SEQ_BITS, Stored(key & _SEQ_MASK, bytes(digest).hex(), data)
                after = int(found[-1][0])
                tries = 0 if tries == 0 else 1
    except _UNREADABLE as error:
        _log.warning("%s cannot be read any further: %s", aside.name, error)


class _copy_of:
    """A copy to read from: opening a database, even to read, may write to it."""

    def __init__(self, aside: Path) -> None:
        self._aside = aside
        self._copy = aside.with_name(f"{aside.stem}.reading")

    def __enter__(self) -> Connection:
        for suffix in ("", "-wal"):
            source = self._aside.with_name(self._aside.name + suffix)
            if source.exists():
                shutil.copyfile(source, self._copy.with_name(self._copy.name + suffix))
        _lengthen(self._copy)
        self._connection = Medium().connect(self._copy, readonly=False)
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        for suffix in _SUFFIXES:
            self._copy.with_name(self._copy.name + suffix).unlink(missing_ok=True)


def _lengthen(copy: Path) -> None:
    """Give a file that was cut off its length back: SQLite reads nothing of a short one."""
    with copy.open("r+b") as file:
        header = file.read(32)
        page = int.from_bytes(header[16:18], "big")
        whole = (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
        if header.startswith(b"SQLite format 3\0") and copy.stat().st_size < whole <= LENGTH_MAX:
            file.truncate(whole)
