"""Rows of the catalogue about stored value, as the books show them."""

from pathlib import Path

import pytest

from daemon.ledger import accounts, daybook
from daemon.ledger.ids import id_of
from daemon.ledger.views import Durable
from tests.acts.till import CARDS, Till, cash, line, wechat
from tests.acts.worked import joining


@pytest.fixture
def till(tmp_path: Path):
    made = Till(tmp_path)
    made.admit("M1")
    yield made
    made.close()


def test_every_top_up_is_registered_with_card_amount_clerk_time_and_kind_of_payment(
    till: Till,
) -> None:
    """S0-58: 充值登记 (card, amount, clerk, time, payment kind)."""
    name = till.done(
        "topup",
        card=CARDS["M1"],
        amount_fen=30000,
        tenders=[*cash(10000), *wechat(20000)],
    )
    entry = till.facts.entry(name)
    assert entry is not None
    body = till.body(name)
    assert (body["card"], body["amount_fen"]) == (CARDS["M1"], 30000)
    assert (entry.by.operator, entry.at.wall[:16]) == ("02", "2026-03-06T10:00")
    paid = body["tenders"]
    assert isinstance(paid, list)
    assert [(one["code"], one["amount_fen"]) for one in paid] == [
        ("cash", 10000),
        ("wechat", 20000),
    ]


def test_cash_of_top_ups_is_shown_apart_from_sales(till: Till) -> None:
    """S0-73: what stored value brings in stands beside the sales, never in them."""
    till.done("topup", member="M1", amount_fen=50000, tenders=cash(50000))
    till.done("sale", lines=[line(1, "TOY", 1000)], tenders=cash(1000))
    till.done("sale", member="M1", lines=[line(1, "TOY", 700)], value_fen=700)
    totals, _ = daybook.z_totals(till.store, "2026-03-06")
    assert (totals.goods_net_fen, totals.topup_fen) == (1700, 50000)
    assert till.has(accounts.SALES_GOODS) == -1700
    assert till.has(accounts.CASH_DRAWER) == 30000 + 51000


def test_points_say_where_they_were_earned(till: Till) -> None:
    """S0-24: join, spend, top-up, web click, handbook barcode."""
    goods = [line(1, "TOY", 1000, points=10)]
    till.done("sale", member="M1", lines=goods, tenders=cash(1000), points=10)
    till.done("topup", member="M1", amount_fen=1000, tenders=cash(1000), points=20)
    for source in ("click", "handbook"):
        till.done("points.granted", member="M1", points=5, reason=source)
    outcome = till.store.commit(joining(till))
    assert isinstance(outcome, Durable)
    lots = (*till.store.purses.of("M1"), *till.store.purses.of(id_of(outcome.entry)))
    said = {(lot.source, lot.amount) for lot in lots if lot.unit == "point"}
    assert said == {("sale", 10), ("topup", 20), ("click", 5), ("handbook", 5), ("join", 100)}
