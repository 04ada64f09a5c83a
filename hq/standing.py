"""Levels by what members did in all shops: headquarters lets rise and reviews.

With `levels.decided_by` chain that is everybody; else those whom headquarters itself brought in,
while each shop reviews whom it let in. What shops wrote is counted by a mark of its own, so that
packs with levels may come at any time. Each change is an entry of HQ's log, and comes down to the
shops with the member. Days are the shops': see retention.py.
"""

import json
from collections.abc import Iterable
from datetime import datetime, time

from daemon.clock import moment
from daemon.ledger import accounts
from daemon.ledger.bodies import LevelChanged, MemberEnrolled
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.ids import entry_id, parse_entry_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.projection import changes
from daemon.ledger.projection_shop import Used
from daemon.ledger.records import Chain, Entry, PackRef
from daemon.rules.engine import Engine
from daemon.rules.levels import Change, Leveling, Measures
from daemon.rules.measuring import measures
from hq import packs, pool
from hq.erasing import is_erased
from hq.looks import Looks
from hq.members import ACTIVE, leveled
from hq.ownlog import append
from hq.retention import today
from hq.store import OWN_BOX, Office, ensure_chain

ENTRIES_PER_TURN = 500  # of one transaction: intake waits for at most 0.3 s
EVERY_MS = 3_600_000  # reviews are due on a day; a shop's day begins at any hour of ours
REVIEWED_PER_TURN = 200  # members, a transaction each: a chain that gets levels has 100,000
REVIEWS_MAX = 200  # of one member at once: a level that holds for a day is none
GROWN, REVIEWED = "growth", "review"  # reasons, as entries of a box name them too

_MEMBER = (
    "SELECT id, level FROM member"
    " WHERE id = coalesce((SELECT member FROM alias WHERE alias = ?1), ?1)"
)
# Compared as text first (a day of slack for other offsets), then as moments.
_TO_REVIEW = (
    "SELECT id, level, joined, level_until FROM member WHERE status = ?"
    " AND coalesce(level_until, joined) < ? ORDER BY id"
)
_UNCOUNTED = "SELECT id, box, epoch, counted, booked FROM chain WHERE counted < booked AND box <> ?"


class Standing:
    """One thread, the same as intake's."""

    def __init__(self, office: Office, *, per_turn: int = REVIEWED_PER_TURN) -> None:
        self._office = office
        self._per_turn = per_turn
        self._rules: tuple[PackRef | None, Engine | None] = (None, None)
        self._looks = Looks(office, EVERY_MS)

    def work(self) -> int:
        """Count some entries and write what follows for levels; return how much was done."""
        engine = self._engine()
        if engine is None or not engine.leveled:
            return 0
        day, wall = today(self._office), self._office.clock.read().wall
        if day is None:
            return 0
        now = min(wall, datetime.combine(day, time.max, wall.tzinfo))
        return self._count(engine.account().levels, now) + self._review(
            engine.account().levels, now
        )

    def _engine(self) -> Engine | None:
        ref = packs.in_force(self._office.db)
        if ref != self._rules[0]:
            self._rules = (ref, packs.engine(self._office))
            self._looks.again()
        return self._rules[1]

    def _count(self, levels: Leveling, now: datetime) -> int:
        """Count entries that are booked, and let rise whoever they were about."""
        office, done = self._office, 0
        if office.db.execute(f"{_UNCOUNTED} LIMIT 1", (OWN_BOX,)).fetchone() is None:
            return 0
        with office.transaction():
            grown: set[str] = set()
            waiting = office.db.execute(_UNCOUNTED, (OWN_BOX,)).fetchall()
            for chain, box, epoch, counted, booked in waiting:
                last = min(booked, counted + ENTRIES_PER_TURN - done)
                grown |= self._fold(Chain(box, epoch), chain, counted, last)
                office.db.execute("UPDATE chain SET counted = ? WHERE id = ?", (last, chain))
                done += last - counted
            for member in sorted(grown):
                _rise(office, levels, member, now)
        return done

    def _fold(self, chain: Chain, row: int, after: int, last: int) -> set[str]:
        """Add what entries of a chain count; return the members whose levels may follow."""
        grown, seen, rows = set[str](), after, list[tuple[str, str, str, int]]()
        entries = self._office.db.execute(
            "SELECT seq, data FROM entry WHERE chain = ? AND seq > ? AND seq <= ?"
            " ORDER BY seq, rowid",
            (row, after, last),
        )
        for seq, data in entries.fetchall():
            if seq == seen:
                continue  # another branch
            seen = seq
            try:
                entry = decode(bytes(data))
            except (CodecError, RecursionError):
                continue  # a case since it was booked
            found = [one for one in changes(entry) if isinstance(one, Used)]
            rows += [(one.member, one.day, one.what, one.amount) for one in found]
            grown |= {one.member for one in found} | _growers(chain, entry)
            if isinstance(entry.body, LevelChanged):
                self._office.db.execute(
                    "UPDATE member SET level_until = ? WHERE id = ?",
                    (entry.body.until, entry.body.member),
                )
        self._office.db.executemany(
            "INSERT INTO used VALUES (?, ?, ?, ?) ON CONFLICT (member, day, what)"
            " DO UPDATE SET amount = used.amount + excluded.amount",
            rows,
        )
        return grown

    def _review(self, levels: Leveling, now: datetime) -> int:
        """Look at the levels whose time is over."""
        office = self._office
        if not self._looks.due():
            return 0
        if levels.ends(now) is None:
            return 0
        done = 0
        before = f"{now.date().isoformat()}~"
        members = office.db.execute(_TO_REVIEW, (ACTIVE, before)).fetchall()
        for member, level, joined, until in members:
            if done == self._per_turn:
                self._looks.again()  # the others at the next turn
                break
            due = (
                levels.ends(moment(joined, now.tzinfo))
                if until is None
                else moment(until, now.tzinfo)
            )
            if due is None or due > now or not _decides(levels, member):
                continue
            with office.transaction():
                change = _reviewed(office, levels, member, Change(level, level, due), now)
                done += _write(office, levels, member, change, REVIEWED)
        return done


def _growers(chain: Chain, entry: Entry) -> set[str]:
    """Return the members whose growth an entry moves, or who are new, or of another level."""
    names = {one.account.partition(":")[2] for one in entry.postings if one.unit == Unit.GROWTH}
    if isinstance(entry.body, MemberEnrolled):
        names.add(entry_id(chain, entry.seq))
    if isinstance(entry.body, LevelChanged):
        names.add(entry.body.member)
    return names - {""}


def _decides(levels: Leveling, member: str) -> bool:
    """Tell whether headquarters decides of a member; whom a shop let in is the shop's, unless the
    pack says chain."""
    place = parse_entry_id(member)
    return levels.chain or place is None or place[0].box == OWN_BOX


def _rise(office: Office, levels: Leveling, name: str, now: datetime) -> None:
    row = office.db.execute(_MEMBER, (name,)).fetchone()
    if row is None or not _decides(levels, row[0]):
        return
    change = levels.raised(row[1], _measures(office, levels, row[0], now), now)
    if change is not None:
        _write(office, levels, row[0], change, GROWN)


def _reviewed(
    office: Office, levels: Leveling, member: str, change: Change, now: datetime
) -> Change:
    """Return what all reviews up to now make of a level; `since` is the last of them."""
    before = change.before
    due: datetime | None = change.since
    for _ in range(REVIEWS_MAX):
        if due is None or due > now:
            break
        change = levels.reviewed(change.after, due, _measures(office, levels, member, due))
        due = levels.ends(due)
    return Change(before, change.after, change.since)


def _write(office: Office, levels: Leveling, member: str, change: Change, reason: str) -> bool:
    """Write a level down, in the open transaction; who was erased has none."""
    if is_erased(office.db, member):
        return False
    ends = levels.ends(change.since)
    until = None if ends is None else ends.isoformat()
    body = LevelChanged(member, change.after, change.before, reason, until)
    request = f"level:{member}:{reason}:{change.since.isoformat()}"
    append(office, Kind.LEVEL_CHANGED, request=request, body=body, postings=())
    own = ensure_chain(office.db, OWN_BOX, office.incarnation)
    leveled(office, member, change.after, chain=own)
    office.db.execute("UPDATE member SET level_until = ? WHERE id = ?", (until, member))
    return True


def _measures(office: Office, levels: Leveling, member: str, at: datetime) -> Measures:
    """Return what levels compare, of all shops together."""
    first = levels.window_starts(at)
    since, until = "" if first is None else first.date().isoformat(), at.date().isoformat()
    ids = pool.ids_of(office, member)
    rows = office.db.execute(
        "SELECT day, what, amount FROM used WHERE day >= ? AND day <= ?"
        " AND member IN (SELECT value FROM json_each(?))",
        (since, until, json.dumps(ids)),
    ).fetchall()
    growth = _sum(office, map(accounts.growth, ids), Unit.GROWTH) if first is None else None
    points = _sum(office, map(accounts.points, ids), Unit.POINT)
    return measures(_rows(rows), since=since, until=until, growth=growth, points=points)


def _rows(rows: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    return [(day, what, int(amount)) for day, what, amount in rows]


def _sum(office: Office, names: Iterable[str], unit: str) -> int:
    """Return what all holders together have in some accounts."""
    query = (
        "SELECT coalesce(sum(amount), 0) FROM balance WHERE unit = ?"
        " AND account IN (SELECT value FROM json_each(?))"
    )
    return int(office.db.execute(query, (unit, json.dumps(list(names)))).fetchone()[0])
