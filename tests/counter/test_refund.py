"""`/1 *`: stored value is paid back by law: both computations, a manager, the tender or cash."""

from datetime import timedelta

import pytest

from daemon.counter.effects import DocumentKind, OpenDrawer
from daemon.counter.screens import Done, RefusalShown, Step
from daemon.ledger import accounts
from daemon.ledger.bodies import Tender, ValueRefunded
from tests.counter.clerk import Clerk
from tests.counter.test_cards import allowed
from tests.counter.test_day import CREAM
from tests.counter.test_shift import WANG, body, printed, sold
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import engine_of

LADDER = {"min_fen": 100, "ladder": [{"id": "more", "min_fen": 30000, "bonus_fen": 10000}]}


def refunded(clerk: Clerk) -> ValueRefunded:
    found = body(clerk)
    assert isinstance(found, ValueRefunded)
    return found


def topped_up(tender: str = "*2", *, bonus: bool = True) -> Clerk:
    """Return a clerk who sold Wang 300 of value, with 100 given, eight days ago."""
    shop = OwnShop(under=engine_of(stored_value=LADDER)) if bonus else OwnShop()
    clerk = Clerk(shop)
    clerk.swipes(WANG)
    clerk.keys(f"/1 300 ENTER 1 {tender}")
    assert clerk.shop.held(accounts.principal("M1")) == 30000
    shop.wall += timedelta(days=8)
    clerk.keys("CLEAR CLEAR")
    clerk.took()
    return clerk


def begun(clerk: Clerk) -> None:
    clerk.swipes(WANG)
    clerk.keys("/1 * 1 ENTER")


def test_the_clerk_sees_what_either_reason_pays_back() -> None:
    clerk = topped_up()
    clerk.swipes(WANG)
    sold(clerk, CREAM, tender="*3")  # 120.00: three quarters of principal, one of bonus
    begun(clerk)
    rows = clerk.sees(Step).rows
    assert [(row.key, row.fen) for row in rows] == [("1", 18000), ("2", 21000)]


@pytest.mark.parametrize(("reason", "fen"), [("1", 18000), ("2", 21000)])
def test_a_manager_allows_it_and_it_goes_back_as_it_was_paid(reason: str, fen: int) -> None:
    clerk = topped_up()
    clerk.swipes(WANG)
    sold(clerk, CREAM, tender="*3")
    begun(clerk)
    clerk.keys(f"{reason} 1")
    assert clerk.sees(Step).asks == "manager"
    allowed(clerk)
    said = refunded(clerk)
    assert (said.refund_fen, said.tenders, said.manager) == (fen, (Tender("wechat", fen),), "01")
    assert (said.own_wish_fen, said.not_own_wish_fen) == (18000, 21000)
    assert clerk.shop.held(accounts.principal("M1")) == 0
    assert clerk.shop.held(accounts.bonus("M1")) == 0
    assert clerk.sees(Done).pay_fen == -fen


def test_in_cash_out_of_the_drawer() -> None:
    clerk = topped_up()
    begun(clerk)
    clerk.keys("1 2")
    clerk.took()
    allowed(clerk)
    assert refunded(clerk).tenders == (Tender("cash", 30000),)
    assert clerk.shop.held(accounts.CASH_DRAWER) == -30000
    effects = clerk.took()
    assert OpenDrawer() in effects


def test_what_was_paid_in_cash_is_not_asked_about() -> None:
    clerk = topped_up("ENTER", bonus=False)
    begun(clerk)
    clerk.keys("1")
    assert clerk.sees(Step).asks == "manager"
    allowed(clerk)
    assert refunded(clerk).tenders == (Tender("cash", 30000),)
    assert printed(clerk) == [DocumentKind.REFUNDED]


def test_within_seven_days_and_unused_it_is_all_of_it() -> None:
    clerk = topped_up("ENTER")
    clerk.shop.wall -= timedelta(days=2)
    begun(clerk)
    assert clerk.sees(Step).asks == "manager"
    allowed(clerk)
    assert (refunded(clerk).basis, refunded(clerk).refund_fen) == ("seven_days", 30000)


def test_once_and_never_without_a_manager() -> None:
    clerk = topped_up("ENTER")
    begun(clerk)
    clerk.keys("1 02 ENTER")
    assert clerk.sees(RefusalShown).code == "E16"
    assert not isinstance(body(clerk), ValueRefunded)
    clerk.keys("CLEAR")
    allowed(clerk)
    clerk.swipes(WANG)
    clerk.keys("/1 *")
    assert clerk.sees(RefusalShown).code == "E33"


def test_nothing_was_topped_up_here() -> None:
    clerk = Clerk(OwnShop())
    clerk.swipes(WANG)
    clerk.keys("/1 *")
    assert clerk.sees(RefusalShown).code == "E33"
