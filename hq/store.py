"""Headquarters' directory on disk: one database, one key. The only file that opens them.

    DIR/hq.db         what boxes sent, books, directory, down logs; or
    DIR/store         the address of the PostgreSQL database that has it instead
    DIR/keys/hq.key   the seed of HQ's Ed25519 key, hex, mode 0600
    DIR/content       what messages name by hash (contents.py)

Commands work beside a running `serve`: each transaction takes the writer's lock at its start.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon import wholefile
from daemon.clock import Clock, SystemClock
from daemon.entropy import Entropy, SystemEntropy
from daemon.errors import StoreError
from daemon.ledger.records import ZERO_HASH
from daemon.seal import SEED_BYTES, public_key, sign
from hq.db import Db
from hq.sqlite import open_file

DATABASE = "hq.db"
STORE_FILE = "store"
SERVE_LOCK = "serve.lock"
KEY_FILE = "keys/hq.key"
CONTENT_FOLDER = "content"
OWN_BOX = "hq"  # the name of HQ's own log; no box may have it
ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Office:
    """An open headquarters. One thread uses one Office."""

    folder: Path
    db: Db
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
                self.db.place,
                doing=f"reading {name}",
                found="it is not there",
                fix="Was this headquarters made by memberbox-hq init?",
                retry=False,
            )
        return str(row[0])

    def fact(self, name: str) -> str:
        """Return a fact that may not be there; "" then."""
        row = self.db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        self.db.execute(
            "INSERT INTO meta VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def transaction(self) -> AbstractContextManager[None]:
        """Everything inside becomes durable at its end, or nothing does."""
        return self.db.transaction()

    def touch_directory(self) -> None:
        """What boxes shall know has changed: the down-log writer looks at every chain again."""
        self.db.execute(
            "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE name = ?",
            ("directory",),
        )

    def close(self) -> None:
        self.db.close()


def create(
    folder: Path, store: str = "", *, clock: Clock | None = None, entropy: Entropy | None = None
) -> Office:
    """Make a headquarters in `folder`, or open the one that is there. Raises StoreError.

    `store`: the address of a PostgreSQL database; "" is the one of `folder`, at first SQLite's.
    """
    entropy = entropy or SystemEntropy()
    key_path = folder / KEY_FILE
    try:
        key_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not key_path.exists():
            _write_secret(key_path, entropy.draw(SEED_BYTES).hex() + "\n")
    except OSError as error:
        raise _cannot(folder, "making it", error) from error
    db = connect(folder, store)
    office = _office(folder, db, clock, entropy)
    with office.transaction():
        db.execute(
            "INSERT INTO meta VALUES ('incarnation', '1'), ('directory', '0'), ('public', ?)"
            " ON CONFLICT DO NOTHING",
            (office.public.hex(),),
        )
        ensure_chain(db, OWN_BOX, office.incarnation)
    _check_whose(office)
    if store:
        name_store(folder, store)
    return office


def open_office(
    folder: Path, store: str = "", *, clock: Clock | None = None, entropy: Entropy | None = None
) -> Office:
    """Open the headquarters in `folder`. Raises StoreError."""
    if not store and not (folder / STORE_FILE).exists() and not (folder / DATABASE).exists():
        raise StoreError(
            str(folder),
            doing="opening headquarters",
            found=f"no {DATABASE} there",
            fix=f"Make one: memberbox-hq --dir {folder} init.",
            retry=False,
        )
    office = _office(folder, connect(folder, store), clock, entropy or SystemEntropy())
    _check_whose(office)
    return office


def name_store(folder: Path, address: str) -> None:
    """Let the database of a folder be the one of an address, whole and on the disk or not at all.

    Raises StoreError.
    """
    path = folder / STORE_FILE
    try:
        wholefile.replace(path, f"{address}\n".encode(), wholefile.READABLE)
    except OSError as error:
        raise _cannot(path, "writing it", error) from error


@contextmanager
def alone(office: Office) -> Iterator[None]:
    """Hold the directory as the one that serves; a dead process holds nothing. Raises StoreError.

    Two would answer every box twice and each believe that it knows what is on its way.
    """
    with (office.folder / SERVE_LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _served(office.folder) from error
        if not office.db.hold():
            raise _served(office.folder)
        yield


def ensure_chain(db: Db, box: str, epoch: int) -> int:
    """Return the row of a chain, made when it is new."""
    db.execute(
        # Who is new after a restore may have been known before it: it has to confirm us first.
        "INSERT INTO chain (box, epoch, mark_hash, booked_hash, down_hash, confirmed)"
        " VALUES (?, ?, ?, ?, ?,"
        " (SELECT CAST(value = '1' AS INTEGER) FROM meta WHERE name = 'incarnation'))"
        " ON CONFLICT DO NOTHING",
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
        "INSERT INTO work (box, epoch, seq, hash, kind, what, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (case.box, case.epoch, case.seq, case.hash, case.kind, case.what, office.now()),
    )


def connect(folder: Path, store: str) -> Db:
    """Open the database of an address; "": what the folder says."""
    named = folder / STORE_FILE
    try:
        address = store or (named.read_text().strip() if named.exists() else "")
    except OSError as error:
        raise _cannot(named, "reading it", error) from error
    if not address and named.exists():
        raise StoreError(
            str(named),
            doing="looking where the database is",
            found="it is empty",
            fix="Write the database's address into it: postgresql://USER@HOST/DATABASE.",
            retry=False,
        )
    if not address:
        return open_file(folder / DATABASE)
    try:
        from hq.postgres import Postgres  # of use to a chain only; one shop needs no driver
    except ImportError as error:
        raise StoreError(
            address,
            doing="opening it",
            found=str(error),
            fix="Install the driver: pip install 'memberbox[postgres]'.",
            retry=False,
        ) from error
    return Postgres(address)


def _office(folder: Path, db: Db, clock: Clock | None, entropy: Entropy) -> Office:
    try:
        seed = bytes.fromhex((folder / KEY_FILE).read_text().strip())
    except (OSError, ValueError) as error:
        db.close()
        raise _cannot(folder / KEY_FILE, "reading HQ's key", error) from error
    return Office(folder, db, seed, clock or SystemClock(ZoneInfo(ZONE)), entropy)


def _check_whose(office: Office) -> None:
    """Two keys on one database would sign two logs with one number. Raises StoreError."""
    known = office.fact("public")
    if known in ("", office.public.hex()):
        return
    office.close()
    raise StoreError(
        office.db.place,
        doing="opening headquarters",
        found=f"it belongs to the key {known[:16]}..., not to that in {office.folder / KEY_FILE}",
        fix="Give the --dir that made it, or another database.",
        retry=False,
    )


def _served(folder: Path) -> StoreError:
    return StoreError(
        str(folder),
        doing="beginning to serve",
        found="another memberbox-hq serve or book has it",
        fix="End the other one first; one headquarters is served by one process.",
        retry=False,
    )


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
