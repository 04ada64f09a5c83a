"""Stack groups: which of several rules prices a line, which of several earn on it."""

import pytest

from daemon.ledger.messages import Product
from daemon.rules.engine import Engine
from daemon.rules.rounding import split
from daemon.rules.types import BasketLine
from tests.rules.shop import NOON, engine_of, m1, quote

CREAM = Product("CREAM", "cream", 10000, category="skin", member_price_fen=9200)
SALT = Product("SALT", "salt", 10, category="skin", swap_price_fen=1, unit="g")
SOCKS = Product("SOCKS", "socks", 3000, swap_price_fen=2000)
SCARF = Product("SCARF", "scarf", 5000, swap_price_fen=2000)

NINE = {"id": "nine", "basis_points": 9000, "categories": ["skin"]}
EIGHT = {"id": "eight", "basis_points": 8000, "skus": ["CREAM"]}
DEAR = {"id": "dear", "fixed_fen": 20000}
SWAP = {"id": "swap", "take": "swap_price", "gives_class": "swap", "max_per_receipt": 1}
SILENT = {"excluded_tenders": ["points", "bonus", "coupon", "voucher"]}


def engine_with(mode: str, *prices: dict[str, object], group: str | None = "g") -> Engine:
    return engine_of(
        groups={"g": mode, "spend": "best"}, prices=[{**one, "group": group} for one in prices]
    )


def rule_of(rules: Engine, *products: Product) -> list[str]:
    lines = [BasketLine(n, product, 1) for n, product in enumerate(products, start=1)]
    return [line.rule for line in quote(lines, m1(), NOON, rules).lines]


def test_best_takes_the_lowest_price_and_first_the_first_that_lowers() -> None:
    assert rule_of(engine_with("best", NINE, EIGHT), CREAM) == ["eight"]
    assert rule_of(engine_with("first", NINE, EIGHT), CREAM) == ["nine"]
    assert rule_of(engine_with("first", DEAR, NINE, EIGHT), CREAM) == ["nine"]
    assert rule_of(engine_with("best", DEAR), CREAM) == [""]


def test_rules_without_a_group_never_stack() -> None:
    rules = engine_with("best", NINE, EIGHT, group=None)
    (line,) = quote([BasketLine(1, CREAM, 1)], m1(), NOON, rules).lines
    assert (line.rule, line.paid_fen) == ("eight", 8000)


def test_a_promo_takes_no_piece_that_an_earlier_rule_of_a_first_group_priced() -> None:
    tenth = {"id": "tenth", "basis_points": 9900}
    assert rule_of(engine_with("first", tenth, SWAP), SOCKS) == ["tenth"]
    assert rule_of(engine_with("first", SWAP, tenth), SOCKS) == ["swap"]
    assert rule_of(engine_with("best", tenth, SWAP), SOCKS) == ["swap"]


def test_a_promo_prices_the_piece_that_saves_most() -> None:
    assert rule_of(engine_with("best", SWAP), SOCKS, SCARF, SOCKS) == ["", "swap", ""]


def test_a_promo_prices_no_goods_by_weight() -> None:
    assert rule_of(engine_with("best", SWAP), SALT) == [""]


@pytest.mark.parametrize(
    ("mode", "points"),
    [("best", 200), ("first", 100), ("add", 310)],
)
def test_what_several_rules_earn_on_one_line(mode: str, points: int) -> None:
    rules = engine_of(
        groups={"earn": mode},
        prices=[],
        earn=[
            {"id": "one", "group": "earn", "step_fen": 100, "points": 1, **SILENT},
            {"id": "two", "group": "earn", "step_fen": 50, "points": 1, **SILENT},
            {
                "id": "cap",
                "group": "earn",
                "step_fen": 1000,
                "points": 1,
                "categories": ["skin"],
                "max_per_receipt": 10,
                **SILENT,
            },
        ],
    )
    assert quote([BasketLine(1, CREAM, 1)], m1(), NOON, rules).points == points


def test_a_receipt_earns_no_more_than_the_rules_limit() -> None:
    one = {"id": "one", "step_fen": 100, "points": 1, "max_per_receipt": 30, **SILENT}
    priced = quote([BasketLine(1, CREAM, 1)], m1(), NOON, engine_of(prices=[], earn=[one]))
    assert (priced.points, priced.applied[0].result) == (30, 30)


def test_earning_rules_without_a_group_never_stack() -> None:
    two = [{"id": f"r{n}", "step_fen": 100, "points": n, **SILENT} for n in (1, 3)]
    rules = engine_of(prices=[], earn=two)
    assert quote([BasketLine(1, CREAM, 1)], m1(), NOON, rules).points == 300


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 2], [3, 2, 5]),  # equal remainders: the earlier line
        (2, [1, 2, 4], [0, 1, 1]),  # remainders 2/7, 4/7, 1/7
        (5, [0, 3], [0, 5]),
        (5, [0, 0], [5, 0]),
    ],
)
def test_largest_remainders_get_the_rest(total: int, weights: list[int], parts: list[int]) -> None:
    assert split(total, weights) == parts
