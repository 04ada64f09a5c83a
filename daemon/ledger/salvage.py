"""A damaged database is moved aside, never deleted; what can be read of it goes into a new one.

The damaged file is left as it is, byte for byte: reading happens on a copy. The new one is made
beside it under a name of its own and takes its place when it is whole and on the disk. Whatever
fails before, a full disk or a power cut, leaves the damaged file where it was, and the next start
begins anew; what fails after is ended by the next start (finish_salvage).
"""

import errno
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.howmany import HowMany
from daemon.ledger.codec import CodecError, envelope, hash_of
from daemon.ledger.journal import SEQ_BITS, Journal
from daemon.ledger.local import SETTINGS as LOCAL_SETTINGS
from daemon.ledger.medium import (
    Connection,
    Medium,
    MediumFault,
    open_database,
    salvaged_beside,
    takes_nothing,
)
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
    (
        "fact",
        "SELECT name, value FROM fact WHERE name LIKE 'erased:%'"
        " OR name IN ('restored', 'salvaged', 'forked', 'phone_key')",
    ),
)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
_SEQ_MASK = (1 << SEQ_BITS) - 1

_log = logging.getLogger(__name__)


class Salvaged(msgspec.Struct, frozen=True):
    """What became of a damaged journal. `beyond`: read after a gap, so not carried over."""

    carried: int
    beyond: int

    def __str__(self) -> str:
        more = f"; behind a gap: {self.beyond}" if self.beyond else ""
        return f"carried over: {HowMany(self.carried):entry}{more}"


def set_aside(path: Path, when: str) -> Path:
    """Rename a database with its log to `<stem>.damaged-<when>.db`; return the new path."""
    aside = path.with_name(f"{path.stem}.damaged-{when}.db")
    number = 1
    while any(aside.with_name(aside.name + suffix).exists() for suffix in _SUFFIXES):
        number += 1
        aside = path.with_name(f"{path.stem}.damaged-{when}-{number}.db")
    for suffix in _SUFFIXES:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def salvage_journal(path: Path, medium: Medium) -> None:
    """Make a whole new journal beside the damaged one from what can be read of that.

    It is not in its place yet: finish_salvage puts it there. Raises StoreError when the disk
    fails: everything is then as it was.
    """
    draft = path.with_name(f"{path.stem}.salvaging.db")
    _remove(draft)
    try:
        with closing(Journal(draft, medium)) as fresh:
            done = _carried(path, fresh)
            fresh.reopen()  # so that all of it stands in the database itself
        _put_down(draft, salvaged_beside(path))
    except (OSError, MediumFault) as error:
        raise _no_room(path, str(error)) from error
    finally:
        _remove(draft)
    _log.critical("journal.db is damaged: %s", done)


def finish_salvage(path: Path, when: str) -> Path:
    """Move the damaged database aside and the new one to its place; return where the old one lies.

    It can be done again wherever it was cut off.
    """
    there = path.exists()
    aside = set_aside(path, when)  # also a log alone, of a database that was moved before
    if not there:
        aside = max(path.parent.glob(f"{path.stem}.damaged-*.db"), default=aside, key=_changed)
    salvaged_beside(path).replace(path)
    _flush(path.parent)
    _log.critical("%s was damaged and lies in %s", path.name, aside.name)
    return aside


def salvage_local(path: Path, medium: Medium) -> None:
    """Make a new local.db beside the damaged one: the members' keys that can still be read, and
    the facts that say that a chain has to end, or that somebody was erased. Raises StoreError
    when the disk fails: everything is then as it was."""
    kept: list[tuple[str, list[tuple[object, ...]]]] = []
    with suppress(*_UNREADABLE), _copy_of(path) as damaged:
        for table, query in _KEPT:
            rows: list[tuple[object, ...]] = []
            with suppress(*_UNREADABLE):
                for row in damaged.execute(query):
                    rows.append(tuple(row))
            kept.append((table, rows))
    draft = path.with_name(f"{path.stem}.salvaging.db")
    _remove(draft)
    try:
        with closing(open_database(medium, draft, LOCAL_SETTINGS)) as fresh:
            for table, rows in kept:
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    insert = f"INSERT OR REPLACE INTO {table} VALUES ({marks})"  # noqa: S608 - ours
                    fresh.executemany(insert, rows)
            fresh.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        _put_down(draft, salvaged_beside(path))
    except (OSError, MediumFault) as error:
        raise _no_room(path, str(error)) from error
    finally:
        _remove(draft)
    counted = ", ".join(f"{len(rows)} of {table}" for table, rows in kept) or "nothing"
    _log.critical("local.db is damaged: %s could be read", counted)


def _carried(path: Path, fresh: Journal) -> Salvaged:
    """Write what can be read, and follows, into the new journal. Raises StoreError."""
    carried = beyond = 0
    last: dict[int, tuple[int, str]] = {}
    for batch in _batches(_rows(path)):
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
                raise _no_room(path, str(trouble.error))
    return Salvaged(carried, beyond)


def _changed(path: Path) -> float:
    return path.stat().st_ctime  # a rename moves it


def _put_down(draft: Path, whole: Path) -> None:
    _flush(draft)
    draft.replace(whole)
    _flush(whole.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    for suffix in _SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _no_room(path: Path, found: str) -> StoreError:
    """The disk took no copy. It is no damage of the file: nothing may be concluded from it."""
    with suppress(OSError):
        needed = 2 * path.stat().st_size // 1_000_000 + 1
        found = f"{found}; {needed} MB have to be free on its disk for a time"
    return StoreError(
        path.name,
        doing="saving what can be read of it",
        found=found,
        fix="It is as it was, damaged. Make room, or replace the disk, and start again.",
        retry=True,
    )


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


def _rows(path: Path) -> Iterator[tuple[int, Stored]]:
    """Yield (epoch, entry) of everything that can be read, in order. Raises StoreError."""
    try:
        with _copy_of(path) as damaged:
            after, tries = 0, 0
            while tries < TRIES_MAX:
                try:
                    found = damaged.execute(
                        "SELECT id, hash, data FROM entry WHERE id > ? ORDER BY id LIMIT ?",
                        (after, 1 if tries else ROWS_AT_ONCE),
                    ).fetchall()
                except MediumFault as error:
                    if _is_full(error):  # it says nothing about this row
                        raise _no_room(path, str(error)) from error
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
        _log.warning("%s cannot be read any further: %s", path.name, error)


class _copy_of:
    """A copy to read from: opening a database, even to read, may write to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._copy = path.with_name(f"{path.stem}.reading")
        self._connection: Connection | None = None

    def __enter__(self) -> Connection:
        try:
            for suffix in ("", "-wal"):
                source = self._path.with_name(self._path.name + suffix)
                if source.exists():
                    shutil.copyfile(source, self._copy.with_name(self._copy.name + suffix))
            _lengthen(self._copy)
            self._connection = Medium().connect(self._copy, readonly=False)
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except BaseException as error:
            self.__exit__()
            if _is_full(error):
                raise _no_room(self._path, str(error)) from error
            raise
        return self._connection

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
        _remove(self._copy)


def _is_full(error: BaseException) -> bool:
    """Tell whether there was no room: then nothing is known about what could not be read."""
    if isinstance(error, OSError):
        return error.errno in _NO_ROOM
    return isinstance(error, MediumFault) and takes_nothing(error)


def _lengthen(copy: Path) -> None:
    """Give a file that was cut off its length back: SQLite reads nothing of a short one."""
    with copy.open("r+b") as file:
        header = file.read(32)
        page = int.from_bytes(header[16:18], "big")
        whole = (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
        if header.startswith(b"SQLite format 3\0") and copy.stat().st_size < whole <= LENGTH_MAX:
            file.truncate(whole)
