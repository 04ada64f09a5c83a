"""`/6`: goods that come in, leave for a reason, are counted while selling, and are looked up."""

import pytest

from daemon.counter.effects import DocumentKind, Print
from daemon.counter.screens import Idle, RefusalShown, Step
from daemon.ledger import accounts
from daemon.ledger.bodies import (
    CountedLine,
    StockAdjusted,
    StockCounted,
    StockLine,
    StockReceived,
)
from tests.counter.clerk import Clerk
from tests.counter.test_day import CLEANSER, CREAM
from tests.counter.test_shift import body, printed, sold

CREAM_SKU, CREAM_PLU, CLEANSER_PLU = "ZZ-004", "4", "1"
BLANK, LAST_BLANK, NEW = "8800000001015", "8800000001022", "8800000002005"


def stock(clerk: Clerk, sku: str) -> int:
    return clerk.shop.stock(sku)


def name(clerk: Clerk, sku: str) -> str:
    product = clerk.shop.product(sku)
    assert product is not None
    return product.name


def test_a_delivery_of_two_kinds_is_one_entry_with_batch_and_date() -> None:
    clerk = Clerk()
    before = stock(clerk, CREAM_SKU)
    clerk.keys(f"/6 1 {CREAM_PLU} ENTER 12 ENTER 77 ENTER 20261231 ENTER")
    clerk.scans(CLEANSER)
    clerk.keys("6 ENTER ENTER ENTER ENTER")
    received = body(clerk)
    assert isinstance(received, StockReceived)
    cream, cleanser = received.lines
    assert cream == StockLine(CREAM_SKU, 12, name(clerk, CREAM_SKU), "77", "2026-12-31")
    assert (cleanser.qty, cleanser.batch, cleanser.use_by) == (6, "", "")
    assert stock(clerk, CREAM_SKU) == before + 12
    assert printed(clerk) == [DocumentKind.STOCK]


def test_cards_come_in_as_a_range_and_the_numbers_must_make_the_pieces() -> None:
    clerk = Clerk()
    clerk.keys("/6 1")
    clerk.swipes(NEW)
    clerk.keys(f"10 ENTER {int(NEW) + 8} ENTER")
    assert clerk.sees(RefusalShown).code == "E30"
    clerk.keys(f"10 ENTER {int(NEW) + 9} ENTER ENTER")
    received = body(clerk)
    assert isinstance(received, StockReceived)
    assert received.lines[0].serial_first == NEW
    assert received.lines[0].serial_last == str(int(NEW) + 9)
    assert clerk.shop.balance[accounts.stock("CARD"), "piece", str(int(NEW) + 4)] == 1


@pytest.mark.parametrize(
    ("key", "reason"),
    [("1", "tester"), ("2", "sample"), ("3", "loss"), ("4", "expired"), ("5", "own_use")],
)
def test_goods_leave_for_a_reason(key: str, reason: str) -> None:
    clerk = Clerk()
    before = stock(clerk, CREAM_SKU)
    clerk.keys(f"/6 2 {CREAM_PLU} ENTER 2 ENTER ENTER {key}")
    taken = body(clerk)
    assert isinstance(taken, StockAdjusted)
    assert (taken.reason, taken.lines[0].qty) == (reason, 2)
    assert stock(clerk, CREAM_SKU) == before - 2


def test_a_count_is_compared_with_what_was_sold_until_now() -> None:
    clerk = Clerk()
    before = stock(clerk, CREAM_SKU)
    sold(clerk, CREAM)
    clerk.took()
    clerk.keys(f"/6 3 {CREAM_PLU} ENTER {before - 3} ENTER ENTER")
    counted = body(clerk)
    assert isinstance(counted, StockCounted)
    line = CountedLine(CREAM_SKU, before - 3, before - 1, name(clerk, CREAM_SKU))
    assert counted.lines == (line,)
    assert stock(clerk, CREAM_SKU) == before - 3
    assert printed(clerk) == [DocumentKind.STOCK]


def test_nothing_may_be_counted_and_that_is_a_count_too() -> None:
    clerk = Clerk()
    clerk.keys(f"/6 3 {CREAM_PLU} ENTER 0 ENTER ENTER")
    assert stock(clerk, CREAM_SKU) == 0


def test_cards_are_counted_card_by_card_and_the_missing_ones_are_named() -> None:
    clerk = Clerk()
    here = {
        lot for (account, _, lot), n in clerk.shop.balance.items() if account == "stock:CARD" and n
    }
    assert {BLANK, LAST_BLANK} <= here
    clerk.keys("/6 3")
    clerk.swipes(BLANK)
    clerk.swipes(BLANK)  # twice through the reader: one card
    clerk.keys("ENTER ENTER")
    counted = body(clerk)
    assert isinstance(counted, StockCounted)
    assert counted.lines[0].counted == 1
    assert set(counted.lines[0].missing) == here - {BLANK}


def test_clear_takes_the_last_goods_off_the_list() -> None:
    clerk = Clerk()
    clerk.keys(f"/6 1 {CREAM_PLU} ENTER 12 ENTER ENTER ENTER")
    clerk.keys(f"{CLEANSER_PLU} ENTER")
    clerk.keys("CLEAR")
    assert clerk.sees(Step).asks == "stock_item"
    clerk.keys("ENTER")
    received = body(clerk)
    assert isinstance(received, StockReceived)
    assert [line.sku for line in received.lines] == [CREAM_SKU]


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("/6 1 99999 ENTER", "E10"),  # no such goods
        ("/6 1 ENTER", "E22"),  # an empty list
        (f"/6 1 {CREAM_PLU} ENTER 0 ENTER", "E22"),
        (f"/6 1 {CREAM_PLU} ENTER 3 ENTER ENTER 20261331 ENTER", "E22"),  # no date
        (f"/6 2 {CREAM_PLU} ENTER 3 ENTER {CREAM_PLU} ENTER", "E30"),  # on the list already
    ],
)
def test_what_cannot_be_is_refused_and_the_list_stays(keys: str, code: str) -> None:
    clerk = Clerk()
    entries = len(clerk.shop.journal)
    clerk.keys(keys)
    assert clerk.sees(RefusalShown).code == code
    assert len(clerk.shop.journal) == entries
    clerk.keys("CLEAR CLEAR")
    assert isinstance(clerk.clerk, Idle)


def test_samples_have_no_number_and_are_chosen_from_a_list() -> None:
    clerk = Clerk()
    before = stock(clerk, "SAMPLE1")
    clerk.keys("/6 2 *")
    rows = clerk.sees(Step).rows
    row = next(row.key for row in rows if "小样" in row.text)
    clerk.keys(f"{row} ENTER 3 ENTER ENTER 2")
    taken = body(clerk)
    assert isinstance(taken, StockAdjusted)
    assert (taken.lines[0].sku, taken.lines[0].qty, taken.reason) == ("SAMPLE1", 3, "sample")
    assert stock(clerk, "SAMPLE1") == before - 3


def test_looking_shows_what_is_here_and_enter_alone_prints_all() -> None:
    clerk = Clerk()
    clerk.keys(f"/6 4 {CREAM_PLU} ENTER")
    shown = clerk.sees(Step)
    assert (shown.values or {})["stock"] == str(stock(clerk, CREAM_SKU))
    clerk.scans(CLEANSER)
    assert (clerk.sees(Step).values or {})["stock"] == str(stock(clerk, "ZZ-001"))
    clerk.keys("ENTER")
    assert isinstance(clerk.clerk, Idle)
    clerk.took()
    clerk.keys("/6 4 ENTER")
    assert Print(DocumentKind.STOCK_LEVELS) in clerk.took()


@pytest.mark.parametrize(
    ("keys", "about"),
    [
        ("/9 4 1", "today:day"),
        ("/9 4 2 2", "guides:month"),
        ("/9 4 3", "alerts:day"),
        ("/9 4 4 1", "top:day"),
        ("/9 4 5 1", "hours:day"),
    ],
)
def test_reports_are_printed_by_keypad(keys: str, about: str) -> None:
    clerk = Clerk()
    clerk.keys(keys)
    assert Print(DocumentKind.REPORT, about=about) in clerk.took()
    assert isinstance(clerk.clerk, Idle)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ("/6 2 * 1 ENTER 1 ENTER 8800000000018 ENTER 8800000000018 ENTER", "serial_not_here"),
        ("/6 1 * 1 ENTER 1 ENTER 8800000001015 ENTER 8800000001015 ENTER", "serial_here"),
    ],
)
def test_a_number_is_taken_out_where_it_is_and_comes_in_once(keys: str, why: str) -> None:
    clerk = Clerk()
    (place,) = [
        str(n) for n, one in enumerate(clerk.shop.products_without_code(), 1) if one.sku == "CARD"
    ]
    clerk.keys(keys.replace("* 1", f"* {place}", 1))
    assert clerk.sees(RefusalShown).values["why"] == why
    assert not clerk.shop.journal


def test_a_code_that_is_no_number_is_no_serial() -> None:
    clerk = Clerk()
    clerk.keys("/6 1")
    clerk.swipes("8800000001015")
    clerk.keys("1 ENTER")
    clerk.scans("junk")
    assert clerk.sees(RefusalShown).values["why"] == "not_so_many"
