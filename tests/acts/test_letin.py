"""What follows from a purchase that let somebody in: it earns for him, and its return."""

from pathlib import Path

from daemon.ledger import accounts
from daemon.ledger.acts.unjoin import REASON
from daemon.ledger.bodies import MemberEnrolled, Moved, SaleClaimed
from daemon.ledger.kinds import Unit, coupon_unit
from daemon.ledger.messages import Product
from daemon.rules.types import BasketLine
from tests.acts.settled import Shop
from tests.acts.till import CARDS

CREAM = Product("CREAM", "cream", 10000)
SILENT = ["points", "bonus", "coupon", "voucher"]
SPEND = {"id": "spend", "step_fen": 100, "points": 1, "excluded_tenders": SILENT}
VOUCHER = [{"id": "voucher", "gives": "amount"}]
BUYING = {"kind": "purchase", "min_single_fen": 20000}
REWARDS = [
    {"id": "join", "points": 100, "fund": "shared", "hq_share": 2500},
    {"id": "hello", "coupon": {"value_fen": 5000}},
]


def shop_with(folder: Path, **enrol: object) -> Shop:
    said = {"terms": "T1", "card_sku": "CARD", "channels": [BUYING], **enrol}
    return Shop(folder, enrol=said, earn=[SPEND], coupons=VOUCHER, levels=None, prices=[])


def cream(qty: int) -> BasketLine:
    return BasketLine(1, CREAM, qty)


def points_of(shop: Shop, member: str) -> int:
    return shop.till.points(member)


def test_the_purchase_that_let_in_earns_once_also_after_a_cut(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, joining_purchase_earns=True)
    sold = shop.sells(cream(2))
    shop.is_deaf = True  # the power goes before its points are written
    member = shop.joins(sold)
    assert points_of(shop, member) == 0
    shop.again()
    shop.beats()
    shop.beats()
    assert points_of(shop, member) == 200
    (claimed,) = shop.entries("sale.claimed")
    assert isinstance(claimed.body, SaleClaimed) and claimed.body.points == 200
    shop.takes_back(sold, 1)
    assert points_of(shop, member) == 100
    shop.till.close()


def test_without_the_setting_it_earns_nothing(tmp_path: Path) -> None:
    shop = shop_with(tmp_path)
    member = shop.joins(shop.sells(cream(2)))
    shop.beats()
    assert (points_of(shop, member), shop.entries("sale.claimed")) == (0, [])
    shop.till.close()


def test_joining_gives_points_and_coupons_and_the_lots_say_who_pays(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, rewards=REWARDS)
    member = shop.joins(shop.sells(cream(2)))
    body = shop.entries("member.enrolled")[0].body
    assert isinstance(body, MemberEnrolled)
    assert [(lot.unit, lot.hq_part) for lot in body.lots] == [
        (Unit.POINT, 25),
        (coupon_unit("voucher"), 0),
    ]
    lots = shop.till.store.purses.of(member)
    worth = [lot.value_fen for lot in lots if lot.account == accounts.coupons(member)]
    assert (points_of(shop, member), worth) == (100, [5000])
    shop.till.close()


def test_what_joining_gave_goes_when_too_little_is_left(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, rewards=REWARDS, on_joining_return="take_back")
    sold = shop.sells(cream(3))
    member = shop.joins(sold)
    shop.takes_back(sold, 1)  # 200.00 is still enough
    assert points_of(shop, member) == 100
    shop.till.done("points.voided", member=member, amount=30, reason="spent elsewhere")
    shop.takes_back(sold, 1)
    assert points_of(shop, member) == 0
    taken = shop.entries("points.voided")[-1].body
    assert isinstance(taken, Moved)
    assert (taken.amount, [one.amount for one in taken.claims]) == (70, [30])
    assert taken.reason == REASON
    lots = [lot for lot in shop.till.store.purses.of(member) if lot.amount]
    assert [lot for lot in lots if lot.account == accounts.coupons(member)] == []
    shop.takes_back(sold, 1)
    assert len(shop.entries("points.voided")) == 2
    shop.till.close()


def test_and_the_card_is_closed_where_the_pack_says_so(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, rewards=REWARDS, on_joining_return="close")
    sold = shop.sells(cream(2))
    member = shop.joins(sold)
    shop.takes_back(sold, 2, "sale.voided")
    row = shop.till.facts.row(member)
    assert row is not None and (row.status, points_of(shop, member)) == ("closed", 0)
    shop.till.close()


def test_a_card_waits_for_headquarters_where_the_pack_says_so(tmp_path: Path) -> None:
    shop = shop_with(tmp_path, activation="approval")
    member = shop.joins(shop.sells(cream(2)))
    row = shop.till.facts.row(member)
    assert row is not None and row.status == "frozen"
    assert row.card not in CARDS
    shop.till.done("card.unfrozen", card=row.card, reason="approved")
    row = shop.till.facts.row(member)
    assert row is not None and row.status == "active"
    shop.till.close()
