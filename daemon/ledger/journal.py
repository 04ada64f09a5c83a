"""journal.db: entries' bytes and hashes, appended durably, read from any thread.

One connection appends (whoever has the writer's turn), one reads, under a lock of its own.
It does not know what the bytes mean.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.ledger.medium import (
    Connection,
    Medium,
    MediumFault,
    Settings,
    open_database,
    store_error,
    wrote_nothing,
)
from daemon.ledger.records import Head
from daemon.ledger.views import Joined, Stored

FILE = "journal.db"
# Small pages: 10.7 KB reach the disk for a sale of 1.9 KB, 14.6 KB with pages of 4 KiB (measured).
SETTINGS = Settings("journal", synchronous="FULL", page_bytes=1024, cache_kib=512)
# A reader goes forward: what it has read it does not read again soon.
READING = Settings("journal", synchronous="FULL", page_bytes=1024, cache_kib=64)
MAPPED_BYTES = 1 << 31  # of a long reading, at most: a page is then no call to the kernel
SEQ_BITS = 32
# Joined at once: 60 KB. Larger buffers come new from the kernel each time, page by page (0.8 faults
# an entry, two fifths of the reading).
PIECE_ENTRIES = 40
PAGE_ENTRIES = 500  # read at once: a long read would keep the write-ahead log from being recycled

_SEQ_MASK = (1 << SEQ_BITS) - 1
_INSERT = "INSERT INTO entry (id, hash, data) VALUES (?, ?, ?)"
_RANGE = "SELECT id, hash, data FROM entry WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"
_JOINED = (
    "SELECT CAST(group_concat(data, char(10)) AS BLOB), count(*), max(id)"
    " FROM (SELECT id, data FROM entry WHERE id BETWEEN ? AND ? ORDER BY id)"
)
_ENDS = "SELECT id, hash FROM entry WHERE id IN (?, ?)"


class Trouble(msgspec.Struct, frozen=True):
    """A write that failed. `certain`: nothing of it is on the disk, now or ever."""

    error: MediumFault
    certain: bool


def row_id(epoch: int, seq: int) -> int:
    return (epoch << SEQ_BITS) | seq


class Journal:
    def __init__(self, path: Path, medium: Medium, *, readonly: bool = False) -> None:
        """Open the journal. Raises StoreError."""
        self.path = path
        self._medium = medium
        self._readonly = readonly
        self._lock = threading.Lock()
        self._writing: Connection | None = None
        if not readonly:
            self._writing = open_database(medium, path, SETTINGS)
        self._reading = self._reader()

    def write(self, epoch: int, rows: Sequence[Stored]) -> Trouble | None:
        """Append the rows durably, all or none; return None, or what went wrong."""
        writing = self._writer()
        first = epoch << SEQ_BITS
        committing = len(rows) == 1
        try:
            if committing:  # a statement alone is its own transaction, and two calls less
                row = rows[0]
                writing.execute(_INSERT, (first | row.seq, bytes.fromhex(row.hash), row.data))
                return None
            writing.execute("BEGIN IMMEDIATE")
            for row in rows:
                writing.execute(_INSERT, (first | row.seq, bytes.fromhex(row.hash), row.data))
            committing = True
            writing.execute("COMMIT")
        except MediumFault as error:
            certain = not committing or wrote_nothing(error)
            return Trouble(error, certain=certain and self._rolled_back())
        return None

    def cut(self, epoch: int, seq: int) -> None:
        """Take entries away from number `seq` on: of a box that is being made, never of a running
        one. Raises StoreError."""
        span = (row_id(epoch, seq), row_id(epoch, _SEQ_MASK))
        try:
            self._writer().execute("DELETE FROM entry WHERE id BETWEEN ? AND ?", span)
        except MediumFault as error:
            raise store_error(self.path, f"leaving out entry {epoch}:{seq}", error) from error

    def reopen(self) -> None:
        """Close and open again so that what is read is what the disk holds, and is durable.

        The full checkpoint writes all that the log holds into the database and empties the log:
        after it nothing half written can come back. Raises StoreError.
        """
        with self._lock:
            for connection in (self._writing, self._reading):
                if connection is not None:
                    with suppress(MediumFault):
                        connection.close()
            self._writing = None
            self._writing = open_database(self._medium, self.path, SETTINGS)
            self._truncate_log()
            self._reading = self._reader()

    def checkpoint(self) -> None:
        """Move what is durable in the log into the database, beside a running writer."""
        connection = open_database(self._medium, self.path, SETTINGS)
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()

    def read(self, epoch: int, first: int, limit: int) -> list[Stored]:
        """Return up to `limit` entries from number `first`, in order. Raises StoreError."""
        span = ((epoch << SEQ_BITS) | first, (epoch << SEQ_BITS) | _SEQ_MASK, limit)
        with self._lock:
            try:
                rows = self._reading.execute(_RANGE, span).fetchall()
            except MediumFault as error:
                raise store_error(self.path, f"reading entry {epoch}:{first}", error) from error
        return [Stored(key & _SEQ_MASK, digest.hex(), data) for key, digest, data in rows]

    def joined(self, epoch: int, first: int, limit: int) -> Joined | None:
        """Return up to `limit` entries from number `first` as one text; None: there is none.

        SQLite joins them: not one object of Python for an entry, and no lock on the interpreter
        meanwhile. They are in the order of the table; whoever gets them checks every link.
        """
        start, end = row_id(epoch, first), row_id(epoch, first + limit)
        with self._lock:
            try:
                text, last = self._pieces(start, end)
                ends = {row[0]: row[1].hex() for row in self._reading.execute(
                    _ENDS, (start - 1, last)
                )}  # fmt: skip
            except MediumFault as error:
                raise store_error(self.path, f"reading entry {epoch}:{first}", error) from error
        if last < start or (first > 1 and start - 1 not in ends):
            return None
        before = ends.get(start - 1, "") if first > 1 else ""
        return Joined(first, last & _SEQ_MASK, before, ends[last], text)

    def _pieces(self, start: int, end: int) -> tuple[bytearray, int]:
        """Return the rows from `start` to before `end` as one text, and the last of them: up to the
        piece in which one is missing. Hold the lock."""
        text, at = bytearray(), start
        while at < end:
            span = (at, min(at + PIECE_ENTRIES, end) - 1)
            piece, count, last = self._reading.execute(_JOINED, span).fetchone()
            if not count or last != at + count - 1:
                break
            if text:
                text += b"\n"
            text += piece
            at += count
        return text, at - 1

    def get(self, epoch: int, seq: int) -> Stored | None:
        found = self.read(epoch, seq, 1)
        return found[0] if found and found[0].seq == seq else None

    def walk(self, epoch: int, first: int) -> Iterator[Stored]:
        """Yield the entries from `first` to the end."""
        while page := self.read(epoch, first, PAGE_ENTRIES):
            yield from page
            first = page[-1].seq + 1

    def head(self, epoch: int) -> Head | None:
        """Return the last entry of an epoch; None when it has none. Raises StoreError."""
        query = "SELECT id, hash FROM entry WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1"
        span = (epoch << SEQ_BITS, (epoch << SEQ_BITS) | _SEQ_MASK)
        with self._lock:
            try:
                row = self._reading.execute(query, span).fetchone()
            except MediumFault as error:
                raise store_error(self.path, "reading the head", error) from error
        return None if row is None else Head(row[0] & _SEQ_MASK, row[1].hex())

    def epochs(self) -> list[int]:
        """Return the epochs that have entries, in order. Raises StoreError."""
        found: list[int] = []
        after = 0
        with self._lock:
            try:
                while True:
                    row = self._reading.execute(
                        "SELECT min(id) FROM entry WHERE id >= ?", (after << SEQ_BITS,)
                    ).fetchone()
                    if row[0] is None:
                        return found
                    found.append(row[0] >> SEQ_BITS)
                    after = found[-1] + 1
            except MediumFault as error:
                raise store_error(self.path, "reading the chains", error) from error

    def close(self) -> None:
        """Close; what the log holds is moved into the database when nobody else reads it."""
        with self._lock:
            for connection in (self._reading, self._writing):
                if connection is not None:
                    with suppress(MediumFault):  # the log keeps what the checkpoint could not move
                        connection.close()
            self._writing = None

    def _rolled_back(self) -> bool:
        writing = self._writer()
        try:
            if writing.in_transaction:
                writing.execute("ROLLBACK")
        except MediumFault:
            return False
        return True

    def _reader(self) -> Connection:
        return open_database(self._medium, self.path, READING, readonly=True)

    def _writer(self) -> Connection:
        assert self._writing is not None, "the journal is not open for writing"
        return self._writing

    def _truncate_log(self) -> None:
        try:
            row = self._writer().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except MediumFault as error:
            raise store_error(self.path, "checking what is durable", error) from error
        if row[0] != 0:
            raise StoreError(
                self.path.name,
                doing="checking what is durable",
                found="another program reads it",
                fix="Wait until it has ended, or close it.",
                retry=True,
            )
