"""Is a span of the journal sound? Yes or no, and what its postings weigh. For verify, at speed.

Spans are looked at in any order and by several processes. That all are sound proves what reading
the chain entry by entry proves (chain.py), since each begins with the hash stored before it. What
is wrong where it is not sound is for verify to find out.
"""

import hashlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import msgspec

from daemon.errors import StoreError
from daemon.ledger.closing import closing_wrong
from daemon.ledger.codec import CodecError, Envelope, envelope
from daemon.ledger.crew import Span
from daemon.ledger.journal import MAPPED_BYTES, SETTINGS, row_id
from daemon.ledger.kinds import Kind
from daemon.ledger.medium import Connection, Medium, MediumFault, open_database
from daemon.ledger.posting import check
from daemon.ledger.records import Chain
from daemon.ledger.views import Stored
from daemon.ledger.weight import Scale

_RANGE = "SELECT hash, data FROM entry WHERE id BETWEEN ? AND ? ORDER BY id"
_ENTRY = "SELECT hash, data FROM entry WHERE id = ?"
_BEFORE = "SELECT hash FROM entry WHERE id = ?"


class Ground(msgspec.Struct, frozen=True):
    """What the spans of a proof have in common."""

    path: Path
    box: str
    parents: Mapping[int, str]  # epoch -> the hash that its first entry must name
    mark: tuple[int, int]  # the books' last entry (epoch, seq): later ones do not weigh
    first_no: Mapping[int, int]  # epoch -> number of its first entry in the books
    keys: Mapping[int, str]  # epoch -> the device key of its chain, hex
    mapped: bool = False  # read through a mapping: where the disk fails, the process ends


class Weighed(msgspec.Struct, frozen=True):
    entries: int
    weight: int


def sound(ground: Ground, span: Span) -> Weighed | None:
    """Return what a sound span weighs; None: something is wrong in it, or it cannot be read."""
    try:
        with closing(open_database(Medium(), ground.path, SETTINGS, readonly=True)) as journal:
            if ground.mapped:
                journal.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
            before = ground.parents[span.epoch]
            if span.first > 1:
                row = journal.execute(_BEFORE, (row_id(span.epoch, span.first - 1),)).fetchone()
                if row is None:
                    return None
                before = row[0].hex()
            return _sound(ground, span, journal, before)
    except (StoreError, MediumFault, CodecError):
        return None


def _sound(ground: Ground, span: Span, journal: Connection, before: str) -> Weighed | None:
    chain = Chain(ground.box, span.epoch)
    scale = Scale(ground.box, ground.first_no)
    rows = (row_id(span.epoch, span.first), row_id(span.epoch, span.last))
    seq, weight = span.first, 0
    for digest, data in journal.execute(_RANGE, rows):
        if hashlib.sha256(data).digest() != digest:
            return None
        seen = envelope(data)
        if (seen.seq, seen.prev) != (seq, before):
            return None
        if (seen.epoch, seen.box) != (span.epoch, ground.box):
            return None
        if check(seen.postings, chain, plenty):
            return None
        if seen.kind == Kind.DAY_CLOSED and not _signed(ground, span.epoch, journal, seen):
            return None
        if (span.epoch, seq) <= ground.mark:
            weight += scale.postings(seen.postings, epoch=span.epoch, seq=seq)
        before = digest.hex()
        seq += 1
    return Weighed(span.last - span.first + 1, weight) if seq == span.last + 1 else None


def _signed(ground: Ground, epoch: int, journal: Connection, seen: Envelope) -> bool:
    """Tell whether the box signed the head at this close of a day."""

    def get(epoch: int, seq: int) -> Stored | None:
        row = journal.execute(_ENTRY, (row_id(epoch, seq),)).fetchone()
        return None if row is None else Stored(seq, row[0].hex(), row[1])

    return closing_wrong(seen, ground.keys.get(epoch, ""), get) is None


def plenty(account: str, unit: str, lot: str) -> int:
    """Stand for the balance where only a full proof asks."""
    return 2**53
