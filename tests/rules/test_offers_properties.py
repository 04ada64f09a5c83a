"""What holds for promos, coupons, points as money and returns, whatever is bought."""

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.rules.cases import evaluate_case
from daemon.rules.document import parse
from daemon.rules.models import Pack
from daemon.rules.rounding import apportion
from tests.rules.shop import changed

SILENT = ["points", "bonus", "coupon", "voucher"]
PRODUCTS: list[dict[str, object]] = [
    {"sku": "A", "price": 12000, "category": "skin"},
    {"sku": "B", "price": 6803, "category": "skin", "member_price": 6000},
    {"sku": "D", "price": 2900, "category": "hand"},
    {"sku": "F", "price": 7, "category": "tool", "cost": 2, "brand": "b"},
]
PRICES: list[dict[str, object]] = [
    {"id": "mp", "group": "price", "take": "member_price", "gives_class": "special"},
    {"id": "off", "group": "more", "basis_points": 9333, "skus": ["B"]},
    {"id": "more", "group": "more", "basis_points": 8999, "skus": ["B"]},
    {"id": "plus", "group": "price", "cost_plus": 15000, "brands": ["b"]},
]
PROMOS: list[dict[str, object]] = [
    {"id": "off50", "group": "promo", "steps": [{"least": 20000, "off_fen": 5001}], "each": True},
    {
        "id": "half",
        "group": "promo",
        "categories": ["hand"],
        "bundle": {"size": 2, "basis_points": 5000},
    },
    {"id": "duo", "group": "promo", "goods_set": {"skus": ["A", "D"], "fixed_fen": 13001}},
    {
        "id": "five",
        "group": "sum",
        "on": "quantity",
        "on_lowered": True,
        "steps": [{"least": 3, "basis_points": 9700}, {"least": 5, "basis_points": 9001}],
    },
    {"id": "cut", "group": "sum", "on_lowered": True, "steps": [{"least": 100, "off_fen": 90}]},
]
REWARDS: list[dict[str, object]] = [
    {
        "id": "back",
        "group": "back",
        "payout": "coupon",
        "coupon": "c50",
        "steps": [{"min_fen": 10000, "give": 900}, {"min_fen": 30000, "give": 3000}],
    },
    {
        "id": "extra",
        "group": "back",
        "payout": "points",
        "mode": "per_multiple",
        "steps": [{"min_fen": 5000, "give": 7}],
    },
    {
        "id": "gift",
        "group": "back",
        "payout": "gift",
        "steps": [{"min_fen": 15000, "gifts": [{"sku": "F", "qty": 1}]}],
    },
]


def rich(seed: int = 0) -> Pack:
    """Return a pack with every kind of offer; the seed shuffles rules within their groups."""
    shuffled = random.Random(seed)
    sections = [list(section) for section in (PRICES, PROMOS, REWARDS)]
    if seed:
        for section in sections:
            shuffled.shuffle(section)
    groups = {"price": "best", "more": "add", "promo": "best", "sum": "add", "back": "add"}
    names = list(groups)
    shuffled.shuffle(names)
    # the order of groups is the pack's; only that within a group must not matter
    order = {"price": 0, "more": 1, "promo": 2, "sum": 3, "back": 4}
    for section in sections:
        section.sort(key=lambda rule: order[str(rule["group"])])
    earning = {"group": "spend", "excluded_tenders": SILENT}
    text = changed(
        groups={"spend": "best", **{name: groups[name] for name in names}},
        prices=sections[0],
        promos=sections[1],
        spend_rewards=sections[2],
        earn=[{"id": "spend", "step_fen": 100, "points": 3, **earning}],
        factors={"combine": "product", "rules": [{"id": "twice", "percent": 150}]},
        coupons=[
            {"id": "c50", "gives": "amount"},
            {"id": "p90", "gives": "percent", "basis_points": 9000, "categories": ["skin"]},
        ],
        offsets=[{"id": "offset", "block": 10, "value_fen": 70}],
        commissions=[{"id": "share", "payee": "employee", "basis_points": 333}],
        stored_value={},
        enrol=None,
        reversal={},
    )
    return parse(text)


PACK = rich()
goods = st.lists(
    st.tuples(st.sampled_from(["A", "B", "D", "F"]), st.integers(1, 4)), min_size=1, max_size=4
)
uses = st.fixed_dictionaries(
    {
        "points": st.sampled_from([0, 0, "max", 35]),
        "coupons": st.sampled_from([[], ["c50"], ["p90"]]),
        "tender": st.sampled_from(["cash", "stored_value", "mixed"]),
    }
)
MEMBER = {
    "id": "M1",
    "card": "8800000000018",
    "joined": "2025-05-05",
    "points": [
        {"amount": 90, "granted": "2025-06-01T10:00:00+08:00"},
        {"amount": 33, "granted": "2025-07-01T10:00:00+08:00"},
    ],
    "principal": [{"amount": 500_000, "granted": "2025-06-01T10:00:00+08:00"}],
    "bonus": [{"amount": 77_777, "granted": "2025-06-01T10:00:00+08:00"}],
    "coupons": [{"kind": "c50", "id": "c1", "value": 5000}, {"kind": "p90", "id": "p1"}],
    "growth": 11,
}
AT = "2026-03-06T10:00:00+08:00"


def run(pack, events):
    case = {
        "products": PRODUCTS,
        "stock": {"A": 90, "B": 90, "D": 90, "F": 90},
        "members": [MEMBER],
        "events": [{"at": AT, **event} for event in events],
    }
    return json.loads(json.dumps(evaluate_case(json.dumps(case), pack)))


def sale_of(basket, use):
    first = {"stored_value": "stored_value"}.get(str(use["tender"]), "cash")
    tenders: list[dict[str, object]] = [{"kind": first, "amount": "rest"}]
    if use["tender"] == "mixed":
        tenders = [
            {"kind": "bank", "amount": 1},
            {"kind": "stored_value", "amount": 1},
            {"kind": "cash", "amount": "rest"},
        ]
    return {
        "do": "sale",
        "member": "M1",
        "staff": "S1",
        "lines": [{"sku": sku, "qty": qty} for sku, qty in basket],
        "redeem": {"points": use["points"]},
        "coupons": use["coupons"],
        "tenders": tenders,
    }


def whole(member):
    """Return what a member has, whichever lots it lies in."""
    sums: dict[str, int] = {}
    for lot in member["lots"]:
        key = f"{lot['unit']} {lot['granted']} {lot['expires']}"
        sums[key] = sums.get(key, 0) + lot["amount"]
    held = sorted((one["id"], one["value"]) for one in member["coupons"])
    keys = ("points", "principal", "bonus", "growth", "claims")
    return {"lots": sums, "coupons": held, **{key: member[key] for key in keys}}


@settings(deadline=None, max_examples=120)
@given(goods, uses)
def test_money_adds_up_and_nothing_is_negative(basket, use) -> None:
    answer = run(PACK, [sale_of(basket, use)])
    sold = answer["events"][0]
    if not sold["ok"]:
        assert sold["refused"] in {"underpaid", "not_allowed", "purchase_too_small"}, sold
        return
    prices = {one["sku"]: one["price"] for one in PRODUCTS}
    assert sold["bill"] + sold["discount"] == sum(prices[sku] * qty for sku, qty in basket)
    saved = [one for one in sold["trace"] if one["what"] in ("price", "promo", "manual")]
    assert sum(one["in"] - one["out"] for one in saved) == sold["discount"] >= 0
    rounding = sum(one["in"] - one["out"] for one in sold["trace"] if one["what"] == "rounding")
    assert 0 <= rounding < 10
    assert sum(sold["paid_by"].values()) + rounding == sold["bill"] >= 0
    member = answer["members"]["M1"]
    assert min(member["points"], member["principal"], member["bonus"], member["claims"]) >= 0
    assert all(lot["amount"] > 0 for lot in member["lots"])
    assert all(one["value"] >= 0 for one in member["coupons"])


@settings(deadline=None, max_examples=120)
@given(goods, uses)
def test_bought_and_returned_nets_zero(basket, use) -> None:
    before = run(PACK, [])
    answer = run(PACK, [sale_of(basket, use), {"do": "return", "of": 0}])
    sold, back = answer["events"]
    if not sold["ok"]:
        return
    assert back["ok"], back
    assert back["pay"] == -sold["pay"]
    assert back["bill"] == -sold["bill"]
    assert back["discount"] == -sold["discount"]
    assert back["growth"] == -sold["growth"]
    assert {k: -v for k, v in sold["paid_by"].items()} == back["paid_by"]
    assert whole(answer["members"]["M1"]) == whole(before["members"]["M1"])
    assert answer["stock"] == before["stock"]
    paid = sum(one["amount"] for one in sold["commission"])
    assert paid + sum(one["amount"] for one in back["commission"]) == 0


@settings(deadline=None, max_examples=80)
@given(goods, uses, st.integers(1, 2**32))
def test_partial_returns_equal_one_full_return(basket, use, seed: int) -> None:
    sale = sale_of(basket, use)
    pieces = [place for place, (_, qty) in enumerate(basket) for _ in range(qty)]
    random.Random(seed).shuffle(pieces)
    if not run(PACK, [sale])["events"][0]["ok"]:
        return
    parts = [{"do": "return", "of": 0, "lines": [{"line": place, "qty": 1}]} for place in pieces]
    one, many = run(PACK, [sale, {"do": "return", "of": 0}]), run(PACK, [sale, *parts])
    backs = many["events"][1:]
    assert all(back["ok"] for back in backs), backs
    for key in ("pay", "bill", "discount", "growth"):
        assert sum(back[key] for back in backs) == one["events"][1][key], key
    assert whole(many["members"]["M1"]) == whole(one["members"]["M1"])
    assert all(value <= 0 for back in backs for value in back["paid_by"].values())
    again = run(PACK, [sale, *parts, parts[0]])["events"][-1]
    assert again["refused"] == "already_returned"


@settings(deadline=None, max_examples=80)
@given(goods, uses, st.integers(1, 2**32))
def test_the_order_of_rules_within_a_group_changes_nothing(basket, use, seed: int) -> None:
    one, other = (run(pack, [sale_of(basket, use)])["events"][0] for pack in (PACK, rich(seed)))
    for key in ("ok", "bill", "discount", "pay", "points", "paid_by"):
        assert one.get(key) == other.get(key), key


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_parts_of_a_growing_total_never_shrink(weights: list[int]) -> None:
    before = [0] * len(weights)
    for total in range(sum(weights) + 1):
        parts = apportion(total, weights)
        assert sum(parts) == total
        assert all(early <= late for early, late in zip(before, parts, strict=True))
        before = parts
    assert before == list(weights)
