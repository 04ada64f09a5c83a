"""What this shop is told of its stock: what the books find, as far as the pack watches for it.

What lies below zero, or near its date, is told in any case.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time

from daemon.finding import note
from daemon.ledger import daybook
from daemon.ledger.alerts import AlertKind, StockAlert
from daemon.ledger.store import Store
from daemon.rules.house import House
from daemon.rules.periods import starts

_SAID = (
    (AlertKind.NEGATIVE, "below zero in the books"),
    (AlertKind.BELOW_MIN, "below the least"),
    (AlertKind.ABOVE_MAX, "above the most"),
    (AlertKind.USE_BY, "near the date"),
    (AlertKind.COUNT_DUE, "to be counted"),
)


def told(store: Store, house: House, today: str) -> list[StockAlert]:
    """Return what is to be seen to, by sku. It reads the period's entries: not in a hurry."""
    silent = set() if house.stock_low else {AlertKind.BELOW_MIN}
    silent |= set() if house.stock_high else {AlertKind.ABOVE_MAX}
    found = [one for one in store.books.stock_alerts(today) if one.kind not in silent]
    found += _to_count(store, house, date.fromisoformat(today))
    return sorted(found, key=lambda alert: (alert.sku, alert.kind, alert.use_by))


def in_short(alerts: Iterable[StockAlert]) -> str:
    """Return the alerts as one line for a person who has not asked; "" for none."""
    counts = Counter(one.kind for one in alerts)
    said = [f"{counts[kind]} {words}" for kind, words in _SAID if counts[kind]]
    return note("stock", f"{', '.join(said)} (/6 4 ENTER prints them)") if said else ""


def _to_count(store: Store, house: House, today: date) -> list[StockAlert]:
    if house.count_every is None:
        return []
    begun = starts(house.count_every, datetime.combine(today, time())).date()
    counted = daybook.counted_since(store, begun.isoformat())
    found = []
    for row in store.books.stock_levels():
        product = store.books.product(row.sku)
        category = "" if product is None else product.category
        if house.count_due(category, today if row.sku in counted else None, today):
            found.append(StockAlert(AlertKind.COUNT_DUE, row.sku, row.name, row.qty, 0))
    return found
