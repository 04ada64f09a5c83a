"""Which entries a month stands on: of each chain a run that begins where the month before ended.

Business dates never go back within a chain, so the end of a month is found by halving, and what is
read for a month is the month. Only what is booked counts, along the branch that was booked. In
headquarters' own log, whose clock may be put back, the runs touch all the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from daemon.errors import StoreError
from daemon.ledger.codec import CodecError, decode, envelope
from daemon.ledger.codec import hash_of as hash_of_bytes
from daemon.ledger.records import ZERO_HASH, Chain, Entry
from hq.store import Office

PAGE_ENTRIES = 2000  # in memory at once: 6 MB
UNBOOKED = ("unknown", "invariant")  # cases of entries that are in no book


@dataclass(frozen=True, slots=True)
class Span:
    """Entries first..last of a chain, and the hash of the last; last = first - 1: none."""

    chain: Chain
    first: int
    last: int
    hash: str

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Booked:
    """A chain as far as it is booked."""

    row: int
    chain: Chain
    booked: int
    hash: str
    mark: int
    top: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where a closing has read a chain."""

    seq: int = 0
    hash: str = ZERO_HASH


def chains(office: Office) -> list[Booked]:
    """Return every chain of which something is booked, headquarters' own too."""
    rows = office.db.execute(
        "SELECT id, box, epoch, booked, booked_hash, mark, top, closed FROM chain"
        " WHERE top > 0 OR booked > 0 ORDER BY box, epoch"
    ).fetchall()
    return [
        Booked(row, Chain(box, epoch), booked, found, mark, top, closed is not None)
        for row, box, epoch, booked, found, mark, top, closed in rows
    ]


def span(office: Office, chain: Booked, after: Position, last_day: str) -> Span:
    """Return the run of entries after a position up to a business date."""
    low, high = after.seq, chain.booked
    while low < high:
        middle = (low + high + 1) // 2
        if _day(_at(office, chain, middle)[1]) <= last_day:
            low = middle
        else:
            high = middle - 1
    found = after.hash if low == after.seq else _at(office, chain, low)[0]
    return Span(chain.chain, after.seq + 1, low, found)


def entries(office: Office, part: Span, before: str) -> Iterator[Entry]:
    """Yield what of a run is in the books; `before`: the hash of the entry in front of it."""
    for _, entry in hashed(office, part, before):
        yield entry


def hashed(office: Office, part: Span, before: str) -> Iterator[tuple[str, Entry]]:
    """Yield the same, each with its hash. Raises StoreError where they are not what they were."""
    row = office.db.execute(
        "SELECT id FROM chain WHERE box = ? AND epoch = ?", (part.chain.box, part.chain.epoch)
    ).fetchone()
    left_out, seen, link = unbooked(office, part.chain), part.first - 1, before
    while seen < part.last:
        page = office.db.execute(
            "SELECT seq, hash, prev, data FROM entry WHERE chain = ? AND seq > ? AND seq <= ?"
            " ORDER BY seq, rowid",
            (row[0], seen, min(part.last, seen + PAGE_ENTRIES)),
        ).fetchall()
        before_page = seen
        for seq, found, prev, data in page:
            if seq != seen + 1 or (seq != 1 and bytes(prev).hex() != link):
                continue  # another branch: booking went along the first stored one
            seen, link = seq, bytes(found).hex()
            if hash_of_bytes(bytes(data)) != link:
                raise _changed(part.chain, seq, "its bytes do not make its hash")
            if (seq, link) not in left_out:
                yield link, decode(bytes(data))
        if seen == before_page:
            raise _changed(part.chain, seen + 1, "none is there that follows the one before")
    if part.hash and len(part) > 0 and link != part.hash:
        raise _changed(part.chain, part.last, f"it is not {part.hash[:12]}, as it was")


def unbooked(office: Office, chain: Chain) -> Mapping[tuple[int, str], int]:
    """Return the entries of a chain that booking could not read or take, with their cases."""
    rows = office.db.execute(
        "SELECT seq, hash, id FROM work WHERE box = ? AND epoch = ? AND kind IN (?, ?)",
        (chain.box, chain.epoch, *UNBOOKED),
    )
    return {(seq, found): case for seq, found, case in rows.fetchall()}


def day_at(office: Office, chain: Booked, seq: int) -> str:
    """Return the business date of an entry that is booked; "" where nobody can read it."""
    return _day(_at(office, chain, seq)[1])


def hash_at(office: Office, chain: Booked, seq: int) -> str:
    """Return the hash of an entry that is booked."""
    return _at(office, chain, seq)[0] if seq else ZERO_HASH


def hash_of(office: Office, chain: Chain, seq: int) -> str:
    """Return the same, of a chain that is known by its name."""
    return hash_at(office, next(one for one in chains(office) if one.chain == chain), seq)


def entry_of(office: Office, chain: Chain, seq: int, found: str) -> Entry | None:
    """Return an entry by its place and hash; None: it is not here, or nobody can read it."""
    row = office.db.execute(
        "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
        " WHERE c.box = ? AND c.epoch = ? AND e.seq = ? AND e.hash = ?",
        (chain.box, chain.epoch, seq, bytes.fromhex(found)),
    ).fetchone()
    try:
        return None if row is None else decode(bytes(row[0]))
    except CodecError:
        return None


def _changed(chain: Chain, seq: int, found: str) -> StoreError:
    return StoreError(
        f"{chain}:{seq}",
        doing="reading an entry that a month stands on",
        found=found,
        fix="Somebody has changed the database: restore the last backup, and keep this one.",
        retry=False,
    )


def _at(office: Office, chain: Booked, seq: int) -> tuple[str, bytes]:
    """Return hash and bytes of the booked entry of a number: with branches, by its links back."""
    rows, end = _rows(office, chain.row, seq), seq
    while len(rows) > 1 and end < chain.booked:
        end += 1
        rows = _rows(office, chain.row, end)
    found, prev, data = next(one for one in rows if end != chain.booked or one[0] == chain.hash)
    while end > seq:
        end -= 1
        rows = _rows(office, chain.row, end)
        found, prev, data = next(one for one in rows if one[0] == prev)
    return found, data


def _rows(office: Office, row: int, seq: int) -> list[tuple[str, str, bytes]]:
    rows = office.db.execute(
        "SELECT hash, prev, data FROM entry WHERE chain = ? AND seq = ? ORDER BY rowid",
        (row, seq),
    ).fetchall()
    return [(bytes(one).hex(), bytes(prev).hex(), bytes(data)) for one, prev, data in rows]


def _day(data: bytes) -> str:
    try:
        return envelope(data).at.business_date
    except CodecError:
        return ""  # a case since it was booked; it never ends a month by itself
