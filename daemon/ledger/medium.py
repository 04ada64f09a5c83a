"""How a database file is opened: settings, migrations, and what its errors mean.

The seam where tests let the medium fail: whoever opens a store may give another Medium.
"""

import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from daemon.errors import StoreError

Connection = sqlite3.Connection
Row = sqlite3.Row
MediumFault = sqlite3.Error

BUSY_MS = 5_000  # another process (verify, status) reads for milliseconds at a time
_SCHEMA = Path(__file__).parent / "schema"
_NUMBERED = re.compile(r"([a-z]+)-(\d{4})\.sql")

# Nothing of a transaction is on the disk when a write of it failed with one of these: the commit
# record is the last thing written. An error of fsync is another matter.
_WROTE_NOTHING = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_TOOBIG,
    }
)
_TAKES_NOTHING = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    }
)


class Settings(msgspec.Struct, frozen=True):
    """How a file is kept. `name` is that of its schema files."""

    name: str
    synchronous: str  # FULL: every commit reaches the disk; NORMAL: checkpoints do
    page_bytes: int
    cache_kib: int


class Medium:
    """The disk. Tests give one that fails."""

    def connect(self, path: Path, *, readonly: bool) -> Connection:
        mode = "ro" if readonly else "rwc"
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode={mode}",
            uri=True,
            timeout=BUSY_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
        )


def open_database(
    medium: Medium, path: Path, settings: Settings, *, readonly: bool = False
) -> Connection:
    """Return a connection to an up-to-date database. Raises StoreError."""
    try:
        connection = medium.connect(path, readonly=readonly)
        try:
            _set_up(connection, path, settings, readonly=readonly)
        except BaseException:
            connection.close()
            raise
    except MediumFault as error:
        raise store_error(path, "opening it", error) from error
    except UnicodeDecodeError as error:  # the words of SQLite's own error are the file's rot
        fault = sqlite3.DatabaseError(f"its schema cannot be read ({error.reason})")
        fault.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        fault.sqlite_errorname = "SQLITE_CORRUPT"
        raise store_error(path, "opening it", fault) from fault
    return connection


def copied(medium: Medium, path: Path) -> bytes:
    """Return a database as it is at one moment, beside whoever writes it. Raises StoreError.

    The copy is made in memory (SQLite's backup), so that no key in it is ever left on a disk.
    """
    try:
        source = medium.connect(path, readonly=True)
        try:
            memory = sqlite3.connect(":memory:")
            try:
                page_bytes = source.execute("PRAGMA page_size").fetchone()[0]
                memory.execute(f"PRAGMA page_size = {int(page_bytes)}")
                source.backup(memory)
                return memory.serialize()
            finally:
                memory.close()
        finally:
            source.close()
    except MediumFault as error:
        raise store_error(path, "copying it", error) from error


def rehearse(
    medium: Medium, path: Path, settings: Settings, scratch: Path | None
) -> tuple[int, int]:
    """Bring a copy of a database up to date, and throw the copy away; return the versions before
    and after. The copy lies at `scratch`, or in memory. Raises StoreError; the file stays as it is.
    """
    try:
        source = medium.connect(path, readonly=True)
        try:
            before, after = version_of(source), latest_version(settings.name)
            if before != after:
                _rehearse(source, path, settings, scratch)
            return before, after
        finally:
            source.close()
    except MediumFault as error:
        raise store_error(path, "bringing a copy of it up to date", error) from error
    finally:
        if scratch is not None:
            scratch.unlink(missing_ok=True)


def _rehearse(source: Connection, path: Path, settings: Settings, scratch: Path | None) -> None:
    target = sqlite3.connect(":memory:" if scratch is None else scratch, isolation_level=None)
    try:
        source.backup(target)
        _migrate(target, path, settings.name, readonly=False)
        said = [row[0] for row in target.execute("PRAGMA quick_check(3)")]
        if said != ["ok"]:
            raise StoreError(
                path.name,
                doing="bringing a copy of it up to date",
                found=f"SQLite finds the copy damaged: {'; '.join(said)}",
                fix="Run `memberbox verify --full` and call your service partner.",
                retry=False,
            )
    finally:
        target.close()


def version_of(connection: Connection) -> int:
    row = connection.execute("PRAGMA user_version").fetchone()
    return int(row[0])


def latest_version(name: str) -> int:
    """Return the number of the newest migration."""
    return max(number for number, _ in _migrations(name))


def wrote_nothing(error: MediumFault) -> bool:
    """Tell whether it is certain that the failed transaction left nothing on the disk."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and (
        code & 0xFF in _WROTE_NOTHING or code == sqlite3.SQLITE_IOERR_WRITE
    )


def takes_nothing(error: MediumFault) -> bool:
    """Tell whether the disk took nothing more: it says nothing about what stands on it."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    return code in _TAKES_NOTHING or code & 0xFF in _TAKES_NOTHING


def store_error(path: Path, doing: str, error: MediumFault) -> StoreError:
    """Return the error in words, with what a person can do."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:  # no room even for the index of the log
        primary = sqlite3.SQLITE_FULL
    fix, retry = _FIXES.get(primary or 0, ("See the system's log for this disk", True))
    found = str(error) if primary is None else f"{error} ({getattr(error, 'sqlite_errorname', '')})"
    return StoreError(path.name, doing=doing, found=found, fix=f"{fix}.", retry=retry)


def salvaged_beside(path: Path) -> Path:
    """Return where a salvaged database waits, whole, to take the place of the damaged one."""
    return path.with_name(f"{path.stem}.salvaged.db")


def is_damage(error: StoreError) -> bool:
    """Tell whether the file itself is broken: not the disk full, not the software old."""
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


_DAMAGED = (
    "Do not delete it. Keep a copy of the whole state directory and restore a backup",
    False,
)
_FIXES: Mapping[int, tuple[str, bool]] = {
    sqlite3.SQLITE_FULL: ("Make room on the disk of the state directory", True),
    sqlite3.SQLITE_READONLY: (
        "The disk or the file is read-only: mount it writable, or give the daemon its directory",
        True,
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "Check that the state directory exists, belongs to us, and that its disk is writable",
        True,
    ),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_IOERR: ("The disk gives errors: check its cable, replace the card", True),
    sqlite3.SQLITE_BUSY: ("Another program holds it: close it", True),
}


def _set_up(connection: Connection, path: Path, settings: Settings, *, readonly: bool) -> None:
    connection.row_factory = Row
    execute = connection.execute
    execute(f"PRAGMA cache_size = -{settings.cache_kib}")
    if readonly:
        execute("PRAGMA query_only = ON")
    else:
        execute(f"PRAGMA page_size = {settings.page_bytes}")
        execute("PRAGMA journal_mode = WAL")
        execute(f"PRAGMA synchronous = {settings.synchronous}")
        execute("PRAGMA wal_autocheckpoint = 0")
    _migrate(connection, path, settings.name, readonly=readonly)


def _migrate(connection: Connection, path: Path, name: str, *, readonly: bool) -> None:
    version = version_of(connection)
    newest = latest_version(name)
    if version > newest:
        raise StoreError(
            path.name,
            doing="opening it",
            found=f"made by newer software (version {version}, this one knows {newest})",
            fix="Install the newer memberbox again.",
            retry=False,
        )
    if readonly and version < newest:
        raise StoreError(
            path.name,
            doing="reading it",
            found=f"version {version}, and the software writes {newest}",
            fix="Start memberbox once; it brings the file up to date.",
            retry=False,
        )
    for number, script in _migrations(name):
        if number > version:
            connection.executescript(
                f"BEGIN IMMEDIATE; {script.read_text(encoding='utf-8')};"
                f" PRAGMA user_version = {number}; COMMIT;"
            )


def _migrations(name: str) -> list[tuple[int, Path]]:
    """Return number and script of each migration, in order; most starts need none of them."""
    found = []
    for path in _SCHEMA.iterdir():
        match = _NUMBERED.fullmatch(path.name)
        if match is not None and match[1] == name:
            found.append((int(match[2]), path))
    return sorted(found)
