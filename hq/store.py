"""Headquarters' directory on disk: one SQLite database, one key. The only file that opens them.

    DIR/hq.db         what boxes sent, books, directory, down logs (WAL, synchronous=FULL)
    DIR/keys/hq.key   the seed of HQ's Ed25519 key, hex, mode 0600

Commands work beside a running `serve`: each transaction takes the writer's lock at its start.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.clock import Clock, SystemClock
from daemon.entropy import Entropy, SystemEntropy
from daemon.errors import StoreError
from daemon.ledger.records import ZERO_HASH
from daemon.seal import SEED_BYTES, public_key, sign

DATABASE = "hq.db"
SERVE_LOCK = "serve.lock"
KEY_FILE = "keys/hq.key"
BUSY_S = 20.0  # an import of 100,000 cards holds the lock for seconds
OWN_BOX = "hq"  # the name of HQ's own log; no box may have it
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Office:
    """An open headquarters. One thread uses one Office."""

    folder: Path
    db: sqlite3.Connection
    seed: bytes
    clock: Clock
    entropy: Entropy

    @property
    def public(self) -> bytes:
        return public_key(self.seed)

    @property
    def incarnation(self) -> int:
        """How often headquarters was restored, plus one; it stands in every ack and message."""
        return int(self.meta("incarnation"))

    def sign(self, domain: str, payload: bytes) -> bytes:
        return sign(self.seed, domain, payload)

    def now(self) -> str:
        """Return the time as RFC 3339 with milliseconds."""
        return self.clock.read().wall.isoformat(timespec="milliseconds")

    def moment(self, ms: int) -> str:
        """Return milliseconds since 1970 as RFC 3339 in HQ's zone."""
        zone = self.clock.read().wall.tzinfo
        return datetime.fromtimestamp(ms / 1000, zone).isoformat(timespec="milliseconds")

    def now_ms(self) -> int:
        """Return the time as milliseconds since 1970, to tell how long ago something was."""
        return int(self.clock.read().wall.astimezone(timezone.utc).timestamp() * 1000)

    def meta(self, name: str) -> str:
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if row is None:
            raise StoreError(
                str(self.folder / DATABASE),
                doing=f"reading {name}",
                found="it is not there",
                fix="Was this directory made by memberbox-hq init?",
                retry=False,
            )
        return str(row[0])

    def fact(self, name: str) -> str:
        """Return a fact that may not be there; "" then."""
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside becomes durable at its end, or nothing does."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def touch_directory(self) -> None:
        """What boxes shall know has changed: the down-log writer looks at every chain again."""
        self.set_meta("directory", str(int(self.meta("directory")) + 1))

    def close(self) -> None:
        self.db.close()


def create(folder: Path, *, clock: Clock | None = None, entropy: Entropy | None = None) -> Office:
    """Make a headquarters in `folder`, or open the one that is there. Raises StoreError."""
    entropy = entropy or SystemEntropy()
    key_path = folder / KEY_FILE
    try:
        key_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not key_path.exists():
            _write_secret(key_path, entropy.draw(SEED_BYTES).hex() + "\n")
    except OSError as error:
        raise _cannot(folder, "making it", error) from error
    db = _connect(folder / DATABASE)
    _migrate(db)
    office = _office(folder, db, clock, entropy)
    with office.transaction():
        db.execute("INSERT OR IGNORE INTO meta VALUES ('incarnation', '1'), ('directory', '0')")
        ensure_chain(db, OWN_BOX, office.incarnation)
    return office


def open_office(
    folder: Path, *, clock: Clock | None = None, entropy: Entropy | None = None
) -> Office:
    """Open the headquarters in `folder`. Raises StoreError."""
    if not (folder / DATABASE).exists():
        raise StoreError(
            str(folder),
            doing="opening headquarters",
            found=f"no {DATABASE} there",
            fix=f"Make one: memberbox-hq --dir {folder} init.",
            retry=False,
        )
    db = _connect(folder / DATABASE)
    _migrate(db)
    return _office(folder, db, clock, entropy or SystemEntropy())


@contextmanager
def alone(office: Office) -> Iterator[None]:
    """Hold the directory as the one that serves; a dead process holds nothing. Raises StoreError.

    Two would answer every box twice and each believe that it knows what is on its way.
    """
    with (office.folder / SERVE_LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                str(office.folder),
                doing="beginning to serve",
                found="another memberbox-hq serve has it",
                fix="End the other one first; one headquarters is served by one process.",
                retry=False,
            ) from error
        yield


def ensure_chain(db: sqlite3.Connection, box: str, epoch: int) -> int:
    """Return the row of a chain, made when it is new."""
    db.execute(
        # Who is new after a restore may have been known before it: it has to confirm us first.
        "INSERT OR IGNORE INTO chain (box, epoch, mark_hash, booked_hash, down_hash, confirmed)"
        " VALUES (?, ?, ?, ?, ?, (SELECT value = '1' FROM meta WHERE name = 'incarnation'))",
        (box, epoch, ZERO_HASH, ZERO_HASH, ZERO_HASH),
    )
    row = db.execute("SELECT id FROM chain WHERE box = ? AND epoch = ?", (box, epoch)).fetchone()
    return int(row[0])


@dataclass(frozen=True, slots=True)
class Case:
    """Something a person at headquarters has to look at."""

    box: str
    epoch: int
    kind: str
    what: str
    seq: int = 0
    hash: str = ""


def open_case(office: Office, case: Case) -> None:
    """Put a case on the work list, once."""
    office.db.execute(
        "INSERT OR IGNORE INTO work (box, epoch, seq, hash, kind, what, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (case.box, case.epoch, case.seq, case.hash, case.kind, case.what, office.now()),
    )


def _office(folder: Path, db: sqlite3.Connection, clock: Clock | None, entropy: Entropy) -> Office:
    try:
        seed = bytes.fromhex((folder / KEY_FILE).read_text().strip())
    except (OSError, ValueError) as error:
        db.close()
        raise _cannot(folder / KEY_FILE, "reading HQ's key", error) from error
    return Office(folder, db, seed, clock or SystemClock(ZoneInfo(ZONE)), entropy)


def _connect(path: Path) -> sqlite3.Connection:
    try:
        db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        os.chmod(path, 0o600)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA wal_autocheckpoint = 4000")
        db.execute("PRAGMA cache_size = -32768")
    except (sqlite3.Error, OSError) as error:
        raise _cannot(path, "opening it", error) from error
    return db


def _migrate(db: sqlite3.Connection) -> None:
    """Run the numbered migrations that this database does not have yet, each in one commit."""
    have = int(db.execute("PRAGMA user_version").fetchone()[0])
    scripts = sorted(
        (file.name, file.read_text())
        for file in resources.files("hq").joinpath("schema").iterdir()
        if file.name.endswith(".sql")
    )
    if have > len(scripts):
        raise StoreError(
            DATABASE,
            doing="opening it",
            found=f"schema {have}, this software knows {len(scripts)}",
            fix="Install the newer memberbox-hq that wrote it.",
            retry=False,
        )
    for number, (_, script) in enumerate(scripts, 1):
        if number > have:
            _run_migration(db, number, script)


def _run_migration(db: sqlite3.Connection, number: int, script: str) -> None:
    try:
        db.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    except sqlite3.OperationalError:
        if db.in_transaction:
            db.execute("ROLLBACK")
        # Another command may have run it between our look and our lock.
        if int(db.execute("PRAGMA user_version").fetchone()[0]) < number:
            raise


def _write_secret(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _cannot(path: Path, doing: str, error: Exception) -> StoreError:
    return StoreError(
        str(path),
        doing=doing,
        found=str(error),
        fix="Look at the disk and at who may write there.",
        retry=False,
    )
