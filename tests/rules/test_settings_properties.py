"""What holds whatever a pack says of joining, lines, funding and rights, whatever happens."""

import json
import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.rules.cases import evaluate_case
from daemon.rules.document import canonical_hash, parse
from daemon.rules.models import Pack
from tests.rules.shop import changed, engine_of, m1, quote
from tests.rules.test_properties import lines, numbered, paid, plans

SILENT = ["points", "bonus", "coupon", "voucher"]
EARN = {"group": "earn", "excluded_tenders": SILENT}
EARNING: list[dict[str, object]] = [
    {"id": "spend", "step_fen": 300, "points": 2, "fund": "shared", "hq_share": 3333, **EARN},
    {"id": "hand", "step_fen": 1000, "points": 7, "categories": ["hand"], "fund": "hq", **EARN},
    {"id": "skin", "step_fen": 700, "points": 3, "categories": ["skin"], **EARN},
]
PRICES: list[dict[str, object]] = [
    {"id": "hol", "group": "p", "basis_points": 8777, "when": {"holidays": True}},
    {"id": "old", "group": "p", "basis_points": 9111, "when": {"joined_for": "P1M"}},
    {"id": "all", "group": "p", "basis_points": 9333, "who": "anyone"},
]
RULES = {str(one["id"]): one for one in EARNING}
HOLIDAYS = {"holidays": ["2026-03-06"]}


def sections(basis: str, mode: str = "add") -> dict[str, object]:
    return {
        "groups": {"p": "best", "earn": mode},
        "rounding": {"basis": basis},
        "prices": PRICES,
        "earn": EARNING,
        "calendar": HOLIDAYS,
        "reminders": [],
        "entitlements": [],
    }


ENGINES = {
    (basis, mode): engine_of(**sections(basis, mode))
    for basis in ("receipt", "line")
    for mode in ("best", "add", "first")
}


@settings(deadline=None, max_examples=120)
@given(st.sampled_from(["best", "add", "first"]), lines, plans)
def test_lines_alone_earn_what_they_hold_and_never_more_than_the_receipt(mode, basket, plan):
    alone, whole = (paid(ENGINES[basis, mode], basket, m1(), plan) for basis in ("line", "receipt"))
    assert sum(line.points for line in alone.lines) == alone.points <= whole.points
    for basis, sold in (("line", alone), ("receipt", whole)):
        for one in sold.applied:
            if one.what != "points":
                continue
            rule = RULES[one.rule]
            exact = Fraction(one.base * int(str(rule["points"])), int(str(rule["step_fen"])))
            floors = len(sold.lines) if basis == "line" else 1
            assert 0 <= exact - one.result < floors * int(str(rule["points"])), (basis, one)
        hq = sum(lot.hq_part for lot in sold.lots)
        assert 0 <= hq <= sold.points


@settings(deadline=None, max_examples=120)
@given(lines, plans)
def test_rounding_never_favours_the_house_beyond_what_is_declared(basket, plan):
    """A percentage is floored: nobody pays a fen more than it; money adds up to the list price."""
    sold = paid(ENGINES["line", "add"], basket, m1(), plan)
    shares = {str(one["id"]): int(str(one["basis_points"])) for one in PRICES}
    for line in sold.lines:
        if line.rule:
            exact = Fraction(line.list_fen * shares[line.rule], 10_000)
            assert 0 <= exact - line.paid_fen < 1, line
        else:
            assert line.paid_fen == line.list_fen
    spent = sum(one.amount_fen for one in sold.tenders)
    discount = sold.quote.saved_fen + sold.rounding_fen
    assert spent + discount == sold.quote.list_fen == sum(line.list_fen for line in sold.lines)


def turned(value: object, shuffled: random.Random) -> object:
    """Return the same document with the keys of every object in another order."""
    if isinstance(value, dict):
        keys = list(value)
        shuffled.shuffle(keys)
        return {key: turned(value[key], shuffled) for key in keys}
    if isinstance(value, list):
        return [turned(one, shuffled) for one in value]
    return value


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["best", "add"]), lines, st.integers(1, 2**32))
def test_neither_the_order_of_keys_nor_of_rules_in_a_group_matters(mode, basket, seed):
    shuffled = random.Random(seed)
    said = sections("line", mode)
    text = changed(**said)
    other = json.dumps(turned(json.loads(text), shuffled))
    assert canonical_hash(text) == canonical_hash(other)
    mixed = dict(said)
    for name in ("prices", "earn"):
        rules = list(mixed[name])  # type: ignore[call-overload]
        shuffled.shuffle(rules)
        mixed[name] = rules
    goods, first = numbered(basket), quote(numbered(basket), m1(), rules=ENGINES["line", mode])
    again = quote(goods, m1(), rules=engine_of(**mixed))
    assert (first.bill_fen, first.points) == (again.bill_fen, again.points)


# -- histories ----------------------------------------------------------------------------------

LIVE = {
    "groups": {"price": "best", "earn": "add"},
    "rounding": {"basis": "line"},
    "earn": EARNING,
    "coupons": [
        {"id": "voucher", "gives": "amount", "life": "P1M"},
        {"id": "ten", "gives": "percent", "basis_points": 9000},
    ],
    "offsets": [{"id": "o", "block": 10, "value_fen": 100}],
    "stored_value": {
        "ladder": [{"id": "t", "min_fen": 10000, "bonus_fen": 777, "points": 9, "fund": "hq"}]
    },
    "enrol": {
        "terms": "T1",
        "card_sku": "CARD",
        "term": "P1Y",
        "channels": [
            {"kind": "purchase", "min_total_fen": 15000, "within": "P1M", "fee_waived_for": "P1Y"},
            {"kind": "topup", "min_single_fen": 10000},
            {"kind": "fee", "amount_fen": 4800},
        ],
        "joining_purchase_earns": True,
        "joining_purchase_saves": "voucher",
        "on_joining_return": "take_back",
        "family_cards": 1,
        "rewards": [
            {"id": "join", "points": 101, "fund": "shared", "hq_share": 5000},
            {"id": "ten-off", "coupon": {"kind": "ten"}, "channels": ["purchase"]},
        ],
        "renew": {"channels": [{"kind": "fee", "amount_fen": 4800}], "before": "P300D"},
    },
    "levels": {
        "review_on": "04-01",
        "down": "to_reached",
        "window": "P1M",
        "list": [
            {"id": "basic", "name": "b", "needs": {}},
            {"id": "gold", "name": "g", "needs": {"goods_pieces": 2}, "fee_fen": 9800},
        ],
        "goods": {"categories": ["hand"]},
    },
    "calendar": {**HOLIDAYS, "life_events": [{"id": "wedding", "name": "w"}]},
    "entitlements": [
        {"id": "wine", "unit": "item", "on": "life_event", "either": "e", "sku": "D"},
        {"id": "tea", "unit": "count", "on": "life_event", "either": "e", "qty": 3},
        {
            "id": "graded",
            "unit": "item",
            "on": "enrol",
            "grades": [{"min_fen": 100, "qty": 1}],
            "graded_within": "P1Y",
        },
    ],
    "reminders": [],
    "transfer": {},
}
GOODS = [
    {"sku": "A", "price": 12000, "category": "skin"},
    {"sku": "B", "price": 6803, "category": "skin", "member_price": 6000},
    {"sku": "D", "price": 2900, "category": "hand"},
]
CASH = [{"kind": "cash", "amount": "rest"}]
CARDS = ("8800000000025", "8800000000032")
who = st.sampled_from([None, "M1", *CARDS])
bought = st.lists(
    st.fixed_dictionaries({"sku": st.sampled_from("ABD"), "qty": st.integers(1, 3)}),
    min_size=1,
    max_size=2,
)
NOBODYS = {"do": "sale", "member": None, "lines": [{"sku": "A", "qty": 2}], "tenders": CASH}
happening = st.one_of(
    st.just(NOBODYS),
    st.fixed_dictionaries(
        {
            "do": st.just("sale"),
            "member": who,
            "lines": bought,
            "redeem": st.sampled_from([{}, {}, {"points": 10}, {"points": "max"}]),
            "coupons": st.sampled_from([[], [], ["voucher"], ["ten"]]),
            "tenders": st.just(CASH),
        }
    ),
    st.fixed_dictionaries(
        {
            "do": st.just("enrol"),
            "card": st.sampled_from(CARDS),
            "channel": st.sampled_from(["purchase", "purchase", "topup", "fee"]),
            "of": st.lists(st.just(0), min_size=1, max_size=2),
            "level": st.sampled_from(["", "", "", "gold"]),
            "tenders": st.just(CASH),
        }
    ),
    st.fixed_dictionaries({"do": st.just("return"), "of": st.integers(0, 6)}),
    st.fixed_dictionaries(
        {
            "do": st.just("topup"),
            "member": st.sampled_from(["M1", *CARDS]),
            "amount": st.sampled_from([9999, 10000, 20000]),
        }
    ),
    st.fixed_dictionaries(
        {"do": st.just("life_event"), "member": st.just("M1"), "event": st.just("wedding")}
    ),
    st.fixed_dictionaries(
        {
            "do": st.just("redeem_gift"),
            "member": st.just("M1"),
            "rule": st.sampled_from(["wine", "tea"]),
        }
    ),
    st.fixed_dictionaries(
        {"do": st.just("enrol"), "card": st.just(CARDS[1]), "family_of": st.just("M1")}
    ),
    st.just({"do": "tick"}),
)
JOINED = [
    NOBODYS,
    {"do": "enrol", "card": CARDS[0], "channel": "purchase", "of": [0], "level": ""},
    {"do": "return", "of": 1},
]  # somebody joins by what he bought, and brings it back, with anything in between
steps = st.lists(st.tuples(happening, st.integers(0, 20)), min_size=1, max_size=4)
histories = st.one_of(
    st.lists(st.tuples(happening, st.integers(0, 20)), min_size=3, max_size=9),
    st.tuples(steps, steps, steps).map(
        lambda parts: [
            one
            for event, part in zip(JOINED, parts, strict=True)
            for one in ((event, 0), *part[:2])
        ]
    ),
)


def aimed(event, events):
    """Return which of the events so far an enrolment or a return is about."""
    sales = [n for n, one in enumerate(events) if one["do"] == "sale"]
    let_in = [one["of"] for one in events if one.get("channel") == "purchase" and one["of"]]
    if event["do"] == "return" and let_in and event["of"] % 2:
        return let_in[-1][0]
    if event["do"] == "return":
        return sales[event["of"] % len(sales)] if sales else 0
    if event["channel"] == "topup":
        mine = [n for n, one in enumerate(events) if one.get("member") == event["card"]]
        return mine[-1:]
    nobodys = [n for n in sales if events[n]["member"] in (None, event["card"])]
    return nobodys[-len(event["of"]) :]


def lived(pack: Pack, history):
    """Return what becomes of it: `of` names the last of what it may name."""
    day = 1
    events: list[dict[str, object]] = []
    for event, later in history:
        day += later
        more = {"of": aimed(event, events)} if "of" in event else {}
        if event.get("channel") in ("purchase", "topup"):
            more |= {"tenders": [], "level": ""}  # nothing is to be paid
        month, of_month = 1 + (day - 1) // 28 % 12, 1 + (day - 1) % 28
        events.append({"at": f"2026-{month:02}-{of_month:02}T10:00:00+08:00", **event, **more})
    member = {"id": "M1", "card": "8800000000018", "joined": "2025-12-05", "points": []}
    stock = {"CARD": 9, "A": 90, "B": 90, "D": 90}
    case = {"products": GOODS, "stock": stock, "members": [member], "events": events}
    return json.loads(json.dumps(evaluate_case(json.dumps(case), pack)))


LIVED = parse(changed(**LIVE))


@settings(deadline=None, max_examples=150)
@given(histories)
def test_no_history_makes_negative_money_points_or_rights(history):
    answer = lived(LIVED, history)
    for told in answer["events"]:
        if not told["ok"]:
            assert told["why"]
        elif "bill" in told:
            assert told["claim"] >= 0
    for member in answer["members"].values():
        keys = ("points", "principal", "bonus", "growth", "claims")
        assert min(member[key] for key in keys) >= 0, member
        assert all(lot["amount"] > 0 for lot in member["lots"])
        for lot in member["lots"]:
            assert lot.get("hq_part", 0) == (50 if lot["source"] == "join" else 0) or (
                lot["hq_part"] >= 0 and lot["source"] in ("sale", "topup")
            ), lot
        assert all(one["value"] >= 0 for one in member["coupons"])


@settings(deadline=None, max_examples=60)
@given(histories)
def test_the_same_history_has_the_same_end(history):
    assert lived(LIVED, history) == lived(parse(changed(**LIVE)), history)
