"""What the counter books, the rules tell again: any sales, under a pack that uses all it can."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.ledger import accounts
from daemon.ledger.bodies import MemberEnrolled, Sale
from daemon.ledger.kinds import Kind, Unit, coupon_unit
from daemon.ledger.records import PackRef
from daemon.rules.document import parse, read
from daemon.rules.engine import Engine, compile_pack
from daemon.rules.history import Past, differences
from tests.counter.clerk import Clerk
from tests.counter.demo import LOT
from tests.counter.demo_goods import by_plu
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import changed

PACK = changed(
    groups={"price": "best", "spend": "best", "pick": "choice", "add": "add"},
    prices=[
        {"id": "mp", "group": "price", "take": "member_price", "gives_class": "special"},
        {"id": "few", "skus": ["ZZ-004"], "basis_points": 9000, "limit": {"qty": 2, "per": "day"}},
        {"id": "pick", "group": "pick", "skus": ["ZZ-011"], "basis_points": 8800},
    ],
    promos=[
        {
            "id": "off",
            "group": "add",
            "limit": {"times": 2, "per": "day"},
            "steps": [{"least": 20000, "off_fen": 1500}],
        }
    ],
    earn=[
        {
            "id": "spend",
            "step_fen": 100,
            "points": 1,
            "excluded_tenders": ["points", "bonus", "coupon", "voucher"],
            "cap": {"most": 900, "per": "day"},
        }
    ],
    coupons=[
        {"id": "ten", "gives": "amount", "value_fen": 1000, "limit": {"times": 2, "per": "month"}},
        {"id": "back", "gives": "amount"},
    ],
    offsets=[{"id": "offset", "block": 100, "value_fen": 1000, "max_share": 5000}],
    spend_rewards=[
        {
            "id": "again",
            "payout": "coupon",
            "coupon": "back",
            "counts": "day",
            "steps": [{"min_fen": 30000, "give": 2000}],
        }
    ],
    guard={"earning_sales_per_day": 4},
    manual=[{"id": "boss", "role": "manager", "max_off": 5000, "reasons": ["damaged"]}],
    stored_value={
        "min_fen": 100,
        "registered_max_fen": 500000,
        "bearer_max_fen": 100000,
        "spend_order": "bonus_first",
    },
)

WHO = ("", "8800000000018", "8800000000049", "8800000009999")
GOODS = ("1 ENTER", "4 ENTER", "9 ENTER", "3*9 ENTER", "11 ENTER", "13 ENTER", "8.8 +", "5 ENTER")
HAND = ("", "", "", "+ 1 ENTER 60 ENTER 1 ENTER 01 ENTER 1234 ENTER")
OWN = ("", "*4", "20*4", "30*3", "+ 1 ENTER", "+ 2 ENTER")
MONEY = ("ENTER", "*3", "*2", "300 ENTER", "*7 12 ENTER")

sales = st.lists(
    st.tuples(
        st.sampled_from(WHO),
        st.lists(st.sampled_from(GOODS), min_size=1, max_size=4),
        st.sampled_from(HAND),
        st.lists(st.sampled_from(OWN), max_size=3),
        st.sampled_from(MONEY),
    ),
    min_size=1,
    max_size=7,
)


def compiling(document: str, ref: PackRef) -> Engine:
    return compile_pack(parse(document), ref)


def past_of(clerk: Clerk, text: str = PACK) -> Past:
    """Return what a journal would have said of the demo shop before its first sale."""
    past = Past(compiling)
    past.products = {one.sku: one for one in by_plu().values()}
    past.members = {one.facts.id: one.facts for one in clerk.shop.members.values()}
    past.packs = {read(text).ref.hash: text}
    return past


opened = read(PACK)
UNDER = compile_pack(opened.pack, opened.ref)


def counter(under: Engine = UNDER) -> Clerk:
    clerk = Clerk(OwnShop(under=under))
    for member in ("M1", "M4"):
        clerk.shop.balance[accounts.bonus(member), Unit.BONUS, LOT] = 7777
        clerk.shop.balance[accounts.principal(member), Unit.PRINCIPAL, LOT] = 60000
        clerk.shop.balance[accounts.coupons(member), coupon_unit("ten"), LOT] = 4
    return clerk


@settings(deadline=None, max_examples=120)
@given(sales)
def test_whatever_is_sold_and_paid_is_told_again_to_the_fen(
    day: list[tuple[str, list[str], str, list[str], str]],
) -> None:
    clerk = counter()
    for who, goods, hand, own, money in day:
        if who:
            clerk.swipes(who)
        for keys in (*goods, hand, "ENTER", *own, money, "ENTER", "*2"):
            clerk.keys(keys)
        clerk.keys("CLEAR CLEAR")
    past = past_of(clerk)
    for durable in clerk.shop.journal:
        permitted = durable.entry.kind is Kind.PRICE_OVERRIDDEN  # no figure is reckoned there
        assert differences(past, durable.entry) == (None if permitted else [])
        past.apply(durable.entry)
    sold = [one.entry.body for one in clerk.shop.journal if one.entry.kind is Kind.SALE]
    for sale in sold:
        assert isinstance(sale, Sale)
        paid = sum(tender.amount_fen for tender in sale.tenders)
        assert paid + sale.rounding_fen + (sale.list_fen - sale.bill_fen) == sale.list_fen
        assert sum(one.worth_fen for one in sale.spent) <= sale.pay_fen


def test_the_days_above_reach_what_they_are_meant_to() -> None:
    """Coupons, points, value, a price by hand, a choice, a limit, a frozen grant, a reward."""
    clerk = counter()
    for keys in (
        "11 ENTER 5 ENTER 5 ENTER 1 ENTER + 4 ENTER 60 ENTER 1 ENTER 01 ENTER 1234 ENTER"
        " ENTER + 2 ENTER + 1 ENTER 10*4 30*3 *2",
        *("4 ENTER ENTER *2",) * 5,
    ):
        clerk.swipes("8800000000018")
        clerk.keys(keys)
    bodies = [one.entry.body for one in clerk.shop.journal]
    sold = [body for body in bodies if isinstance(body, Sale)]
    assert len(sold) == 6
    first = sold[0]
    assert {one.unit for one in first.spent} == {"coupon:ten", "point", "bonus"}
    assert any(line.by_hand for line in first.lines)
    assert "pick" in {line.rule.split("+")[0] for line in first.lines}
    assert "coupon:back" in {lot.unit for sale in sold for lot in sale.lots}
    assert [sale.frozen for sale in sold][-1] == "sales_per_day"
    assert {use.what for sale in sold for use in sale.uses} >= {"spend", "few", "ten", "off"}


def test_a_visitor_earns_and_spends_what_is_held_here() -> None:
    clerk = counter()
    card = "8800000009999"
    clerk.shop.balance[accounts.points(accounts.visitor(card)), Unit.POINT, LOT] = 300
    clerk.swipes(card)
    clerk.keys("CLEAR 4 ENTER ENTER *4 *2")
    sale = clerk.shop.journal[-1].entry.body
    assert isinstance(sale, Sale)
    assert [(one.unit, one.amount) for one in sale.spent] == [("point", 300)]
    assert sale.member == accounts.visitor(card)


# Line by line, paid for by two, and let in by pieces or by what was bought before with the card.
MORE: dict[str, object] = json.loads(PACK)
EARNED = {"fund": "shared", "hq_share": 3333, "cap": {"most": 2, "unit": "times", "per": "day"}}
MORE |= {
    "rounding": {"basis": "line", "cash": {"unit_fen": 10, "mode": "down", "tenders": ["cash"]}},
    "prices": [
        {"id": "mp", "group": "price", "take": "member_price", "gives_class": "special"},
        {"id": "old", "group": "price", "basis_points": 9100, "when": {"joined_for": "P1M"}},
        {"id": "hol", "group": "price", "basis_points": 8900, "when": {"holidays": True}},
    ],
    "earn": [{**MORE["earn"][0], **EARNED}],  # type: ignore[index]
    "calendar": {"holidays": ["2026-03-06"]},
    "reminders": [],
    "entitlements": [],
    "enrol": {
        "terms": "T1",
        "card_sku": "CARD",
        "channels": [
            {"kind": "purchase", "min_qty": 2, "within": "P1D", "goods": {"skus": ["ZZ-004"]}},
            {"kind": "fee", "amount_fen": 4800},
        ],
        "joining_purchase_saves": "back",
        "rewards": [
            {"id": "join", "points": 101, "fund": "shared", "hq_share": 5000},
            {"id": "hello", "coupon": {"kind": "ten"}, "channels": ["purchase"]},
        ],
    },
}
MORE_TEXT = json.dumps(MORE)
MORE_UNDER = compile_pack(parse(MORE_TEXT), read(MORE_TEXT).ref)
JOINS = "/2 ..8800000001015 ENTER {} 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER ENTER *2"


@settings(deadline=None, max_examples=60)
@given(sales, st.sampled_from(["1", "2"]))
def test_lines_alone_and_who_is_let_in_are_told_again(
    day: list[tuple[str, list[str], str, list[str], str]], channel: str
) -> None:
    clerk = counter(MORE_UNDER)
    for who, goods, _, own, money in day:
        if who:
            clerk.swipes(who)
        for keys in (*goods, "ENTER", *own, money, "ENTER", "*2"):
            clerk.keys(keys)
        clerk.keys("CLEAR CLEAR")
    clerk.keys(JOINS.format(channel))
    clerk.keys("CLEAR CLEAR CLEAR")
    past = past_of(clerk, MORE_TEXT)
    for durable in clerk.shop.journal:
        assert differences(past, durable.entry) == []
        past.apply(durable.entry)


def test_the_days_above_let_somebody_in_by_pieces() -> None:
    clerk = counter(MORE_UNDER)
    clerk.keys("4 ENTER 4 ENTER ENTER *2 CLEAR CLEAR")
    clerk.keys(JOINS.format("2"))
    joined = clerk.shop.journal[-1].entry
    assert isinstance(joined.body, MemberEnrolled)
    assert [(lot.unit, lot.hq_part) for lot in joined.body.lots][:2] == [
        ("point", 50),
        ("coupon:ten", 0),
    ]
    assert next(one.base for one in joined.body.applied if one.what == "fee") == 2
    past = past_of(clerk, MORE_TEXT)
    past.apply(clerk.shop.journal[0].entry)
    assert differences(past, joined) == []
    fewer = replace(joined.body, points=100)
    assert differences(past, replace(joined, body=fewer)) == ["points: 100 then, 101 now"]
