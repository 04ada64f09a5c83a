"""What the counter, sync and reports ask the books. Safe to call from any thread.

Every answer includes the last durable entry. Balances are what the current chain holds.
"""

from datetime import date, timedelta

import msgspec

from daemon.ledger.alerts import StockAlert, StockRow, alerts
from daemon.ledger.balances import LOT_BESIDE, LOT_FACTS, lot_text, stock_rows
from daemon.ledger.bodies import Profile
from daemon.ledger.bookfile import BookFile
from daemon.ledger.booking import Booking
from daemon.ledger.ids import entry_id, parse_entry_id
from daemon.ledger.kinds import Unit
from daemon.ledger.local import Local
from daemon.ledger.medium import Connection, Row
from daemon.ledger.messages import CardRange, Product, Staff
from daemon.ledger.moves import goes_along
from daemon.ledger.records import Chain, PackRef
from daemon.ledger.sheet import BLOCK_BITS, PLACE_BITS, RETURNABLE, stored_account
from daemon.ledger.views import (
    DayTotal,
    DownMark,
    Held,
    LotRow,
    MemberRow,
    NoticeRow,
    PackRow,
    PackWish,
    SaleRow,
    ShiftRow,
    Watermark,
)

_PRODUCT = msgspec.json.Decoder(Product)
_STAFF = msgspec.json.Decoder(Staff)
_MEMBER = (
    "SELECT m.id, m.card, replace(c.status, 'erased', 'closed') AS status, m.kind, m.joined,"
    " m.term_ends, m.level, m.staff, m.cipher, m.nonce, m.tags, m.broker, m.benefits, m.level_until"
    " FROM member m JOIN card c ON c.number = m.card WHERE m.id = ?"
)
# What an account went in all blocks after one: a look-up a block, not all their rows.
_LATER = (
    "WITH RECURSIVE later(block) AS"
    " (VALUES (? + 1) UNION ALL SELECT block + 1 FROM later WHERE block < ?)"
    " SELECT coalesce(sum(t.amount), 0) FROM later"
    " CROSS JOIN block_sum t ON t.block = later.block AND t.account = ?"
)
_BESIDE = "SELECT coalesce(sum(amount), 0) FROM posting WHERE id >= ? AND id < ? AND account = ?"
_WITHOUT_CODE = (
    "SELECT document FROM product WHERE plu IS NULL AND coalesce(barcode, '') = '' ORDER BY sku"
)
_LOTS = (
    f"SELECT b.lot, b.amount, {LOT_FACTS} FROM balance b {LOT_BESIDE}"  # noqa: S608 - ours
    " WHERE b.account = ? AND b.lot <> 0 AND b.amount > 0"
)
_SALE = "SELECT no, at, member, pay_fen, enrolled FROM sale"


class Books:
    def __init__(self, file: BookFile, local: Local, chain: Chain) -> None:
        self._file = file
        self._local = local
        self._chain = chain

    # Members and cards.

    def member(self, member: str) -> MemberRow | None:
        with self._file.reading() as (connection, _):
            return _member(connection, member)

    def member_by_card(self, card: str) -> MemberRow | None:
        with self._file.reading() as (connection, _):
            query = "SELECT member FROM card WHERE number = ?"
            row = connection.execute(query, (card,)).fetchone()
            return None if row is None else _member(connection, row[0])

    def member_by_phone_digest(self, digest: bytes) -> MemberRow | None:
        """Return the member whose key came with this digest of the phone (profiles.py)."""
        card = self._local.card_by_phone_digest(digest)
        return None if card is None else self.member_by_card(card)

    def card_status(self, card: str) -> str:
        """Return active, lost, frozen or closed; "" for a card never heard of."""
        query = "SELECT replace(status, 'erased', 'closed') FROM card WHERE number = ?"
        row = self._row(query, card)
        return "" if row is None else str(row[0])

    def card_range(self, card: str) -> CardRange | None:
        """Return the range of ours that the number lies in."""
        query = (
            "SELECT first, last, kind FROM card_range"
            " WHERE length(first) = length(?1) AND ?1 BETWEEN first AND last"
        )
        row = self._row(query, card)
        return None if row is None else CardRange(*row)

    def erased_cards(self) -> list[str]:
        """Return the cards of erased members: their keys are refused for ever."""
        return [row[0] for row in self._rows("SELECT number FROM card WHERE status = 'erased'")]

    def cards_of(self, member: str) -> list[str]:
        """Return every card that a member has or had."""
        query = "SELECT number FROM card WHERE member = ? ORDER BY number"
        return [row[0] for row in self._rows(query, member)]

    def used(self, member: str, *, since: str) -> list[tuple[str, str, int]]:
        """Return (day, what, amount) of what limits count, from a day on."""
        query = "SELECT day, what, amount FROM used WHERE member = ? AND day >= ?"
        return [tuple(row) for row in self._rows(query, member, since)]

    def member_count(self) -> int:
        return self._number("SELECT count(*) FROM member")

    # What this chain holds.

    def lots(self, account: str, unit: str) -> list[LotRow]:
        """Return the lots of an account that hold something, oldest number first."""
        with self._file.reading() as (connection, booking):
            number = booking.account(account, unit, str(self._chain))
            if number is None:
                return []
            rows = connection.execute(_LOTS, (number,)).fetchall()
            return [
                LotRow(lot_text(connection, booking, self._chain.box, lot), account, unit, *rest)
                for lot, *rest in rows
            ]

    def balance(self, account: str, unit: str) -> int:
        """Return the sum over all lots."""
        if stored_account(account, unit, line := account.removeprefix(RETURNABLE)) != account:
            return self.held(account, unit, line)
        with self._file.reading() as (connection, booking):
            number = booking.account(account, unit, str(self._chain))
            return 0 if number is None else _sum(connection, number)

    def held(self, account: str, unit: str, lot: str) -> int:
        """Return what this chain holds of one lot in one account."""
        return self._file.held(str(self._chain), account, unit, lot)

    def holding(self) -> list[Held]:
        """Return everything in this chain's hand that can go into another's (moves.py)."""
        with self._file.reading() as (connection, booking):
            rows = connection.execute(
                "SELECT a.name, a.unit, b.lot, b.amount FROM balance b"
                " JOIN account a ON a.id = b.account WHERE a.holder = ? AND b.amount > 0",
                (str(self._chain),),
            ).fetchall()
            parts = []
            for name, unit, number, amount in rows:
                lot = lot_text(connection, booking, self._chain.box, number)
                if goes_along(name, lot):
                    account = name + lot if name == RETURNABLE else name
                    parts.append(Held(account, unit, lot, amount))
            return parts

    def balance_as_of(self, account: str, unit: str, entry: str) -> int:
        """Return the sum over all lots just after an entry: now, less what came later.

        What came later is added up by blocks of entries, and one by one in the entry's own block:
        a millisecond, and one more for each million entries since.
        """
        with self._file.reading() as (connection, booking):
            number = booking.account(account, unit, str(self._chain))
            no = _number_of(booking, entry)
            if number is None or no is None:
                return 0
            block = no >> BLOCK_BITS
            span = ((no + 1) << PLACE_BITS, (block + 1) << BLOCK_BITS << PLACE_BITS)
            later = connection.execute(_LATER, (block, booking.mark.no >> BLOCK_BITS, number))
            beside = connection.execute(_BESIDE, (*span, number))
            return _sum(connection, number) - int(later.fetchone()[0] + beside.fetchone()[0])

    def stock(self, sku: str) -> int:
        """Return the pieces, or grams, in this shop; below zero when more went than came."""
        return self.balance(f"stock:{sku}", Unit.PIECE)

    def serial_in_stock(self, sku: str, serial: str) -> bool:
        """Tell whether a serial-numbered piece (a blank card) is here; its lot is its number."""
        return self.held(f"stock:{sku}", Unit.PIECE, serial) > 0

    def stock_alerts(self, today: str) -> list[StockAlert]:
        """Return what the stock asks for: below its minimum or zero, above its maximum, dated."""
        with self._file.reading() as (connection, _):
            return alerts(*stock_rows(connection, str(self._chain)), today)

    def stock_levels(self) -> list[StockRow]:
        """Return what is here of every product of the list, by sku."""
        with self._file.reading() as (connection, _):
            return stock_rows(connection, str(self._chain))[0]

    # Catalogue.

    def product(self, sku: str) -> Product | None:
        return self._product("sku = ?", sku)

    def product_by_plu(self, plu: int) -> Product | None:
        return self._product("plu = ?", plu)

    def product_by_barcode(self, code: str) -> Product | None:
        return self._product("barcode = ?", code)

    def scale_product(self, code: str) -> Product | None:
        """Return the product whose scale barcodes begin as this code does."""
        beginnings = [code[:end] for end in range(1, len(code))]
        places = ", ".join("?" * len(beginnings))
        return self._product(f"scale IN ({places}) ORDER BY length(scale) DESC", *beginnings)

    def products_without_code(self) -> list[Product]:
        """Return what has neither number nor barcode (gifts, samples, cards), by sku."""
        return [_PRODUCT.decode(row[0]) for row in self._rows(_WITHOUT_CODE)]

    def product_count(self) -> int:
        return self._number("SELECT count(*) FROM product")

    def staff(self, no: str) -> Staff | None:
        row = self._row("SELECT document FROM staff WHERE no = ?", no)
        return None if row is None else _STAFF.decode(row[0])

    def staff_by_badge(self, badge: str) -> Staff | None:
        row = self._row("SELECT document FROM staff WHERE badge = ? AND badge <> ''", badge)
        return None if row is None else _STAFF.decode(row[0])

    # The day, the pack, the chain.

    def open_shift(self) -> ShiftRow | None:
        query = "SELECT operator, opened, business_date FROM shift ORDER BY rowid DESC LIMIT 1"
        row = self._row(query)
        return None if row is None else ShiftRow(*row)

    def business_date(self) -> str | None:
        """Return the last business date; None before the first entry."""
        with self._file.reading() as (_, booking):
            return booking.business_date

    def open_date(self) -> str | None:
        """Return the first business date that an entry may have now: no closed one."""
        last = self.business_date()
        if last is None or not self.day_closed(last):
            return last
        return (date.fromisoformat(last) + timedelta(days=1)).isoformat()

    def day_closed(self, business_date: str) -> bool:
        query = "SELECT 1 FROM day_total WHERE business_date = ? AND kind = 'day.closed'"
        return self._row(query, business_date) is not None

    def unclosed_days(self, *, before: str) -> list[str]:
        """Return the days with entries, before a date, that were never closed."""
        query = (
            "SELECT business_date FROM day WHERE business_date < ? AND business_date NOT IN"
            " (SELECT business_date FROM day_total WHERE kind = 'day.closed')"
            " ORDER BY business_date"
        )
        with self._file.reading() as (connection, _):
            return [row[0] for row in connection.execute(query, (before,)).fetchall()]

    def first_of_day(self, business_date: str) -> str | None:
        """Return the first entry of a business date."""
        return self._first("business_date = ?", business_date)

    def first_since(self, business_date: str) -> str | None:
        """Return the first entry of a business date or of the next one that had any."""
        return self._first("business_date >= ? ORDER BY business_date LIMIT 1", business_date)

    def _first(self, where: str, business_date: str) -> str | None:
        # names of ours
        row = self._row(f"SELECT first_no FROM day WHERE {where}", business_date)  # noqa: S608
        if row is None:
            return None
        with self._file.reading() as (_, booking):
            epoch, seq = booking.place_of(row[0])
        return entry_id(Chain(self._chain.box, epoch), seq)

    def day_totals(self, business_date: str) -> list[DayTotal]:
        query = (
            "SELECT business_date, kind, tender, count, amount_fen FROM day_total"
            " WHERE business_date = ?"
        )
        return [DayTotal(*row) for row in self._rows(query, business_date)]

    def last_anonymous_sale(self, operator: str, business_date: str) -> SaleRow | None:
        """Return the operator's last sale of the day without a member."""
        where = (
            "WHERE no >= (SELECT first_no FROM day WHERE business_date = ?)"
            " AND operator = ? AND member = '' ORDER BY no DESC LIMIT 1"
        )
        return self._sale(where, business_date, operator)

    def sale(self, entry: str) -> SaleRow | None:
        with self._file.reading() as (_, booking):
            no = _number_of(booking, entry)
        return None if no is None else self._sale("WHERE no = ?", no)

    def active_ref(self) -> PackRef | None:
        """Return which pack is in force; its document, a hundred kilobytes, stays where it is."""
        row = self._row("SELECT id, version, hash FROM active_pack")
        return None if row is None else PackRef(*row)

    def active_pack(self) -> PackRow | None:
        """Return the pack in force; its document is "" when it never came down."""
        row = self._row(
            "SELECT a.id, a.version, a.hash, coalesce(p.document, '') FROM active_pack a"
            " LEFT JOIN pack p ON (p.id, p.version, p.hash) = (a.id, a.version, a.hash)"
        )
        return None if row is None else PackRow(*row)

    def wanted_pack(self) -> PackWish | None:
        """Return the newest pack that HQ asked for, unless it is in force."""
        row = self._row(
            "SELECT w.epoch, w.n, w.id, w.version, w.hash, w.start FROM wanted_pack w"
            " LEFT JOIN active_pack a USING (id, version, hash) WHERE a.one IS NULL"
        )
        return None if row is None else PackWish(*row)

    def pack(self, name: str, version: int) -> PackRow | None:
        """Return a pack that came down, the latest of this version."""
        query = (
            "SELECT id, version, hash, document FROM pack WHERE id = ? AND version = ?"
            " ORDER BY rowid DESC LIMIT 1"
        )
        row = self._row(query, name, version)
        return None if row is None else PackRow(*row)

    def notices(self, kind: str) -> list[NoticeRow]:
        """Return what headquarters told the shop of a kind and is not done with, oldest first."""
        query = "SELECT kind, key, body FROM notice WHERE kind = ? ORDER BY no, key"
        return [NoticeRow(*row) for row in self._rows(query, kind)]

    def down_mark(self, epoch: int) -> DownMark | None:
        """Return the last message of that chain's down log that was applied or refused."""
        row = self._row("SELECT n, hash FROM down_mark WHERE epoch = ?", epoch)
        return None if row is None else DownMark(*row)

    @property
    def watermark(self) -> Watermark:
        with self._file.reading() as (_, booking):
            return booking.mark

    def _row(self, query: str, *values: str | int) -> Row | None:
        with self._file.reading() as (connection, _):
            row: Row | None = connection.execute(query, values).fetchone()
            return row

    def _rows(self, query: str, *values: str | int) -> list[Row]:
        with self._file.reading() as (connection, _):
            return connection.execute(query, values).fetchall()

    def _number(self, query: str) -> int:
        row = self._row(query)
        assert row is not None, "an aggregate has a row"
        return int(row[0])

    def _product(self, where: str, *values: str | int) -> Product | None:
        row = self._row(f"SELECT document FROM product WHERE {where}", *values)  # noqa: S608 - ours
        return None if row is None else _PRODUCT.decode(row[0])

    def _sale(self, where: str, *values: str | int) -> SaleRow | None:
        with self._file.reading() as (connection, booking):
            row = connection.execute(f"{_SALE} {where}", values).fetchone()
            if row is None:
                return None
            no, *rest = row
            epoch, seq = booking.place_of(no)
        return SaleRow(entry_id(Chain(self._chain.box, epoch), seq), *rest)


def _member(connection: Connection, member: str) -> MemberRow | None:
    row = connection.execute(_MEMBER, (member,)).fetchone()
    if row is None:
        return None
    cipher, nonce = row["cipher"], row["nonce"]
    return MemberRow(
        id=row["id"],
        card=row["card"],
        status=row["status"],
        kind=row["kind"],
        joined=row["joined"],
        term_ends=row["term_ends"],
        level=row["level"],
        staff=row["staff"],
        profile=None if cipher is None else Profile(cipher=cipher, nonce=nonce),
        tags=tuple(str(row["tags"]).split()),
        broker=row["broker"],
        benefits=tuple(str(row["benefits"]).split()),
        level_until=row["level_until"],
    )


def _sum(connection: Connection, number: int) -> int:
    query = "SELECT coalesce(sum(amount), 0) FROM balance WHERE account = ?"
    return int(connection.execute(query, (number,)).fetchone()[0])


def _number_of(booking: Booking, entry: str) -> int | None:
    place = parse_entry_id(entry)
    return None if place is None else booking.number_of(place[0].epoch, place[1])
