"""Profiles that the pack keeps no longer: whoever was not seen anywhere for so long is erased.

The day is the shops', never this machine's alone: a clock that runs ahead here erases nobody. Who
has paid value left is no case for a rule but for a person.
"""

from datetime import date

from daemon.clock import ClockState
from daemon.errors import StoreError
from daemon.ledger.bodies import MemberEnrolled
from daemon.ledger.machine import SOURCE_BOX
from daemon.ledger.records import Entry
from hq import packs
from hq.erasing import erase_member
from hq.looks import DAY_MS, Looks
from hq.store import Case, Office, open_case

MEMBERS_PER_TURN = 200  # each is a transaction of its own
SINCE = "seen_since"  # from when on we know who was seen where
REASON = "retention"

# The latest of what is known of him: seen (under any of his ids), joined, the end of his term.
_KEPT = (
    "SELECT m.id, m.home, greatest(m.joined, coalesce(m.term_ends, ''), ?,"
    " coalesce((SELECT max(day) FROM seen WHERE member = m.id"
    " OR member IN (SELECT alias FROM alias WHERE member = m.id)), '')) AS last"
    " FROM member AS m WHERE m.key IS NOT NULL"
    " AND m.id NOT IN (SELECT member FROM tombstone) ORDER BY last, m.id"
)


class Seen:
    """Who did something in a shop, as its entries are booked."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._days: dict[str, str] = {}

    def note(self, name: str, entry: Entry) -> None:
        """Note whom an entry is about; what a box writes by itself is nobody's visit."""
        enrolled = isinstance(entry.body, MemberEnrolled)
        member = name if enrolled else str(getattr(entry.body, "member", ""))
        told = entry.at.clock is not ClockState.UNKNOWN
        if member and told and entry.source != SOURCE_BOX:
            self._days[member] = max(self._days.get(member, ""), entry.at.business_date)

    def write(self) -> None:
        """Write down what was noted, in the open transaction."""
        self._office.db.executemany(
            "INSERT INTO seen VALUES (?, ?) ON CONFLICT (member)"
            " DO UPDATE SET day = greatest(seen.day, excluded.day)",
            self._days.items(),
        )
        self._days.clear()


class Retention:
    """Looks once a day. One thread, the same as intake's."""

    def __init__(self, office: Office, *, per_turn: int = MEMBERS_PER_TURN) -> None:
        self._office = office
        self._per_turn = per_turn
        self._looks = Looks(office, DAY_MS)

    def work(self) -> int:
        """Erase whose profile is kept no longer; return how many."""
        if not self._looks.due():
            return 0
        office, day = self._office, today(self._office)
        if not office.fact(SINCE):
            with office.transaction():
                office.set_meta(SINCE, office.now()[:10])
        engine = None if day is None else packs.engine(office)
        if day is None or engine is None:
            return 0
        rows = office.db.execute(_KEPT, (office.fact(SINCE),)).fetchall()
        keeps = engine.house().keeps_until
        due = [row for row in rows if keeps(date.fromisoformat(row[2][:10])) <= day]
        erased = 0
        for row in due:  # who stays, as a case, holds up nobody behind him
            if erased == self._per_turn:
                self._looks.again()  # the others at the next turn
                break
            erased += _forget(office, *row)
        return erased


def today(office: Office) -> date | None:
    """Return the latest day that a shop wrote and this machine has reached; None: none wrote."""
    (day,) = office.db.execute("SELECT max(day) FROM seen").fetchone()
    return None if day is None else min(date.fromisoformat(day), office.clock.read().wall.date())


def _forget(office: Office, member: str, home: str, last: str) -> bool:
    try:
        erase_member(office, member, REASON)
    except StoreError as error:
        what = f"{member} was last seen on {last[:10]} and is to be erased; {error}"
        with office.transaction():
            open_case(office, Case(home, 0, REASON, what, hash=member))
        return False
    return True
