"""`/3 2`: a receipt without a card earns after all: once, soon, under its own rules."""

from datetime import timedelta

import pytest
from msgspec import structs
from msgspec.structs import replace

from daemon.counter.effects import DocumentKind
from daemon.counter.screens import Done, RefusalShown, Step
from daemon.ledger import accounts
from daemon.ledger.bodies import SaleClaimed
from daemon.ledger.kinds import Kind
from tests.counter.clerk import Clerk
from tests.counter.test_day import CLEANSER, CREAM, TRAVEL
from tests.counter.test_shift import WANG, body, printed, sold
from tests.counter.test_wallet import OwnShop

VISITOR, BLANK, LAPSED = "8800000009999", "8800000001015", "8800000000070"


def anonymous(*codes: str) -> Clerk:
    clerk = Clerk(OwnShop())
    sold(clerk, *codes)
    clerk.took()
    return clerk


def claimed(clerk: Clerk) -> SaleClaimed:
    found = body(clerk)
    assert isinstance(found, SaleClaimed)
    return found


def refused(clerk: Clerk) -> tuple[str, str]:
    shown = clerk.sees(RefusalShown)
    return shown.code, shown.values.get("why", "")


def test_the_last_receipt_earns_at_the_prices_that_were_paid() -> None:
    clerk = anonymous(CREAM, TRAVEL)  # the second at list price: nobody had a card
    before = clerk.shop.points("M1")
    clerk.keys("/3 2 ENTER")
    assert clerk.sees(Step).asks == "late_card"
    clerk.swipes(WANG)
    said = claimed(clerk)
    sale = clerk.shop.journal[0].entry.body
    assert said.points == sum(said.lines) == clerk.shop.points("M1") - before
    assert said.lines[0] == 120
    assert getattr(sale, "pay_fen", 0) == 12000 + 4500
    assert clerk.shop.journal[-1].entry.re == "0018.1:1"
    assert printed(clerk) == [DocumentKind.LATE]
    assert clerk.sees(Done).points == said.points


def test_by_its_number_and_from_the_members_page() -> None:
    clerk = anonymous(CREAM)
    sold(clerk, CLEANSER)
    clerk.swipes(WANG)
    clerk.keys("/3 2 1 ENTER")
    assert claimed(clerk).points == 120


def test_a_phone_number_will_do_for_earning() -> None:
    clerk = anonymous(CREAM)
    clerk.keys("/3 2 ENTER 13800000001 ENTER")
    assert claimed(clerk).member == "M1"


def test_a_visitor_earns_too() -> None:
    clerk = anonymous(CREAM)
    clerk.keys("/3 2 ENTER")
    clerk.swipes(VISITOR)
    assert claimed(clerk).member == f"card:{VISITOR}"
    assert clerk.shop.held(accounts.points(f"card:{VISITOR}")) == 120


def test_once_and_for_one_card() -> None:
    clerk = anonymous(CREAM)
    for _ in range(2):
        clerk.keys("CLEAR CLEAR /3 2 1 ENTER")
        if isinstance(clerk.clerk, Step):
            clerk.swipes(WANG)
    assert refused(clerk) == ("E30", "earned_already")
    assert [one.entry.kind for one in clerk.shop.journal] == [Kind.SALE, Kind.SALE_CLAIMED]


def test_a_day_later_it_is_too_late() -> None:
    clerk = anonymous(CREAM)
    clerk.shop.wall += timedelta(days=1)
    clerk.keys("/3 2 1 ENTER")
    assert refused(clerk) == ("E30", "window_closed")


def test_a_members_sale_an_enrolment_and_a_return_are_none() -> None:
    clerk = anonymous(CLEANSER, CREAM)
    clerk.swipes(WANG)
    sold(clerk, CREAM)
    clerk.keys("/3 2 2 ENTER")
    assert refused(clerk) == ("E30", "has_member")
    clerk.keys("CLEAR CLEAR CLEAR /3 1 ENTER 1 ENTER ENTER 1")
    clerk.keys("/3 2 1 ENTER")
    clerk.swipes(WANG)
    assert refused(clerk)[0] == "E14"
    other = anonymous(CLEANSER, CREAM)
    other.keys("/2")
    other.swipes(BLANK)
    other.keys("2 13900000001 ENTER 0001 ENTER 1 ENTER 0 ENTER")
    other.keys("/3 2 1 ENTER")
    assert refused(other) == ("E30", "earned_already")


def test_who_joined_after_the_sale_was_no_member_then() -> None:
    clerk = anonymous(CREAM)
    clerk.waits(1000)
    clerk.keys("/2")
    clerk.swipes(BLANK)
    clerk.keys("3 13900000001 ENTER 0001 ENTER 1 ENTER 0 ENTER")
    clerk.keys("CLEAR CLEAR /3 2 1 ENTER")
    clerk.swipes(BLANK)
    assert refused(clerk) == ("E30", "joined_later")


def test_a_lapsed_card_earns_nothing_late_either() -> None:
    clerk = anonymous(CREAM)
    clerk.keys("/3 2 ENTER")
    clerk.swipes(LAPSED)
    assert refused(clerk) == ("E30", "earns_nothing")


def test_beyond_a_few_a_month_the_points_lie_frozen_for_headquarters() -> None:
    clerk = anonymous(CREAM)
    for _ in range(3):
        sold(clerk, CREAM)
    before = clerk.shop.points("M1")
    for n in range(1, 5):
        clerk.keys(f"CLEAR CLEAR /3 2 {n} ENTER")
        clerk.swipes(WANG)
    assert clerk.shop.points("M1") == before + 3 * 120
    assert clerk.shop.held(accounts.frozen("M1")) == 120
    assert claimed(clerk).frozen == "late_swipes"


@pytest.mark.parametrize("known", [True, False])
def test_the_rules_of_the_sale_say_what_it_earns(known: bool) -> None:
    clerk = anonymous(CREAM)
    shop = clerk.shop
    assert isinstance(shop, OwnShop)
    then = shop.under
    assert then.ref is not None
    shop.under = replace(then, ref=structs.replace(then.ref, version=then.ref.version + 1))
    shop.olden = (then,) if known else ()
    clerk.keys("/3 2 1 ENTER")
    if not known:
        assert refused(clerk) == ("E30", "other_rules")
        return
    clerk.swipes(WANG)
    assert claimed(clerk).points == 120


def test_its_goods_come_back_with_the_points_that_they_earned_late() -> None:
    clerk = anonymous(CREAM)
    before = clerk.shop.points("M1")
    clerk.keys("/3 2 ENTER")
    clerk.swipes(WANG)
    clerk.keys("/3 1 ENTER ENTER 1")
    assert clerk.shop.points("M1") == before
