"""Goods, drawer, shift and day by the API, and what X, Z and the stock list then say."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts, daybook
from daemon.ledger.acts import stock
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.alerts import AlertKind, Batch, StockRow, alerts
from daemon.ledger.bodies import DayClosed, StockLine
from daemon.ledger.daybook import counted_since
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import Product, Products
from daemon.ledger.messages_shop import GoodsSent
from daemon.ledger.records import Draft, Entry
from tests.acts.till import Till, cash, line, wechat


@pytest.fixture
def till(tmp_path: Path):
    made = Till(tmp_path)
    yield made
    made.close()


def goods(sku: str, qty: int, **more: object) -> dict[str, object]:
    return {"sku": sku, "qty": qty, **more}


def parts(till: Till, entry: str, name: str) -> list[dict[str, object]]:
    found = till.body(entry)[name]
    assert isinstance(found, list)
    return found


def written(till: Till, entry: str) -> Entry:
    found = till.facts.entry(entry)
    assert found is not None
    return found


# -- goods -----------------------------------------------------------------------------------------


def test_goods_come_in_with_their_batch_and_are_missed_near_its_date(till: Till) -> None:
    limits = Product("SOAP", "手工皂", stock_min=5, stock_max=20)
    till.down("products", Products((limits,)))
    assert [one.kind for one in till.store.books.stock_alerts("2026-03-06")] == ["below_min"]
    till.done("stock.received", lines=[goods("SOAP", 12, batch="B1", use_by="2026-04-01")])
    assert till.store.books.stock("SOAP") == 12
    assert till.has(accounts.supplied("SOAP"), Unit.PIECE) == -12
    (soon,) = till.store.books.stock_alerts("2026-03-06")
    assert (soon.kind, soon.batch, soon.limit) == (AlertKind.USE_BY, "B1", 12)
    assert till.store.books.stock_alerts("2026-01-06") == []


@pytest.mark.parametrize("reason", ["tester", "sample", "loss", "expired", "own_use", "gift"])
def test_goods_leave_for_a_reason_and_the_reason_keeps_count(till: Till, reason: str) -> None:
    till.done("stock.adjusted", lines=[goods("TOY", 2)], reason=reason)
    assert till.store.books.stock("TOY") == 7
    other = accounts.given("TOY") if reason == "gift" else accounts.used(reason, "TOY")
    assert till.has(other, Unit.PIECE) == 2


def test_what_is_no_stock_entry_is_refused(till: Till) -> None:
    assert till.code("stock.adjusted", lines=[goods("TOY", 1)], reason="lost it") == "not_allowed"
    assert till.code("stock.received", lines=[goods("TOY", 0)]) == "not_allowed"
    assert till.code("stock.received", lines=[goods("TOY", 1), goods("TOY", 2)]) == "not_allowed"
    assert till.code("stock.received", lines=[goods("TOY", 1, use_by="soon")]) == "not_allowed"
    wrong = goods("CARD", 3, serial_first="10", serial_last="11")
    assert till.code("stock.received", lines=[wrong]) == "not_allowed"
    gone = goods("CARD", 1, serial_first="99", serial_last="99")
    assert till.code("stock.adjusted", lines=[gone], reason="loss") == "not_allowed"
    assert till.store.books.stock("TOY") == 9


def test_a_count_while_selling_compares_with_the_books_of_its_own_moment(till: Till) -> None:
    till.done("drawer.opened", reason="change")
    counted_at = f"{till.store.chain}:{till.store.head.seq}"
    # the shelf holds 8; before the list is keyed in, two more are sold
    till.done("sale", lines=[line(1, "TOY", 2000, qty=2)], tenders=cash(2000))
    entry = till.done("stock.counted", lines=[goods("TOY", 8)], position=counted_at)
    (row,) = parts(till, entry, "lines")
    assert (row["counted"], row["expected"]) == (8, 9)
    assert till.store.books.stock("TOY") == 8 - 2
    assert till.has(accounts.counted("TOY"), Unit.PIECE) == 1
    assert counted_since(till.store, "2026-03-06") == {"TOY"}
    assert counted_since(till.store, "2026-03-07") == frozenset(), "nobody has written a line yet"


def test_cards_are_counted_by_their_numbers(till: Till) -> None:
    here = ["8800000001015", "8800000001017", "8800000001099"]
    assert till.code("stock.counted", lines=[goods("CARD", 3)]) == "not_allowed"
    entry = till.done("stock.counted", lines=[goods("CARD", 3, serials=here)])
    (row,) = parts(till, entry, "lines")
    assert (row["missing"], row["found"]) == (["8800000001016"], ["8800000001099"])
    books = till.store.books
    assert not books.serial_in_stock("CARD", "8800000001016")
    assert books.serial_in_stock("CARD", "8800000001099")


def test_goods_go_to_another_shop_through_transit(till: Till) -> None:
    cards = goods("CARD", 2, serial_first="8800000001015", serial_last="8800000001016")
    entry = till.done("stock.moved", lines=[goods("TOY", 4), cards], to="0019.1")
    assert till.store.books.stock("TOY") == 5
    assert not till.store.books.serial_in_stock("CARD", "8800000001016")
    way = [one for one in written(till, entry).postings if one.holder == "transit:0019.1"]
    assert sum(one.amount for one in way) == 6
    assert till.code("stock.moved", lines=[goods("TOY", 1)], to="next door") == "not_allowed"


def test_a_parcel_takes_all_off_the_way_and_what_is_missing_is_said(till: Till) -> None:
    sent_id = till.done("stock.moved", lines=[goods("TOY", 4)], to="0019.1")
    sent = GoodsSent(sent_id, "0018.1", (StockLine("TOY", 4),), "2026-03-06T10:00:00+08:00")
    asked = stock.ReceiveRequest(id="p", lines=(StockLine("TOY", 3),), sent=sent_id)
    draft = stock.receive(asked, till.facts.stamp(asked), sent)
    assert isinstance(draft, Draft)
    moved = {(one.holder, one.account): one.amount for one in draft.postings}
    assert moved == {
        ("transit:@", "stock:TOY"): -4,
        ("@", "stock:TOY"): 3,
        ("@", "missing:TOY"): 1,
    }
    more = stock.ReceiveRequest(id="q", lines=(StockLine("TOY", 5),), sent=sent_id)
    refused = stock.receive(more, till.facts.stamp(more), sent)
    assert isinstance(refused, Refusal)
    assert "were sent" in refused.why


def test_a_parcel_of_another_shop_is_received_once_by_the_entry_that_sent_it(till: Till) -> None:
    cards = StockLine("CARD", 2, "", serial_first="8800000002001", serial_last="8800000002002")
    lines = (StockLine("TOY", 4), cards)
    sent = GoodsSent("0019.1:77", "0018.1", lines, "2026-03-05T10:00:00+08:00")
    parcel = {"lines": [goods("TOY", 3), msgspec.to_builtins(cards)], "sent": "0019.1:77"}
    assert till.code("stock.received", **parcel) == "not_allowed", "nobody told of it yet"
    till.down("goods.sent", sent)
    other = parcel | {"lines": [goods("TOY", 3), goods("CARD", 2)]}
    assert till.code("stock.received", **other) == "not_allowed", "which cards?"
    entry = written(till, till.done("stock.received", **parcel))
    assert entry.re == "0019.1:77"
    way = {(one.account, one.lot): one.amount for one in entry.postings if one.holder != "0018.1"}
    assert way == {
        ("stock:TOY", ""): -4,
        ("stock:CARD", "8800000002001"): -1,
        ("stock:CARD", "8800000002002"): -1,
    }
    assert till.store.books.serial_in_stock("CARD", "8800000002002")
    assert till.has(accounts.missing("TOY"), Unit.PIECE) == 1
    assert till.code("stock.received", **parcel) == "not_allowed", "once"


def test_a_parcel_for_an_older_chain_of_the_box_is_not_taken(till: Till) -> None:
    sent = GoodsSent("0019.1:77", "0018.9", (StockLine("TOY", 4),), "2026-03-05T10:00:00+08:00")
    till.down("goods.sent", sent)
    answer = till.do("stock.received", lines=[goods("TOY", 4)], sent="0019.1:77")
    assert "0018.9" in answer.why


@settings(deadline=None, max_examples=60)
@given(qty=st.integers(-3, 30), low=st.integers(0, 9), high=st.integers(10, 25))
def test_alerts_say_exactly_what_is_out_of_bounds(qty: int, low: int, high: int) -> None:
    rows = [StockRow("A", "a", qty, low, high)]
    said = {one.kind for one in alerts(rows, [], "2026-03-06")}
    assert (AlertKind.NEGATIVE in said) == (qty < 0)
    assert (AlertKind.BELOW_MIN in said) == (0 <= qty < low)
    assert (AlertKind.ABOVE_MAX in said) == (qty > high)


def test_the_oldest_batch_is_taken_to_be_sold_first() -> None:
    rows = [StockRow("A", "a", 5, None, None)]
    batches = [Batch("A", "old", "2026-03-10", 10), Batch("A", "new", "2027-03-10", 5)]
    assert alerts(rows, batches, "2026-03-06") == []


# -- drawer, shift, day ----------------------------------------------------------------------------


def test_the_demo_days_figures(till: Till) -> None:
    till.admit("M1", 620)
    till.done(
        "sale", lines=[line(1, "ZZ-001", 6800), line(2, "ZZ-004", 12000)], tenders=cash(18800)
    )
    bought = till.done(
        "sale",
        member="M1",
        lines=[line(1, "ZZ-004", 15990, points=120), line(2, "ZZ-001", 6800, points=68)],
        tenders=cash(22790),
        points=188,
    )
    till.done("topup", member="M1", amount_fen=30000, tenders=wechat(30000), points=100)
    till.done(
        "sale",
        lines=[line(1, "SOAP", 3243)],
        tenders=cash(3240),
        rounding_fen=3,
    )
    till.done("return", sale=bought, lines=[{"n": 2, "qty": 1}], reason=1)
    till.done("sale", member="M1", lines=[line(1, "ZZ-005", 16800)], value_fen=16800)
    z, _ = daybook.z_totals(till.store, "2026-03-06")
    assert (z.goods_gross_fen, z.returns_fen, z.rounding_fen) == (61633 + 3 - 3, -6800, 3)
    assert z.goods_net_fen == sum(one.sales_fen for one in z.tenders)
    assert {one.code: one.sales_fen for one in z.tenders} == {
        "cash": 38030,
        "stored_value": 16800,
        "wechat": 0,
    }
    assert {one.code: one.other_fen for one in z.tenders}["wechat"] == z.topup_fen == 30000
    assert z.cash_expected_fen == till.has(accounts.CASH_DRAWER) == 68030
    assert (z.points_granted, z.points_taken_back) == (288, -68)
    assert daybook.x_totals(till.store).goods_net_fen == z.goods_net_fen


def test_a_blind_count_books_what_is_over_and_what_is_short(till: Till) -> None:
    till.done("sale", lines=[line(1, "TOY", 1000)], tenders=cash(1000))
    till.done("sale", lines=[line(1, "TOY", 500)], tenders=wechat(500))
    counted = [{"code": "cash", "fen": 30990}, {"code": "wechat", "fen": 600}]
    entry = till.done("shift.closed", counted=counted)
    lines = {one["code"]: one for one in parts(till, entry, "counted")}
    assert (lines["cash"]["expected_fen"], lines["wechat"]["expected_fen"]) == (31000, 500)
    assert till.has(accounts.CASH_DRAWER) == 30990
    assert till.has(accounts.CASH_OVER) == 10 - 100
    assert till.store.books.open_shift() is None
    assert till.code("shift.closed", counted=counted) == "not_allowed"
    assert daybook.z_totals(till.store, "2026-03-06")[0].cash_over_fen == 90
    till.again()
    assert till.store.books.open_shift() is None


def test_only_one_is_signed_on_and_only_who_is_known(till: Till) -> None:
    from daemon.ledger.messages import Staff, StaffList

    till.down("staff", StaffList((Staff("03", "吴倩", "clerk"),)))
    assert till.code("shift.opened", operator="03") == "not_allowed"
    till.done("shift.closed", counted=[{"code": "cash", "fen": 30000}])
    assert till.code("shift.opened", operator="77") == "not_allowed"
    till.done("shift.opened", operator="03", float_fen=0)
    assert till.facts.by().operator == "03"
    till.done("drawer.opened", reason="change")
    assert till.facts.by().operator == "03"


def test_cash_is_put_in_paid_out_and_handed_in(till: Till) -> None:
    till.done("cash.moved", way="in", amount_fen=5000)
    till.done("cash.moved", way="out", amount_fen=1200, reason="water")
    till.done("cash.moved", way="banked", amount_fen=20000, receiver="bank")
    assert till.has(accounts.CASH_DRAWER) == 30000 + 5000 - 1200 - 20000
    assert daybook.z_totals(till.store, "2026-03-06")[0].cash_moved_fen == 5000 - 1200 - 20000
    assert till.code("cash.moved", way="out", amount_fen=1) == "not_allowed"
    assert till.code("cash.moved", way="gone", amount_fen=1) == "not_allowed"
    assert till.code("drawer.opened", reason="") == "not_allowed"


def test_a_closed_day_stays_as_it_was(till: Till) -> None:
    till.done("sale", lines=[line(1, "TOY", 1000)], tenders=cash(1000))
    closed = till.done("day.closed")
    said = written(till, closed).body
    assert isinstance(said, DayClosed)
    assert (said.totals.goods_net_fen, said.totals.cash_expected_fen) == (1000, 31000)
    assert till.code("day.closed") == "not_allowed"
    later = till.done("sale", lines=[line(1, "TOY", 700)], tenders=cash(700))
    assert written(till, later).at.business_date == "2026-03-07"
    assert daybook.z_totals(till.store, "2026-03-06")[0].goods_net_fen == 1000
    assert daybook.z_totals(till.store, "2026-03-07")[0].cash_expected_fen == 31700


def test_a_forgotten_day_is_closed_at_the_next_start_once(till: Till) -> None:
    till.done("sale", lines=[line(1, "TOY", 1000)], tenders=cash(1000))
    assert daybook.forgotten_days(till.store, till.facts.at()) == []
    till.later(days=2)
    till.again()
    (draft,) = daybook.forgotten_days(till.store, till.facts.at())
    assert isinstance(draft.body, DayClosed)
    assert draft.body.automatic and draft.body.business_date == "2026-03-06"
    assert draft.body.totals.goods_net_fen == 1000
    till.store.commit(draft)
    assert daybook.forgotten_days(till.store, till.facts.at()) == []
    assert till.store.books.day_closed("2026-03-06")


def test_commission_is_owed_by_sales_and_paid_out(till: Till) -> None:
    owed = [{"staff": "02", "amount_fen": 300}]
    till.done("sale", lines=[line(1, "TOY", 1000)], tenders=cash(1000), commission=owed)
    assert daybook.commission_owed(till.store, "02") == 300
    more = [{"staff": "02", "amount_fen": 301}]
    assert till.code("commission.paid", paid=more) == "not_allowed"
    till.done("commission.paid", paid=owed, period="2026-03")
    assert daybook.commission_owed(till.store, "02") == 0
    assert till.has(accounts.CASH_DRAWER) == 30000 + 1000 - 300
