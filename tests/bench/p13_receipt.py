"""P13: a full receipt in Chinese with its QR code: layout and encoding, and the bytes of it."""

import time

from daemon.display.receipt import sale_receipt
from daemon.drivers.wire.dialect import Dialect
from daemon.drivers.wire.escpos import document
from tests.display import samples

COLUMNS, DOTS = 48, 576
ROUNDS, RUNS = 5, 200


def measure() -> tuple[float, int]:
    """Return the median time of one receipt in ms, entry to bytes, and its length in bytes."""
    entry, facts, shop = (
        samples.entry(samples.MORNING),
        samples.MORNING_FACTS,
        samples.shop("zh_CN"),
    )
    dialect = Dialect(columns=COLUMNS, dots=DOTS)
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(RUNS):
            data = document(sale_receipt(entry, facts, shop, COLUMNS), dialect)
        rounds.append((time.perf_counter() - start) / RUNS * 1000)
    return sorted(rounds)[ROUNDS // 2], len(data)


if __name__ == "__main__":
    print(*measure())
