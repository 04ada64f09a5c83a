"""What the stock asks for: too little, too much, below zero, near its date, to be counted.

Derived, never kept.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

import msgspec

USE_BY_DAYS = 60  # before its date a batch is named: time to sell it or send it back


class AlertKind(StrEnum):
    NEGATIVE = "negative"
    BELOW_MIN = "below_min"
    ABOVE_MAX = "above_max"
    USE_BY = "use_by"
    COUNT_DUE = "count_due"  # nobody has counted it in this period


class StockRow(msgspec.Struct, frozen=True):
    sku: str
    name: str
    qty: int
    stock_min: int | None
    stock_max: int | None


class Batch(msgspec.Struct, frozen=True):
    sku: str
    batch: str
    use_by: str  # YYYY-MM-DD
    qty: int  # that came


class StockAlert(msgspec.Struct, frozen=True):
    """`limit`: the minimum, the maximum, or 0; of a batch: how many of it may still be here."""

    kind: AlertKind
    sku: str
    name: str
    qty: int
    limit: int
    batch: str = ""
    use_by: str = ""


def alerts(rows: Iterable[StockRow], batches: Iterable[Batch], today: str) -> list[StockAlert]:
    """Return what is to be seen to, by sku. A batch counts while goods of its kind are here.

    What is sold of a batch is not known; the oldest is taken to go first.
    """
    found = []
    here = {row.sku: row for row in rows}
    for row in here.values():
        if row.qty < 0:
            found.append(StockAlert(AlertKind.NEGATIVE, row.sku, row.name, row.qty, 0))
        elif row.stock_min is not None and row.qty < row.stock_min:
            found.append(StockAlert(AlertKind.BELOW_MIN, row.sku, row.name, row.qty, row.stock_min))
        if row.stock_max is not None and row.qty > row.stock_max:
            found.append(StockAlert(AlertKind.ABOVE_MAX, row.sku, row.name, row.qty, row.stock_max))
    soon = (date.fromisoformat(today) + timedelta(days=USE_BY_DAYS)).isoformat()
    left = {sku: max(0, row.qty) for sku, row in here.items()}
    for one in sorted(batches, key=lambda batch: (batch.sku, batch.use_by), reverse=True):
        part = min(one.qty, left.get(one.sku, 0))
        left[one.sku] = left.get(one.sku, 0) - part
        if part and one.use_by <= soon:
            row = here[one.sku]
            found.append(
                StockAlert(
                    AlertKind.USE_BY, one.sku, row.name, row.qty, part, one.batch, one.use_by
                )
            )
    return sorted(found, key=lambda alert: (alert.sku, alert.kind, alert.use_by))
