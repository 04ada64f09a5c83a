"""Books of a whole journal, made at once in a file beside them. For rebuild, at speed.

Spans of the journal become sheets, in as many processes as there are cores; one process writes
them in order, as it would write those of entries that come one by one. Nothing of the new file is
safe before the end, and nobody reads it before: then it takes the place of books.db.
"""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.ledger.booking import Booking
from daemon.ledger.brief import brief_sale
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.crew import SPAN_ENTRIES, Crew, CrewLost, Span, spans
from daemon.ledger.journal import MAPPED_BYTES, SETTINGS, row_id
from daemon.ledger.medium import Connection, Medium, MediumFault, Settings, open_database
from daemon.ledger.records import Chain, Entry, Head
from daemon.ledger.sheet import Leaf, Sheet

# A cache that holds the pages to which entries in any order go: keys of requests, members' lots.
BULK = Settings("books", synchronous="OFF", page_bytes=2048, cache_kib=131_072)
ACCOUNTS_KEPT = 500_000  # names in memory, 100 MB at most: one look-up less for each posting

_LEAVES = msgspec.msgpack.Decoder(list[Leaf])

_RANGE = "SELECT hash, data FROM entry WHERE id BETWEEN ? AND ? ORDER BY id"


class Ground(msgspec.Struct, frozen=True):
    """What the spans of a rebuild have in common. `first_no`: by epoch, in the books to be made."""

    path: Path
    box: str
    first_no: Mapping[int, int]
    mapped: bool = False  # read through a mapping: where the disk fails, the process ends


def make_books(
    fresh: Path,
    journal: Path,
    chains: Iterable[tuple[Chain, Head]],
    *,
    crew: Crew,
    progress: Callable[[int], None],
    span_entries: int = SPAN_ENTRIES,
) -> None:
    """Make books at `fresh` of everything in the journal, up to the first entry that cannot be
    read as it should be. Raises StoreError, MediumFault, OSError."""
    chains = list(chains)
    first_no: dict[int, int] = {}
    no = 1
    for chain, head in chains:
        first_no[chain.epoch] = no
        no += head.seq
    ground = Ground(journal, chains[0][0].box, first_no, mapped=crew.size > 1)
    coming = crew.each(partial(leaves, ground), spans(chains, length=span_entries))
    with closing(open_database(Medium(), fresh, BULK)) as connection, _no_cycles():
        execute = connection.execute
        execute("PRAGMA journal_mode = OFF")
        execute("PRAGMA locking_mode = EXCLUSIVE")
        booking = Booking(connection, ground.box, accounts_kept=ACCOUNTS_KEPT)
        execute("BEGIN IMMEDIATE")
        try:
            for made in coming:
                if made is None:
                    break
                for leaf in _LEAVES.decode(made):
                    booking.write(leaf)
                progress(booking.mark.no)
        except (CrewLost, msgspec.ValidationError):
            pass  # what is missing, or has a number that no table holds, is booked entry by entry
        execute("COMMIT")
        execute("PRAGMA journal_mode = WAL")
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Look for none: a million names are kept, and what else is made is gone with its leaf."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def leaves(ground: Ground, span: Span) -> bytes | None:
    """Return what the entries of a span do to the books, as a list of leaves in MessagePack: it is
    on its way between processes in half the time of pickled objects. None: an entry cannot be read
    as it should."""
    epoch, seq = span.epoch, span.first
    known = epoch if seq > 1 else epoch - 1  # the first entry of an epoch makes it known
    chains = {one: no for one, no in ground.first_no.items() if one <= known}
    made = []
    sheet = Sheet(ground.box, ground.first_no[epoch] + seq - 2, chains)
    try:
        with _opened(ground) as journal:
            rows = (row_id(epoch, seq), row_id(epoch, span.last))
            for digest, data in journal.execute(_RANGE, rows):
                sale = brief_sale(data)
                entry = sale or decode(data)
                if (entry.seq, entry.epoch, entry.box) != (seq, epoch, ground.box):
                    return None
                if sale is not None:
                    sheet.add_sale(sale, digest.hex())
                elif isinstance(entry, Entry):
                    sheet.add(entry, digest.hex())
                seq += 1
                if sheet.full:
                    made.append(sheet.leaf())
                    sheet = Sheet(ground.box, sheet.no, dict(sheet.chains))
        made.append(sheet.leaf())
        return msgspec.msgpack.encode(made) if seq == span.last + 1 else None
    except (StoreError, MediumFault, CodecError, OverflowError):
        return None


@contextmanager
def _opened(ground: Ground) -> Iterator[Connection]:
    """Give the journal, to read a span. Raises StoreError, MediumFault."""
    if ground.mapped:
        yield _kept(ground.path)
        return
    with closing(_open(ground.path)) as journal:
        yield journal


@cache
def _kept(path: Path) -> Connection:
    """Return the journal of a process that reads span after span and ends when all are read: to
    open it each time takes longer than to decode what stands there."""
    journal = _open(path)
    journal.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
    return journal


def _open(path: Path) -> Connection:
    journal = open_database(Medium(), path, SETTINGS, readonly=True)
    journal.row_factory = None  # two values are taken sooner out of a plain tuple
    return journal
