"""What a basket costs and earns, at the demo shop under the zhenzi pack."""

import pytest

from daemon.ledger.bodies import Applied, NewLot, Tender
from daemon.rules.engine import NO_PACK
from daemon.rules.types import VISITOR, BasketLine, KeyedTender, Notice, QuotedLine
from tests.rules.shop import (
    BAG,
    CLEANSER,
    COTTON,
    CREAM,
    HANDCREAM,
    MASK,
    NOON,
    SOAP,
    TRAVEL,
    at,
    engine,
    engine_of,
    line,
    m1,
    products,
    quote,
    refusal,
    settle,
    zhenzi,
)

THE_SALE = [line(1, CREAM), line(2, CLEANSER), line(3, TRAVEL), line(4, HANDCREAM)]


def shape(lines: tuple[QuotedLine, ...]) -> list[tuple[int, str, int, int, str]]:
    return [(one.n, one.product.sku, one.qty, one.paid_fen, one.cls) for one in lines]


def test_the_worked_sale_of_1040() -> None:
    priced = quote(THE_SALE, m1(), at("2026-03-06T10:40:00"))
    assert (priced.list_fen, priced.bill_fen, priced.saved_fen) == (26200, 22790, 3410)
    assert priced.points == 188
    assert [one.cls for one in priced.lines] == ["regular", "regular", "special", "swap"]
    sold = settle(priced, KeyedTender("cash", 23000))
    assert sold.tenders == (Tender("cash", 22790, 23000, 210),)
    assert (sold.pay_fen, sold.rounding_fen, sold.points) == (22790, 0, 188)
    assert [one.points for one in sold.lines] == [120, 68, 0, 0]
    assert sold.lots == (NewLot(5, "point", "sale"),)
    assert sold.applied == (
        Applied("mp", "price", 4500, 3000),
        Applied("swap", "price", 2900, 990),
        Applied("spend", "points", 18800, 188),
    )


def test_the_worked_sale_of_1405_rounds_cash_down() -> None:
    basket = [line(1, COTTON, 2), line(2, SOAP, 45, amount_fen=1263)]
    priced = quote(basket, m1())
    assert (priced.bill_fen, priced.points) == (3243, 32)
    assert engine().due(priced, (), "cash") == 3240
    assert engine().due(priced, (), "wechat") == 3243
    sold = settle(priced, KeyedTender("cash", 5000))
    assert (sold.rounding_fen, sold.pay_fen, sold.points) == (3, 3240, 32)
    assert sold.tenders == (Tender("cash", 3240, 5000, 1760),)
    assert sold.applied[-1] == Applied("cash", "rounding", 3243, 3240)


def test_a_passer_by_pays_list_price_and_earns_nothing() -> None:
    priced = quote(THE_SALE)
    assert (priced.bill_fen, priced.saved_fen, priced.points) == (26200, 0, 0)
    sold = settle(priced, KeyedTender("cash", None))
    assert (sold.points, sold.lots, sold.applied) == (0, (), ())


def test_a_visitor_has_member_prices_and_earns() -> None:
    priced = quote(THE_SALE, m1(kind=VISITOR, term_ends=None))
    assert (priced.bill_fen, priced.points) == (22790, 188)
    assert priced.notices == (Notice("E06", {}),)


def test_the_term_ends_at_its_own_instant() -> None:
    ends = at("2026-05-05T00:00:00")
    last = quote(THE_SALE, m1(), at("2026-05-04T23:59:59"))
    ended = quote(THE_SALE, m1(), ends)
    assert (last.bill_fen, last.points) == (22790, 188)
    assert (ended.bill_fen, ended.points) == (26200, 0)
    assert ended.notices == (Notice("E05", {"date": "2026-05-05"}),)
    assert settle(ended, KeyedTender("cash", None)).points == 0


@pytest.mark.parametrize(("status", "code"), [("lost", "E03"), ("frozen", "E04")])
def test_a_blocked_card_pays_list_price_and_earns_nothing(status: str, code: str) -> None:
    priced = quote(THE_SALE, m1(status=status))
    assert (priced.bill_fen, priced.points) == (26200, 0)
    assert [one.code for one in priced.notices] == [code]


def test_a_pack_may_let_a_lapsed_member_go_on() -> None:
    kind = engine_of(lapsed={"earn": True, "member_price": True})
    late = at("2027-01-01T00:00:00")
    assert quote(THE_SALE, m1(), late, kind).points == 188
    assert quote(THE_SALE, m1(), late, kind).bill_fen == 22790


def test_the_swap_needs_100_yuan_of_other_regular_goods() -> None:
    below = [line(1, CLEANSER), line(2, HANDCREAM)]  # 68.00 + 29.00
    assert shape(quote(below, m1()).lines)[1] == (2, HANDCREAM, 1, 2900, "regular")
    special = [line(1, CLEANSER), line(2, MASK), line(3, HANDCREAM)]  # 39.00 of it at member price
    assert quote(special, m1()).lines[2].cls == "regular"
    exactly = [line(1, SOAP, 357, amount_fen=10000), line(2, HANDCREAM)]
    assert quote(exactly, m1()).lines[1].cls == "swap"
    just_below = [line(1, SOAP, 357, amount_fen=9999), line(2, HANDCREAM)]
    assert quote(just_below, m1()).lines[1].cls == "regular"


def test_only_one_piece_is_swapped_and_the_line_is_split() -> None:
    priced = quote([line(1, HANDCREAM, 3), line(2, CREAM)], m1())
    assert shape(priced.lines) == [
        (1, HANDCREAM, 2, 5800, "regular"),
        (1, HANDCREAM, 1, 990, "swap"),
        (2, CREAM, 1, 12000, "regular"),
    ]
    sold = settle(priced, KeyedTender("cash", None))
    assert [one.n for one in sold.lines] == [1, 2, 3]
    assert sold.points == 178


def test_other_pieces_of_the_swapped_product_count_towards_the_need() -> None:
    one_line = quote([line(1, CLEANSER), line(2, HANDCREAM, 3)], m1())  # 68.00 + 2 x 29.00
    two_lines = quote([line(1, CLEANSER), line(2, HANDCREAM, 2), line(3, HANDCREAM)], m1())
    assert one_line.bill_fen == two_lines.bill_fen == 6800 + 2 * 2900 + 990


def test_a_limit_holds_within_the_receipt() -> None:
    priced = quote([line(1, MASK, 4), line(2, MASK, 3)], m1())
    assert shape(priced.lines) == [
        (1, MASK, 4, 4 * 3900, "special"),
        (2, MASK, 1, 3900, "special"),
        (2, MASK, 2, 2 * 4900, "regular"),
    ]
    assert priced.notices == (Notice("E13", {"sku": MASK, "n": "5", "per": "month"}),)


def test_a_keyed_amount_takes_no_rule() -> None:
    priced = quote([line(1, TRAVEL, 1, amount_fen=4000)], m1())
    assert (priced.list_fen, priced.bill_fen, priced.lines[0].cls) == (4000, 4000, "regular")


@pytest.mark.parametrize(("policy", "points"), [("earn", 25), ("no", 0)])
def test_unlisted_goods_earn_as_the_pack_says(policy: str, points: int) -> None:
    goods = [BasketLine(1, products()[CLEANSER], 1, 2500, "4901234", unlisted=True)]
    rules = engine_of(unlisted=policy)
    priced = quote(goods, m1(), NOON, rules)
    assert priced.points == points
    assert settle(priced, KeyedTender("cash", None), rules=rules).points == points


def test_special_goods_earn_nothing_at_their_own_price() -> None:
    assert quote([line(1, BAG, 300)], m1()).points == 0


def test_money_of_a_denied_tender_earns_nothing() -> None:
    priced = quote([line(1, CREAM), line(2, TRAVEL)], m1())  # 120.00 regular, 30.00 special
    paid = settle(priced, KeyedTender("voucher", 5000), KeyedTender("cash", None))
    assert paid.points == 80  # two thirds of 120.00
    assert paid.applied[-1] == Applied("spend", "points", 8000, 80)
    assert settle(priced, KeyedTender("voucher", 15000)).points == 0
    assert settle(priced, KeyedTender("alipay", None)).points == 120


def test_denied_money_may_pay_first_what_earns_nothing_anyway() -> None:
    rule = zhenzi().pack.earn[0].model_dump(mode="json")
    rules = engine_of(earn=[{**rule, "allocation": "non_earning_first"}])
    priced = quote([line(1, CREAM), line(2, TRAVEL)], m1(), NOON, rules)
    for voucher_fen, points in ((3000, 120), (5000, 100), (15000, 0)):
        money = (KeyedTender("voucher", voucher_fen), KeyedTender("wechat", None))
        keyed = money if voucher_fen < 15000 else money[:1]
        assert settle(priced, *keyed, rules=rules).points == points


def test_money_that_does_not_close_the_bill() -> None:
    priced = quote([line(1, COTTON)], m1())  # 9.90
    short = refusal(priced, KeyedTender("cash", 500))
    assert (short.code, short.values) == ("underpaid", {"y": "4.90"})
    assert refusal(priced).code == "underpaid"
    assert refusal(priced, KeyedTender("wechat", 1000)).code == "not_allowed"
    assert refusal(priced, KeyedTender("seashells", 990)).code == "not_allowed"
    assert refusal(priced, KeyedTender("cash", None), KeyedTender("bank", 1)).code == "not_allowed"
    assert refusal(priced, KeyedTender("cash", -1)).code == "not_allowed"


def test_only_the_tender_that_closes_is_rounded() -> None:
    priced = quote([line(1, SOAP, 45, amount_fen=1263)], m1())
    mixed = settle(priced, KeyedTender("cash", 1000), KeyedTender("wechat", None))
    assert (mixed.rounding_fen, mixed.pay_fen) == (0, 1263)
    assert engine().due(priced, (KeyedTender("wechat", 1000),), "cash") == 260
    last = settle(priced, KeyedTender("wechat", 1000), KeyedTender("cash", 260))
    assert (last.rounding_fen, last.pay_fen) == (3, 1260)


def test_a_rest_below_the_unit_is_given_away() -> None:
    priced = quote([line(1, SOAP, 45, amount_fen=1263)], m1())
    sold = settle(priced, KeyedTender("wechat", 1260), KeyedTender("cash", None))
    assert (sold.rounding_fen, sold.pay_fen) == (3, 1260)
    assert [one.code for one in sold.tenders] == ["wechat"]


def test_without_a_pack_the_box_sells_for_money_and_nothing_else() -> None:
    priced = quote(THE_SALE, m1(), NOON, NO_PACK)
    assert (priced.bill_fen, priced.points, priced.applied) == (26200, 0, ())
    assert NO_PACK.due(priced, (), "cash") == 26200
    assert settle(priced, KeyedTender("cash", None), rules=NO_PACK).points == 0
    assert NO_PACK.ref is None
