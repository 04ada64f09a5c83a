"""local.db: what is neither an entry nor made from entries. Safe to call from any thread.

Keys and the inbox reach the disk before a method returns; the rest may lose its last seconds in
a power cut and says so.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

import msgspec

from daemon.ledger.medium import (
    Connection,
    Medium,
    MediumFault,
    Row,
    Settings,
    open_database,
    store_error,
)

FILE = "local.db"
SETTINGS = Settings("local", synchronous="NORMAL", page_bytes=1024, cache_kib=256)
ERASED_FACT = "erased:"  # and the card: its key is refused, whoever brings it
LOG_BYTES = 256 * 1024  # of the write-ahead log, before it is moved into the database


class JobState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"  # the printer took every byte and says nothing about itself
    CONFIRMED = "confirmed"  # it took every byte and says that it is well
    UNSURE = "unsure"  # bytes may have left; written before the first one does


class Job(msgspec.Struct, frozen=True):
    """A paper to print: which entry, what kind, on which device ("" = any), which copy."""

    job: int
    entry: str
    kind: str
    device: str
    n: int
    state: JobState


class Letter(msgspec.Struct, frozen=True):
    """A message of HQ's log that waits for an earlier one."""

    epoch: int
    n: int
    message: bytes
    signature: str


class Acknowledged(msgspec.Struct, frozen=True):
    """HQ's last acknowledgement of a chain, with the bytes that HQ signed."""

    epoch: int
    incarnation: int
    mark: int
    hash: str
    statement: bytes
    signature: str


class Local:
    def __init__(self, path: Path, medium: Medium) -> None:
        """Open the store. Raises StoreError."""
        self.path = path
        self._lock = threading.Lock()
        self._connection = open_database(medium, path, SETTINGS)
        self._connection.execute("PRAGMA wal_autocheckpoint = 256")

    # Keys of members, by the card that the profile is bound to.

    def put_member_key(self, card: str, *, key: bytes, phone_digest: bytes | None) -> None:
        """Keep a member's key, durably: call it before the entry that needs the key.

        The key of a card that was erased is not kept: nobody reads that profile any more.
        """
        with self._durable() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO member_key SELECT ?1, ?2, ?3"
                " WHERE NOT EXISTS (SELECT 1 FROM fact WHERE name = ?4)",
                (card, key, phone_digest, ERASED_FACT + card),
            )

    def member_key(self, card: str) -> bytes | None:
        row = self._row("SELECT key FROM member_key WHERE card = ?", card)
        return None if row is None else bytes(row[0])

    def card_by_phone_digest(self, digest: bytes) -> str | None:
        query = "SELECT card FROM member_key WHERE phone = ? ORDER BY rowid DESC LIMIT 1"
        row = self._row(query, digest)
        return None if row is None else str(row[0])

    def kept_key(self, card: str) -> tuple[bytes, bytes | None] | None:
        """Return a key, held or not, with the digest of the phone, for a copy of this store."""
        row = self._row(
            "SELECT key, phone FROM member_key WHERE card = ?1"
            " UNION ALL SELECT key, phone FROM held_key WHERE card = ?1 LIMIT 1",
            card,
        )
        return None if row is None else (bytes(row[0]), row[1])

    def keys_to_ship(self, cards: Iterable[str]) -> dict[str, bytes]:
        """Return keys by card as headquarters shall get them: also those that are held here."""
        query = (
            "SELECT card, key FROM held_key WHERE card IN (SELECT value FROM json_each(?1))"
            " UNION ALL"
            " SELECT card, key FROM member_key WHERE card IN (SELECT value FROM json_each(?1))"
        )
        with self._quick() as connection:
            rows = connection.execute(query, (msgspec.json.encode(list(cards)).decode(),))
            return {card: bytes(key) for card, key in rows}

    def keys_with_phone(self) -> list[tuple[str, bytes]]:
        """Return card and key of everyone who can be looked up by phone, held or not."""
        query = (
            "SELECT card, key FROM member_key WHERE phone IS NOT NULL"
            " UNION ALL SELECT card, key FROM held_key WHERE phone IS NOT NULL"
        )
        with self._quick() as connection:
            return [(card, bytes(key)) for card, key in connection.execute(query)]

    def put_phone_digests(self, digests: Mapping[str, bytes | None]) -> None:
        """Let cards be looked up by other digests; all of them or none."""
        rows = [(digest, card) for card, digest in digests.items()]
        with self._durable() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("UPDATE member_key SET phone = ? WHERE card = ?", rows)
            connection.executemany("UPDATE held_key SET phone = ? WHERE card = ?", rows)
            connection.execute("COMMIT")

    def forget_member_keys(self, cards: Iterable[str]) -> None:
        """Erase keys, durably and for ever: nobody reads these profiles any more.

        The bytes are overwritten, and the log that may still hold them is emptied.
        """
        wanted = [card for card in cards if not self._is_forgotten(card)]
        if not wanted:
            return
        with self._durable() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            for card in wanted:
                connection.execute("DELETE FROM member_key WHERE card = ?", (card,))
                connection.execute("DELETE FROM held_key WHERE card = ?", (card,))
                name = ERASED_FACT + card
                connection.execute("INSERT OR IGNORE INTO fact VALUES (?, '')", (name,))
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def is_erased(self, card: str) -> bool:
        """Tell whether the member of a card was erased: its key is refused."""
        return self.fact(ERASED_FACT + card) is not None

    # Keys out of a backup, until headquarters has said who was erased since.

    def hold_member_keys(self) -> None:
        """Let nobody read a profile with the keys that are here now, until release."""
        with self._durable() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT OR REPLACE INTO held_key SELECT * FROM member_key")
            connection.execute("DELETE FROM member_key")
            connection.execute("COMMIT")

    def release_member_keys(self) -> None:
        """Let the held keys be used again, but those of erased cards; newer ones stay."""
        with self._durable() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT OR IGNORE INTO member_key SELECT * FROM held_key"
                " WHERE NOT EXISTS (SELECT 1 FROM fact WHERE name = ? || held_key.card)",
                (ERASED_FACT,),
            )
            connection.execute("DELETE FROM held_key")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def held_keys(self) -> int:
        """Return how many keys wait for headquarters' word."""
        row = self._row("SELECT count(*) FROM held_key")
        return 0 if row is None else int(row[0])

    # The inbox of HQ's log.

    def put_letter(self, letter: Letter) -> None:
        with self._durable() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO inbox VALUES (?, ?, ?, ?)",
                (letter.epoch, letter.n, letter.message, letter.signature),
            )

    def letter(self, epoch: int, n: int) -> Letter | None:
        query = "SELECT epoch, n, message, signature FROM inbox WHERE epoch = ? AND n = ?"
        row = self._row(query, epoch, n)
        return None if row is None else Letter(*row)

    def drop_letters(self, epoch: int, *, up_to: int) -> None:
        with self._quick() as connection:
            connection.execute("DELETE FROM inbox WHERE epoch = ? AND n <= ?", (epoch, up_to))

    # What HQ has.

    def put_acknowledged(self, ack: Acknowledged) -> None:
        with self._quick() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO acknowledged VALUES (?, ?, ?, ?, ?, ?)",
                (ack.epoch, ack.incarnation, ack.mark, ack.hash, ack.statement, ack.signature),
            )

    def acknowledged(self, epoch: int) -> Acknowledged | None:
        query = (
            "SELECT epoch, incarnation, mark, hash, statement, signature FROM acknowledged"
            " WHERE epoch = ?"
        )
        row = self._row(query, epoch)
        return None if row is None else Acknowledged(*row)

    def last_acknowledged(self) -> Acknowledged | None:
        """Return the acknowledgement of the latest chain."""
        row = self._row("SELECT max(epoch) FROM acknowledged")
        return None if row is None or row[0] is None else self.acknowledged(row[0])

    def last_epoch(self) -> int:
        """Return the highest epoch that HQ has acknowledged anything of; 0: none."""
        row = self._row("SELECT coalesce(max(epoch), 0) FROM acknowledged")
        return 0 if row is None else int(row[0])

    # Papers to print.

    def queue_job(self, entry: str, kind: str, *, device: str = "", n: int = 1) -> Job:
        with self._quick() as connection:
            cursor = connection.execute(
                "INSERT INTO spool (entry, kind, device, n, state) VALUES (?, ?, ?, ?, ?)",
                (entry, kind, device, n, JobState.QUEUED.value),
            )
            assert cursor.lastrowid is not None, "a row was inserted"
            return Job(cursor.lastrowid, entry, kind, device, n, JobState.QUEUED)

    def set_job(self, job: int, state: JobState) -> None:
        with self._quick() as connection:
            connection.execute("UPDATE spool SET state = ? WHERE job = ?", (state.value, job))

    def open_jobs(self) -> list[Job]:
        """Return the jobs that are still to be printed, or again, oldest first."""
        return self._jobs("state IN ('queued', 'unsure') ORDER BY job")

    def jobs_of(self, entry: str) -> list[Job]:
        return self._jobs("entry = ? ORDER BY job", entry)

    def last_jobs(self, count: int) -> list[Job]:
        """Return the newest jobs, whatever their state, oldest first."""
        return self._jobs("1 ORDER BY job DESC LIMIT ?", count)[::-1]

    def drop_job(self, job: int) -> None:
        """Forget a job, whatever its state: it will not be printed."""
        with self._quick() as connection:
            connection.execute("DELETE FROM spool WHERE job = ?", (job,))

    def drop_jobs(self) -> None:
        """Forget every paper: what was printed since nobody knows, and nothing is printed twice."""
        with self._quick() as connection:
            connection.execute("DELETE FROM spool")

    def drop_done_jobs(self, *, keep: int) -> None:
        """Forget the jobs that are sent or confirmed, but the last `keep` of all."""
        with self._quick() as connection:
            connection.execute(
                "DELETE FROM spool WHERE state IN ('sent', 'confirmed') AND job <="
                " (SELECT coalesce(max(job), 0) FROM spool) - ?",
                (keep,),
            )

    # Baskets set aside, and small facts by name.

    def park(self, slot: int, basket: str) -> None:
        with self._quick() as connection:
            connection.execute("INSERT OR REPLACE INTO parked VALUES (?, ?)", (slot, basket))

    def parked(self) -> dict[int, str]:
        """Return the baskets by slot."""
        with self._quick() as connection:
            return dict(connection.execute("SELECT slot, basket FROM parked ORDER BY slot"))

    def unpark(self, slot: int) -> None:
        with self._quick() as connection:
            connection.execute("DELETE FROM parked WHERE slot = ?", (slot,))

    def fact(self, name: str) -> str | None:
        row = self._row("SELECT value FROM fact WHERE name = ?", name)
        return None if row is None else str(row[0])

    def put_fact(self, name: str, value: str) -> None:
        with self._quick() as connection:
            connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def keep_fact(self, name: str, value: str) -> None:
        """Keep a fact, durably: call it before what makes it true."""
        with self._durable() as connection:
            connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def drop_fact(self, name: str) -> None:
        with self._quick() as connection:
            connection.execute("DELETE FROM fact WHERE name = ?", (name,))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _is_forgotten(self, card: str) -> bool:
        return self.is_erased(card) and self.kept_key(card) is None

    def _jobs(self, where: str, *values: str | int) -> list[Job]:
        # names of ours
        query = f"SELECT job, entry, kind, device, n, state FROM spool WHERE {where}"  # noqa: S608
        with self._quick() as connection:
            rows = connection.execute(query, values).fetchall()
        return [
            Job(job, entry, kind, device, n, JobState(state))
            for job, entry, kind, device, n, state in rows
        ]

    def _row(self, query: str, *values: str | int | bytes) -> Row | None:
        with self._quick() as connection:
            row: Row | None = connection.execute(query, values).fetchone()
            return row

    @contextmanager
    def _quick(self) -> Iterator[Connection]:
        with self._lock:
            try:
                yield self._connection
            except MediumFault as error:
                if self._connection.in_transaction:
                    with suppress(MediumFault):
                        self._connection.execute("ROLLBACK")
                raise store_error(self.path, "keeping local records", error) from error

    @contextmanager
    def _durable(self) -> Iterator[Connection]:
        with self._quick() as connection:
            connection.execute("PRAGMA synchronous = FULL")
            try:
                yield connection
            finally:
                connection.execute("PRAGMA synchronous = NORMAL")
