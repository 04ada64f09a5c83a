"""The straight way in: batches that go on where their chain ends are verified while they load.

Rows stream into the database as their hashes are checked, all batches of a drain in one load, so
that server and verification work side by side. No question is asked meanwhile: what a batch needs
to know of its chain is read before and written after. Every other batch is left for the long way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from daemon.sync.batch import Batch, BatchError, Header, check_links, parse_batch
from hq.db import Db, Table

ENTRY = Table(
    "entry", ("chain", "seq", "hash", "prev", "data"), ("int8", "int8", "bytea", "bytea", "bytea")
)
Row = tuple[int, int, bytes, bytes, bytes]


@dataclass(slots=True)
class Way:
    """A chain as far as a drain has brought it."""

    chain: int
    mark: int
    mark_hash: str
    top: int
    grown: bool = False

    def leads_to(self, header: Header) -> bool:
        """Whether a batch goes on where the chain ends."""
        at_end = header.first == self.mark + 1 and self.top == self.mark
        return at_end and (self.mark == 0 or header.hash_before == self.mark_hash)


@dataclass(frozen=True, slots=True)
class Offer:
    """A batch that its box has signed; its entries are not looked at yet."""

    topic: str
    payload: bytes
    header: Header
    way: Way


@dataclass(slots=True)
class Loaded:
    """What became of the offers."""

    stored: int = 0
    taken: list[tuple[Batch, str]] = field(default_factory=list)  # and the hash of its first entry
    left: list[Offer] = field(default_factory=list)
    faulty: list[tuple[Offer, BatchError]] = field(default_factory=list)


def load(db: Db, offers: Sequence[Offer]) -> Loaded:
    """Store every offer that goes straight on, in the open transaction."""
    loaded = Loaded()
    if not any(offer.way.leads_to(offer.header) for offer in offers):
        loaded.left.extend(offers)
        return loaded
    db.put(ENTRY, _rows(offers, loaded))
    ways = {offer.way.chain: offer.way for offer in offers if offer.way.grown}
    db.executemany(
        "UPDATE chain SET mark = ?, mark_hash = ?, top = ? WHERE id = ?",
        [(way.mark, way.mark_hash, way.top, way.chain) for way in ways.values()],
    )
    return loaded


def rows_of(chain: int, batch: Batch, hashes: Sequence[str], which: Sequence[int]) -> list[Row]:
    """Return entries of a batch, by their places in it, as the table has them."""
    header, entries = batch.header, batch.entries
    links = [bytes.fromhex(header.hash_before), *map(bytes.fromhex, hashes)]
    return [(chain, header.first + at, links[at + 1], links[at], entries[at]) for at in which]


def _rows(offers: Sequence[Offer], loaded: Loaded) -> Iterator[Row]:
    for offer in offers:
        way, header = offer.way, offer.header
        if not way.leads_to(header):
            loaded.left.append(offer)
            continue
        try:
            batch = parse_batch(offer.payload)
            hashes = check_links(batch)
        except BatchError as error:
            loaded.faulty.append((offer, error))
            continue
        yield from rows_of(way.chain, batch, hashes, range(len(hashes)))
        way.mark, way.mark_hash, way.top = header.last, header.head_hash, header.last
        way.grown = True
        loaded.stored += len(hashes)
        if header.keys or header.first == 1:  # all that are looked at again
            loaded.taken.append((batch, hashes[0]))
