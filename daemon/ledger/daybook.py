"""The entries of a day or a shift, read from the journal, and what they make in figures.

A day is a run of entries: business dates never go back. Safe to call from any thread.
"""

import base64
from collections.abc import Iterator
from functools import partial

from daemon.ledger import accounts
from daemon.ledger.acts.shift import Till, day_closed
from daemon.ledger.bodies import DayTotals, StockCounted
from daemon.ledger.codec import decode
from daemon.ledger.daytotals import day_totals
from daemon.ledger.ids import id_of, parse_entry_id
from daemon.ledger.kinds import Unit
from daemon.ledger.records import At, Draft, Entry
from daemon.ledger.shopreport import ShopReport, shop_report
from daemon.ledger.signed import DOMAIN_HEAD, closing_statement
from daemon.ledger.store import Store

PAGE_ENTRIES = 500


def z_totals(store: Store, date: str) -> tuple[DayTotals, str]:
    """Return the figures of a business date, and the id of its last entry ("": none)."""
    entries = list(day_entries(store, date))
    if not entries:
        return DayTotals(cash_expected_fen=_drawer(store)), ""
    return _figures(store, entries), id_of(entries[-1])


def x_totals(store: Store) -> DayTotals:
    """Return the figures since the open shift began; of today, when nobody is signed on."""
    return _figures(store, list(_shift_entries(store)))


def till(store: Store) -> Till:
    """Return what the books expect of the drawer and the other tenders of this shift."""
    taken: dict[str, int] = {}
    for entry in _shift_entries(store):
        for posting in entry.postings:
            code = posting.account.removeprefix(accounts.tender(""))
            if posting.unit == Unit.FEN and code != posting.account:
                taken[code] = taken.get(code, 0) + posting.amount
    return Till(store.books.open_shift(), _drawer(store), taken)


def forgotten_days(store: Store, at: At) -> list[Draft]:
    """Return 自动日结 of every day that ended and was never closed, the oldest first."""
    drafts = []
    for date in store.books.unclosed_days(before=at.business_date):
        totals, last = z_totals(store, date)
        signature = signed_at(store, last)
        drafts.append(day_closed(at, date=date, totals=totals, last=last, signature=signature))
    return drafts


def signed_at(store: Store, last: str) -> str:
    """Return the box's signature over its head as it stood at an entry; "" for no entry."""
    stored = store.entry(last)
    if stored is None:
        return ""
    signature = store.sign(DOMAIN_HEAD, closing_statement(stored))
    return base64.b64encode(signature).decode()


def commission_owed(store: Store, staff: str) -> int:
    """Return what is owed to one of the staff, fen."""
    return -store.books.balance(accounts.commission(staff), Unit.FEN)


def day_entries(store: Store, date: str) -> Iterator[Entry]:
    """Yield the entries of a business date, in order."""
    first = store.books.first_of_day(date)
    if first is not None:
        for entry in _from(store, first):
            if entry.at.business_date != date:
                return
            yield entry


def report(store: Store, first_date: str) -> ShopReport:
    """Return what was sold since a business date, by people, goods and hours."""
    first = store.books.first_since(first_date)
    entries = () if first is None else _from(store, first)
    return shop_report(entries, partial(_entry, store))


def counted_since(store: Store, first_date: str) -> frozenset[str]:
    """Return the goods that somebody has counted since a business date."""
    first = store.books.first_since(first_date)
    entries = () if first is None else _from(store, first)
    bodies = (entry.body for entry in entries)
    found = (body.lines for body in bodies if isinstance(body, StockCounted))
    return frozenset(line.sku for lines in found for line in lines)


def _entry(store: Store, entry: str) -> Entry | None:
    stored = store.entry(entry)
    return None if stored is None else decode(stored.data)


def _shift_entries(store: Store) -> Iterator[Entry]:
    shift = store.books.open_shift()
    if shift is not None:
        yield from _from(store, shift.opened)
        return
    date = store.books.business_date()
    if date is not None:
        yield from day_entries(store, date)


def _figures(store: Store, entries: list[Entry]) -> DayTotals:
    """Return the figures of entries; the drawer before them is as of the entry before."""
    if not entries:
        return DayTotals(cash_expected_fen=_drawer(store))
    after = store.books.balance_as_of(accounts.CASH_DRAWER, Unit.FEN, id_of(entries[-1]))
    own = str(store.chain)
    moved = sum(
        posting.amount
        for entry in entries
        for posting in entry.postings
        if posting.holder == own and posting.account == accounts.CASH_DRAWER
    )
    return day_totals(entries, drawer_fen=after - moved)


def _drawer(store: Store) -> int:
    return store.books.balance(accounts.CASH_DRAWER, Unit.FEN)


def _from(store: Store, first: str) -> Iterator[Entry]:
    """Yield the entries from `first` to the end, over the epochs of this box."""
    place = parse_entry_id(first)
    assert place is not None, "the books name entries"
    for chain, head in store.chains():
        if chain.epoch < place[0].epoch:
            continue
        seq = place[1] if chain.epoch == place[0].epoch else 1
        while seq <= head.seq:
            page = store.read(chain.epoch, seq, PAGE_ENTRIES)
            if not page:
                break
            for stored in page:
                yield decode(stored.data)
            seq = page[-1].seq + 1
