"""Balances of books.db as the postings name them, read beside a running box."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from daemon.ledger.alerts import Batch, StockRow
from daemon.ledger.bookfile import SETTINGS
from daemon.ledger.booking import Booking
from daemon.ledger.ids import entry_id, lot_id
from daemon.ledger.kinds import Unit
from daemon.ledger.medium import Connection, Medium, MediumFault, open_database, store_error
from daemon.ledger.messages import Product
from daemon.ledger.records import Chain
from daemon.ledger.sheet import PLACE_BITS, RETURNABLE
from daemon.ledger.views import Watermark

Name = tuple[str, str, str, str]
"""Holder, account, unit, lot."""

_PRODUCT = msgspec.json.Decoder(Product)
Place = tuple[int, str | int, int]
"""Hash of holder, account and unit; the lot, by number or (of elsewhere) by name; the amount."""

_PLACES = "SELECT account, lot, amount FROM balance ORDER BY account, lot"
_BALANCES = (
    "SELECT a.holder, a.name, a.unit, b.lot, b.amount FROM balance b"
    " JOIN account a ON a.id = b.account WHERE b.amount <> 0"
)


# What a lot of ours is stands beside its amount where it was granted, so that a member's lots are a
# page or two, not one each. Where it was moved to, of elsewhere, or booked before that was so, the
# lot's own row says.
LOT_EXPIRES = "coalesce(b.expires, l.expires)"
LOT_FACTS = (
    f"coalesce(b.granted, l.granted, ''), {LOT_EXPIRES},"
    " coalesce(b.source, l.source, ''), coalesce(b.value_fen, l.value_fen, 0)"
)
LOT_BESIDE = "LEFT JOIN lot l ON l.id = CASE WHEN b.granted IS NULL THEN b.lot END"


class Snapshot(msgspec.Struct, frozen=True):
    """The books at one instant. `mark.no` 0: nothing is booked."""

    mark: Watermark
    _connection: Connection
    _booking: Booking
    _box: str

    def balances(self) -> Iterator[tuple[Name, int]]:
        """Yield every balance that is not zero."""
        for holder, account, unit, number, amount in self._connection.execute(_BALANCES):
            lot = lot_text(self._connection, self._booking, self._box, number)
            name = account
            if account == RETURNABLE and unit == Unit.RETURNABLE:
                name += lot
            yield (holder, name, unit, lot), amount

    @property
    def first_no(self) -> Mapping[int, int]:
        """The number of each epoch's first entry."""
        return self._booking.chains

    def places(self) -> Iterator[Place]:
        """Yield every balance for weighing; both tables are read in the order of their keys."""
        accounts = self._connection.execute("SELECT id, holder, name, unit FROM account ORDER BY 1")
        number, place = 0, 0
        for account, lot, amount in self._connection.execute(_PLACES):
            while account != number:
                number, *name = next(accounts, (account, "", "", ""))
                place = hash(tuple(name))
            yield (
                place,
                lot if lot >= 0 else lot_text(self._connection, self._booking, self._box, lot),
                amount,
            )


@contextmanager
def snapshot(path: Path, box: str) -> Iterator[Snapshot]:
    """Give the books as they stand now; a running box goes on. Raises StoreError."""
    with closing(open_database(Medium(), path, SETTINGS, readonly=True)) as connection:
        try:
            connection.execute("BEGIN")
            booking = Booking(connection, box)
            yield Snapshot(booking.mark, connection, booking, box)
        except MediumFault as error:
            raise store_error(path, "reading the books", error) from error


def lot_text(connection: Connection, booking: Booking, box: str, lot: int) -> str:
    """Return a lot's id from its number in the books."""
    if lot == 0:
        return ""
    if lot < 0:
        row = connection.execute("SELECT name FROM lot_name WHERE id = ?", (lot,)).fetchone()
        return str(row[0])
    epoch, seq = booking.place_of(lot >> PLACE_BITS)
    return lot_id(entry_id(Chain(box, epoch), seq), lot & ((1 << PLACE_BITS) - 1))


def stock_rows(connection: Connection, holder: str) -> tuple[list[StockRow], list[Batch]]:
    """Return what a holder has of every product, and the batches that came with a date."""
    products = connection.execute(
        "SELECT p.document, coalesce(sum(b.amount), 0) FROM product p"
        " LEFT JOIN account a ON a.name = 'stock:' || p.sku AND a.unit = ? AND a.holder = ?"
        " LEFT JOIN balance b ON b.account = a.id GROUP BY p.sku",
        (Unit.PIECE.value, holder),
    ).fetchall()
    rows = []
    for document, qty in products:
        product = _PRODUCT.decode(document)
        rows.append(StockRow(product.sku, product.name, qty, product.stock_min, product.stock_max))
    batches = connection.execute("SELECT sku, batch, use_by, qty FROM batch").fetchall()
    return rows, [Batch(*one) for one in batches]
