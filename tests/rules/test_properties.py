"""What holds for every basket, whoever pays and however: money adds up, nobody is overcharged."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger.messages import Limit, Product
from daemon.rules.caseanswer import TENDERS
from daemon.rules.engine import Engine
from daemon.rules.rounding import split
from daemon.rules.types import BasketLine, KeyedTender, MemberFacts, Settlement
from tests.rules.shop import engine, engine_of, m1, quote

# Few products and few prices, so that rules meet, limits bind and needs are just met or just not.
PRODUCTS = tuple(
    Product(
        sku,
        sku,
        price_fen=price,
        cls=cls,
        category=category,
        member_price_fen=member,
        swap_price_fen=swap,
        limit=limit,
    )
    for sku, price, cls, category, member, swap, limit in (
        ("A", 12000, "regular", "skin", None, None, None),
        ("B", 6803, "regular", "skin", 6000, None, None),
        ("C", 3000, "special", "skin", None, None, None),
        ("D", 2900, "regular", "hand", None, 990, None),
        ("E", 4900, "regular", "hand", 3900, 1990, Limit("month", 2, "card")),
        ("F", 7, "regular", "tool", 9, 8, None),
    )
)


def rich() -> Engine:
    """Return an engine with every kind of rule, in groups of each mode."""
    silent = ["points", "bonus", "coupon", "voucher"]
    earning = {"classes": ["regular", "swap"], "excluded_tenders": silent, "group": "earn"}
    return engine_of(
        groups={"price": "best", "clear": "first", "earn": "add"},
        prices=[
            {"id": "mp", "group": "price", "take": "member_price", "gives_class": "special"},
            {"id": "off", "group": "price", "basis_points": 9333, "categories": ["skin"]},
            {"id": "ten", "group": "clear", "basis_points": 9000, "skus": ["B", "F"]},
            {"id": "flat", "group": "clear", "fixed_fen": 3500, "who": "anyone", "skus": ["E"]},
            *(
                {
                    "id": f"swap{need}",
                    "group": "price",
                    "take": "swap_price",
                    "gives_class": "swap",
                    "needs": {"min_fen": need},
                    "max_per_receipt": 2,
                }
                for need in (5000, 10000)
            ),
        ],
        earn=[
            {"id": "spend", "step_fen": 100, "points": 1, **earning},
            {"id": "hand", "step_fen": 1000, "points": 7, "categories": ["hand"], **earning},
        ],
    )


RICH = rich()
engines = st.sampled_from([engine(), RICH])
members = st.sampled_from([None, m1(), m1(status="lost"), m1(kind="visitor", term_ends=None)])
lines = st.lists(
    st.builds(
        lambda product, qty, amount: BasketLine(0, product, qty, amount),
        st.sampled_from(PRODUCTS),
        st.integers(1, 4),
        st.one_of(st.none(), st.none(), st.integers(0, 12000)),
    ),
    min_size=1,
    max_size=5,
)
plans = st.lists(
    st.tuples(st.sampled_from([row.code for row in TENDERS]), st.integers(0, 9000)), max_size=3
)


def numbered(basket: list[BasketLine]) -> list[BasketLine]:
    return [BasketLine(n, one.product, one.qty, one.amount_fen) for n, one in enumerate(basket, 1)]


def paid(
    rules: Engine, basket: list[BasketLine], who: MemberFacts | None, plan: list[tuple[str, int]]
) -> Settlement:
    """Return the basket settled: parts as planned while they fit, cash for the rest."""
    priced = quote(numbered(basket), who, rules=rules)
    keyed: list[KeyedTender] = []
    for code, amount in plan:
        if 0 < amount < rules.due(priced, keyed, code):
            keyed.append(KeyedTender(code, amount))
    settled = rules.settle(priced, [*keyed, KeyedTender("cash", None)], TENDERS)
    if priced.bill_fen == 0:
        settled = rules.settle(priced, (), TENDERS)
    assert isinstance(settled, Settlement), settled
    return settled


@settings(deadline=None, max_examples=150)
@given(engines, lines, members, plans)
def test_money_adds_up_to_the_fen(
    rules: Engine, basket: list[BasketLine], who: MemberFacts | None, plan: list[tuple[str, int]]
) -> None:
    sold = paid(rules, basket, who, plan)
    priced = sold.quote
    assert sum(line.paid_fen for line in sold.lines) == priced.bill_fen
    assert sum(line.list_fen for line in sold.lines) == priced.list_fen
    assert priced.bill_fen + priced.saved_fen == priced.list_fen
    assert all(0 <= line.paid_fen <= line.list_fen for line in sold.lines)
    assert sum(tender.amount_fen for tender in sold.tenders) == sold.pay_fen
    assert 0 <= sold.rounding_fen < 10  # down, and by less than one unit
    assert sold.pay_fen == priced.bill_fen - sold.rounding_fen
    assert [line.n for line in sold.lines] == list(range(1, len(sold.lines) + 1))
    moved = sum(one.base - one.result for one in sold.applied if one.what == "price")
    assert moved == priced.saved_fen


@settings(deadline=None, max_examples=150)
@given(engines, lines, members, plans)
def test_points_add_up_and_need_a_member(
    rules: Engine, basket: list[BasketLine], who: MemberFacts | None, plan: list[tuple[str, int]]
) -> None:
    sold = paid(rules, basket, who, plan)
    assert sum(line.points for line in sold.lines) == sold.points >= 0
    assert sum(one.result for one in sold.applied if one.what == "points") == sold.points
    assert sold.points <= sold.quote.points
    assert bool(sold.lots) == bool(sold.points)
    if who is None or who.status != "active":
        assert sold.points == 0


@settings(deadline=None, max_examples=100)
@given(engines, lines)
def test_a_member_never_pays_more_than_a_passer_by(rules: Engine, basket: list[BasketLine]) -> None:
    goods = numbered(basket)
    assert quote(goods, m1(), rules=rules).bill_fen <= quote(goods, rules=rules).bill_fen


@settings(deadline=None, max_examples=100)
@given(engines, lines, members, st.integers(0, 2**32))
def test_the_order_of_lines_changes_neither_bill_nor_points(
    rules: Engine, basket: list[BasketLine], who: MemberFacts | None, seed: int
) -> None:
    shuffled = list(basket)
    random.Random(seed).shuffle(shuffled)
    one = quote(numbered(basket), who, rules=rules)
    other = quote(numbered(shuffled), who, rules=rules)
    assert (one.bill_fen, one.points) == (other.bill_fen, other.points)


@settings(deadline=None, max_examples=60)
@given(lines, members, plans)
def test_the_same_question_has_the_same_answer(
    basket: list[BasketLine], who: MemberFacts | None, plan: list[tuple[str, int]]
) -> None:
    assert paid(RICH, basket, who, plan) == paid(RICH, basket, who, plan)
    assert paid(rich(), basket, who, plan).lines == paid(RICH, basket, who, plan).lines


@settings(deadline=None, max_examples=100)
@given(engines, lines, members)
def test_one_line_of_three_is_three_lines_of_one(
    rules: Engine, basket: list[BasketLine], who: MemberFacts | None
) -> None:
    """Percentages floor per line, so only rules that price pieces are compared."""
    listed = [one for one in basket if one.amount_fen is None and one.product.sku in "ACDE"]
    pieces = [BasketLine(0, one.product, 1) for one in listed for _ in range(one.qty)]
    whole = quote(numbered(listed), who, rules=rules)
    parts = quote(numbered(pieces), who, rules=rules)
    if not any(line.rule == "off" for line in whole.lines):
        assert (whole.bill_fen, whole.points) == (parts.bill_fen, parts.points)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
def test_a_split_adds_up_and_is_fair(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    whole = sum(weights)
    assert sum(parts) == total
    if whole:
        fair = [total * weight / whole for weight in weights]
        assert all(abs(part - exact) < 1 for part, exact in zip(parts, fair, strict=True))
