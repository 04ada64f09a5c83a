"""Sheets of entries into the rows of books.db, and the numbers that accounts and lots have there.

It begins and ends no transaction and takes no lock: the books do.
"""

from collections.abc import Sequence
from itertools import chain, groupby
from operator import itemgetter

from daemon.ledger.medium import Connection
from daemon.ledger.sheet import (
    AccountName,
    Leaf,
    Sheet,
    asked_key,
    number_in,
    own_lot,
)
from daemon.ledger.sieve import Sieve
from daemon.ledger.views import TrustedTime, Watermark

ACCOUNTS_KEPT = 20_000  # names in memory; a shop's regulars and goods are far fewer
ROWS_AT_ONCE = 50  # in one statement; more gain nothing

NOTHING = Watermark(epoch=0, seq=0, hash="", no=0)

_THREE = "(?, ?, ?)"
_LOT = "(?, ?, ?, ?, ?, ?, ?)"
_SALE = "(?, ?, ?, ?, ?, '')"  # nobody has enrolled with it yet
_ADD = " DO UPDATE SET amount = amount + excluded.amount"
_Value = str | int | None


class Booking:
    def __init__(
        self, connection: Connection, box: str, *, accounts_kept: int = ACCOUNTS_KEPT
    ) -> None:
        self._box = box
        self._accounts_kept = accounts_kept
        self._execute = connection.execute
        self._many = connection.executemany
        self.mark = self._watermark()
        self.trusted = self._trusted_time()
        self.chains: dict[int, int] = dict(self._execute("SELECT epoch, first_no FROM chain"))
        row = self._execute("SELECT max(business_date) FROM day").fetchone()
        self.business_date: str | None = row[0]
        self._accounts: dict[AccountName, int] = {}
        self._sieve: Sieve | None = None
        self._sifted: int | None = -1  # the last key read into the sieve; None: all are
        self._account_last = self._number("SELECT coalesce(max(id), 0) FROM account")
        self._lot_last = self._number("SELECT coalesce(min(id), 0) FROM lot_name")

    def sheet(self) -> Sheet:
        """Return an empty sheet for the entries that come next."""
        return Sheet(self._box, self.mark.no, dict(self.chains), None, self.business_date)

    def write(self, leaf: Leaf) -> None:
        """Write the next entries. Raises MediumFault."""
        if leaf.no == self.mark.no:
            return
        accounts = self._account_numbers(leaf)
        lots = self._lot_numbers(leaf)
        self._ask(leaf.asked)
        self._post(leaf, accounts, lots)
        for query, group in groupby(leaf.statements, itemgetter(0)):
            self._many(query, [values for _, values in group])
        self._move(leaf, accounts, lots)
        self._put_lots(leaf, lots)
        self._insert("INSERT INTO sale", leaf.sales, _SALE)
        self._many(
            "INSERT INTO day_total VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (business_date, kind, tender) DO UPDATE"
            " SET count = count + excluded.count, amount_fen = amount_fen + excluded.amount_fen",
            leaf.totals,
        )
        self._many("UPDATE sale SET enrolled = ? WHERE no = ?", leaf.enrolled)
        self._advance(leaf)

    def account(self, name: str, unit: str, holder: str) -> int | None:
        """Return the number of an account that has been posted to; None: never."""
        known = self._accounts.get((name, unit, holder))
        if known is not None:
            return known
        query = "SELECT id FROM account WHERE name = ? AND unit = ? AND holder = ?"
        row = self._execute(query, (name, unit, holder)).fetchone()
        if row is None:
            return None
        return self._keep((name, unit, holder), row[0])

    def lot(self, text: str) -> int | None:
        """Return the number of a lot; 0 for none, None for one never heard of."""
        if not text:
            return 0
        own = own_lot(text, self._box, self.chains)
        return self._lot_of_elsewhere(text) if own is None else own

    def _lot_of_elsewhere(self, text: str) -> int | None:
        row = self._execute("SELECT id FROM lot_name WHERE name = ?", (text,)).fetchone()
        return None if row is None else int(row[0])

    def number_of(self, epoch: int, seq: int) -> int | None:
        """Return an entry's number over all chains; None when the books do not reach so far."""
        if (epoch, seq) > (self.mark.epoch, self.mark.seq):
            return None
        return number_in(self.chains, epoch, seq)

    def place_of(self, no: int) -> tuple[int, int]:
        """Return epoch and number of an entry from its number over all chains."""
        epoch = max(epoch for epoch, first in self.chains.items() if first <= no)
        return epoch, no - self.chains[epoch] + 1

    def asked(self, source: str, name: str) -> list[int]:
        """Return the numbers of entries that may be (source, name); the caller looks."""
        key = asked_key(source, name)
        if self._sieve is not None and self._sifted is None and self._sieve.lacks(key):
            return []
        return self._asked_from(key)

    def sift(self, keys: int) -> bool:
        """Read some more keys of requests into memory; tell whether all are there.

        Until then asked() looks into the books, as it does for every key that may be known.
        """
        if self._sieve is None or self.mark.no > self._sieve.room:
            self._sieve, self._sifted = Sieve(2 * self.mark.no), -1
        if self._sifted is None:
            return True
        query = "SELECT key FROM asked WHERE key > ? ORDER BY key LIMIT ?"
        rows = self._execute(query, (self._sifted, keys)).fetchall()
        for row in rows:
            self._sieve.add(row[0])
        self._sifted = rows[-1][0] if len(rows) == keys else None
        return self._sifted is None

    def _account_numbers(self, leaf: Leaf) -> list[int]:
        """Return the number of each of the sheet's accounts; new ones follow in their order."""
        made = []
        numbers = []
        for key in leaf.accounts:
            number = self._accounts.get(key)
            if number is None and len(self._accounts) < self._account_last:
                number = self.account(*key)  # not all are in memory
            if number is None:
                self._account_last += 1
                number = self._keep(key, self._account_last)
                made.append((number, *key))
            numbers.append(number)
        self._many("INSERT INTO account VALUES (?, ?, ?, ?)", made)
        return numbers

    def _keep(self, key: AccountName, number: int) -> int:
        if len(self._accounts) >= self._accounts_kept:
            self._accounts.clear()
        self._accounts[key] = number
        return number

    def _lot_numbers(self, leaf: Leaf) -> dict[int, int]:
        """Return the number of each of the sheet's lots of elsewhere."""
        numbers = {}
        for text, in_batch in leaf.lot_names.items():
            # That it is of elsewhere the sheet knows: it may begin an epoch that is not here yet.
            number = self._lot_of_elsewhere(text)
            if number is None:
                self._lot_last -= 1
                number = self._lot_last
                self._execute("INSERT INTO lot_name VALUES (?, ?)", (number, text))
            numbers[in_batch] = number
        return numbers

    def _post(self, leaf: Leaf, accounts: Sequence[int], lots: dict[int, int]) -> None:
        values = leaf.postings.copy()
        values[1::4] = map(accounts.__getitem__, values[1::4])
        if lots:
            values[2::4] = [lots.get(number, number) for number in values[2::4]]
        self._insert("INSERT INTO posting", values, "(?, ?, ?, ?)")

    def _move(self, leaf: Leaf, accounts: Sequence[int], lots: dict[int, int]) -> None:
        """Write the balances, and how far each account went in the leaf's block."""
        more = " ON CONFLICT (account, lot)" + _ADD
        told = [(accounts[row[0]], *row[1:]) for row in leaf.told]
        self._insert("INSERT INTO balance", list(chain.from_iterable(told)), _LOT, more)
        values = leaf.moved.copy()
        values[0::3] = map(accounts.__getitem__, values[0::3])
        if lots:
            values[1::3] = [lots.get(number, number) for number in values[1::3]]
        self._insert("INSERT INTO balance (account, lot, amount)", values, _THREE, more)
        self._many(
            "DELETE FROM balance WHERE account = ? AND lot = ? AND amount = 0",
            [
                (account, lot)
                for account, lot, by in zip(values[0::3], values[1::3], values[2::3], strict=True)
                if by <= 0 and lot
            ],
        )
        turned = [
            (leaf.block, account, by)
            for account, by in zip(accounts, leaf.turned, strict=True)
            if by
        ]
        values = list(chain.from_iterable(turned))
        self._insert(
            "INSERT INTO block_sum", values, _THREE, " ON CONFLICT (block, account)" + _ADD
        )

    def _put_lots(self, leaf: Leaf, lots: dict[int, int]) -> None:
        """Write what lots are. One of elsewhere is what headquarters said last; one of ours stays
        what its entry made it, also when it comes home: balances say it too."""
        ours = chain.from_iterable(row for row in leaf.lots if row[0] > 0)
        self._insert("INSERT INTO lot", list(ours), _LOT, " ON CONFLICT (id) DO NOTHING")
        others = [(lots[row[0]], *row[1:]) for row in leaf.lots if row[0] < 0]
        self._insert("INSERT OR REPLACE INTO lot", list(chain.from_iterable(others)), _LOT)

    def _insert(self, insert: str, values: Sequence[_Value], row: str, more: str = "") -> None:
        """Insert rows, many in one statement: half the cost of one by one."""
        width = row.count("?")
        step = ROWS_AT_ONCE * width
        rest = len(values) // step * step
        if rest:
            query = f"{insert} VALUES {', '.join([row] * ROWS_AT_ONCE)}{more}"
            self._many(query, [values[at : at + step] for at in range(0, rest, step)])
        if rest < len(values):
            query = f"{insert} VALUES {row}{more}"
            self._many(query, [values[at : at + width] for at in range(rest, len(values), width)])

    def _advance(self, leaf: Leaf) -> None:
        epoch, seq, digest = leaf.head
        self.mark = Watermark(epoch, seq, digest, leaf.no)
        self.chains = leaf.chains
        self.business_date = leaf.business_date
        known, later = self.trusted, leaf.trusted
        if later is not None and (known is None or later.wall >= known.wall):
            self.trusted = known = TrustedTime(later.boot, later.mono_ms, later.wall)
        time = (None, None, None) if known is None else (known.boot, known.mono_ms, known.wall)
        self._execute(
            "INSERT OR REPLACE INTO watermark VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
            (epoch, seq, digest, leaf.no, *time),
        )

    def _ask(self, asked: Sequence[int]) -> None:
        """Write keys, each with its entry; two requests with one key stand beside each other."""
        before = self._number("SELECT total_changes()")
        self._insert("INSERT OR IGNORE INTO asked", asked, "(?, ?)")
        keys = asked[0::2]
        if self._sieve is not None:
            for key in keys:
                self._sieve.add(key)
        if self._number("SELECT total_changes()") - before == len(keys):
            return
        for key, no in zip(keys, asked[1::2], strict=True):
            if no not in self._asked_from(key):
                free = key + len(self._asked_from(key))
                self._execute("INSERT INTO asked VALUES (?, ?)", (free, no))

    def _asked_from(self, key: int) -> list[int]:
        """Return the numbers that stand at this key and, side by side, at the next ones."""
        found: list[int] = []
        while row := self._execute("SELECT no FROM asked WHERE key = ?", (key,)).fetchone():
            found.append(row[0])
            key += 1
        return found

    def _watermark(self) -> Watermark:
        row = self._execute("SELECT epoch, seq, hash, no FROM watermark").fetchone()
        return NOTHING if row is None else Watermark(*row)

    def _trusted_time(self) -> TrustedTime | None:
        row = self._execute("SELECT boot, mono_ms, wall FROM watermark").fetchone()
        return None if row is None or row[2] is None else TrustedTime(*row)

    def _number(self, query: str) -> int:
        return int(self._execute(query).fetchone()[0])
