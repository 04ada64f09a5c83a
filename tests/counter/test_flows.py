"""What a clerk meets beside the straight way."""

from datetime import datetime, timedelta

import pytest

from daemon.counter.effects import Audience, Print
from daemon.counter.screens import (
    BasketShown,
    Idle,
    MemberPage,
    PriceShown,
    RefusalShown,
    Step,
)
from daemon.events import CardRefused
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop
from tests.counter.test_day import CLEANSER, CREAM, TRAVEL, sale_of

UNKNOWN_CODE = "4006381333931"


def basket_of(clerk: Clerk) -> BasketShown:
    return clerk.sees(BasketShown)


def skus(clerk: Clerk) -> list[str]:
    return [line.product.sku for line in basket_of(clerk).quote.lines]


# -- the basket ------------------------------------------------------------------------------------


def test_an_unknown_barcode_asks_the_price_and_keeps_the_code() -> None:
    clerk = Clerk()
    clerk.keys("3*")
    clerk.scans(UNKNOWN_CODE)
    assert clerk.clerk == RefusalShown("E10", {})
    clerk.keys("9.9 +")
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    line = sale_of(clerk).lines[0]
    assert (line.sku, line.code, line.qty, line.paid_fen) == ("", UNKNOWN_CODE, 3, 2970)
    accounts = {posting.account for posting in clerk.shop.journal[-1].entry.postings}
    assert not {name for name in accounts if name.startswith(("stock:", "sold:"))} - {
        "stock:ZZ-004",
        "sold:ZZ-004",
    }


def test_an_unknown_barcode_does_not_stop_the_sale() -> None:
    clerk = Clerk()
    clerk.scans(UNKNOWN_CODE, CREAM)
    assert skus(clerk) == ["ZZ-004"]
    clerk.scans(UNKNOWN_CODE)
    clerk.keys("CLEAR")
    assert skus(clerk) == ["ZZ-004"]
    clerk.keys("ENTER ENTER")
    assert sale_of(clerk).pay_fen == 12000


def test_a_scanned_card_number_is_no_member_and_is_not_shown_to_the_customer() -> None:
    clerk = Clerk()
    clerk.scans("8800000000018")
    assert clerk.clerk == RefusalShown("E10", {})
    clerk.keys("5 +")
    assert basket_of(clerk).quote.lines[0].code == "8800000000018"
    assert "8800000000018" not in repr(clerk.customer)


@pytest.mark.parametrize("bad", ["6901234100045 ENTER", "123456 ENTER", "9.9 ENTER", "9.999 +"])
def test_what_makes_no_sense_is_refused_and_dropped(bad: str) -> None:
    clerk = Clerk()
    clerk.keys(bad)
    assert clerk.clerk == RefusalShown("E22", {})
    assert clerk.customer == Idle()
    clerk.keys("4 ENTER")
    assert skus(clerk) == ["ZZ-004"]


def test_void_of_the_last_and_of_a_named_line() -> None:
    clerk = Clerk()
    clerk.scans(CREAM, CLEANSER, TRAVEL)
    clerk.keys("1 -")
    assert skus(clerk) == ["ZZ-001", "ZZ-016"]
    clerk.keys("-")
    assert skus(clerk) == ["ZZ-001"]
    clerk.keys("7 -")
    assert clerk.clerk == RefusalShown("E22", {})
    clerk.keys("CLEAR")  # the refusal is seen; the basket stands
    clerk.keys("4 CLEAR")  # a digit
    assert skus(clerk) == ["ZZ-001"]


def test_clear_takes_the_last_step_back() -> None:
    clerk = Clerk()
    clerk.scans(CREAM, CLEANSER)
    clerk.keys("1 -")
    clerk.keys("CLEAR")
    assert skus(clerk) == ["ZZ-004", "ZZ-001"]


def test_a_price_is_looked_up_by_scan_and_by_number_and_sells_nothing() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys(".")
    clerk.scans(TRAVEL)
    assert clerk.clerk == PriceShown("旅行三件套", "TRAVEL3", 4500, 3000)
    assert clerk.customer == clerk.clerk
    clerk.keys(".9 ENTER")
    clerk.sees(PriceShown)
    clerk.keys("CLEAR")
    assert skus(clerk) == ["ZZ-004"]


def test_guides_share_a_sale_and_stay_for_the_next() -> None:
    clerk = Clerk()
    clerk.keys("*1*2*3 ENTER")
    for _ in range(2):
        clerk.scans(CREAM)
        clerk.keys("ENTER ENTER")
        assert [(one.staff, one.share) for one in sale_of(clerk).guides] == [
            ("01", 3334),
            ("02", 3333),
            ("03", 3333),
        ]
    clerk.keys("*77 ENTER")
    assert clerk.clerk == RefusalShown("E25", {})


def test_functions_that_this_box_has_not_are_refused() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("/2")
    assert clerk.clerk == RefusalShown("E26", {})
    clerk.keys("ENTER *9")
    assert clerk.clerk == RefusalShown("E21", {})


# -- cards -----------------------------------------------------------------------------------------


def test_a_blank_card_hints_at_enrolment_and_a_foreign_one_is_unreadable() -> None:
    clerk = Clerk()
    clerk.swipes("8800000001015")
    assert clerk.clerk == RefusalShown("E24", {})
    clerk.swipes("9900000000000")
    assert clerk.clerk == RefusalShown("E01", {})
    clerk.does(CardRefused("E02"))
    assert clerk.customer == RefusalShown("E02", {})


def test_the_balance_is_shown_when_asked_and_the_slip_printed_by_enter() -> None:
    clerk = Clerk()
    clerk.keys("..8800000000049 ENTER")
    assert clerk.tells(MemberPage).balance_fen is None
    assert clerk.tells(MemberPage).expiring == (("2026-12-15", 150),)
    clerk.keys(".")
    assert clerk.tells(MemberPage).balance_fen == 50000
    clerk.took()
    clerk.keys("ENTER")
    assert [effect.about for effect in clerk.took() if isinstance(effect, Print)] == ["M4"]
    clerk.keys("4 ENTER")
    assert basket_of(clerk).member is not None


def test_another_card_in_the_middle_takes_the_place_of_the_first() -> None:
    clerk = Clerk()
    clerk.swipes("8800000000018")
    clerk.scans(CREAM)
    clerk.swipes("8800000000025")
    clerk.keys("ENTER ENTER")
    assert sale_of(clerk).member == "M2"


# -- enrolment -------------------------------------------------------------------------------------


def test_a_small_purchase_a_used_card_and_a_known_phone_are_refused() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER /2")
    clerk.swipes("8800000000018")
    assert clerk.clerk == RefusalShown("E12", {})
    clerk.swipes("8800000001015")
    clerk.keys("2")
    assert (clerk.sees(RefusalShown).code, clerk.sees(RefusalShown).values["x"]) == (
        "E11",
        "120.00",
    )
    clerk.tells(Step)
    clerk.keys("1 13800000001 ENTER")
    assert clerk.clerk == RefusalShown("E28", {})


def test_the_phone_is_keyed_twice_and_both_must_agree() -> None:
    clerk = Clerk()
    clerk.keys("/2 ..8800000001015 ENTER 1 13900000001 ENTER 0002 ENTER")
    assert clerk.clerk == RefusalShown("E22", {})
    clerk.keys("CLEAR")
    assert (clerk.sees(Step).code, clerk.sees(Step).typed) == ("33", "")


def test_clear_in_an_enrolment_goes_back_one_step_and_keeps_no_key() -> None:
    clerk = Clerk()
    clerk.keys("/2 ..8800000001015 ENTER 1 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER CLEAR")
    assert clerk.sees(Step).code == "36"
    clerk.keys("0 CLEAR")
    assert clerk.clerk == Step("36", "marketing", "", {})
    clerk.keys("0 ENTER CLEAR CLEAR")
    clerk.sees(Idle)
    assert clerk.shop.locked == {}


def test_one_purchase_lets_one_person_in() -> None:
    clerk = Clerk()
    clerk.scans(CREAM, CLEANSER)
    clerk.keys("ENTER ENTER")
    clerk.keys("/2 ..8800000001015 ENTER 2 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER")
    assert len(clerk.shop.journal) == 2
    clerk.keys("/2 ..8800000001022 ENTER 2")
    assert clerk.clerk == RefusalShown("E27", {})


def test_customers_see_no_phone_while_it_is_typed() -> None:
    clerk = Clerk()
    clerk.keys("/2 ..8800000001015 ENTER 1 139000")
    assert clerk.sees(Step).typed == "139000"
    assert clerk.screens[Audience.CUSTOMER] == Step("33", "phone", "", {})


# -- edges -----------------------------------------------------------------------------------------


def test_the_line_that_changed_is_named_and_a_void_names_none() -> None:
    clerk = Clerk()
    clerk.scans(CREAM, TRAVEL)
    line = basket_of(clerk).line
    assert line is not None
    assert line.product.pole == "TRAVEL3"
    clerk.keys("-")
    assert basket_of(clerk).line is None


def test_a_scale_label_is_rounded_to_the_nearest_gram() -> None:
    clerk = Clerk()
    clerk.scans("2100020012750")  # 12.75 at 0.28 a gram: 45.5
    line = basket_of(clerk).quote.lines[0]
    assert (line.qty, line.paid_fen) == (46, 1275)


def test_a_term_has_ended_at_the_instant_of_its_end() -> None:
    ends = datetime.fromisoformat("2026-05-05T00:00:00+08:00")
    for early_ms, page in ((1, MemberPage), (0, RefusalShown)):
        clerk = Clerk(DemoShop(wall=ends - timedelta(milliseconds=early_ms)))
        clerk.swipes("8800000000018")
        assert isinstance(clerk.clerk, page)
