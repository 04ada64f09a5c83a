"""Deposits (定金): owed until a sale is paid with them; used as a whole, and once."""

from pathlib import Path

import pytest

from daemon.ledger import accounts, daybook
from tests.acts.till import Till, cash, line, wechat


@pytest.fixture
def till(tmp_path: Path):
    made = Till(tmp_path)
    yield made
    made.close()


def taken(till: Till, fen: int = 5000) -> str:
    return till.done("deposit.taken", amount_fen=fen, tenders=cash(fen), goods="10 boxes")


def bought(till: Till, fen: int = 5000) -> str:
    tenders = [*wechat(12000 - fen), {"code": "deposit", "amount_fen": fen}]
    return till.done("sale", lines=[line(1, "TOY", 12000)], tenders=tenders)


def test_a_deposit_is_owed_and_no_turnover_until_it_pays(till: Till) -> None:
    deposit = taken(till)
    assert till.has(accounts.OWED_DEPOSITS) == -5000
    assert till.has(accounts.SALES_GOODS) == 0
    assert till.has(accounts.CASH_DRAWER) == 30000 + 5000
    sale = bought(till)
    till.done("deposit.applied", deposit=deposit, sale=sale)
    assert till.has(accounts.OWED_DEPOSITS) == till.has(accounts.tender("deposit")) == 0
    assert till.has(accounts.SALES_GOODS) == -12000
    z, _ = daybook.z_totals(till.store, "2026-03-06")
    assert z.goods_net_fen == 12000 and z.cash_expected_fen == 35000
    assert {one.code: one.other_fen for one in z.tenders}["cash"] == 5000


def test_a_deposit_is_used_once(till: Till) -> None:
    deposit = taken(till)
    till.done("deposit.applied", deposit=deposit, sale=bought(till))
    second = bought(till)
    assert till.code("deposit.applied", deposit=deposit, sale=second) == "already_returned"
    refund = {"deposit": deposit, "tenders": cash(5000), "reason": "x"}
    assert till.code("deposit.refunded", **refund) == "already_returned"
    other = taken(till)
    till.done("deposit.refunded", deposit=other, tenders=cash(5000), reason="not delivered")
    assert till.code("deposit.applied", deposit=other, sale=second) == "already_returned"
    assert till.has(accounts.OWED_DEPOSITS) == 0
    assert till.has(accounts.tender("deposit")) == 5000, "a sale that says so and has none is seen"


def test_what_does_not_fit_is_refused(till: Till) -> None:
    deposit, sale = taken(till), bought(till, 4000)
    assert till.code("deposit.applied", deposit=deposit, sale=sale) == "not_allowed"
    assert till.code("deposit.applied", deposit=sale, sale=sale) == "not_allowed"
    assert till.code("deposit.applied", deposit=deposit, sale="0018.1:999") == "not_allowed"
    short = {"deposit": deposit, "tenders": cash(4999), "reason": "x"}
    assert till.code("deposit.refunded", **short) != ""
    none = {"deposit": deposit, "tenders": cash(5000), "reason": ""}
    assert till.code("deposit.refunded", **none) == "not_allowed"
    for fen, goods in ((0, "x"), (-5, "x"), (100, "")):
        request = {"amount_fen": fen, "tenders": cash(fen), "goods": goods}
        assert till.code("deposit.taken", **request) != ""
    assert till.has(accounts.OWED_DEPOSITS) == -5000
