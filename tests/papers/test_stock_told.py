"""Of its stock a shop is told what the pack watches for; below zero is told in any case."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from daemon.config import load
from daemon.counter.effects import DocumentKind
from daemon.desk import Desk
from daemon.ledger.messages import Product, Products
from daemon.paperwork import Paperwork
from daemon.rules.engine import Engine
from daemon.spooler import Slip
from daemon.stocktold import in_short, told
from tests.acts.till import Till, cash, line
from tests.display.printed import pieces
from tests.ledger.shop import Dice
from tests.papers.test_every_paper import EXAMPLE
from tests.rules.shop import engine_of

GOODS = (
    Product("TOY", "熊", 1000, stock_min=10),  # 9 are here
    Product("CARD", "空白卡", None, stock_max=2, category="card"),  # 3 are here
    Product("GONE", "缺货", 1000),
)
LOW, HIGH, ZERO, COUNT = "低于下限 10", "高于上限 2", "账面为负", "本期未盘点"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    made = Till(tmp_path)
    made.down("products", Products(GOODS))
    made.done("sale", lines=[line(1, "GONE", 1000)], tenders=cash(1000))
    yield made
    made.close()


def paper(till: Till, engine: Engine) -> str:
    """Return what `/6 4 ENTER` prints under a pack."""
    config = load(EXAMPLE)
    desk = Desk(config, till.store, till.clock, Dice())
    desk.use(engine)
    papers = Paperwork(config, till.store, desk)
    both = [
        pieces(papers.render(slip, 48), 48)[0].text
        for slip in (Slip(DocumentKind.STOCK_LEVELS, ""), Slip(DocumentKind.REPORT, "alerts"))
    ]
    for word in (LOW, HIGH, ZERO, COUNT):
        assert (word in both[0]) == (word in both[1]), word
    return both[0]


def said(till: Till, engine: Engine) -> str:
    return in_short(told(till.store, engine.house(), till.facts.at().business_date))


@pytest.mark.parametrize("low", [True, False])
@pytest.mark.parametrize("high", [True, False])
def test_least_and_most_are_told_as_the_pack_watches(till: Till, *, low: bool, high: bool) -> None:
    engine = engine_of(stock={"low": low, "high": high})
    printed = paper(till, engine)
    assert (LOW in printed, HIGH in printed, ZERO in printed) == (low, high, True)
    assert COUNT not in printed
    short = said(till, engine)
    assert ("1 below the least" in short, "1 above the most" in short) == (low, high)
    assert "1 below zero" in short


def test_goods_of_a_kind_are_to_be_counted_once_in_each_period(till: Till) -> None:
    engine = engine_of(stock={"count_every": "quarter", "count": ["card"]})
    assert paper(till, engine).count(COUNT) == 1
    here = ["8800000001015", "8800000001016", "8800000001017"]
    till.done("stock.counted", lines=[{"sku": "CARD", "qty": 3, "serials": here}])
    assert COUNT not in paper(till, engine)
    till.clock.wall = datetime.fromisoformat("2026-03-31T12:00:00+08:00")
    assert "to be counted" not in said(till, engine)
    till.clock.wall = datetime.fromisoformat("2026-04-01T12:00:00+08:00")
    assert "1 to be counted" in said(till, engine)
    everything = engine_of(stock={"count_every": "year"})
    assert "2 to be counted" in said(till, everything)  # the card was counted this year


def test_a_shop_in_order_is_told_nothing(tmp_path: Path) -> None:
    till = Till(tmp_path)
    assert said(till, engine_of(stock={"count_every": "month"})) == ""
    till.close()
