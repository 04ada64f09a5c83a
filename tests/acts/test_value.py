"""Stored value and the law: caps, identity, both refunds; gifts, coupons, cards, lapses."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.clock import ClockState, Reading
from daemon.ledger import accounts
from daemon.ledger.acts.refund import not_own_wish
from daemon.ledger.acts.spend import spendable
from daemon.ledger.acts.topup import ValueLimits
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import MemberSnapshot
from daemon.ledger.profiles import Person, lock_profile, open_profile
from tests.acts.till import CARDS, Till, cash, line, wechat

YUAN = 100


def bought(folder: Path) -> tuple[Till, str]:
    """3000 paid + 1000 bonus, goods of list price 3594 taken."""
    till = Till(folder)
    till.admit("M1")
    topup = till.done(
        "topup",
        member="M1",
        amount_fen=3000 * YUAN,
        bonus_fen=1000 * YUAN,
        tenders=cash(3000 * YUAN),
    )
    goods = [line(1, "A", 3594 * YUAN)]
    till.done("sale", member="M1", lines=goods, value_fen=3594 * YUAN, tenders=[])
    return till, topup


def test_the_worked_example_at_his_own_wish(tmp_path: Path) -> None:
    till, topup = bought(tmp_path)
    body = till.body(till.done("value.refunded", topup=topup, basis="own_wish"))
    assert (body["own_wish_fen"], body["not_own_wish_fen"]) == (0, 30450)
    assert body["refund_fen"] == 0
    assert till.has(accounts.principal("M1"), Unit.PRINCIPAL) == 0
    assert till.has(accounts.bonus("M1"), Unit.BONUS) == 0
    assert till.code("value.refunded", topup=topup) == "already_returned"
    till.close()


def test_the_worked_example_otherwise(tmp_path: Path) -> None:
    till, topup = bought(tmp_path)
    body = till.body(till.done("value.refunded", topup=topup, basis="not_own_wish", tender="cash"))
    assert body["tenders"] == [{"code": "cash", "amount_fen": 30450}]
    assert till.has(accounts.OWED_VALUE) == 0
    till.close()


def test_list_price_counts_and_a_return_uncounts_it(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    topup = till.done("topup", member="M1", amount_fen=1000, tenders=cash(1000))
    goods = [line(1, "A", 300, at_list=500), line(2, "B", 100, at_list=100)]
    sale = till.done("sale", member="M1", lines=goods, value_fen=200, tenders=cash(200))
    till.done("return", sale=sale, lines=[{"n": 2, "qty": 1}])
    till.later(days=8)
    body = till.body(till.done("value.refunded", topup=topup))
    # half of 600 list was paid with value; 50 of the 200 came back, and 75 of the 300 with it
    assert (body["used_fen"], body["used_list_fen"]) == (150, 225)
    assert body["refund_fen"] == 775
    till.close()


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 10**6), st.integers(0, 10**6), st.data())
def test_no_refund_exceeds_what_was_paid(paid: int, bonus: int, data: st.DataObject) -> None:
    used = data.draw(st.integers(0, paid + bonus))
    refund = not_own_wish(paid, bonus, used)
    assert 0 <= refund <= paid
    assert (used == paid + bonus) <= (refund == 0)
    assert refund >= not_own_wish(paid, bonus, min(used + 1, paid + bonus))


def test_within_seven_days_unused_all_of_it(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    first, second = (
        till.done("topup", member="M1", amount_fen=1000, bonus_fen=9, tenders=wechat(1000))
        for _ in range(2)
    )
    till.later(days=6)
    body = till.body(till.done("value.refunded", topup=first, basis="not_own_wish"))
    assert (body["basis"], body["refund_fen"]) == ("seven_days", 1000)
    assert body["tenders"] == [{"code": "wechat", "amount_fen": 1000}]
    till.later(days=2)
    assert till.body(till.done("value.refunded", topup=second))["basis"] == "own_wish"
    till.close()


def test_a_refund_needs_all_parts_in_one_hand(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    till.admit("M2")
    topup = till.done("topup", member="M1", amount_fen=1000, tenders=cash(1000))
    till.done("points.transferred", member="M1", to="M2", unit="principal", amount=1)
    assert till.code("value.refunded", topup=topup) == "not_allowed"
    till.done("points.transferred", member="M2", to="M1", unit="principal", amount=1)
    till.done("value.refunded", topup=topup)
    till.close()


def test_who_is_no_member_any_more_spends_his_value_and_gets_the_rest_back(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    topup = till.done("topup", member="M1", amount_fen=1000, tenders=cash(1000))
    ended = MemberSnapshot(
        "M1", CARDS["M1"], "lapsed", "registered", "2024-05-05", term_ends="2025-05-05"
    )
    till.down("member.snapshot", ended)
    till.done("sale", member="M1", lines=[line(1, "A", 300)], value_fen=300, tenders=[])
    till.later(days=30)
    assert till.body(till.done("value.refunded", topup=topup))["refund_fen"] == 700
    assert till.has(accounts.OWED_VALUE) == 0
    till.close()


def test_caps_count_the_bonus_and_bearer_cards_hold_less(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    till.admit("M2", kind="bearer")
    most = {"amount_fen": 499_000, "bonus_fen": 1000, "tenders": cash(499_000)}
    too_much = {**most, "bonus_fen": 1001}
    assert till.code("topup", member="M1", **too_much) == "over_cap"
    till.done("topup", member="M1", **most)
    assert till.code("topup", member="M1", amount_fen=1, tenders=cash(1)) == "over_cap"
    assert till.code("topup", member="M2", amount_fen=100_001, tenders=cash(100_001)) == "over_cap"
    till.done("topup", member="M2", amount_fen=100_000, tenders=cash(100_000))
    assert till.code("topup", member="nobody", amount_fen=1, tenders=cash(1)) == "not_allowed"
    assert till.code("topup", member="M2", amount_fen=1, tenders=[]) == "over_cap"
    till.close()


def test_identity_is_recorded_or_required(tmp_path: Path) -> None:
    till = Till(tmp_path / "a")
    till.admit("M1")
    pay = {"member": "M1", "amount_fen": 100, "tenders": cash(100)}
    assert till.body(till.done("topup", **pay))["identity"] == "missing"
    assert till.body(till.done("topup", **pay, identity=True))["identity"] == "recorded"
    till.close()
    strict = Till(tmp_path / "b", limits=ValueLimits(identity="require"))
    strict.admit("M1")
    assert strict.code("topup", **pay) == "not_allowed"
    strict.done("topup", **pay, identity=True)
    strict.close()


def test_a_top_up_is_taken_back_only_whole(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    topup = till.done(
        "topup", member="M1", amount_fen=900, bonus_fen=90, points=9, tenders=wechat(900)
    )
    goods = [line(1, "A", 11)]
    sale = till.done("sale", member="M1", lines=goods, value_fen=11)
    assert till.code("topup.voided", topup=topup) == "not_allowed"
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    till.done("topup.voided", topup=topup)
    assert till.code("topup.voided", topup=topup) == "not_allowed"
    assert till.has(accounts.tender("wechat")) == till.has(accounts.OWED_VALUE) == 0
    assert till.points("M1") == till.has(accounts.bonus("M1"), Unit.BONUS) == 0
    till.close()


def test_a_coupon_of_a_top_up_goes_with_it_and_a_used_one_keeps_it(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    gift = {"kind": "five", "value_fen": 500, "count": 2}
    asked = {"amount_fen": 900, "tenders": cash(900), "coupons": [gift]}
    first = till.done("topup", member="M1", **asked)
    till.done("topup.voided", topup=first)
    held = accounts.coupons("M1"), "coupon:five"
    assert till.has(*held) == 0
    second = till.done("topup", member="M1", **asked)
    assert till.has(*held) == 2
    till.done("coupon.redeemed", member="M1", coupon="five")
    assert till.code("topup.voided", topup=second) == "not_allowed"
    assert till.has(*held) == 1
    till.close()


def test_value_is_spent_by_the_packs_order(tmp_path: Path) -> None:
    left = {}
    for order in ("pro_rata", "principal_first", "bonus_first"):
        till = Till(tmp_path / order)
        till.admit("M1")
        till.done("topup", member="M1", amount_fen=300, bonus_fen=100, tenders=cash(300))
        goods = [line(1, "A", 120)]
        till.done("sale", member="M1", lines=goods, value_fen=120, value_order=order)
        left[order] = till.has(accounts.bonus("M1"), Unit.BONUS)
        assert till.code("sale", member="M1", lines=[line(1, "A", 281)], value_fen=281) == (
            "not_enough_value"
        )
        till.close()
    assert left == {"pro_rata": 70, "principal_first": 100, "bonus_first": 0}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 9), st.none() | st.integers(1, 5)), min_size=1, max_size=5),
    st.integers(1, 30),
)
def test_what_lapses_first_is_spent_first(lots: list[tuple[int, int | None]], amount: int) -> None:
    with TemporaryDirectory() as folder:
        till = Till(Path(folder))
        till.admit("M1")
        for points, days in lots:
            till.later(minutes=1)
            ends = ends_on(days)
            till.done("points.granted", member="M1", points=points, reason="r", expires=ends)
        answer = till.do("points.redeemed", member="M1", rule="g", points=amount, sku="TOY")
        assert answer.ok == (sum(points for points, _ in lots) >= amount)
        rest, expected = amount if answer.ok else 0, Counter[str | None]()
        for points, days in sorted(lots, key=lambda one: 9 if one[1] is None else one[1]):
            expected[ends_on(days)] += max(0, points - rest)
            rest = max(0, rest - points)
        left = Counter[str | None]()
        for lot in till.facts.member("M1").purse(Unit.POINT):
            left[lot.expires] += lot.amount
        assert left == +expected
        till.close()


def ends_on(days: int | None) -> str | None:
    return None if days is None else f"2026-04-0{days}T00:00:00+08:00"


def test_lapses_are_dated_when_due_also_after_the_box_was_off(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    due = "2026-03-08T00:00:00+08:00"
    till.done("points.granted", member="M1", points=40, reason="r", expires=due)
    till.done("points.frozen", member="M1", amount=10, reason="looked at")
    till.done("coupon.issued", member="M1", coupon="five", expires=due)
    till.later(days=4)
    till.again()
    assert spendable(till.facts.member("M1"), Unit.POINT, till.facts.now()) == []
    assert till.code("points.redeemed", member="M1", rule="g", points=1, sku="TOY") == (
        "not_enough_points"
    )
    done = till.acts.lapse()
    kinds = {(one.entry.kind.value, one.entry.at.business_date) for one in done}
    assert kinds == {("points.lapsed", "2026-03-10"), ("coupon.lapsed", "2026-03-10")}
    bodies = [till.body(f"0018.1:{one.entry.seq}") for one in done]
    assert {body["due"] for body in bodies} == {due}
    assert {body["amount"] for body in bodies} == {40, 1}
    assert till.acts.lapse() == []
    till.close()


def test_without_a_trusted_clock_nothing_lapses_and_what_may_be_due_waits(tmp_path: Path) -> None:
    class Guess:
        """A clock after a power cut: its battery is none."""

        def __init__(self, year: int) -> None:
            self.wall = till.clock.wall.replace(year=year)

        def read(self) -> Reading:
            return Reading("b0076", 5, self.wall, ClockState.ESTIMATED)

    till = Till(tmp_path)
    till.admit("M1")
    due = "2026-03-06T10:00:30+08:00"
    till.done("points.granted", member="M1", points=40, reason="r", expires=due)
    for year in (1970, 2090):
        till.facts.clock = Guess(year)
        assert till.acts.lapse() == []
        since = till.facts.now() - till.clock.wall  # the last that a trusted clock wrote
        assert timedelta(0) <= since < timedelta(seconds=1)
        assert spendable(till.facts.member("M1"), Unit.POINT, till.facts.now()) != []
    till.close()


def test_goods_wait_until_they_are_handed_over_once(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1", 100)
    here = till.done("points.redeemed", member="M1", rule="g", points=10, sku="TOY", qty=9)
    assert "promised" not in till.body(here)
    assert till.store.books.stock("TOY") == 0
    later = till.done("points.redeemed", member="M1", rule="g", points=10, sku="TOY")
    assert till.store.books.stock("TOY") == 0
    till.done("entitlement.handed_over", member="M1", lot=f"{later}:1")
    assert till.has(accounts.given("TOY"), Unit.PIECE) == 10
    assert till.code("entitlement.handed_over", member="M1", lot=f"{later}:1") == "not_allowed"
    till.close()


def test_coupons_pay_once_and_come_back_with_the_goods(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1")
    till.done("coupon.issued", member="M1", coupon="five", count=2)
    use = {"coupons": [{"coupon": "five", "worth_fen": 500}]}
    goods = [line(1, "A", 1000, qty=2)]
    sale = till.done("sale", member="M1", lines=goods, tenders=cash(500), **use)
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    assert till.has(accounts.coupons("M1"), "coupon:five") == 1
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    assert till.has(accounts.coupons("M1"), "coupon:five") == 2
    used = till.done("coupon.redeemed", member="M1", coupon="five", count=2)
    assert till.code("coupon.redeemed", member="M1", coupon="five") == "coupon_unknown"
    till.done("coupon.restored", redeemed=used)
    assert till.code("coupon.restored", redeemed=used) == "already_returned"
    till.close()


def test_a_lost_card_spends_nothing_and_its_heir_everything(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1", 50)
    old, new = CARDS["M1"], "8800000001015"
    till.done("card.lost", card=old)
    pay = {"rule": "g", "points": 50, "sku": "TOY"}
    assert till.code("points.redeemed", card=old, **pay) == "card_lost"
    assert till.code("card.lost", card=old) == "not_allowed"
    assert till.code("card.replaced", card=old, new="8800000009999") == "card_in_use"
    entry = till.done("card.replaced", card=old, new=new, reason="broke")
    assert till.body(entry)["reason"] == "broke"
    assert till.store.books.card_status(old) == "closed"
    assert not till.store.books.serial_in_stock("CARD", new)
    assert till.code("points.redeemed", card=old, **pay) == "frozen"
    assert till.code("card.replaced", card=old, new="8800000001016") == "not_allowed"
    till.done("points.redeemed", card=new, **pay)
    till.done("card.frozen", card=new)
    assert till.code("topup", card=new, amount_fen=1, tenders=cash(1)) == "frozen"
    till.done("card.unfrozen", card=new)
    till.done("topup", card=new, amount_fen=1, tenders=cash(1))
    assert till.code("card.closed", card=new) == "not_allowed"
    assert till.code("card.lost", card="8800000007777") == "card_not_ours"
    till.close()


def test_a_new_card_carries_the_profile(tmp_path: Path) -> None:
    till = Till(tmp_path)
    old, new, key = CARDS["M1"], "8800000001015", b"k" * 32
    person = Person(phone="13800000001", name="王晓芸")
    profile = lock_profile(person, card=old, key=key, nonce=b"n" * 24)
    till.store.local.put_member_key(old, key=key, phone_digest=None)
    snapshot = MemberSnapshot("M1", old, "active", "registered", "2025-05-05", profile=profile)
    till.down("member.snapshot", snapshot)
    entry = till.done("card.replaced", card=old, new=new)
    row = till.store.books.member("M1")
    fresh = till.store.local.member_key(new)
    assert row is not None
    assert row.profile is not None
    assert fresh is not None
    assert open_profile(row.profile, card=new, key=fresh) == person
    stored = till.store.entry(entry)
    assert stored is not None
    assert person.name.encode() not in stored.data
    till.close()


def test_frozen_points_thaw_and_voided_ones_do_not(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.admit("M1", 50)
    till.done("points.frozen", member="M1", amount=30, reason="late swipes")
    assert till.points("M1") == 20
    till.done("points.unfrozen", member="M1", amount=10, reason="was right")
    till.done("points.voided", member="M1", amount=25, reason="was wrong")
    assert till.has(accounts.frozen("M1"), Unit.POINT) == 0
    assert till.points("M1") == 25
    assert till.code("points.voided", member="M1", amount=26, reason="r") == "not_enough_points"
    assert till.code("points.adjusted", member="M1", points=-5, reason="r", manager="02") == (
        "not_allowed"
    )
    till.done("points.adjusted", member="M1", points=-5, reason="r", manager="01")
    assert till.points("M1") == 20
    till.close()
