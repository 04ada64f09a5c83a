"""Headquarters on a PostgreSQL server, for a chain. The only file that imports psycopg.

A password never stands in the address: libpq finds it in ~/.pgpass, PGPASSFILE, PGPASSWORD or a
service. Writers take turns by advisory locks: commands and booking are alone, intake is alone with
the boxes that it stores for. A connection that was lost is made anew at the next transaction.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from zlib import crc32

import psycopg
from psycopg import errors
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from daemon.errors import StoreError
from daemon.ledger.signed import Disks
from hq.db import Table
from hq.migrations import scripts, too_new

VERSION_MIN = 14  # older ones get no repairs any more; CREATE FUNCTION ... BEGIN ATOMIC
CONNECT_S = 10  # a server that is there answers in milliseconds
ROWS_AT_ONCE = 2000  # of a whole table: 1 MB
LOCK_S = 20  # an import of 100,000 cards holds the lock for seconds
HOLD_S = 3  # the server may not have noticed yet that the last one that served is dead
_OURS = 0x6D62  # "mb": the first half of our advisory locks
_WRITER, _SERVER = 1, 2  # the second half; the locks of boxes have a first half of their own
_BOX = 0x6D63
_MARK = re.compile(r"\?(\d*)|'[^']*'")
_HINT = re.compile(r" INDEXED BY \w+")  # of use to SQLite's planner only

# Two disks: a synchronous standby has flushed what is committed here.
_DURABLE = (
    "SELECT current_setting('synchronous_commit') IN ('on', 'remote_apply')"
    " AND current_setting('synchronous_standby_names') <> ''"
    " AND EXISTS (SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))"
)


class Postgres:
    """One connection to one database; see hq/db.py."""

    def __init__(self, address: str) -> None:
        self._place = _named(address)
        self._address = address
        self._inside = False
        self._holds = False
        self._written = 0
        self._db = self._connect()
        try:
            self._migrate()
        except psycopg.Error as error:
            raise self._said("bringing its tables up to date", error) from error

    @property
    def place(self) -> str:
        return self._place

    @property
    def written(self) -> int:
        return self._written

    def execute(self, sql: str, values: Sequence[object] = ()) -> psycopg.Cursor[TupleRow]:
        try:
            cursor = self._live().execute(_rendered(sql), values or None)
        except psycopg.Error as error:
            raise self._said("working in it", error) from error
        self._written += not sql.startswith("SELECT")
        return cursor

    def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        with self._live().cursor() as cursor:
            try:
                cursor.executemany(_rendered(sql), list(rows))
            except psycopg.Error as error:
                raise self._said("writing rows", error) from error
        self._written += 1

    def put(self, table: Table, rows: Iterable[Sequence[object]]) -> None:
        columns = ", ".join(table.columns)
        copy = f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)".encode()
        try:
            with self._live().cursor() as cursor, cursor.copy(copy) as copying:
                copying.set_types(table.types)
                for row in rows:
                    copying.write_row(row)
        except psycopg.Error as error:
            raise self._said("loading rows", error) from error
        self._written += 1

    def merge(
        self, table: Table, rows: Sequence[Sequence[object]], *, clash: str = "DO NOTHING"
    ) -> int:
        """Load into a staging table, then one statement for all of them."""
        columns = ", ".join(table.columns)
        staging = f"new_{table.name}"
        self.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {staging} AS"  # noqa: S608  (names of ours)
            f" SELECT {columns} FROM {table.name} WITH NO DATA"
        )
        self.put(Table(staging, table.columns, table.types), rows)
        done = self.execute(
            # names of ours
            f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {staging}"  # noqa: S608
            f" ON CONFLICT {clash}"
        )
        self.execute(f"TRUNCATE {staging}")
        return done.rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._locked(f"pg_advisory_xact_lock({_OURS}, {_WRITER})"):
            yield

    @contextmanager
    def storing(self, boxes: Iterable[str]) -> Iterator[None]:
        """Intake of other boxes goes on beside; whoever wants to be alone waits for all of it."""
        # In one order, so that no two wait for each other.
        keys = sorted({crc32(box.encode()) - 2**31 for box in boxes})
        locks = [f"pg_advisory_xact_lock_shared({_OURS}, {_WRITER})"]
        locks += [f"pg_advisory_xact_lock({_BOX}, {key})" for key in keys]
        with self._locked(*locks):
            yield

    def hold(self) -> bool:
        try:
            self.execute(f"SET lock_timeout = '{HOLD_S}s'")
            self.execute(f"SELECT pg_advisory_lock({_OURS}, {_SERVER})")
            self._holds = True
        except StoreError as error:
            if not isinstance(error.__cause__, errors.LockNotAvailable):
                raise
            self._holds = False
        self.execute(f"SET lock_timeout = '{LOCK_S}s'")
        return self._holds

    def durability(self) -> Disks:
        row = self.execute(_DURABLE).fetchone()
        return "two" if row is not None and row[0] else "one"

    def wipe(self) -> bool:
        """Write the tables anew without the rows that are gone; the WAL forgets by its rotation."""
        for table in ("member", "carried_key"):
            self.execute(f"VACUUM (FULL) {table}")
        return True

    def findings(self) -> list[tuple[str, str]]:
        from hq.serversettings import findings

        return findings(self)

    def rows(self, table: Table) -> Iterator[Sequence[object]]:
        query = f"SELECT {', '.join(table.columns)} FROM {table.name}"  # noqa: S608 - names of ours
        with psycopg.RawServerCursor(self._live(), "rows") as cursor:
            cursor.itersize = ROWS_AT_ONCE
            yield from cursor.execute(query.encode())

    def tables(self) -> list[Table]:
        """Return every table of ours that holds what headquarters knows."""
        found = self.execute(
            "SELECT c.table_name::text, array_agg(c.column_name::text ORDER BY c.ordinal_position),"
            " array_agg(c.udt_name::text ORDER BY c.ordinal_position)"
            " FROM information_schema.columns AS c WHERE c.table_schema = current_schema()"
            " AND c.table_name <> 'schema_version' AND c.table_name NOT LIKE 'entry\\_%'"
            " GROUP BY c.table_name ORDER BY c.table_name"
        )
        return [Table(name, tuple(columns), tuple(types)) for name, columns, types in found]

    def count_on(self, tables: Sequence[Table]) -> None:
        """Let what counts by itself go on after rows that were put with their numbers."""
        arrived = 0
        for table in tables:
            whole = {
                name
                for name, kind in zip(table.columns, table.types, strict=True)
                if kind == "int8"
            }
            for column in whole & {"id", "n", "rowid"}:
                found = f"SELECT coalesce(max({column}), 0) FROM {table.name}"  # noqa: S608 - ours
                query = f"SELECT ({found}), pg_get_serial_sequence(?, ?)"
                last, sequence = self.execute(query, (table.name, column)).fetchall()[0]
                if column == "rowid":
                    arrived = max(arrived, last)
                elif sequence is not None and last:
                    self.execute("SELECT setval(?, ?)", (sequence, last))
        if arrived:
            self.execute("SELECT setval('arrival', ?)", (arrived,))

    def close(self) -> None:
        self._db.close()

    # -- inside ------------------------------------------------------------------------------

    @contextmanager
    def _locked(self, *locks: str) -> Iterator[None]:
        assert not self._inside, "a transaction in a transaction"
        begin = "BEGIN; " + "; ".join(f"SELECT {lock}" for lock in locks)
        db = self._live()
        self._inside = True
        try:
            try:
                db.execute(begin.encode())
                yield
                db.execute("COMMIT")
            except BaseException:
                if not db.closed:
                    db.execute("ROLLBACK")
                raise
        except psycopg.Error as error:
            raise self._said("writing", error) from error
        finally:
            self._inside = False

    def _live(self) -> psycopg.Connection[TupleRow]:
        """Return the connection, a new one where the old one is gone and nothing hangs on it."""
        if self._db.closed and not self._inside:
            self._db = self._connect()
            if self._holds and not self.hold():
                raise StoreError(
                    self._place,
                    doing="going on to serve",
                    found="another memberbox-hq serve has taken over",
                    fix="Let one of the two serve.",
                    retry=False,
                )
        return self._db

    def _connect(self) -> psycopg.Connection[TupleRow]:
        try:
            db = psycopg.connect(
                self._address,
                autocommit=True,
                cursor_factory=psycopg.RawCursor,
                connect_timeout=CONNECT_S,
                application_name="memberbox-hq",
                options=f"-c lock_timeout={LOCK_S}s -c client_min_messages=warning",
            )
        except psycopg.Error as error:
            raise self._said("reaching it", error) from error
        db.adapters.register_loader("numeric", _Whole)
        major = db.info.server_version // 10000
        if major < VERSION_MIN:
            db.close()
            found = f"PostgreSQL {major}"
            raise self._wrong(found, f"Give a server of version {VERSION_MIN} or later.")
        if db.info.encoding != "utf-8" or db.info.parameter_status("server_encoding") != "UTF8":
            db.close()
            raise self._wrong("a database that is not in UTF8", "createdb --encoding=UTF8 NAME.")
        # Whatever the server's default: acknowledged means flushed, here at least.
        db.execute(
            "SELECT set_config('synchronous_commit', 'local', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        return db

    def _migrate(self) -> None:
        numbered = scripts("postgres")
        if self._version() == max(numbered):
            return
        with self.transaction():  # another command may do the same at this moment
            self._db.execute("CREATE TABLE IF NOT EXISTS schema_version (n BIGINT NOT NULL)")
            have = self._version()
            if have > max(numbered):
                raise too_new(self._place, have, max(numbered))
            for number, script in numbered.items():
                if number > have:
                    self._db.execute(script.encode())
                    self._db.execute("DELETE FROM schema_version")
                    self._db.execute("INSERT INTO schema_version VALUES ($1)", (number,))

    def _version(self) -> int:
        row = self._db.execute("SELECT to_regclass('schema_version') IS NOT NULL").fetchone()
        if row is None or not row[0]:
            return 0
        found = self._db.execute("SELECT coalesce(max(n), 0) FROM schema_version").fetchone()
        return 0 if found is None else int(found[0])

    def _said(self, doing: str, error: psycopg.Error) -> Exception:
        """Return what to raise for an error: our own mistakes stay what they are."""
        found = str(error).strip().partition("\n")[0]
        if isinstance(error, errors.InsufficientPrivilege):
            fix = "Give the role the database: ALTER DATABASE ... OWNER TO ..."
            return StoreError(self._place, doing=doing, found=found, fix=fix, retry=False)
        if isinstance(error, errors.ReadOnlySqlTransaction):
            fix = "This is a standby. Name the primary, or promote this one, then `restored`."
            return StoreError(self._place, doing=doing, found=found, fix=fix, retry=True)
        if isinstance(error, errors.LockNotAvailable):
            fix = "Another command works for long, or hangs: see pg_stat_activity."
            return StoreError(self._place, doing=doing, found=found, fix=fix, retry=True)
        if isinstance(error, psycopg.OperationalError):
            fix = "Look whether the server runs, lets this machine in, and has room on its disk."
            return StoreError(self._place, doing=doing, found=found, fix=fix, retry=True)
        return error

    def _wrong(self, found: str, fix: str) -> StoreError:
        return StoreError(self._place, doing="opening it", found=found, fix=fix, retry=False)


class _Whole(Loader):
    """Sums of whole numbers come as numeric; ours are whole."""

    def load(self, data: bytes | bytearray | memoryview) -> int:
        return int(bytes(data))


@lru_cache(maxsize=1024)  # a few hundred texts
def _rendered(sql: str) -> bytes:
    """Return our SQL with PostgreSQL's names of values: `?` and `?1` become $1."""
    count = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal count
        if found[0].startswith("'"):
            return found[0]
        count += 1
        return f"${found[1] or count}"

    return _MARK.sub(mark, _HINT.sub("", sql)).encode()


def _named(address: str) -> str:
    """Return the address as people may see it. Raises StoreError when a secret stands in it."""
    try:
        parts = conninfo_to_dict(address)
    except psycopg.Error as error:
        raise StoreError(
            "--store",
            doing="reading the address",
            found=str(error).strip(),
            fix="Write it as postgresql://USER@HOST/DATABASE.",
            retry=False,
        ) from error
    if parts.get("password"):
        raise StoreError(
            "--store",
            doing="reading the address",
            found="a password stands in it, where every user of this machine can see it",
            fix="Put it into ~/.pgpass (mode 0600), or into a file that PGPASSFILE names.",
            retry=False,
        )
    return address
