"""The store of a box: journal, books and local records, opened together, written by one process.

The journal is the only truth; the books follow it and are made again when they do not match it;
local.db holds what is neither. What a start does is spec/ledger.md, Store.
"""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Self

import msgspec

from daemon import seal
from daemon.clock import Clock
from daemon.entropy import Entropy
from daemon.errors import StoreError
from daemon.finding import note
from daemon.hardware import hardware_of
from daemon.ledger import journal, machine
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.bookfile import Progress, no_progress
from daemon.ledger.books import Books
from daemon.ledger.codec import decode
from daemon.ledger.files import Files, Start
from daemon.ledger.forgetting import bring_up, forget
from daemon.ledger.handover import begun_at, close_epoch, take_over
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.keyring import Keyring, open_keyring
from daemon.ledger.lostkeys import said_of_keys
from daemon.ledger.mallbook import MallBook
from daemon.ledger.medium import Medium
from daemon.ledger.purses import Purses
from daemon.ledger.records import At, Chain, Draft, Entry, Head
from daemon.ledger.stamp import stamp
from daemon.ledger.statelock import StateLock, disk_error
from daemon.ledger.views import Durable, Joined, Outcome, Refused, Stored
from daemon.ledger.waitbook import WaitBook
from daemon.ledger.writer import Writer

EPOCH_RANDOM_BYTES = 8
SOFTWARE_FACT = "software"  # which version opened the store last

_log = logging.getLogger(__name__)


class _How(msgspec.Struct, frozen=True):
    """How a store is opened."""

    state_dir: Path
    box: str
    clock: Clock
    entropy: Entropy
    closing_hour: int
    software: str
    hardware: str | None  # None: look
    medium: Medium
    progress: Progress


class Store:
    """Everything that the box remembers. Safe to call from any thread."""

    def __init__(self, files: Files, keyring: Keyring, start: Start, lock: StateLock) -> None:
        """Not for callers: use open()."""
        self._files = files
        self._keyring = keyring
        self._lock = lock
        self.books = Books(files.books, files.local, start.chain)
        self.purses = Purses(files.books, start.chain)
        self.mall = MallBook(files.books, start.chain.box)
        self.waits = WaitBook(files.books, start.chain)
        self.local = files.local
        date = self.books.business_date() or ""
        self._writer = Writer(
            files.journal, files.books, files, chain=start.chain, head=start.head, date=date
        )
        bring_up(self.local, self.books, lambda: self._down(start.chain.epoch))
        self._lost_keys = said_of_keys(keyring, self.books, self.local, start)
        self._writer.subscribe(self._forget)

    @classmethod
    def open(
        cls,
        state_dir: Path,
        box: str,
        *,
        clock: Clock,
        entropy: Entropy,
        closing_hour: int,
        software: str,
        hardware: str | None = None,
        medium: Medium | None = None,
        progress: Progress = no_progress,
    ) -> "Store":
        """Open the store, follow the journal up, and open the next epoch where the chain ended.

        `hardware`: which machine this is; None: look. Raises StoreError: another process holds
        it, the disk fails, it belongs to another box.
        """
        medium = medium or Medium()
        how = _How(
            state_dir, box, clock, entropy, closing_hour, software, hardware, medium, progress
        )
        store = cls._started(how)
        if begun_at(store):  # and not ended, else the heir had been opened
            _log.warning("%s: its handover was cut off and is ended now", store.chain)
            try:
                close_epoch(store, store._now(clock, closing_hour))
            finally:
                store.close()
            store = cls._started(how)
        return store

    @classmethod
    def _started(cls, how: "_How") -> Self:
        try:
            how.state_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
            lock = StateLock(how.state_dir)
            try:
                lock.check_whole(how.state_dir)
                keyring = open_keyring(how.state_dir, how.entropy)
                known = how.hardware
                hardware = hardware_of(how.state_dir) if known is None else known
                when = how.clock.read().wall.strftime("%Y%m%dT%H%M%S")
                files = Files(how.state_dir, how.box, how.medium, when=when)
                try:
                    start = files.start(
                        device_key=keyring.public.hex(),
                        hardware=hardware,
                        progress=how.progress,
                    )
                    store = cls(files, keyring, start, lock)
                    if start.opening is not None:
                        random = how.entropy.draw(EPOCH_RANDOM_BYTES).hex()
                        at = store._now(how.clock, how.closing_hour)
                        store._open_epoch(at, msgspec.structs.replace(start.opening, random=random))
                    store._go_on(how.clock, how.closing_hour)
                    store.local.put_fact(SOFTWARE_FACT, how.software)
                except BaseException:
                    files.close()
                    raise
            except BaseException:
                lock.release()
                raise
        except OSError as error:
            raise disk_error(how.state_dir, error) from error
        return store

    @property
    def chain(self) -> Chain:
        return self._writer.chain

    @property
    def stuck_s(self) -> float:
        """How long the writer has been at the same piece of work; the watchdog's question."""
        return self._writer.stuck_s

    @property
    def head(self) -> Head:
        """The last durable entry of the chain."""
        return self._writer.head

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened at the start that a person must hear of."""
        damaged = (note("journal", one) for one in self._files.notes)
        return (*damaged, *(note("keys", one) for one in self._lost_keys))

    @property
    def device_public(self) -> bytes:
        return self._keyring.public

    @property
    def device_seed(self) -> bytes:
        """The signing key itself: for sealed boxes that HQ sends to this box."""
        return self._keyring.seed

    @property
    def phone_key(self) -> bytes:
        """What digests of phone numbers are keyed with."""
        return self._keyring.phone

    @property
    def recovery(self) -> bytes:
        """What opens this box's backups and its second copy (vault.py)."""
        return self._keyring.recovery

    @property
    def alive(self) -> bool:
        """Tell whether the writer's thread runs."""
        return self._writer.alive

    def sign(self, domain: str, payload: bytes) -> bytes:
        """Return the box's signature."""
        return seal.sign(self._keyring.seed, domain, payload)

    def submit(self, draft: Draft) -> Future[Outcome]:
        """Hand a draft to the writer; while the outcome is unknown the future stays pending."""
        return self._writer.submit(draft)

    def commit(self, draft: Draft) -> Outcome:
        """Commit a draft and wait for the outcome."""
        return self._writer.commit(draft)

    def subscribe(self, callback: Callable[[Durable], None]) -> None:
        """Call back after each entry is durable, in order, in the thread that wrote it.

        The callback must be short and must not commit.
        """
        self._writer.subscribe(callback)

    def on_state(self, callback: Callable[[str], None]) -> None:
        """Call back when the journal's state becomes ok, checking or failed."""
        self._writer.on_state(callback)

    def read(self, epoch: int, first: int, limit: int) -> list[Stored]:
        """Return up to `limit` entries of an epoch from number `first`."""
        return self._files.journal.read(epoch, first, limit)

    def joined(self, epoch: int, first: int, limit: int) -> Joined | None:
        """Return up to `limit` entries from number `first` as one text."""
        return self._files.journal.joined(epoch, first, limit)

    def entry(self, entry: str) -> Stored | None:
        """Return an entry by its id (`0018.1:412`)."""
        place = parse_entry_id(entry)
        if place is None or place[0].box != self.chain.box:
            return None
        return self._files.journal.get(place[0].epoch, place[1])

    def find(self, source: str, name: str) -> Durable | None:
        """Return what was committed for (source, id) before."""
        known = self._files.find(source, name)
        return None if known is None else Durable(*known, again=True)

    def chains(self) -> list[tuple[Chain, Head]]:
        """Return every chain of this box with its head, the oldest first."""
        return self._files.chains()

    def close(self) -> None:
        """Write what waits, save the books, close. Nothing is lost when it is never called."""
        self._writer.stop()
        self._files.close()
        self._lock.release()

    def _go_on(self, clock: Clock, closing_hour: int) -> None:
        """Take over what a chain that was replaced left to this one."""
        first = self.read(self.chain.epoch, 1, 1)
        body = decode(first[0].data).body if first else None
        if isinstance(body, EpochOpened) and body.reason == "replacement":
            take_over(self, self._now(clock, closing_hour))

    def _now(self, clock: Clock, closing_hour: int) -> At:
        date = self.books.business_date()
        return stamp(clock.read(), closing_hour=closing_hour, not_before=date)

    def _down(self, epoch: int) -> Iterator[Entry]:
        return (decode(one.data) for one in self._files.journal.walk(epoch, 1))

    def _forget(self, durable: Durable) -> None:
        forget(self.local, durable.entry)

    def _open_epoch(self, at: At, opening: EpochOpened) -> None:
        outcome = self.commit(machine.epoch_opened(at, opening, epoch=self.chain.epoch))
        if isinstance(outcome, Refused):
            self._writer.stop()
            raise StoreError(
                journal.FILE,
                doing="opening the chain",
                found="; ".join(problem.what for problem in outcome.problems),
                fix="The box cannot serve before this is mended.",
                retry=True,
            )
