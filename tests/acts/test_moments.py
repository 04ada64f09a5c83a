"""What the box writes down by itself: levels, pay-outs, points of goods listed after their sale."""

from pathlib import Path

import pytest
from msgspec import structs
from msgspec.structs import replace

from daemon.clock import ClockState
from daemon.ledger import accounts
from daemon.ledger.bodies import CouponIssued, LevelChanged, Promised, SaleClaimed
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import Product, Products
from daemon.lifeevents import LifeAsked, happened
from daemon.rules.types import BasketLine
from tests.acts.settled import Shop, body_of
from tests.acts.till import line

ENROL = {"terms": "T1", "card_sku": "CARD", "channels": [{"kind": "grant"}]}
LISTED = [
    {"id": "basic", "name": "普通", "needs": {}},
    {
        "id": "silver",
        "name": "银卡",
        "needs": {"growth": 200},
        "coupon": {"kind": "c20", "value_fen": 2000, "life": "P1M"},
    },
]
LEVELS = {
    "growth": [{"id": "grow", "on": "sale", "step_fen": 100, "growth": 1}],
    "window": "P1Y",
    "validity": "P1Y",
    "down": "to_reached",
    "list": LISTED,
}
COUPONS = [{"id": "c20", "gives": "amount"}]
YEARLY_RIGHT = [{"id": "wash", "unit": "count", "on": "period", "every": "month", "qty": 1}]
CREAM = Product("CREAM", "cream", 10000, barcode="6901234100013")
SILENT = ["points", "bonus", "coupon", "voucher"]
SPEND = {"id": "spend", "step_fen": 100, "points": 1, "excluded_tenders": SILENT}


def cream(qty: int = 1) -> BasketLine:
    return BasketLine(1, CREAM, qty)


def scanned(fen: int, code: str = "6900000000011", n: int = 1) -> BasketLine:
    """A code that nobody has listed, with a price that was keyed."""
    return BasketLine(n, Product("", "无码商品"), 1, fen, code, unlisted=True)


@pytest.fixture
def shop(tmp_path: Path):
    made = Shop(tmp_path, enrol=ENROL, levels=LEVELS, coupons=COUPONS, prices=[])
    yield made
    made.till.close()


def changes(shop: Shop) -> list[tuple[str, str, str]]:
    found = [entry.body for entry in shop.entries("level.changed")]
    return [
        (body.before, body.level, body.reason) for body in found if isinstance(body, LevelChanged)
    ]


def test_a_sale_that_reaches_a_level_is_followed_by_its_entry_and_its_coupon(shop: Shop) -> None:
    member = shop.joins()
    sale = shop.sells(cream(), member=member)
    assert (body_of(sale).growth, shop.level(member)) == (100, "basic")
    shop.sells(cream(), member=member)
    assert shop.level(member) == "silver"
    assert changes(shop) == [("", "basic", "growth"), ("basic", "silver", "growth")]
    (coupon,) = shop.entries("coupon.issued")
    assert isinstance(coupon.body, CouponIssued)
    assert (coupon.body.coupon, coupon.body.value_fen) == ("c20", 2000)
    assert coupon.body.lots[0].expires == "2026-04-06T10:00:00+08:00"
    shop.beats()
    assert len(changes(shop)) == 2, "nothing is due, and nothing is written twice"


def test_a_level_is_reviewed_on_its_day_by_what_was_not_brought_back(shop: Shop) -> None:
    member = shop.joins()
    shop.sells(cream(), member=member)
    late = shop.sells(cream(), member=member)
    shop.till.done("return", sale=id_of(late), lines=[{"n": 1, "qty": 1}])
    assert shop.level(member) == "silver", "a return takes growth, and no level at once"
    shop.till.later(days=364)
    shop.beats()
    assert shop.level(member) == "silver"
    shop.till.later(days=1)
    shop.beats()
    assert shop.level(member) == "basic"
    assert changes(shop)[-1] == ("silver", "basic", "review")
    row = shop.till.facts.row(member)
    assert row is not None and row.level_until == "2028-03-06T10:00:00+08:00"
    shop.beats()
    assert len(changes(shop)) == 3


def test_a_level_that_is_kept_is_looked_at_again_a_year_later(shop: Shop) -> None:
    member = shop.joins()
    shop.sells(cream(2), member=member)
    shop.till.later(days=200)
    shop.sells(cream(2), member=member)
    shop.till.later(days=170)
    shop.beats()
    assert changes(shop)[-1] == ("silver", "silver", "review")
    shop.till.later(days=3 * 365)
    shop.beats()
    assert changes(shop)[-1] == ("silver", "basic", "review"), "two reviews passed meanwhile"


def test_a_rise_that_a_power_cut_swallowed_is_written_at_the_next_start(shop: Shop) -> None:
    member = shop.joins()
    shop.is_deaf = True
    shop.sells(cream(2), member=member)
    assert shop.level(member) == "basic"
    shop.again()
    shop.beats()
    assert shop.level(member) == "silver"


@pytest.mark.parametrize("state", [ClockState.UNKNOWN, ClockState.ESTIMATED])
def test_what_time_brings_waits_for_a_clock_that_is_trusted(
    tmp_path: Path, state: ClockState
) -> None:
    shop = Shop(tmp_path, enrol=ENROL, levels=LEVELS, coupons=COUPONS, entitlements=YEARLY_RIGHT)
    member = shop.joins()
    shop.sells(cream(2), member=member)
    shop.till.later(days=800)
    shop.till.clock.state = state
    before = shop.till.store.head.seq
    shop.beats()
    assert shop.till.store.head.seq == before, "neither a review nor a right"
    shop.till.clock.state = ClockState.SYNCED
    shop.beats()
    assert changes(shop)[-1] == ("silver", "basic", "review")
    assert shop.entries("entitlement.opened")
    shop.till.close()


def test_of_a_chain_a_shop_raises_provisionally_and_reviews_nobody(tmp_path: Path) -> None:
    levels = LEVELS | {"decided_by": "chain"}
    shop = Shop(tmp_path, enrol=ENROL, levels=levels, coupons=COUPONS, prices=[])
    member = shop.joins()
    shop.sells(cream(2), member=member)
    rises = [entry.body for entry in shop.entries("level.changed")]
    assert {(one.level, one.provisional) for one in rises if isinstance(one, LevelChanged)} == {
        ("basic", True),
        ("silver", True),
    }
    shop.till.later(days=800)
    before = len(shop.entries("level.changed"))
    shop.beats()
    assert len(shop.entries("level.changed")) == before
    shop.till.close()


def test_what_the_stock_asks_for_is_noted_as_time_goes_by(tmp_path: Path) -> None:
    shop = Shop(tmp_path, stock={"low": True})
    shop.beats()
    assert shop.moments.note == ""
    shop.till.down("products", Products((Product("TOY", "bear", 1000, stock_min=10),)))
    shop.beats()
    assert "1 below the least" in shop.moments.note
    shop.till.close()


def test_who_joined_elsewhere_rises_here_and_is_reviewed_there(shop: Shop) -> None:
    shop.till.admit("M1")
    shop.sells(cream(2), member="M1")
    assert shop.level("M1") == "silver"
    shop.till.later(days=800)
    shop.beats()
    assert shop.level("M1") == "silver"


def test_money_rewards_become_a_voucher_when_their_quarter_has_ended(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        prices=[],
        earn=[{**SPEND, "unit": "reward"}],
        coupons=[{"id": "voucher", "gives": "amount"}],
        expiry={"kind": "payout", "every": "quarter", "to": "voucher", "voucher_life": "P1Y"},
        reminders=[],
    )
    shop.till.admit("M1")
    first = shop.sells(BasketLine(1, priced(32000), 1), member="M1")
    shop.sells(BasketLine(1, priced(48000), 1), member="M1")
    shop.beats()
    assert shop.entries("coupon.issued") == []
    shop.till.later(days=26)  # 1 April
    shop.beats()
    (paid,) = shop.entries("coupon.issued")
    body = paid.body
    assert isinstance(body, CouponIssued)
    assert (body.value_fen, sum(part.amount for part in body.paid)) == (800, 800)
    assert body.lots[0].expires == "2027-04-01T00:00:00+08:00"
    assert shop.till.has(accounts.reward("M1"), Unit.REWARD) == 0
    shop.beats()
    assert len(shop.entries("coupon.issued")) == 1
    shop.till.done("return", sale=id_of(first), lines=[{"n": 1, "qty": 1}])
    assert shop.till.has(accounts.claim("M1"), "claim:reward") == 320, "paid out: owed back"
    shop.sells(BasketLine(1, priced(48000), 1), member="M1")
    assert shop.till.has(accounts.claim("M1"), "claim:reward") == 0
    assert shop.till.has(accounts.reward("M1"), Unit.REWARD) == 160
    shop.till.close()


def priced(fen: int) -> Product:
    return structs.replace(CREAM, price_fen=fen)


@pytest.fixture
def open_shop(tmp_path: Path):
    made = Shop(tmp_path, prices=[], earn=[{**SPEND, "classes": ["regular"]}], unlisted="later")
    made.till.admit("M1")
    yield made
    made.till.close()


def claims(shop: Shop) -> list[SaleClaimed]:
    found = [entry.body for entry in shop.entries("sale.claimed")]
    return [body for body in found if isinstance(body, SaleClaimed)]


def test_goods_that_are_listed_after_their_sale_earn_once(open_shop: Shop) -> None:
    shop = open_shop
    sale = shop.sells(scanned(8850), member="M1")
    assert [(one.n, one.code) for one in body_of(sale).later] == [(1, "6900000000011")]
    shop.sells(
        scanned(5000),
        member="M1",
    )
    shop.sells(scanned(5000))
    shop.sells(scanned(700, code="6900000000028"), member="M1")
    shop.sells(scanned(700, code=""), member="M1")
    assert shop.till.points("M1") == 0
    listed = Product("TOY", "toy", 8850, barcode="6900000000011")
    shop.lists(listed, CREAM)
    assert [(one.points, one.lines, one.sku) for one in claims(shop)] == [
        (88, (88,), "TOY"),
        (50, (50,), "TOY"),
    ]
    assert shop.till.points("M1") == 138
    shop.lists(listed)
    assert shop.till.points("M1") == 138, "a price list that comes again earns nothing"


def test_a_listed_special_earns_nothing(open_shop: Shop) -> None:
    open_shop.sells(scanned(8850), member="M1")
    open_shop.lists(Product("TOY", "toy", 100, cls="special", barcode="6900000000011"))
    assert open_shop.till.points("M1") == 0 and claims(open_shop) == []


@pytest.mark.parametrize("early", [0, 1, 2])
def test_pieces_that_came_back_earn_nothing_whenever_they_came(open_shop: Shop, early: int) -> None:
    """The net effect is that of the returned pieces alone."""
    shop = open_shop
    line = replace(scanned(15000), qty=3)
    name = id_of(shop.sells(line, member="M1"))
    for _ in range(early):
        shop.till.done("return", sale=name, lines=[{"n": 1, "qty": 1}])
    shop.lists(Product("TOY", "toy", 5000, barcode="6900000000011"))
    assert shop.till.points("M1") == 150 - 50 * early
    for back in range(early + 1, 4):
        shop.till.done("return", sale=name, lines=[{"n": 1, "qty": 1}])
        assert shop.till.points("M1") == 150 - 50 * back


@pytest.mark.parametrize(
    ("spent", "left"), [(0, 0), (40_000, 60)], ids=["unused: all of it", "used: its part"]
)
def test_commission_on_a_topup_goes_back_with_the_money(
    open_shop: Shop, spent: int, left: int
) -> None:
    till = open_shop.till
    share = [{"staff": "02", "amount_fen": 150}]
    paid = [{"code": "cash", "amount_fen": 100_000}]
    name = till.done("topup", member="M1", amount_fen=100_000, tenders=paid, commission=share)
    assert till.has(accounts.commission("02")) == -150
    if spent:
        till.done("sale", member="M1", lines=[line(1, "TOY", spent)], value_fen=spent)
    till.done("value.refunded", topup=name)
    assert till.has(accounts.commission("02")) == -left
    assert till.has(accounts.COMMISSION_COST) == left


RIGHTS = [
    {"id": "mag", "unit": "issue", "on": "period", "every": "quarter", "life": "P1M", "sku": "MAG"},
    {"id": "wash", "unit": "count", "on": "enrol", "qty": 2},
    {"id": "card", "unit": "item", "on": "level", "levels": ["silver"], "sku": "CASE"},
]


def rights(shop: Shop) -> list[tuple[str, int, str | None]]:
    found = [entry.body for entry in shop.entries("entitlement.opened")]
    return [
        (body.rule, body.qty, body.lots[0].expires) for body in found if isinstance(body, Promised)
    ]


def test_rights_open_on_their_day_once_and_with_a_level(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path, enrol=ENROL, levels=LEVELS, coupons=COUPONS, prices=[], entitlements=RIGHTS
    )
    member = shop.joins()
    shop.beats()
    shop.beats()
    assert rights(shop) == [("wash", 2, None)]
    shop.sells(cream(2), member=member)
    assert rights(shop)[1:] == [("card", 1, None)]
    shop.till.later(days=26)  # 1 April
    shop.beats()
    shop.again()
    shop.beats()
    assert rights(shop)[2:] == [("mag", 1, "2026-05-01T00:00:00+08:00")]
    lots = shop.till.store.books.lots(accounts.waiting(member), Unit.PIECE)
    assert sorted(lot.amount for lot in lots) == [1, 1, 2]
    mag = next(lot for lot in lots if lot.expires)
    shop.till.done("entitlement.handed_over", member=member, lot=mag.lot)
    shop.till.later(days=70)  # the quarter is old, and what it opened has been fetched
    shop.beats()
    assert len(rights(shop)) == 3
    shop.till.close()


MARRIED = {"life_events": [{"id": "wedding", "name": "结婚"}, {"id": "birth", "name": "生孩子"}]}
CHOICE = [
    {"id": "wine", "unit": "item", "on": "life_event", "events": ["wedding"], "qty": 2},
    {
        "id": "cake",
        "unit": "item",
        "on": "enrol",
        "grades": [{"min_fen": 20000, "qty": 3}],
        "graded_within": "P1Y",
    },
    {"id": "tea", "unit": "item", "on": "enrol", "either": "hello"},
    {"id": "soap", "unit": "item", "on": "enrol", "either": "hello"},
]


def test_a_life_event_opens_its_right_once_a_day(tmp_path: Path) -> None:
    shop = Shop(tmp_path, enrol=ENROL, levels=None, calendar=MARRIED, entitlements=CHOICE[:1])
    member, facts = shop.joins(), shop.till.facts
    told = happened(facts, shop.rules, LifeAsked(member, "wedding"))
    assert (told.ok, [(one.rule, one.qty) for one in told.opened]) == (True, [("wine", 2)])
    assert happened(facts, shop.rules, LifeAsked(member, "wedding")).opened == []
    assert happened(facts, shop.rules, LifeAsked(member, "birth")).opened == []
    assert not happened(facts, shop.rules, LifeAsked(member, "army")).ok
    assert not happened(facts, shop.rules, LifeAsked("nobody", "wedding")).ok
    shop.till.later(days=1)
    assert len(happened(facts, shop.rules, LifeAsked(member, "wedding")).opened) == 1
    shop.till.close()


def test_rights_are_graded_by_purchases_and_of_a_choice_one_is_taken(tmp_path: Path) -> None:
    shop = Shop(tmp_path, enrol=ENROL, levels=None, prices=[], entitlements=CHOICE[1:])
    rich = shop.joins()
    shop.sells(cream(2), member=rich)
    shop.beats()
    assert rights(shop) == [("cake", 3, None), ("tea", 1, None), ("soap", 1, None)]
    waiting = accounts.waiting(rich)
    lots = shop.till.store.books.lots(waiting, Unit.PIECE)
    shop.fetches(rich, next(lot.lot for lot in lots if lot.amount == 1))
    left = [lot.amount for lot in shop.till.store.books.lots(waiting, Unit.PIECE) if lot.amount]
    assert left == [3]
    shop.till.close()
