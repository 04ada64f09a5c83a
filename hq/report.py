"""What headquarters tells people and scripts: status, boxes, members, cases. Reads only.

Field names are a promise to outsiders (additions are fine). No personal data but cards.
"""

import sqlite3

import msgspec

from daemon.ledger.codec import CodecError, envelope
from hq.ages import ages
from hq.presence import QUIET_MS
from hq.store import OWN_BOX, Office

LAST_ENTRIES = 15  # of a page


class BoxSaid(msgspec.Struct, frozen=True):
    epoch: int
    mark: int
    hash: str
    online: bool
    seen_age_s: float | None
    pack: str | None
    cases: int
    booked: int
    down: int  # messages written for this chain
    applied: int  # and up to here it has applied them
    data_age_s: float | None = None  # of what HQ's figures know of this shop


class StatusSaid(msgspec.Struct, frozen=True):
    ok: bool
    incarnation: int
    key: str
    pack: str | None
    boxes: dict[str, BoxSaid]


class CaseSaid(msgspec.Struct, frozen=True):
    id: int
    box: str
    epoch: int
    seq: int
    kind: str
    what: str
    at: str


class EntrySaid(msgspec.Struct, frozen=True):
    box: str
    epoch: int
    seq: int
    kind: str
    at: str
    hash: str


def status(office: Office) -> StatusSaid:
    """Return the status of every box that headquarters knows."""
    pack = office.db.execute(
        "SELECT id || ' ' || version FROM activation ORDER BY n DESC LIMIT 1"
    ).fetchone()
    return StatusSaid(
        True,
        office.incarnation,
        office.public.hex(),
        None if pack is None else pack[0],
        boxes(office),
    )


def boxes(office: Office) -> dict[str, BoxSaid]:
    """Return each box by id, as its newest chain stands."""
    now = office.now_ms()
    rows = office.db.execute(
        "SELECT c.box, c.epoch, c.mark, c.mark_hash, c.booked, c.down_seq, c.applied,"
        " coalesce(b.online, 0), b.seen_ms, b.pack,"
        " (SELECT count(*) FROM work AS w WHERE w.box = c.box AND w.closed IS NULL)"
        " FROM chain AS c LEFT JOIN box AS b ON b.name = c.box"
        " WHERE c.box <> ? AND c.epoch = (SELECT max(epoch) FROM chain WHERE box = c.box)"
        " ORDER BY c.box",
        (OWN_BOX,),
    )
    known = ages(office)
    found = {}
    for box, epoch, mark, mark_hash, booked, down, applied, online, seen_ms, pack, cases in rows:
        age = None if seen_ms is None else max(0, now - seen_ms)
        found[box] = BoxSaid(
            epoch,
            mark,
            mark_hash,
            bool(online) and age is not None and age < QUIET_MS,
            None if age is None else age / 1000,
            pack or None,
            cases,
            booked,
            down,
            applied,
            known.get(box),
        )
    return found


def cases(office: Office) -> list[CaseSaid]:
    """Return the work list: what a person has to look at."""
    query = "SELECT id, box, epoch, seq, kind, what, at FROM work WHERE closed IS NULL ORDER BY id"
    return [CaseSaid(*row) for row in office.db.execute(query)]


def last_entries(db: sqlite3.Connection) -> list[EntrySaid]:
    """Return the entries stored last, without their bodies."""
    rows = db.execute(
        "SELECT e.data, e.hash FROM entry AS e JOIN chain AS c ON c.id = e.chain"
        " WHERE c.box <> ? ORDER BY e.rowid DESC LIMIT ?",
        (OWN_BOX, LAST_ENTRIES),
    )
    found = []
    for data, hashed in rows:
        try:
            seen = envelope(bytes(data))
        except CodecError:
            continue
        found.append(
            EntrySaid(seen.box, seen.epoch, seen.seq, seen.kind, seen.at.wall, hashed.hex())
        )
    return found
