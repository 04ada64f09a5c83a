"""Which entries concern a member: a fold over all logs with a mark of its own, read by the desk.

Entries are never looked through for one member: the trail names his. What of the newest entries is
not in it yet is written when somebody asks, or while headquarters has nothing else to do.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from daemon.ledger.bodies import MemberAliased, MemberEnrolled, PointsTransferred
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.ids import id_of
from daemon.ledger.records import Chain, Entry
from hq.db import Table
from hq.progress import Progress, silent
from hq.store import Office

ENTRIES_PER_TURN = 2000  # of one transaction: intake waits for at most 0.1 s
UNBOOKED = ("unknown", "invariant")  # cases of entries that stand in no book

# Rooms of accounts that end in a member's id.
_MONEY = ("points", "reward", "growth", "principal", "bonus", "coupons", "claim")
_WAYS = ("frozen", "right", "drawn", "limit", "pending", "waiting")
_ROOMS = frozenset((*_MONEY, *_WAYS))
_TRAIL = Table("trail", ("member", "chain", "seq"), ("text", "int8", "int8"))
_BEHIND = "SELECT id, trailed, booked FROM chain WHERE trailed < booked"
_ENTRIES = (
    "SELECT seq, data FROM entry WHERE chain = ? AND seq > ? AND seq <= ? ORDER BY seq, rowid"
)
_OF = (
    "SELECT e.chain, e.seq, e.data FROM (SELECT DISTINCT chain, seq FROM trail"
    " WHERE member IN (SELECT value FROM json_each(?))) AS t"
    " JOIN entry AS e ON e.chain = t.chain AND e.seq = t.seq ORDER BY e.chain, e.seq, e.rowid"
)


class Trail:
    """One thread, the same as intake's."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def work(self) -> int:
        """Follow some entries that are booked; return how many."""
        office, done = self._office, 0
        if office.db.execute(f"{_BEHIND} LIMIT 1").fetchone() is None:
            return 0
        with office.transaction():
            for chain, trailed, booked in office.db.execute(_BEHIND).fetchall():
                last = min(booked, trailed + ENTRIES_PER_TURN - done)
                rows = [
                    (member, chain, seq)
                    for seq, entry in entries(office, chain, trailed, last)
                    for member in sorted(concerned(entry))
                ]
                office.db.merge(_TRAIL, rows)
                office.db.execute("UPDATE chain SET trailed = ? WHERE id = ?", (last, chain))
                done += last - trailed
                if done >= ENTRIES_PER_TURN:
                    break
        return done


def catch_up(office: Office, progress: Progress = silent) -> None:
    """Follow every entry that is booked."""
    left, done, trail = behind(office), 0, Trail(office)
    while turn := trail.work():
        done += turn
        progress(done, max(left, done))


def behind(office: Office) -> int:
    """Return how many booked entries are not followed yet."""
    query = "SELECT coalesce(sum(booked - trailed), 0) FROM chain WHERE trailed < booked"
    return int(office.db.execute(query).fetchone()[0])


def entries(office: Office, chain: int, after: int, last: int) -> Iterator[tuple[int, Entry]]:
    """Yield the entries of a chain that its books were made of, those that can be read."""
    rows = office.db.execute(_ENTRIES, (chain, after, last)).fetchall()
    for (_, seq), entry in _first_of_each(((chain, seq), data) for seq, data in rows):
        yield seq, entry


def of(office: Office, members: Sequence[str]) -> list[Entry]:
    """Return the entries that concern a member under any of his ids, in the order of their days."""
    rows = office.db.execute(_OF, (json.dumps(list(members)),)).fetchall()
    found = _first_of_each(((chain, seq), data) for chain, seq, data in rows)
    return sorted((entry for _, entry in found), key=order)


def order(entry: Entry) -> tuple[str, str, str, int, int]:
    """Return where an entry stands among those of all shops: by day, then by the clock."""
    return (entry.at.business_date, entry.at.wall, entry.box, entry.epoch, entry.seq)


def _first_of_each(
    rows: Iterable[tuple[tuple[int, int], bytes]],
) -> Iterator[tuple[tuple[int, int], Entry]]:
    """Yield one entry for each number: the mark went along the first that was stored."""
    seen: tuple[int, int] | None = None
    for place, data in rows:
        if place == seen:
            continue  # another branch
        seen = place
        try:
            yield place, decode(bytes(data))
        except (CodecError, RecursionError):
            continue  # a case since it was booked


def unbooked(office: Office, chain: Chain) -> set[int]:
    """Return the numbers of a chain's entries that broke a rule and stand in no book."""
    rows = office.db.execute(
        "SELECT seq FROM work WHERE box = ? AND epoch = ?"
        " AND kind IN (SELECT value FROM json_each(?))",
        (chain.box, chain.epoch, json.dumps(UNBOOKED)),
    )
    return {row[0] for row in rows}


def concerned(entry: Entry) -> set[str]:
    """Return the members whom an entry is about, or whose accounts it touches."""
    found = set()
    for posting in entry.postings:
        room, _, member = posting.account.partition(":")
        if room in _ROOMS:
            found.add(member)
    body = entry.body
    found.add(str(getattr(body, "member", "")))
    match body:
        case MemberEnrolled():
            found.add(id_of(entry))
        case PointsTransferred(to=to):
            found.add(to)
        case MemberAliased(alias=alias):
            found.add(alias)
        case _:
            pass
    return found - {""}
