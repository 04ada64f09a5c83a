"""P14: every report of the counter, from key to paper, on a million entries.

X, Z and today are of a day of 5,000 entries, the others of six such days: a full month of a busy
counter. The yearly check looks at the points of all 100,000 members.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from daemon.clock import SystemClock
from daemon.config import load
from daemon.counter.effects import DocumentKind
from daemon.desk import Desk
from daemon.entropy import SystemEntropy
from daemon.ledger import daybook
from daemon.ledger.store import Store
from daemon.paperwork import Paperwork
from daemon.rules.document import read
from daemon.rules.engine import compile_pack
from daemon.spooler import Slip
from tests.bench.commit import open_store
from tests.bench.million import million
from tests.bench.row import ROUNDS, Part, middle
from tests.stage import ROOT

LIMIT_S = 1.0
COLUMNS = 48
SLIPS: Mapping[str, Slip] = {
    "x": Slip(DocumentKind.X, ""),
    "today": Slip(DocumentKind.REPORT, "today:day"),
    "guides": Slip(DocumentKind.REPORT, "guides:month"),
    "top": Slip(DocumentKind.REPORT, "top:month"),
    "hours": Slip(DocumentKind.REPORT, "hours:month"),
    "alerts": Slip(DocumentKind.REPORT, "alerts:day"),
    "stock": Slip(DocumentKind.STOCK_LEVELS, ""),
    "points": Slip(DocumentKind.POINTS_CHECK, ""),
}


def of_the_counter() -> Sequence[Part]:
    store = open_store(million())
    try:
        ways = _ways(store)
        return [Part(f"P14.{name}", _took_s(make), LIMIT_S) for name, make in ways.items()]
    finally:
        store.close()


def _ways(store: Store) -> Mapping[str, Callable[[], object]]:
    config = load(ROOT / "config/memberbox.example.toml")
    clock = SystemClock(ZoneInfo(config.shop.timezone))
    desk = Desk(config, store, clock, SystemEntropy())
    opened = read((ROOT / "config/packs/zhenzi.json").read_text())
    desk.use(compile_pack(opened.pack, opened.ref))
    paperwork = Paperwork(config, store, desk)
    date = store.books.business_date()
    assert date is not None, "a million entries have a day"

    def printed(slip: Slip) -> Callable[[], object]:
        return lambda: paperwork.render(slip, COLUMNS)

    return {
        **{name: printed(slip) for name, slip in SLIPS.items()},
        "z": lambda: daybook.z_totals(store, date),
    }


def _took_s(make: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert make()
        times.append(time.perf_counter() - began)
    return middle(times)
