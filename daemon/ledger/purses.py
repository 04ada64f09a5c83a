"""What acts ask the books of members' lots, and of what became of them. Safe from any thread.

Every answer includes the last durable entry. Amounts are what the current chain holds.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from daemon.ledger import accounts
from daemon.ledger.balances import LOT_BESIDE, LOT_EXPIRES, LOT_FACTS, lot_text
from daemon.ledger.bookfile import BookFile
from daemon.ledger.ids import entry_id, parse_entry_id
from daemon.ledger.kinds import Unit
from daemon.ledger.lots import ended
from daemon.ledger.records import Chain
from daemon.ledger.sheet import PLACE_BITS
from daemon.ledger.views import LotRow, TrustedTime

_LOTS = (
    f"SELECT a.name, a.unit, b.lot, b.amount, {LOT_FACTS}"  # noqa: S608 - ours
    f" FROM account a JOIN balance b ON b.account = a.id {LOT_BESIDE}"
    " WHERE a.holder = ? AND b.lot <> 0 AND b.amount > 0 AND "
)
# One sum for each member; whoever holds points of this chain is in it.
_HOLDERS = (
    "SELECT m.card, m.joined, h.points FROM ("
    " SELECT substr(a.name, length(?1) + 1) AS id, sum(b.amount) AS points"
    " FROM account a JOIN balance b ON b.account = a.id AND b.amount > 0"
    " WHERE a.name >= ?1 AND a.name < ?2 AND a.unit = ?3 AND a.holder = ?4{lots} GROUP BY a.name"
    ") h JOIN member m ON m.id = h.id ORDER BY m.card, m.joined, h.points"
)
_NOT_OVER = " AND b.lot NOT IN (SELECT value FROM json_each(?5))"
_ZONES = timedelta(days=2)  # a date in any time zone, and the day after it: texts are compared


class Purses:
    def __init__(self, file: BookFile, chain: Chain) -> None:
        self._file = file
        self._chain = chain

    def of(self, member: str) -> tuple[LotRow, ...]:
        """Return every lot of a member: points, value, coupons, frozen, waiting, pending, owed."""
        names = (
            accounts.points(member),
            accounts.principal(member),
            accounts.bonus(member),
            accounts.coupons(member),
            accounts.frozen(member),
            accounts.waiting(member),
            accounts.claim(member),
            accounts.reward(member),
            accounts.pending(member),
        )
        places = ", ".join("?" * len(names))
        return self._rows(f"a.name IN ({places})", *names)

    def ending(self, account: str, before: str) -> tuple[LotRow, ...]:
        """Return the lots that end before a date (2026-03-07) in all accounts that begin so.

        It looks through every balance (3 s at a million entries) beside all other readers: never
        on the loop. What was taken meanwhile the writer refuses to take again.
        """
        where = f"a.name GLOB ? AND {LOT_EXPIRES} < ?"
        with self._file.aside() as connection:
            query = _LOTS + where
            found = connection.execute(query, (str(self._chain), f"{account}*", before)).fetchall()
        return self._named_rows(found)

    def point_holders(self, at: datetime) -> list[tuple[str, str, int]]:
        """Return card, joining (as the books write it) and points that may be spent at `at`.

        Of every member who has any, by card, beside all other readers. Few packs let points end
        lot by lot; where none has ended, the lots need not be looked at.
        """
        room = accounts.points("")
        beyond = room[:-1] + chr(ord(room[-1]) + 1)
        query = [room, beyond, Unit.POINT.value, str(self._chain)]
        soon = (at.astimezone(UTC) + _ZONES).date().isoformat()
        with self._file.aside() as books:
            ends = books.execute("SELECT id, expires FROM lot WHERE expires < ?", (soon,))
            over = [lot for lot, expires in ends if ended(expires, at)]
            if over:
                query.append(json.dumps(over))
            return books.execute(_HOLDERS.format(lots=_NOT_OVER if over else ""), query).fetchall()

    def held(self, account: str, unit: str, lot: str) -> int:
        """Return what this chain holds of one lot in one account: posting.py's Balance."""
        return self._file.held(str(self._chain), account, unit, lot)

    def held_by(self, chain: Chain, account: str, unit: str, lot: str) -> int:
        """Return what a chain of this box holds, or held when it ended."""
        return self._file.held(str(chain), account, unit, lot)

    def end(self, lot: str) -> tuple[str | None, str]:
        """Return when a lot ends or ended (None: never, or none is known), and its top-up."""
        with self._file.reading() as (connection, booking):
            row = connection.execute(
                "SELECT expires, topup FROM lot WHERE id = ?", (booking.lot(lot),)
            ).fetchone()
            return (None, "") if row is None else (row[0], row[1])

    def answers(self, entry: str) -> list[str]:
        """Return the entries of this box that answer an entry, oldest first."""
        place = parse_entry_id(entry)
        with self._file.reading() as (connection, booking):
            no = None if place is None else booking.number_of(place[0].epoch, place[1])
            if no is None:
                return []
            query = "SELECT no FROM answer WHERE re = ? ORDER BY no"
            rows = connection.execute(query, (no,)).fetchall()
            return [self._named(*booking.place_of(row[0])) for row in rows]

    def touching(self, account: str, unit: str, lot: str) -> list[str]:
        """Return the entries that moved a lot in an account, oldest first.

        Costs about 60 ms for each million entries since the lot was granted.
        """
        with self._file.reading() as (connection, booking):
            number = booking.account(account, unit, str(self._chain))
            place = booking.lot(lot)
            if number is None or place is None:
                return []
            since = max(place >> PLACE_BITS, 0) << PLACE_BITS
            query = (
                "SELECT DISTINCT id >> ? FROM posting WHERE id >= ? AND account = ? AND lot = ?"
                " ORDER BY 1"
            )
            rows = connection.execute(query, (PLACE_BITS, since, number, place)).fetchall()
            return [self._named(*booking.place_of(row[0])) for row in rows]

    def history(self, account: str, unit: str, since: str) -> list[tuple[str, int]]:
        """Return the entries of a business date and later that moved an account, and by how much.

        Beside all other readers: it looks through every posting since, 60 ms for each million.
        """
        with self._file.reading() as (connection, booking):
            number = booking.account(account, unit, str(self._chain))
            query = "SELECT min(first_no) FROM day WHERE business_date >= ?"
            first = connection.execute(query, (since,)).fetchone()[0]
        if number is None or first is None:
            return []
        query = (
            "SELECT id >> ?, sum(amount) FROM posting WHERE id >= ? AND account = ?"
            " GROUP BY 1 HAVING sum(amount) <> 0 ORDER BY 1"
        )
        with self._file.aside() as aside:
            rows = aside.execute(query, (PLACE_BITS, first << PLACE_BITS, number)).fetchall()
        with self._file.reading() as (_, booking):
            return [(self._named(*booking.place_of(no)), amount) for no, amount in rows]

    def last_trusted(self) -> TrustedTime | None:
        """Return when an entry was last written under a trusted clock."""
        with self._file.reading() as (_, booking):
            return booking.trusted

    def moved(self, account: str, unit: str, business_date: str) -> tuple[int, int]:
        """Return what came to an account and what left it on a business date, all lots together."""
        with self._file.reading() as (connection, booking):
            number = booking.account(account, unit, str(self._chain))
            query = "SELECT first_no FROM day WHERE business_date = ?"
            first = connection.execute(query, (business_date,)).fetchone()
            if number is None or first is None:
                return 0, 0
            query = "SELECT min(first_no) FROM day WHERE business_date > ?"
            after = connection.execute(query, (business_date,)).fetchone()[0]
            end = booking.mark.no + 1 if after is None else after
            row = connection.execute(
                "SELECT coalesce(sum(max(amount, 0)), 0), coalesce(sum(min(amount, 0)), 0)"
                " FROM posting WHERE id >= ? AND id < ? AND account = ?",
                (first[0] << PLACE_BITS, end << PLACE_BITS, number),
            ).fetchone()
            return int(row[0]), int(row[1])

    def _rows(self, where: str, *values: str) -> tuple[LotRow, ...]:
        with self._file.reading() as (connection, _):
            found = connection.execute(_LOTS + where, (str(self._chain), *values)).fetchall()
            return self._named_rows(found)

    def _named_rows(
        self, found: Sequence[tuple[str, str, int, int, str, str | None, str, int]]
    ) -> tuple[LotRow, ...]:
        with self._file.reading() as (connection, booking):
            return tuple(
                LotRow(
                    lot_text(connection, booking, self._chain.box, lot),
                    account,
                    unit,
                    amount,
                    granted,
                    expires,
                    source,
                    value_fen,
                )
                for account, unit, lot, amount, granted, expires, source, value_fen in found
            )

    def _named(self, epoch: int, seq: int) -> str:
        return entry_id(Chain(self._chain.box, epoch), seq)
