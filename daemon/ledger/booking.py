"""Entries into the rows of books.db: postings, balances, and what the projection says.

Rows are gathered and written together by flush(), one entry at the counter, thousands in a
rebuild. It begins and ends no transaction and takes no lock: the books do.
"""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from daemon.clock import ClockState
from daemon.ledger import projection as p
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.kinds import Unit
from daemon.ledger.medium import Connection
from daemon.ledger.messages import Product
from daemon.ledger.projection_shop import (
    BatchPut,
    CardErased,
    DayEnded,
    MallEnded,
    MallPut,
    ProfilePut,
    ShiftEnded,
    ShopChange,
    Used,
)
from daemon.ledger.records import Entry
from daemon.ledger.views import TrustedTime, Watermark

PLACE_BITS = 12  # an entry has at most 4096 postings and lots; posting.py says so
RETURNABLE = "returnable:"
ACCOUNTS_KEPT = 20_000  # names in memory; a shop's regulars and goods are far fewer

_PLACES = 1 << PLACE_BITS
# Most lots are one of the first of the very entry that posts them.
SMALL: Mapping[str, int] = MappingProxyType({str(n): n for n in range(1, 100)})
_DOCUMENT = msgspec.json.Encoder()


NOTHING = Watermark(epoch=0, seq=0, hash="", no=0)


class Booking:
    def __init__(self, connection: Connection, box: str) -> None:
        self._box = box
        self._execute = connection.execute
        self._many = connection.executemany
        self.mark = self._watermark()
        self.trusted = self._trusted_time()
        self.chains: dict[int, int] = dict(self._execute("SELECT epoch, first_no FROM chain"))
        row = self._execute("SELECT max(business_date) FROM day").fetchone()
        self.business_date: str | None = row[0]
        self._accounts: dict[tuple[str, str, str], int] = {}
        self._account_last = self._number("SELECT coalesce(max(id), 0) FROM account")
        self._lot_last = self._number("SELECT coalesce(min(id), 0) FROM lot_name")
        self._prefix = ""  # of the lots that the entry at hand grants
        self._start_batch()

    def add(self, entry: Entry, digest: str) -> None:
        """Take one more entry, the next of its chain or the first of the next."""
        no = self.mark.no + 1
        if entry.epoch not in self.chains:
            self.chains[entry.epoch] = no - entry.seq + 1
            row = (entry.epoch, self.chains[entry.epoch])
            self._execute("INSERT INTO chain (epoch, first_no) VALUES (?, ?)", row)
        self.mark = Watermark(entry.epoch, entry.seq, digest, no)
        at, known = entry.at, self.trusted
        if at.clock is ClockState.SYNCED and (known is None or at.wall >= known.wall):
            self.trusted = TrustedTime(at.boot, at.mono_ms, at.wall)
        if entry.at.business_date != self.business_date:
            self.business_date = entry.at.business_date
            day = (self.business_date, no)
            self._execute("INSERT OR IGNORE INTO day (business_date, first_no) VALUES (?, ?)", day)
        self._prefix = f"{entry.box}.{entry.epoch}:{entry.seq}:"
        self._asked.append((asked_key(entry.source, entry.id), no))
        self._post(entry, no)
        for change in p.changes(entry):
            self._change(change, entry, no)

    def flush(self) -> None:
        """Write what was gathered. Raises MediumFault."""
        self._ask()
        self._many("INSERT INTO posting VALUES (?, ?, ?, ?)", self._postings)
        moved = sorted((account, lot, by) for (account, lot), by in self._moved.items() if by)
        self._many(
            "INSERT INTO balance VALUES (?, ?, ?) ON CONFLICT (account, lot)"
            " DO UPDATE SET amount = amount + excluded.amount",
            moved,
        )
        self._many(
            "DELETE FROM balance WHERE account = ? AND lot = ? AND amount = 0",
            [(account, lot) for account, lot, by in moved if lot and by < 0],
        )
        self._many("INSERT OR REPLACE INTO lot VALUES (?, ?, ?, ?, ?, ?, ?)", self._lots)
        self._many("INSERT INTO sale VALUES (?, ?, ?, ?, ?, '')", self._sales)
        self._many(
            "INSERT INTO day_total VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (business_date, kind, tender) DO UPDATE"
            " SET count = count + excluded.count, amount_fen = amount_fen + excluded.amount_fen",
            [(*key, count, amount) for key, (count, amount) in self._days.items()],
        )
        self._many("UPDATE sale SET enrolled = ? WHERE no = ?", self._enrolled)
        mark, known = self.mark, self.trusted
        time = (None, None, None) if known is None else (known.boot, known.mono_ms, known.wall)
        self._execute(
            "INSERT OR REPLACE INTO watermark VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
            (mark.epoch, mark.seq, mark.hash, mark.no, *time),
        )
        self._start_batch()

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
        if own is not None:
            return own
        row = self._execute("SELECT id FROM lot_name WHERE name = ?", (text,)).fetchone()
        return None if row is None else int(row[0])

    def number_of(self, epoch: int, seq: int) -> int | None:
        """Return an entry's number over all chains; None when the books do not reach so far."""
        first = self.chains.get(epoch)
        if first is None or (epoch, seq) > (self.mark.epoch, self.mark.seq):
            return None
        return first + seq - 1

    def place_of(self, no: int) -> tuple[int, int]:
        """Return epoch and number of an entry from its number over all chains."""
        epoch = max(epoch for epoch, first in self.chains.items() if first <= no)
        return epoch, no - self.chains[epoch] + 1

    def asked(self, source: str, name: str) -> list[int]:
        """Return the numbers of entries that may be (source, name); the caller looks."""
        return self._asked_from(asked_key(source, name))

    def _start_batch(self) -> None:
        self._asked: list[tuple[int, int]] = []
        self._postings: list[tuple[int, int, int, int]] = []
        self._moved: dict[tuple[int, int], int] = {}
        self._lots: list[tuple[int, str, str | None, str, str, str, int]] = []
        self._sales: list[tuple[int, str, str, str, int]] = []
        self._enrolled: list[tuple[str, int]] = []
        self._days: dict[tuple[str, str, str], tuple[int, int]] = {}

    def _post(self, entry: Entry, no: int) -> None:
        place = no << PLACE_BITS
        moved, accounts, rows = self._moved, self._accounts, self._postings
        for posting in entry.postings:
            text, unit, amount = posting.lot, posting.unit, posting.amount
            lot = self._lot_made(text) if text else 0
            key = (stored_account(posting.account, unit, text), unit, posting.holder)
            account = accounts.get(key) or self._account_made(key)
            rows.append((place, account, lot, amount))
            place += 1
            moved[account, lot] = moved.get((account, lot), 0) + amount

    def _account_made(self, key: tuple[str, str, str]) -> int:
        known = self.account(*key)
        if known is not None:
            return known
        self._account_last += 1
        self._execute("INSERT INTO account VALUES (?, ?, ?, ?)", (self._account_last, *key))
        return self._keep(key, self._account_last)

    def _keep(self, key: tuple[str, str, str], number: int) -> int:
        if len(self._accounts) >= ACCOUNTS_KEPT:
            self._accounts.clear()
        self._accounts[key] = number
        return number

    def _lot_made(self, text: str) -> int:
        if text.startswith(self._prefix) and text[len(self._prefix) :] in SMALL:
            return self.mark.no << PLACE_BITS | SMALL[text[len(self._prefix) :]]
        known = self.lot(text)
        if known is not None:
            return known
        self._lot_last -= 1
        self._execute("INSERT INTO lot_name VALUES (?, ?)", (self._lot_last, text))
        return self._lot_last

    def _ask(self) -> None:
        """Write the keys; two different requests with one key stand beside each other."""
        query = "INSERT OR IGNORE INTO asked VALUES (?, ?)"
        before = self._number("SELECT total_changes()")
        self._many(query, sorted(self._asked))  # in the tree's order: neighbours share pages
        if self._number("SELECT total_changes()") - before == len(self._asked):
            return
        for key, no in self._asked:
            if no not in self._asked_from(key):
                free = key + len(self._asked_from(key))
                self._execute(query, (free, no))

    def _asked_from(self, key: int) -> list[int]:
        """Return the numbers that stand at this key and, side by side, at the next ones."""
        found: list[int] = []
        while row := self._execute("SELECT no FROM asked WHERE key = ?", (key,)).fetchone():
            found.append(row[0])
            key += 1
        return found

    def _change(self, change: p.Change, entry: Entry, no: int) -> None:
        match change:
            case p.SalePut(at, operator, member, pay_fen):
                self._sales.append((no, at, operator, member, pay_fen))
            case p.LotPut(lot, granted, expires, source, topup, owner, fen):
                number = self._lot_made(lot)
                self._lots.append((number, granted, expires, source, topup, owner, fen))
            case p.DayAdded(kind, tender, amount_fen):
                key = (entry.at.business_date, kind, tender)
                count, amount = self._days.get(key, (0, 0))
                self._days[key] = (count + 1, amount + amount_fen)
            case p.SaleEnrolled(sale, member):
                if (sold := self._own_number(sale)) is not None:
                    self._enrolled.append((member, sold))
            case p.Answered(answered):
                if (asked := self._own_number(answered)) is not None:
                    self._execute("INSERT OR IGNORE INTO answer VALUES (?, ?)", (asked, no))
            case p.ShiftPut(operator):
                row = (self._prefix[:-1], operator, entry.at.business_date)
                self._execute("INSERT INTO shift VALUES (?, ?, ?)", row)
            case p.PackPut(ref, document):
                self._execute(
                    "INSERT OR REPLACE INTO pack VALUES (?, ?, ?, ?)",
                    (ref.id, ref.version, ref.hash, document),
                )
            case p.PackInForce(ref):
                self._execute(
                    "INSERT OR REPLACE INTO active_pack VALUES (1, ?, ?, ?)",
                    (ref.id, ref.version, ref.hash),
                )
            case p.PackWanted(n, ref, start):
                self._execute(
                    "INSERT OR REPLACE INTO wanted_pack VALUES (1, ?, ?, ?, ?, ?, ?)",
                    (entry.epoch, n, ref.id, ref.version, ref.hash, start),
                )
            case p.DownMarked(epoch, n, digest):
                self._execute(
                    "INSERT OR REPLACE INTO down_mark VALUES (?, ?, ?)", (epoch, n, digest)
                )
            case ProfilePut() | CardErased() | ShiftEnded() | DayEnded() | BatchPut() | Used():
                self._shop_changed(change, entry, no)
            case MallPut() | MallEnded():
                self._mall_changed(change, entry, no)
            case p.MemberPut() | p.CardPut() | p.MemberCarded() | p.RangesSet():
                self._member_changed(change)
            case _:
                self._catalogue_changed(change)

    def _own_number(self, entry: str) -> int | None:
        """Return the number of an entry of this box, over all its chains."""
        place = parse_entry_id(entry)
        first = None if place is None else self.chains.get(place[0].epoch)
        if place is None or first is None or place[0].box != self._box:
            return None
        return first + place[1] - 1

    def _mall_changed(self, change: MallPut | MallEnded, entry: Entry, no: int) -> None:
        match change:
            case MallPut(pay_fen):
                row = (no, entry.at.business_date, pay_fen)
                self._execute("INSERT INTO mall_bill VALUES (?, ?, ?, 'open', '', 0)", row)
            case MallEnded(bill, slip, lapsed):
                ended = ("lapsed" if lapsed else "paid", slip, no, self._own_number(bill))
                query = "UPDATE mall_bill SET state = ?, slip = ?, ended = ? WHERE no = ?"
                self._execute(query, ended)

    def _shop_changed(self, change: ShopChange, entry: Entry, no: int) -> None:
        match change:
            case ShiftEnded():
                self._execute("DELETE FROM shift")
            case DayEnded(date):
                self._days[date, entry.kind.value, ""] = (1, 0)
            case BatchPut(sku, batch, use_by, qty):
                row = (no, sku, batch, use_by, qty)
                self._execute("INSERT INTO batch VALUES (?, ?, ?, ?, ?)", row)
            case Used(member, day, what, amount):
                self._execute(
                    "INSERT INTO used VALUES (?, ?, ?, ?) ON CONFLICT (member, day, what)"
                    " DO UPDATE SET amount = amount + excluded.amount",
                    (member, day, what, amount),
                )
            case ProfilePut(member, profile):
                locked = (None, None) if profile is None else (profile.cipher, profile.nonce)
                self._execute(
                    "UPDATE member SET cipher = ?, nonce = ? WHERE id = ?", (*locked, member)
                )
            case CardErased(card, member):
                self._execute("INSERT OR REPLACE INTO card VALUES (?, ?, 'erased')", (card, member))

    def _member_changed(
        self, change: p.MemberPut | p.CardPut | p.MemberCarded | p.RangesSet
    ) -> None:
        match change:
            case p.MemberPut(name, card, kind, joined, term_ends, level, staff, profile, tags):
                locked = (None, None) if profile is None else (profile.cipher, profile.nonce)
                self._execute(
                    "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (name, card, kind, joined, term_ends, level, staff, *locked, " ".join(tags)),
                )
            case p.CardPut(number, member, status):
                self._execute(
                    "INSERT INTO card VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE"
                    " SET status = iif(status = 'erased', status, excluded.status),"
                    " member = coalesce(nullif(excluded.member, ''), member)",
                    (number, member, status),
                )
            case p.MemberCarded(member, card, cipher, nonce):
                self._execute(
                    "UPDATE member SET card = ?, cipher = nullif(?, ''), nonce = nullif(?, '')"
                    " WHERE id = ?",
                    (card, cipher, nonce, member),
                )
            case p.RangesSet(ranges):
                self._execute("DELETE FROM card_range")
                rows = [(one.first, one.last, one.kind) for one in ranges]
                self._many("INSERT INTO card_range VALUES (?, ?, ?)", rows)

    def _catalogue_changed(
        self, change: p.ProductPut | p.ProductRetired | p.StaffPut | p.StaffRetired
    ) -> None:
        match change:
            case p.ProductPut(product):
                row = (
                    product.sku,
                    product.plu,
                    product.barcode or None,
                    _scale_key(product),
                    _DOCUMENT.encode(product),
                )
                self._execute("INSERT OR REPLACE INTO product VALUES (?, ?, ?, ?, ?)", row)
            case p.ProductRetired(sku):
                self._execute("DELETE FROM product WHERE sku = ?", (sku,))
            case p.StaffPut(staff):
                self._execute(
                    "INSERT OR REPLACE INTO staff VALUES (?, ?, ?)",
                    (staff.no, staff.badge, _DOCUMENT.encode(staff)),
                )
            case p.StaffRetired(no):
                self._execute("DELETE FROM staff WHERE no = ?", (no,))

    def _watermark(self) -> Watermark:
        row = self._execute("SELECT epoch, seq, hash, no FROM watermark").fetchone()
        return NOTHING if row is None else Watermark(*row)

    def _trusted_time(self) -> TrustedTime | None:
        row = self._execute("SELECT boot, mono_ms, wall FROM watermark").fetchone()
        return None if row is None or row[2] is None else TrustedTime(*row)

    def _number(self, query: str) -> int:
        return int(self._execute(query).fetchone()[0])


def own_lot(text: str, box: str, first_no: Mapping[int, int]) -> int | None:
    """Return the number of a lot that an entry of this box granted; None for any other.

    `first_no`: the number of each epoch's first entry.
    """
    entry, _, n = text.rpartition(":")
    place = parse_entry_id(entry)
    if place is None or not n.isdecimal() or n != str(int(n)) or int(n) >= _PLACES:
        return None
    chain, seq = place
    first = first_no.get(chain.epoch)
    if first is None or chain.box != box:
        return None
    return ((first + seq - 1) << PLACE_BITS) | int(n)


def stored_account(account: str, unit: str, lot: str) -> str:
    """Return the account as the books name it: one for all returnable lines, their lot tells."""
    if unit == Unit.RETURNABLE and account == RETURNABLE + lot:
        return RETURNABLE
    return account


def asked_key(source: str, name: str) -> int:
    """Return 63 bits that stand for (source, id)."""
    digest = hashlib.sha256(f"{len(source)}:{source}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _scale_key(product: Product) -> str | None:
    """Return what a scale's barcode of this product begins with."""
    return None if product.scale is None else product.scale.prefix + product.scale.item
