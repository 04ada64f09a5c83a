"""P12: intake of headquarters to PostgreSQL against a bare COPY of the same rows, and to SQLite
against a bare insert of them.

The rows are those that intake has stored, into a table of the same columns and the same key. Both
ways are durable: one flush for as many rows.
"""

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path

import psycopg

from daemon.ledger.codec import encode, hash_of
from daemon.ledger.sealing import seal_draft
from daemon.ledger.views import Stored
from daemon.sync.shipping import Shipping
from daemon.sync.wire import up
from hq.inflow import ENTRY
from hq.intake import Arrival, Intake
from hq.pipe import DRAIN_MAX
from hq.store import Office, create
from tests.bench.commit import bench_disk
from tests.bench.row import ROUNDS, Part, middle
from tests.bench.sales import Till
from tests.hq.office import Sender
from tests.postgres import Server

ENTRIES = 8000  # of one box, each of four lines: a drain of 4 MB
DISK = Path("/var/tmp")  # never memory, and the server's user may go there
Row = tuple[int, int, bytes, bytes, bytes]
Engine = tuple[Office, Callable[[Sequence[Row]], None]]  # and the bare load beside it
_COLUMNS = ", ".join(ENTRY.columns)


def intake() -> Sequence[Part]:
    """P12: entries a second as a part of what the engine does at best."""
    return [
        Part("P12.postgres", middle(_rounds(_postgres)), 0.5, at_least=True),
        Part("P12.sqlite", middle(_rounds(_sqlite)), 0.5, at_least=True),
    ]


@contextmanager
def _postgres(folder: Path) -> Iterator[Engine]:
    with Server(fsync=True, disk=DISK) as server:
        office = create(folder / "hq", server.database())
        db = psycopg.connect(office.db.place)
        db.execute(f"CREATE TABLE bare AS SELECT {_COLUMNS} FROM entry".encode())
        db.execute("CREATE UNIQUE INDEX ON bare (chain, seq, hash)")
        db.commit()

        def load(rows: Sequence[Row]) -> None:
            copy = f"COPY bare ({_COLUMNS}) FROM STDIN (FORMAT BINARY)".encode()
            with db.cursor() as cursor, cursor.copy(copy) as copying:
                copying.set_types(ENTRY.types)
                for row in rows:
                    copying.write_row(row)
            db.commit()

        yield office, load
        db.close()
        office.close()


@contextmanager
def _sqlite(folder: Path) -> Iterator[Engine]:
    office = create(folder / "hq")
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE bare (chain INT, seq INT, hash BLOB, prev BLOB, data BLOB)")
    db.execute("CREATE UNIQUE INDEX bare_key ON bare (chain, seq, hash)")

    def load(rows: Sequence[Row]) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?)", rows)
        db.execute("COMMIT")

    yield office, load
    db.close()
    office.close()


def _rounds(engine: Callable[[Path], AbstractContextManager[Engine]]) -> list[float]:
    """Return, of each round, what intake reaches of the bare load's rate."""
    box = _Box()
    ratios, rates = [], []
    with tempfile.TemporaryDirectory(dir=bench_disk()) as folder:
        for round_ in range(ROUNDS):
            with engine(Path(folder) / str(round_)) as (office, bare):
                ours = box.ship(office)
                rows = office.db.execute(f"SELECT {_COLUMNS} FROM entry").fetchall()
                assert len(rows) >= ENTRIES, "everything was stored"
                began = time.perf_counter()
                bare(rows)
                ratios.append((time.perf_counter() - began) / ours)
                rates.append(len(rows) / ours)
    name = engine.__name__.strip("_")
    sys.stdout.write(f"P12.{name} entries a second: {middle(rates):.0f}\n")
    return ratios


class _Box:
    """A box with a day's sales to ship, the same for every headquarters."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            office = create(Path(folder))
            self._ledger = Sender(office).ledger
            office.close()
        for draft in islice(Till(4, "p12").drafts(), ENTRIES):
            head = self._ledger.head
            entry = seal_draft(draft, self._ledger.chain, seq=head.seq + 1, prev=head.hash)
            data = encode(entry)
            self._ledger.entries.append(Stored(entry.seq, hash_of(data), data))

    def ship(self, office: Office) -> float:
        """Say hello and send all batches as one drain has them; return how long intake took."""
        sender = Sender(office)
        sender.ledger.entries[:] = self._ledger.entries
        shipping = Shipping(sender.ledger, hq_key=office.public)
        arrivals, first = [], 1
        while first <= sender.ledger.head.seq:
            packed = shipping.pack(1, first=first, last=sender.ledger.head.seq)
            assert packed is not None
            arrivals.append(Arrival(up(sender.name, "journal"), packed[0]))
            first = packed[1] + 1
        taking = Intake(office)
        taking.drain([sender.hello()])
        took = 0.0
        for at in range(0, len(arrivals), DRAIN_MAX):
            began = time.perf_counter()
            drained = taking.drain(arrivals[at : at + DRAIN_MAX])
            took += time.perf_counter() - began
            assert not drained.refusals, drained.refusals
        return took
