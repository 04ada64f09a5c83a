"""`/3`: goods come back by receipt, by number or by card; the last sale is void."""

import pytest

from daemon.counter.effects import DocumentKind, OpenDrawer
from daemon.counter.screens import Idle, RefusalShown, Step
from daemon.ledger import accounts
from daemon.ledger.bodies import Returned
from tests.counter.clerk import Clerk
from tests.counter.test_day import CLEANSER, CREAM
from tests.counter.test_shift import WANG, body, printed, sold
from tests.counter.test_wallet import OFFSETS, counter


def member(clerk: Clerk) -> str:
    return clerk.shop.members[WANG].facts.id


def bought(*codes: str, tender: str = "ENTER") -> Clerk:
    """Return a clerk who has sold to Wang."""
    clerk = Clerk()
    clerk.swipes(WANG)
    sold(clerk, *codes, tender=tender)
    clerk.took()
    return clerk


def test_one_line_comes_back_to_where_it_was_paid_from() -> None:
    clerk = bought(CREAM, CLEANSER)
    points = clerk.shop.held(accounts.points(member(clerk)))
    clerk.keys("/3 1 ENTER")
    assert [row.key for row in clerk.sees(Step).rows] == ["1", "2"]
    clerk.keys("2 ENTER ENTER 1")
    back = body(clerk)
    assert isinstance(back, Returned)
    assert [(line.sku, line.qty) for line in back.lines] == [("ZZ-001", 1)]
    assert (back.pay_fen, back.reason) == (6800, 1)
    assert clerk.shop.held(accounts.CASH_DRAWER) == 12000
    assert clerk.shop.held(accounts.points(member(clerk))) == points - 68
    effects = clerk.took()
    assert OpenDrawer() in effects


def test_enter_alone_takes_everything_back_and_no_line_twice() -> None:
    clerk = bought(CREAM, CLEANSER)
    clerk.keys("/3 1 ENTER ENTER 4")
    back = body(clerk)
    assert isinstance(back, Returned)
    assert len(back.lines) == 2
    assert printed(clerk) == [DocumentKind.RETURNED]
    clerk.keys("CLEAR /3 1 ENTER")
    assert clerk.sees(RefusalShown).code == "E14"


def test_a_part_of_a_line() -> None:
    clerk = Clerk()
    clerk.keys("3 *")
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    clerk.keys("/3 1 ENTER 1 ENTER 4 ENTER")
    assert clerk.sees(RefusalShown).code == "E22"
    clerk.keys("2 ENTER ENTER 2")
    back = body(clerk)
    assert isinstance(back, Returned)
    assert [(line.qty, line.goods_fen) for line in back.lines] == [(2, 24000)]
    assert clerk.shop.held(accounts.CASH_DRAWER) == 12000


def test_a_card_lists_its_purchases() -> None:
    clerk = bought(CREAM)
    clerk.swipes(WANG)
    sold(clerk, CLEANSER)
    clerk.keys("CLEAR /3")
    clerk.swipes(WANG)
    assert [row.fen for row in clerk.sees(Step).rows] == [6800, 12000]  # the newest first
    clerk.keys("2 ENTER ENTER 1")
    back = body(clerk)
    assert isinstance(back, Returned)
    assert back.lines[0].sku == "ZZ-004"


@pytest.mark.parametrize("keys", ["/3 99 ENTER", "/3 0 ENTER"])
def test_what_was_never_sold_cannot_come_back(keys: str) -> None:
    clerk = Clerk()
    clerk.keys(keys)
    clerk.sees(RefusalShown)
    clerk.keys("CLEAR CLEAR")
    clerk.sees(Idle)
    clerk.keys("/3")
    clerk.scans("6901234100044")
    clerk.sees(RefusalShown)


def test_the_last_sale_is_void_with_all_that_it_earned() -> None:
    clerk = bought(CREAM, CLEANSER)
    before = clerk.shop.held(accounts.points(member(clerk)))
    clerk.keys("/3 0")
    assert (clerk.sees(Step).values or {})["amount"] == "188.00"
    clerk.keys("ENTER")
    assert clerk.shop.journal[-1].entry.kind == "sale.voided"
    assert clerk.shop.held(accounts.CASH_DRAWER) == 0
    assert clerk.shop.held(accounts.points(member(clerk))) == before - 188
    assert printed(clerk) == [DocumentKind.RETURNED]
    clerk.keys("/3 0 ENTER")
    assert clerk.sees(RefusalShown).code == "E14"


@pytest.mark.parametrize("key", ["/3", "/3 3"])
@pytest.mark.parametrize("shortfall", ["claim", "refuse"])
def test_the_pack_says_whether_goods_come_back_whose_points_are_spent(
    shortfall: str, key: str
) -> None:
    clerk = counter(offsets=OFFSETS, reversal={"shortfall": shortfall})
    for keys in ("ENTER ENTER", "ENTER *4 ENTER"):  # 620 + 120; 700 pay 70.00, 50.00 earn 50
        clerk.swipes(WANG)
        clerk.scans(CREAM)
        clerk.keys(keys)
    assert clerk.shop.points("M1") == 90
    clerk.keys(f"{key} 1 ENTER ENTER")
    if shortfall == "claim":
        assert clerk.sees(Step).asks == "back_reason"
        return
    shown = clerk.sees(RefusalShown)
    assert (shown.code, shown.values["x"], shown.values["y"]) == ("E08", "120", "90")
    clerk.keys(f"CLEAR CLEAR {key} 0002 ENTER ENTER")  # its 700 come back, which is enough
    assert clerk.sees(Step).asks == "back_reason"
