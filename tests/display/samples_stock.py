"""The papers about goods."""

from datetime import datetime

from daemon.display.facts import Copy, ShopFacts
from daemon.display.stock import StockLevels, levels_slip, stock_slip
from daemon.ledger.alerts import Batch, StockRow, alerts
from daemon.ledger.bodies import (
    CountedLine,
    StockAdjusted,
    StockCounted,
    StockLine,
    StockReceived,
)
from daemon.ledger.kinds import Kind
from daemon.paper import Paper
from tests.display.samples_shift import HASH, Made

CREAM, SAMPLE, VOUCHER = "水漾保湿面霜 50g", "精华液小样 2ml", "礼品券 50元"

COUNTED = StockCounted(
    (
        CountedLine("ZZ-004", 22, 23, CREAM),
        CountedLine("ZZ-011", 19, 18, "丝绒哑光口红 01正红"),
        CountedLine("ZZ-018", 80, 80, "化妆棉 100片"),
        CountedLine("VOUCHER", 39, 40, VOUCHER, missing=("600122",)),
    ),
    "0018.1:430",
)
RECEIVED = StockReceived(
    (
        StockLine("ZZ-004", 12, CREAM, "A2603", "2028-12-31"),
        StockLine("VOUCHER", 40, VOUCHER, serial_first="600201", serial_last="600240"),
    )
)
TAKEN = StockAdjusted((StockLine("SAMPLE1", 3, SAMPLE),), "sample")
ROWS = (
    StockRow("SAMPLE1", SAMPLE, 12, 20, None),
    StockRow("ZZ-004", CREAM, 36, 6, 30),
    StockRow("ZZ-018", "化妆棉 100片", -2, None, None),
)
BATCHES = (Batch("ZZ-004", "A2501", "2026-04-01", 12),)


def documents(made: Made, shop: ShopFacts, columns: int) -> dict[str, Paper]:
    at = "2026-03-06T20:10:00.000+08:00"
    levels = StockLevels(datetime.fromisoformat(at), ROWS, alerts(ROWS, BATCHES, "2026-03-06"))
    counted = made(COUNTED, kind=Kind.STOCK_COUNTED, seq=431, at=at)
    received = made(RECEIVED, kind=Kind.STOCK_RECEIVED, seq=432, at=at)
    taken = made(TAKEN, kind=Kind.STOCK_ADJUSTED, seq=433, at=at)
    return {
        "stock-count": stock_slip(counted, HASH, shop, columns),
        "stock-received": stock_slip(received, HASH, shop, columns),
        "stock-taken": stock_slip(taken, HASH, shop, columns, Copy.REPRINT),
        "stock-levels": levels_slip(levels, shop, columns),
    }
