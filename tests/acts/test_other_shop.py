"""Goods of another shop's sale come back here, once headquarters has told of it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from daemon.ledger import accounts
from daemon.ledger.codec import encode
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import GrantedLot, HoldingGranted, SaleTold
from tests.acts.till import Till, cash, line, wechat

LONG_AGO = "2026-03-01T10:00:00+08:00"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    till = Till(tmp_path / "here")
    till.admit("M1")
    yield till
    till.store.close()  # the sales stand in the journal of the other shop


def sold_elsewhere(folder: Path, **more: object) -> tuple[str, str]:
    """Return the id and the bytes of a sale of box 0019."""
    other = Till(folder / "there")
    other.admit("M1", 100)
    lines = [line(1, "TOY", 1000, qty=2, points=20), line(2, "SOAP", 500, points=5)]
    name = other.done("sale", member="M1", lines=lines, points=25, **more)
    entry = other.facts.entry(name)
    assert entry is not None
    other.close()
    entry = msgspec.structs.replace(entry, box="0019")
    return f"0019.1:{entry.seq}", encode(entry).decode()


def told(till: Till, sale: str, text: str, *held: tuple[int, int]) -> None:
    """Headquarters tells the sale, and brings what of its lines may come back: (line, pieces)."""
    till.down("sale.told", SaleTold(sale, text))
    for n, qty in held:
        lot = f"{sale}:{n}"
        part = GrantedLot(lot, accounts.returnable(lot), "returnable", qty, LONG_AGO, "")
        till.down("holding.granted", HoldingGranted("M1", (part,)))


def test_what_another_shop_sold_comes_back_here_once(till: Till, tmp_path: Path) -> None:
    sale, text = sold_elsewhere(tmp_path, tenders=[*cash(1000), *wechat(1500 - 1000)])
    asked = {"sale": sale, "lines": [{"n": 1, "qty": 1}]}
    assert till.code("return", **asked) == "not_returnable", "nobody told of it"
    told(till, sale, text)
    assert till.code("return", **asked) == "already_returned", "the other shop still holds it"
    told(till, sale, text, (1, 2), (2, 1))
    drawer, stock = till.has(accounts.CASH_DRAWER), till.store.books.stock("TOY")
    body = till.body(till.done("return", **asked))
    assert (body["pay_fen"], body["points"]) == (499, 10), "rounded down until the last piece"
    assert till.store.books.stock("TOY") == stock + 1
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}, {"n": 2, "qty": 1}])
    assert till.has(accounts.CASH_DRAWER) == drawer - 1000
    assert till.has(accounts.tender("wechat")) == -500
    assert till.has(accounts.SALES_GOODS) == 1500, "the other shop has the other side"
    owed = till.has(accounts.claim("M1"), "claim:point")
    assert owed == 25, "its points lie in the other shop's hand: they are claimed"
    assert till.code("return", **asked) == "already_returned"
    assert till.code("sale.voided", sale=sale) == "window_closed"
    assert till.has(accounts.SOLD_LINES, Unit.RETURNABLE) == 3


def test_what_points_had_paid_goes_back_where_they_were_spent(till: Till, tmp_path: Path) -> None:
    pays = {"points_used": 50, "points_worth_fen": 500, "tenders": cash(1000)}
    sale, text = sold_elsewhere(tmp_path, **pays)
    told(till, sale, text, (1, 2), (2, 1))
    points, rebate = till.points("M1"), till.has(accounts.REBATE_POINTS)
    lines = [{"n": 1, "qty": 2}, {"n": 2, "qty": 1}]
    body = till.body(till.done("return", sale=sale, lines=lines))
    assert (body["pay_fen"], body["by"]) == (1500, "0019.1")
    restored = body["restored"]
    assert isinstance(restored, list)
    assert [(one["unit"], one["amount"]) for one in restored] == [("point", 50)]
    assert till.points("M1") == points, "its lots lie in the other shop's hand"
    assert till.has(accounts.REBATE_POINTS) == rebate - 500, "the money's worth is booked here"
    assert till.has(accounts.CASH_DRAWER) == 30000 - 1000


def test_an_exchange_of_what_points_had_paid_elsewhere_is_made_in_two_steps(
    till: Till, tmp_path: Path
) -> None:
    pays = {"points_used": 50, "points_worth_fen": 500, "tenders": cash(1000)}
    sale, text = sold_elsewhere(tmp_path, **pays)
    told(till, sale, text, (1, 2))
    new = [line(1, "TOY", 1000)]
    answer = till.do("exchange", sale=sale, back=[{"n": 1, "qty": 1}], lines=new, tenders=[])
    assert (answer.refused, "sell anew" in answer.why) == ("not_returnable", True)


def test_a_sale_under_the_name_of_another_is_none(till: Till, tmp_path: Path) -> None:
    sale, text = sold_elsewhere(tmp_path, tenders=cash(1500))
    told(till, "0019.1:999", text, (1, 2))
    assert till.code("return", sale="0019.1:999", lines=[{"n": 1, "qty": 1}]) == "not_returnable"
    assert till.code("return", sale=sale, lines=[{"n": 1, "qty": 1}]) == "not_returnable"
