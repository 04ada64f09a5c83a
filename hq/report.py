"""What headquarters tells people and scripts: status, boxes, members, cases. Reads only.

Field names are a promise to outsiders (additions are fine). No personal data but cards.
"""

import msgspec

from daemon.ledger.codec import CodecError, envelope
from hq import restoring
from hq.ages import ages
from hq.db import Db
from hq.pool import is_open
from hq.presence import QUIET_MS
from hq.store import OWN_BOX, Office

REQUESTS_SHOWN = 500  # the newest
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
    channel: str = ""
    data_age_s: float | None = None  # of what HQ's figures know of this shop


class StatusSaid(msgspec.Struct, frozen=True):
    ok: bool
    incarnation: int
    key: str
    pack: str | None
    pool: str  # open, or why it is not
    boxes: dict[str, BoxSaid]


class CaseSaid(msgspec.Struct, frozen=True):
    id: int
    box: str
    epoch: int
    seq: int
    kind: str
    what: str
    at: str


class RequestSaid(msgspec.Struct, frozen=True):
    box: str
    n: int  # of the box's log
    kind: str
    member: str
    unit: str
    asked: int
    done: int
    state: str  # waiting, done
    data_age_s: float | None = None  # of what HQ knows of this shop


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
        "SELECT id || ' ' || version FROM activation WHERE target = '' ORDER BY n DESC LIMIT 1"
    ).fetchone()
    return StatusSaid(
        True,
        office.incarnation,
        office.public.hex(),
        None if pack is None else pack[0],
        "open" if is_open(office) else _closed(office),
        boxes(office),
    )


def _closed(office: Office) -> str:
    waits = " ".join(restoring.waiting_for(office))
    return f"{office.fact(restoring.POOL_FACT)}: {waits}"


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
    channels = dict(office.db.execute("SELECT box, name FROM channel").fetchall())
    found = {}
    for box, epoch, mark, mark_hash, booked, down, applied, online, seen_ms, pack, cases in rows:
        age = max(0, now - seen_ms) if seen_ms else None  # None: no line, or by stick alone
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
            channels.get(box, ""),
            known.get(box),
        )
    return found


def cases(office: Office) -> list[CaseSaid]:
    """Return the work list: what a person has to look at."""
    query = "SELECT id, box, epoch, seq, kind, what, at FROM work WHERE closed IS NULL ORDER BY id"
    return [CaseSaid(*row) for row in office.db.execute(query)]


def close_case(office: Office, case: int, note: str) -> bool:
    """Close a case; return whether it was open. One that came late is booked (latecases.py)."""
    with office.transaction():
        cursor = office.db.execute(
            "UPDATE work SET closed = ?, what = what || ? WHERE id = ? AND closed IS NULL"
            " AND id NOT IN (SELECT work FROM late_entry)",
            (office.now(), f" [{note}]" if note else "", case),
        )
    return cursor.rowcount == 1


def requests(office: Office) -> list[RequestSaid]:
    """Return what holders were asked to do, the newest first."""
    query = (
        "SELECT c.box, p.n, p.kind, p.member, p.unit, p.asked, p.done,"
        " CASE WHEN c.applied >= p.n THEN 'done' ELSE 'waiting' END"
        " FROM please AS p JOIN chain AS c ON c.id = p.chain ORDER BY c.id DESC, p.n DESC LIMIT ?"
    )
    known = ages(office)
    rows = office.db.execute(query, (REQUESTS_SHOWN,))
    return [
        RequestSaid(box, n, kind, member, unit, asked, done, state, known.get(box))
        for box, n, kind, member, unit, asked, done, state in rows
    ]


def last_entries(db: Db) -> list[EntrySaid]:
    """Return the entries stored last, without their bodies."""
    rows = db.execute(
        # By way of the boxes heard of last: no index of all entries by their arrival is kept.
        "SELECT e.data, e.hash FROM (SELECT c.id, c.top FROM chain AS c LEFT JOIN box AS b"
        "  ON b.name = c.box WHERE c.box <> ?1 AND c.top > 0"
        "  ORDER BY coalesce(b.seen_ms, 0) DESC, c.epoch DESC LIMIT ?2) AS c"
        " JOIN entry AS e ON e.chain = c.id AND e.seq > c.top - ?2 ORDER BY e.rowid DESC LIMIT ?2",
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
