"""What a run of entries does to the books, gathered without asking the books anything. Pure.

A sheet takes one entry at the counter and two thousand in a rebuild, where other processes make
it. Accounts, and lots of elsewhere, have numbers of the sheet's own here; booking.py knows theirs.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, count
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import msgspec

from daemon.clock import ClockState
from daemon.ledger import projection as p
from daemon.ledger.bodies import Sale
from daemon.ledger.brief import BriefSale, SaleInBrief
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.projection_shop import DayEnded, MallEnded, MallPut, UnlistedPut
from daemon.ledger.records import At, Entry, Posting
from daemon.ledger.statements import Statement, statements

if TYPE_CHECKING:
    from hashlib import _Hash

PLACE_BITS = 12  # an entry has at most 4096 postings and lots; posting.py says so
BLOCK_BITS = 11  # entries in a block: what a balance of then has to add up one by one
RETURNABLE = "returnable:"
SOURCES_KEPT = 16  # tills, keypads, headquarters' messages, the box itself

_PLACES = 1 << PLACE_BITS
_BLOCK = (1 << BLOCK_BITS) - 1
# Most lots are one of the first of the very entry that posts them.
SMALL: Mapping[str, int] = MappingProxyType({str(n): n for n in range(1, 100)})

_SYNCED = (
    ClockState.SYNCED
)  # an enum's names are looked up slowly, and this is done a million times
_SALE = Kind.SALE.value
_RETURNABLE_UNIT = Unit.RETURNABLE.value

_Move = tuple[int, int, int]  # account, lot, amount
_Told = tuple[int, int, int, str, str | None, str, int]  # a move and what its lot is
_PLACE = itemgetter(0, 1)  # account and lot of a move

AccountName = tuple[str, str, str]
"""Name, unit, holder."""

Integer = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
"""What SQLite holds; looked at when a leaf comes from another process."""


class Leaf(msgspec.Struct, frozen=True, array_like=True):
    """A sheet as rows. Accounts, and lots of elsewhere (below zero), have numbers of its own."""

    no: int
    chains: dict[int, int]
    trusted: At | None
    business_date: str | None
    head: tuple[int, int, str]
    accounts: list[AccountName]
    lot_names: dict[str, int]
    asked: list[int]  # key, entry; in the keys' order
    postings: list[Integer]  # id, account, lot, amount
    moved: list[Integer]  # account, lot, amount of the rest; lot 0: none; one may come twice
    # What came in lots granted here: account, lot, amount, granted, expires, source, value_fen
    told: list[tuple[int, int, Integer, str, str | None, str, Integer]]
    turned: list[Integer]  # of all lots together, by account
    lots: list[tuple[int, str, str | None, str, str, str, Integer]]
    sales: list[str | Integer]  # five values a row
    enrolled: list[tuple[str, int]]
    totals: list[tuple[str, str, str, int, Integer]]
    statements: Sequence[tuple[str, tuple[object, ...]]]  # as Statement

    @property
    def block(self) -> int:
        return self.no >> BLOCK_BITS


@dataclass(slots=True)
class Sheet:
    """Entries after number `no`, none of them beyond the block in which the first of them lies."""

    box: str
    no: int
    chains: dict[int, int]  # epoch -> number of its first entry
    trusted: At | None = None  # the last under a trusted clock
    business_date: str | None = None
    head: tuple[int, int, str] = (0, 0, "")  # epoch, number and hash of the last entry
    accounts: dict[AccountName, int] = field(default_factory=dict)
    lot_names: dict[str, int] = field(default_factory=dict)
    postings: list[int] = field(default_factory=list)  # id, account, lot, amount
    sums: list[int] = field(default_factory=list)  # of what has no lot, by account
    moved: list[_Move] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)  # a key an entry, in their order
    lots: list[tuple[int, str, str | None, str, str, str, int]] = field(default_factory=list)
    sales: list[str | int] = field(default_factory=list)  # five values a row
    enrolled: list[tuple[str, int]] = field(default_factory=list)
    totals: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Tell, of a sheet with entries, whether the next belongs to the next block."""
        return self.no & _BLOCK == _BLOCK

    def add(self, entry: Entry, digest: str) -> None:
        """Take one more entry, the next of its chain or the first of the next."""
        own = self._begin(entry, digest)
        if isinstance(entry.body, Sale) and entry.re is None:
            self._sale(entry, entry.body, own)
            return
        for change in p.changes(entry):
            self._change(change, entry, own)

    def add_sale(self, entry: BriefSale, digest: str) -> None:
        """Take one more entry that is a sale and answers nothing."""
        self._sale(entry, entry.body, self._begin(entry, digest))

    def leaf(self) -> Leaf:
        """Return it as rows; nothing may be added after."""
        turned = self.sums.copy()
        for account, _, amount in self.moved:
            turned[account] += amount
        moved = [(account, 0, amount) for account, amount in enumerate(self.sums) if amount]
        told, rest = self._told()
        moved += rest
        moved.sort()  # neighbours share pages
        asked = sorted(zip(self.asked, count(self.no - len(self.asked) + 1), strict=False))
        return Leaf(
            no=self.no,
            chains=self.chains,
            trusted=self.trusted,
            business_date=self.business_date,
            head=self.head,
            accounts=list(self.accounts),
            lot_names=self.lot_names,
            asked=list(chain.from_iterable(asked)),
            postings=self.postings,
            moved=list(chain.from_iterable(moved)),
            told=told,
            turned=turned,
            lots=self.lots,
            sales=self.sales,
            enrolled=self.enrolled,
            totals=[(*key, *counted) for key, counted in self.totals.items()],
            statements=self.statements,
        )

    def _told(self) -> tuple[list[_Told], list[_Move]]:
        """Return what came in lots that entries of this sheet granted, and what else was moved.

        What such a lot is never changes (booking.py), so it may stand in more than one place.
        """
        since = (self.no - len(self.asked) + 1) << PLACE_BITS
        granted = {row[0]: row for row in reversed(self.lots) if row[0] >= since}
        told: list[_Told] = []
        rest: list[_Move] = []
        for move in self.moved:
            lot = granted.get(move[1]) if move[2] > 0 else None
            if lot is None:
                rest.append(move)
            else:
                told.append((*move, lot[1], lot[2], lot[3], lot[6]))
        told.sort(key=_PLACE)
        return told, rest

    def _begin(self, entry: Entry | BriefSale, digest: str) -> str:
        """Take what all kinds have; return what the ids of this entry's own lots begin with."""
        epoch, seq, at = entry.epoch, entry.seq, entry.at
        self.no = no = self.no + 1
        self.head = (epoch, seq, digest)
        if epoch not in self.chains:
            self.chains[epoch] = no - seq + 1
            query = "INSERT INTO chain (epoch, first_no) VALUES (?, ?)"
            self.statements.append((query, (epoch, self.chains[epoch])))
        if at.clock is _SYNCED and (self.trusted is None or at.wall >= self.trusted.wall):
            self.trusted = at
        if at.business_date != self.business_date:
            self.business_date = at.business_date
            query = "INSERT OR IGNORE INTO day (business_date, first_no) VALUES (?, ?)"
            self.statements.append((query, (at.business_date, no)))
        self.asked.append(asked_key(entry.source, entry.id))
        own = f"{entry.box}.{epoch}:{seq}:"
        self._post(entry.postings, no << PLACE_BITS, own)
        return own

    def _post(self, postings: Iterable[Posting], place: int, own: str) -> None:
        accounts, sums, moved, rows = self.accounts, self.sums, self.moved, self.postings
        first, length, small = place, len(own), SMALL.get
        for posting in postings:
            text, unit, amount = posting.lot, posting.unit, posting.amount
            name, lot = posting.account, 0
            if text:
                n = small(text[length:]) if text.startswith(own) else None
                lot = self._lot(text) if n is None else first | n
                if unit == _RETURNABLE_UNIT:
                    name = stored_account(name, unit, text)
            key = (name, unit, posting.holder)
            account = accounts.get(key)
            if account is None:
                account = accounts[key] = len(accounts)
                sums.append(0)
            if text:
                moved.append((account, lot, amount))
            else:
                sums[account] += amount
            rows += (place, account, lot, amount)
            place += 1

    def _lot(self, text: str) -> int:
        """Return the number of a lot: its own, or below zero the sheet's for one of elsewhere."""
        number = own_lot(text, self.box, self.chains)
        if number is None:
            return self.lot_names.setdefault(text, -1 - len(self.lot_names))
        return number

    def _sale(self, entry: Entry | BriefSale, sale: Sale | SaleInBrief, own: str) -> None:
        """Do what the changes of a sale do, without making them: most entries are sales."""
        at, no = entry.at, self.no
        self.sales += (no, at.wall, entry.by.operator, sale.member, sale.pay_fen)
        for lot in sale.lots:
            number = (
                no << PLACE_BITS | lot.n if 0 <= lot.n < _PLACES else self._lot(f"{own}{lot.n}")
            )
            rest = (lot.expires, lot.source, lot.topup, lot.owner, lot.value_fen)
            self.lots.append((number, at.wall, *rest))
        if sale.advance is not None:
            for put in p.advanced(at.wall, own[:-1], sale.advance):
                row = (put.granted, put.expires, put.source, put.topup, put.owner, put.value_fen)
                self.lots.append((self._lot(put.lot), *row))
        self._total(at.business_date, _SALE, "", sale.pay_fen)
        for tender in sale.tenders:
            self._total(at.business_date, _SALE, tender.code, tender.amount_fen)
        if sale.uses:
            for used in p.used(at, sale.member, sale.uses):
                self.statements += statements(used, epoch=entry.epoch, no=no)
        for one in sale.later:
            listed = UnlistedPut(one.code, one.n)
            self.statements += statements(listed, epoch=entry.epoch, no=no)

    def _change(self, change: p.Change, entry: Entry, own: str) -> None:
        match change:
            case p.SalePut(at, operator, member, pay_fen):
                self.sales += (self.no, at, operator, member, pay_fen)
            case p.LotPut(lot, granted, expires, source, topup, owner, value):
                row = (self._lot(lot), granted, expires, source, topup, owner, value)
                self.lots.append(row)
            case p.DayAdded(kind, tender, amount_fen):
                self._total(entry.at.business_date, kind, tender, amount_fen)
            case DayEnded(date):
                self.totals[date, entry.kind.value, ""] = (1, 0)
            case p.SaleEnrolled(sale, member):
                no = self._number_of(sale)
                if no is not None:
                    self.enrolled.append((member, no))
            case p.Answered(answered):
                no = self._number_of(answered)
                if no is not None:
                    query = "INSERT OR IGNORE INTO answer VALUES (?, ?)"
                    self.statements.append((query, (no, self.no)))
            case p.ShiftPut(operator):
                shift = (own[:-1], operator, entry.at.business_date)
                self.statements.append(("INSERT INTO shift VALUES (?, ?, ?)", shift))
            case MallPut(pay_fen):
                query = "INSERT INTO mall_bill VALUES (?, ?, ?, 'open', '', 0)"
                self.statements.append((query, (self.no, entry.at.business_date, pay_fen)))
            case MallEnded(bill, slip, lapsed):
                query = "UPDATE mall_bill SET state = ?, slip = ?, ended = ? WHERE no = ?"
                ended = ("lapsed" if lapsed else "paid", slip, self.no, self._number_of(bill))
                self.statements.append((query, ended))
            case _:
                self.statements += statements(change, epoch=entry.epoch, no=self.no)

    def _total(self, date: str, kind: str, tender: str, amount_fen: int) -> None:
        key = (date, kind, tender)
        count, amount = self.totals.get(key, (0, 0))
        self.totals[key] = (count + 1, amount + amount_fen)

    def _number_of(self, entry: str) -> int | None:
        """Return the number of an entry of this box."""
        place = parse_entry_id(entry)
        if place is None or place[0].box != self.box:
            return None
        return number_in(self.chains, place[0].epoch, place[1])


def asked_key(source: str, name: str) -> int:
    """Return 63 bits that stand for (source, id)."""
    digest = _begun(source).copy()
    digest.update(name.encode())
    return int.from_bytes(digest.digest()[:8], "big") >> 1


@lru_cache(SOURCES_KEPT)
def _begun(source: str) -> "_Hash":
    """Return a digest to copy: to make one takes longer than the rest of a key."""
    return hashlib.sha256(f"{len(source)}:{source}:".encode())


def own_lot(text: str, box: str, first_no: Mapping[int, int]) -> int | None:
    """Return the number of a lot that an entry of this box granted; None for any other.

    `first_no`: the number of each epoch's first entry.
    """
    entry, _, n = text.rpartition(":")
    place = parse_entry_id(entry)
    if place is None or not n.isdecimal() or n != str(int(n)) or int(n) >= _PLACES:
        return None
    chain, seq = place
    no = number_in(first_no, chain.epoch, seq) if chain.box == box else None
    return None if no is None else (no << PLACE_BITS) | int(n)


def number_in(first_no: Mapping[int, int], epoch: int, seq: int) -> int | None:
    """Return an entry's number over all chains; None for one that these books do not have.

    A chain that ended with a loss had more entries than the journal has of it: their numbers are
    those of the next epoch, and what they granted may come back from another shop.
    """
    first = first_no.get(epoch)
    if first is None:
        return None
    no = first + seq - 1
    return None if any(first < other <= no for other in first_no.values()) else no


def stored_account(account: str, unit: str, lot: str) -> str:
    """Return the account as the books name it: one for all returnable lines, their lot tells."""
    if unit == _RETURNABLE_UNIT and account == RETURNABLE + lot:
        return RETURNABLE
    return account
