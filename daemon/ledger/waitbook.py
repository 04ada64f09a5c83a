"""What waits in the books for a rule's own time: members to be reviewed or to be reminded, rewards
to be paid out, goods that nobody had listed when they were sold. Safe from any thread; never asked
on the loop.
"""

import msgspec

from daemon.ledger.bookfile import BookFile
from daemon.ledger.ids import entry_id
from daemon.ledger.records import Chain

_MEMBERS = (
    "SELECT m.id, m.joined, m.level, m.level_until FROM member m"
    " JOIN card c ON c.number = m.card"
    " WHERE m.id GLOB ? AND c.status NOT IN ('closed', 'erased') ORDER BY m.id"
)
_BUYERS = (
    "SELECT m.id, max(s.at), count(s.no) FROM member m JOIN card c ON c.number = m.card"
    " LEFT JOIN sale s ON s.member = m.id WHERE c.status NOT IN ('closed', 'erased')"
    " GROUP BY m.id ORDER BY m.id"
)
_REWARDS = (
    "SELECT DISTINCT substr(a.name, length(?1) + 1) FROM account a"
    " JOIN balance b ON b.account = a.id"
    " WHERE a.holder = ?2 AND a.name GLOB ?1 || '*' AND b.amount > 0 ORDER BY 1"
)


class LevelHeld(msgspec.Struct, frozen=True):
    """A member whom this box let in. `until`: when the level is looked at again, if it was said."""

    member: str
    joined: str
    level: str
    until: str | None


class WaitBook:
    def __init__(self, file: BookFile, chain: Chain) -> None:
        self._file = file
        self._chain = chain

    def levels(self) -> list[LevelHeld]:
        """Return the members of this box; who joined elsewhere is reviewed there."""
        with self._file.aside() as connection:
            rows = connection.execute(_MEMBERS, (f"{self._chain.box}.*:*",)).fetchall()
        return [LevelHeld(*row) for row in rows]

    def buyers(self) -> list[tuple[str, str | None, int]]:
        """Return every member whom the books know: the last purchase here, and how many."""
        with self._file.aside() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(_BUYERS).fetchall()]

    def rewarded(self, account: str) -> list[str]:
        """Return the members who hold something in accounts that begin so (`reward:`)."""
        with self._file.aside() as connection:
            rows = connection.execute(_REWARDS, (account, str(self._chain))).fetchall()
        return [row[0] for row in rows]

    def unlisted(self, code: str) -> dict[str, tuple[int, ...]]:
        """Return the sales with goods of this code, which nobody had listed then: their lines."""
        with self._file.reading() as (connection, booking):
            query = "SELECT no, n FROM unlisted WHERE code = ? ORDER BY no, n"
            found: dict[str, tuple[int, ...]] = {}
            for no, n in connection.execute(query, (code,)).fetchall():
                epoch, seq = booking.place_of(no)
                name = entry_id(Chain(self._chain.box, epoch), seq)
                found[name] = (*found.get(name, ()), n)
        return found
