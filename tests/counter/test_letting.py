"""What lets in at the keypad: pieces, purchases together, a level with a fee of its own."""

from daemon.counter.screens import RefusalShown, Step
from daemon.ledger.bodies import MemberEnrolled
from daemon.ledger.kinds import coupon_unit
from tests.counter.clerk import Clerk
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import engine_of

JOINS = "/2 ..8800000001015 ENTER {} 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER"
HANDED_OUT = "8800000009999"  # in our range, and not of this shop's stock
LEVELS = {
    "list": [
        {"id": "basic", "name": "普通", "needs": {}},
        {"id": "gold", "name": "金卡", "needs": {"spend": 900000}, "fee_fen": 19800},
    ]
}


def counter(*channels: dict[str, object], **more: object) -> Clerk:
    enrol = {"terms": "T1", "card_sku": "CARD", "channels": list(channels)}
    sections = {name: more.pop(name) for name in ("levels", "coupons") if name in more}
    return Clerk(OwnShop(under=engine_of(enrol={**enrol, **more}, **sections)))


def joined(clerk: Clerk) -> MemberEnrolled:
    body = clerk.shop.journal[-1].entry.body
    assert isinstance(body, MemberEnrolled)
    return body


def test_three_pieces_let_in_and_two_do_not() -> None:
    clerk = counter({"kind": "purchase", "min_qty": 3, "goods": {"skus": ["ZZ-004"]}})
    clerk.keys("4 ENTER 4 ENTER 1 ENTER ENTER *2 CLEAR CLEAR")
    clerk.keys("/2 ..8800000001015 ENTER 2")
    assert isinstance(clerk.clerk, RefusalShown) and clerk.clerk.code == "E11"
    clerk.keys("CLEAR CLEAR CLEAR 4 ENTER 4 ENTER 4 ENTER ENTER *2 CLEAR CLEAR")
    clerk.keys(JOINS.format("2"))
    assert joined(clerk).channel == "purchase"
    assert [one.base for one in joined(clerk).applied if one.what == "fee"] == [3]


def test_what_was_bought_with_the_card_before_counts_together() -> None:
    clerk = counter({"kind": "purchase", "min_total_fen": 30000, "within": "P1M"})
    clerk.swipes(HANDED_OUT)
    clerk.keys("CLEAR 4 ENTER ENTER *2 CLEAR CLEAR")  # 120.00 with the card, nobody's yet
    clerk.keys("4 ENTER 4 ENTER ENTER *2 CLEAR CLEAR")
    clerk.keys(JOINS.replace("8800000001015", HANDED_OUT).format("2"))
    body = joined(clerk)
    assert len(body.receipts) == 1
    assert clerk.shop.journal[-1].entry.re is not None
    assert [one.base for one in body.applied if one.what == "fee"] == [36000]


def test_a_level_with_a_fee_of_its_own_is_bought_at_joining() -> None:
    clerk = counter({"kind": "fee", "amount_fen": 4800}, levels=LEVELS)
    clerk.keys("/2 ..8800000001015 ENTER")
    rows = [(row.key, row.text, row.fen) for row in clerk.sees(Step).rows]
    assert rows[3:] == [("4", "金卡", 19800)]
    clerk.keys("4 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER *2")
    assert (joined(clerk).fee_fen, joined(clerk).level) == (19800, "gold")


def test_joining_gives_the_coupon_and_what_member_prices_would_have_saved() -> None:
    clerk = counter(
        {"kind": "purchase", "min_single_fen": 10000},
        coupons=[{"id": "voucher", "gives": "amount"}],
        joining_purchase_saves="voucher",
        rewards=[{"id": "hello", "coupon": {"value_fen": 5000, "life": "P1M"}}],
    )
    clerk.keys("1 ENTER 4 ENTER ENTER *2 CLEAR CLEAR")
    clerk.keys(JOINS.format("2"))
    worth = [lot.value_fen for lot in joined(clerk).lots if lot.unit == coupon_unit("voucher")]
    assert worth[0] == 5000
    member = clerk.shop.journal[-1].entry
    held = [one for one in member.postings if one.unit == coupon_unit("voucher") and one.amount > 0]
    assert len(held) == len(worth)
