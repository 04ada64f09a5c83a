"""Rows of the catalogue that a pack's offers show, each by the case that works it out."""

from tests.rules.shop import CASES
from tests.rules.test_account_cases import check_file


def test_the_fifth_of_the_month_doubles_points_and_its_evening_gives_a_voucher() -> None:
    check_file(CASES / "member-day.json")


def test_spend_and_return_by_steps_for_the_next_purchase() -> None:
    check_file(CASES / "spend-and-return.json")


def test_each_hundred_points_take_ten_yuan_off() -> None:
    check_file(CASES / "points-as-money.json")


def test_each_full_thousand_gives_a_hundred_points_for_the_next_purchase() -> None:
    check_file(CASES / "4s.json")


def test_a_zone_of_one_price_sells_to_members_only() -> None:
    check_file(CASES / "sale" / "prices-zone.json")


def test_points_pay_a_part_of_the_bill_at_most() -> None:
    check_file(CASES / "sale" / "offset-share.json")


def test_points_are_money_in_a_window_only() -> None:
    check_file(CASES / "sale" / "offset-window.json")


def test_points_are_multiplied_by_weekday_festival_hour_and_birthday() -> None:
    check_file(CASES / "sale" / "factors-days.json")


def test_a_level_earns_more_and_pays_less() -> None:
    check_file(CASES / "sale" / "factors-product.json")
    check_file(CASES / "sale" / "prices-level.json")


def test_a_member_chooses_discount_gift_or_points() -> None:
    check_file(CASES / "sale" / "prices-choice.json")
    check_file(CASES / "sale" / "rewards-choice.json")


def test_percent_and_threshold_coupons() -> None:
    check_file(CASES / "sale" / "coupons-kinds.json")


def test_member_days_of_the_month_the_week_and_the_moon() -> None:
    check_file(CASES / "sale" / "prices-member-days.json")


def test_the_grade_that_points_make_says_which_gift_they_buy() -> None:
    check_file(CASES / "account" / "x07-levels.json")


def test_levels_by_amount_frequency_and_points() -> None:
    check_file(CASES / "account" / "x08-three.json")
    check_file(CASES / "account" / "x08-back.json")
    check_file(CASES / "account" / "x08-either.json")


def test_levels_go_up_and_down_by_measurable_criteria() -> None:
    check_file(CASES / "account" / "x08-up.json")
    check_file(CASES / "account" / "x08-down.json")


def test_what_a_card_buys_in_a_month_counts_together() -> None:
    check_file(CASES / "sale" / "rewards-month.json")


def test_registering_gives_a_money_off_coupon_of_fifty_yuan() -> None:
    check_file(CASES / "account" / "x03-enrol-rewards.json")


def test_points_are_cleared_in_december() -> None:
    check_file(CASES / "account" / "x06-sweep.json")


def test_a_quarterly_window_to_exchange_points() -> None:
    check_file(CASES / "account" / "x07-window.json")


def test_commission_on_goods_on_cards_and_on_topups() -> None:
    check_file(CASES / "sale" / "commission.json")
    check_file(CASES / "account" / "x19-cards-and-topups.json")


def test_each_level_may_have_a_fee_of_its_own() -> None:
    check_file(CASES / "account" / "x03-level-fee.json")


def test_the_family_may_use_one_account() -> None:
    check_file(CASES / "account" / "x03-family.json")


def test_a_wedding_or_a_birth_is_given_wine() -> None:
    check_file(CASES / "account" / "x13-life-event.json")
    check_file(CASES / "account" / "x13-life-event-any.json")


def test_a_card_that_was_handed_out_counts_once_it_is_registered_in_the_shop() -> None:
    check_file(CASES / "account" / "x03-activation-store.json")


def test_what_a_new_member_gets_changes_by_month() -> None:
    check_file(CASES / "account" / "x03-rewards-month.json")


def test_levels_by_amount_and_number_of_cars() -> None:
    check_file(CASES / "account" / "x08-cars.json")
