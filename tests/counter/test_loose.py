"""`/3 *`: goods without a receipt, on a manager's word, at the lowest price, without points."""

from datetime import timedelta

from msgspec.structs import replace

from daemon.counter.effects import DocumentKind, OpenDrawer
from daemon.counter.screens import RefusalShown, Step
from daemon.ledger import accounts
from daemon.ledger.bodies import ReturnUnreferenced, Tender
from daemon.rules.models_desk import Reversal
from tests.counter.clerk import Clerk
from tests.counter.test_cards import allowed
from tests.counter.test_day import CREAM, TRAVEL
from tests.counter.test_shift import WANG, body, printed, sold
from tests.counter.test_wallet import OwnShop


def loose(clerk: Clerk) -> ReturnUnreferenced:
    found = body(clerk)
    assert isinstance(found, ReturnUnreferenced)
    return found


def paid_back(clerk: Clerk, *codes: str) -> None:
    clerk.keys("/3 *")
    clerk.scans(*codes)
    clerk.keys("ENTER 1")
    allowed(clerk)


def test_the_least_that_it_was_sold_for_in_thirty_days() -> None:
    clerk = Clerk(OwnShop())
    sold(clerk, TRAVEL)  # 45.00
    clerk.swipes(WANG)
    sold(clerk, TRAVEL)  # a member's 30.00
    points = clerk.shop.points("M1")
    clerk.took()
    paid_back(clerk, TRAVEL, TRAVEL)
    said = loose(clerk)
    assert [(line.qty, line.paid_fen) for line in said.lines] == [(2, 6000)]
    assert (said.tenders, said.manager, said.reason) == ((Tender("cash", 6000),), "01", 1)
    assert clerk.shop.held(accounts.CASH_DRAWER) == 4500 + 3000 - 6000
    assert clerk.shop.points("M1") == points
    effects = clerk.took()
    assert OpenDrawer() in effects


def test_an_older_price_does_not_count() -> None:
    clerk = Clerk(OwnShop())
    clerk.swipes(WANG)
    sold(clerk, TRAVEL)
    clerk.shop.wall += timedelta(days=31)
    sold(clerk, TRAVEL)
    paid_back(clerk, TRAVEL)
    assert loose(clerk).pay_fen == 4500


def test_what_was_never_sold_costs_what_a_member_pays() -> None:
    clerk = Clerk(OwnShop())
    paid_back(clerk, TRAVEL, CREAM)
    assert loose(clerk).pay_fen == 3000 + 12000
    assert printed(clerk) == [DocumentKind.UNREFERENCED]


def test_the_amount_is_seen_before_a_manager_is_asked() -> None:
    clerk = Clerk(OwnShop())
    clerk.keys("/3 *")
    clerk.scans(CREAM)
    clerk.keys("ENTER")
    assert (clerk.sees(Step).values or {})["amount"] == "120.00"
    clerk.keys("2")
    assert clerk.sees(Step).asks == "manager"
    clerk.keys("02 ENTER")  # who is signed on is no second person
    assert clerk.sees(RefusalShown).code == "E16"
    assert not clerk.shop.journal


def test_nothing_named_is_nothing_back_and_weighed_goods_need_their_receipt() -> None:
    clerk = Clerk(OwnShop())
    clerk.keys("/3 * ENTER")
    assert clerk.sees(RefusalShown).code == "E22"
    clerk.scans("2100020012637")
    assert clerk.sees(RefusalShown).code == "E42"


def test_a_pack_may_take_nothing_back_without_its_sale() -> None:
    shop = OwnShop()
    shop.under = replace(shop.under, sale=replace(shop.under.sale, reversal=Reversal()))
    clerk = Clerk(shop)
    clerk.keys("/3 *")
    assert clerk.sees(RefusalShown).values["why"] == "no_receipt"
