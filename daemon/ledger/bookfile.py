"""books.db as a file: opened, followed up entry by entry, committed in batches, thrown away.

One connection serves all threads under one lock, with its transaction left open for a batch, so
that a figure is never older than the last commit and the disk is written seldom. Entries that are
durable wait in a short tail; whoever reads next books them first.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

from daemon.errors import StoreError
from daemon.ledger.booking import Booking
from daemon.ledger.crew import SPAN_ENTRIES, Crew
from daemon.ledger.medium import (
    Connection,
    Medium,
    MediumFault,
    Settings,
    open_database,
    store_error,
)
from daemon.ledger.records import Chain, Entry, Head
from daemon.ledger.sheet import stored_account
from daemon.ledger.statelock import disk_error
from daemon.ledger.views import Watermark

FILE = "books.db"
FRESH = "books.new"  # while they are made
# The year of a box that is never restarted fills the cache: with a million entries, 8 MiB of it
# saved neither reads nor writes that one could measure.
SETTINGS = Settings("books", synchronous="NORMAL", page_bytes=2048, cache_kib=2048)
TAIL_MAX = 64  # entries waiting to be booked: 2 ms for the reader who finds them
BATCH_ENTRIES = 1000  # between commits: what a start after a power cut has to replay
BATCHES_A_CHECKPOINT = 4
SIFT_KEYS = 500  # read at once: a reader waits for half a millisecond, and keeps his pages
LOAD_ENTRIES = 10_000  # booked at once in a rebuild

Progress = Callable[[int], None]
"""Told how many entries are done."""


def no_progress(entries: int) -> None:
    """Tell nobody."""


Booked = tuple[Entry, str]
"""An entry and the hash of its bytes."""

Source = Callable[[Watermark], Iterable[Booked]]
"""Everything that is durable after a watermark, in order."""


class BookFile:
    def __init__(self, path: Path, medium: Medium, box: str, source: Source) -> None:
        """Open the books as they are. Raises StoreError."""
        self.path = path
        self._medium = medium
        self._box = box
        self._source = source
        self._lock = threading.RLock()
        self._tail: dict[tuple[str, str], Booked] = {}
        self._unsaved = 0
        self._batches = 0
        self._behind = False  # a write failed: what is booked must be dropped and read again
        self._connect()

    def follow(self, entries: Iterable[Booked]) -> bool:
        """Take durable entries, which every reader sees from now on; True: tidy() is due."""
        with self._lock:
            for booked in entries:
                entry = booked[0]
                self._tail[entry.source, entry.id] = booked
            return len(self._tail) >= TAIL_MAX

    def tidy(self) -> bool:
        """Book a long tail before a reader has to; tell whether a batch is full (then save())."""
        with self._lock:
            with suppress(MediumFault, StoreError):  # the next reader is told
                self._settle()
            return self._unsaved >= BATCH_ENTRIES

    @contextmanager
    def reading(self) -> Iterator[tuple[Connection, Booking]]:
        """Give the connection and the booking for a read, with everything booked.

        Raises StoreError when the medium fails.
        """
        with self._lock, self._telling("reading the books"):
            self._settle()
            yield self._connection, self._booking

    def asked(self, source: str, name: str) -> Booked | list[tuple[int, int]]:
        """Return the entry of (source, name) if it waits to be booked, else the places (epoch,
        seq) where it may stand. Raises StoreError."""
        with self._lock:
            waiting = self._tail.get((source, name))
            if waiting is not None:
                return waiting
            try:
                if self._behind:
                    self._settle()
                found = self._booking.asked(source, name)
            except MediumFault as error:
                raise store_error(self.path, "looking for a request", error) from error
            return [self._booking.place_of(no) for no in found]

    def sift(self) -> bool:
        """Read some more of the requests' keys; tell whether there is nothing left to read now."""
        with self._lock:
            if self._behind:
                return False
            try:
                return self._booking.sift(SIFT_KEYS)
            except MediumFault:
                return True  # the index on the disk answers, or says what is wrong

    def held(self, holder: str, account: str, unit: str, lot: str) -> int:
        """Return what a holder has of one lot in one account. Raises StoreError."""
        with self.reading() as (connection, booking):
            number = booking.account(stored_account(account, unit, lot), unit, holder)
            place = booking.lot(lot)
            if number is None or place is None:
                return 0
            query = "SELECT amount FROM balance WHERE account = ? AND lot = ?"
            row = connection.execute(query, (number, place)).fetchone()
            return 0 if row is None else int(row[0])

    def save(self) -> None:
        """Commit what is booked. Raises StoreError."""
        with self._lock, self._telling("saving the books"):
            self._settle()
            self._commit()
            self._unsaved = 0
            self._batches += 1
            due = self._batches % BATCHES_A_CHECKPOINT == 0
        if due:
            self._checkpoint()

    def load(self, *, progress: Progress = no_progress) -> None:
        """Book everything that is missing, thousands at a time. Raises StoreError."""
        with self._lock, self._telling("booking the journal"):
            self._load(progress)

    def make(
        self,
        journal: Path,
        chains: Iterable[tuple[Chain, Head]],
        *,
        crew: Crew,
        progress: Progress = no_progress,
        span_entries: int = SPAN_ENTRIES,
    ) -> None:
        """Make the books anew of a whole journal, at speed; load() may find a rest.

        Raises StoreError.
        """
        from daemon.ledger.bulk import make_books

        fresh = self.path.with_name(FRESH)
        with self._lock, self._telling("making the books"):
            self._disconnect()
            try:
                remove(fresh)
                make_books(
                    fresh, journal, chains, crew=crew, progress=progress, span_entries=span_entries
                )
                remove(self.path)  # with its log, which must not meet the new file
                fresh.replace(self.path)
            except OSError as error:
                raise disk_error(self.path.parent, error) from error
            finally:
                self._connect()

    def discard(self) -> None:
        """Throw the books away and begin empty ones. Raises StoreError."""
        with self._lock:
            self._disconnect()
            remove(self.path)
            self._connect()

    @property
    def mark(self) -> Watermark:
        """How far the books go; the tail is not counted."""
        with self._lock:
            return self._booking.mark

    def close(self) -> None:
        """Commit and close. Books that cannot be saved are followed up at the next start."""
        with self._lock:
            with suppress(MediumFault, StoreError):
                self._settle()
                self._commit()
            self._disconnect()

    def _settle(self) -> None:
        """Book the tail; after a failure, all that the journal has and the books have not."""
        if self._behind:
            self._disconnect()
            self._connect()
            self._load(no_progress)
            return
        if not self._tail:
            return
        self._behind = True
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
        mark = self._booking.mark
        self._book(
            one
            for one in self._tail.values()
            if (one[0].epoch, one[0].seq) > (mark.epoch, mark.seq)
        )
        self._unsaved += len(self._tail)
        self._tail.clear()
        self._behind = False

    def _load(self, progress: Progress) -> None:
        self._behind = True
        execute = self._connection.execute
        done = 0
        self._commit()
        coming = iter(self._source(self._booking.mark))
        while True:
            execute("BEGIN IMMEDIATE")
            booked = self._book(islice(coming, LOAD_ENTRIES))
            execute("COMMIT")
            done += booked
            progress(done)
            if booked < LOAD_ENTRIES:
                break
            execute("PRAGMA wal_checkpoint(PASSIVE)")
        self._unsaved = 0
        self._tail.clear()
        self._behind = False

    def _book(self, entries: Iterable[Booked]) -> int:
        """Book the next entries; return how many."""
        count = 0
        sheet = self._booking.sheet()
        for entry, digest in entries:
            sheet.add(entry, digest)
            count += 1
            if sheet.full:
                self._booking.write(sheet.leaf())
                sheet = self._booking.sheet()
        self._booking.write(sheet.leaf())
        return count

    def _commit(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def _connect(self) -> None:
        self._connection = open_database(self._medium, self.path, SETTINGS)
        try:
            self._booking = Booking(self._connection, self._box)
        except MediumFault as error:  # whatever is wrong: books are made again from the journal
            self._connection.close()
            raise StoreError(
                self.path.name,
                doing="reading the books",
                found=str(error),
                fix="They are made again from the journal.",
                retry=False,
            ) from error
        if self._booking.mark.no < SIFT_KEYS:
            self.sift()

    def _disconnect(self) -> None:
        self._tail.clear()
        self._unsaved = 0
        with suppress(MediumFault):
            self._connection.close()

    @contextmanager
    def aside(self) -> Iterator[Connection]:
        """Give a connection of its own, for a long look that nobody else waits for.

        It sees what is booked now. Raises StoreError when the medium fails.
        """
        self.save()
        with self._telling("looking through the books"):
            connection = self._medium.connect(self.path, readonly=True)
            try:
                yield connection
            finally:
                connection.close()

    @contextmanager
    def _telling(self, doing: str) -> Iterator[None]:
        try:
            yield
        except MediumFault as error:
            raise store_error(self.path, doing, error) from error

    def _checkpoint(self) -> None:
        """Move the log into the books, beside readers; a failure is the next batch's to tell."""
        with suppress(MediumFault):
            connection = self._medium.connect(self.path, readonly=False)
            try:
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()


def remove(path: Path) -> None:
    """Delete a database with its log."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
