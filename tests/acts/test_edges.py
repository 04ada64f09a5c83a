"""What an entry keeps of its act, field by field: found missing when the code was changed."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from daemon.ledger import accounts, daybook
from daemon.ledger.bodies import Sale
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import CardRange, CardRanges, MemberSnapshot
from daemon.ledger.register import COLUMNS, register_row
from tests.acts.test_pack_says import activate
from tests.acts.till import CARDS, Till, cash, line, wechat

VISITOR = "8800000000049"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    till = Till(tmp_path)
    till.admit("M1", 100)
    yield till
    till.close()


def test_points_of_a_card_that_is_unknown_here_lapse_under_its_own_name(till: Till) -> None:
    till.down("card.ranges", CardRanges((CardRange("8800000000000", "8800000000099", "m"),)))
    activate(till, 1)
    goods = [line(1, "TOY", 1000, points=10)]
    due = "2026-03-08T00:00:00+08:00"
    asked = {"lines": goods, "tenders": cash(1000), "points": 10, "points_expire": due}
    till.done("sale", card=VISITOR, **asked)
    till.later(days=3)
    (lapsed,) = till.acts.lapse()
    body = till.body(f"0018.1:{lapsed.entry.seq}")
    assert (body["member"], body["amount"]) == (accounts.visitor(VISITOR), 10)
    assert lapsed.entry.pack is not None and lapsed.entry.pack.version == 1
    assert till.has(accounts.points(accounts.visitor(VISITOR)), Unit.POINT) == 0


def test_lapses_are_written_in_the_order_in_which_they_were_due(till: Till) -> None:
    """By the moment, whatever offset it was written with."""
    later, sooner = "2026-03-08T00:00:00+08:00", "2026-03-08T00:30:00+09:00"
    for due in (later, sooner):
        till.done("points.granted", member="M1", points=5, reason="r", expires=due)
    till.later(days=3)
    written = [str(till.body(f"0018.1:{one.entry.seq}")["due"]) for one in till.acts.lapse()]
    assert written == sorted(written, key=datetime.fromisoformat) == [sooner, later]


def test_value_that_pays_on_in_an_exchange_comes_back_with_the_new_goods(till: Till) -> None:
    till.done("topup", member="M1", amount_fen=1000, tenders=wechat(1000))
    sale = till.done("sale", member="M1", lines=[line(1, "TOY", 1000)], value_fen=1000)
    swap = {"back": [{"n": 1, "qty": 1}], "lines": [line(1, "ZZ-001", 1000)], "tenders": []}
    new = till.done("exchange", sale=sale, **swap)
    assert till.has(accounts.principal("M1"), Unit.PRINCIPAL) == 0
    till.done("return", sale=new, lines=[{"n": 1, "qty": 1}])
    assert till.has(accounts.principal("M1"), Unit.PRINCIPAL) == 1000
    assert till.has(accounts.SALES_GOODS) == till.has(accounts.CASH_DRAWER) - 30000 == 0


def test_coupons_that_were_given_back_are_not_given_back_again(till: Till) -> None:
    till.done("coupon.issued", member="M1", coupon="tea")
    used = till.done("coupon.redeemed", member="M1", coupon="tea")
    back = till.done("coupon.restored", redeemed=used)
    assert till.code("coupon.restored", redeemed=back) == "coupon_unknown"
    assert till.has(accounts.coupons("M1"), "coupon:tea") == 1


def test_a_claim_that_new_points_settle_names_the_lot_that_paid(till: Till) -> None:
    goods = {"lines": [line(1, "TOY", 1000, points=30)], "tenders": cash(1000), "points": 30}
    sale = till.done("sale", member="M1", **goods)
    till.done("points.redeemed", member="M1", rule="g", points=130, sku="TOY")
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    entry = till.facts.entry(till.done("sale", member="M1", **goods))
    assert entry is not None and isinstance(entry.body, Sale)
    (settled,) = entry.body.settled
    (lot,) = [one for one in entry.body.lots if one.unit == Unit.POINT]
    assert (settled.n, settled.amount) == (lot.n, 30)
    assert till.points("M1") == 0


def test_what_a_card_cost_and_how_it_was_paid_is_in_the_day(till: Till) -> None:
    paid = {"fee_fen": 1003, "rounding_fen": 3, "tenders": wechat(1000)}
    new = till.done("card.replaced", card=CARDS["M1"], new="8800000001015", **paid)
    assert till.body(new)["tenders"] == [{"code": "wechat", "amount_fen": 1000}]
    till.done("card.issued", member="M1", new="8800000001016", **paid)
    totals, _ = daybook.z_totals(till.store, till.facts.at().business_date)
    assert totals.fee_fen == 2000
    assert {one.code: one.other_fen for one in totals.tenders} == {"wechat": 2000}


def test_a_top_up_keeps_its_guides_and_gives_its_counts_back_on_its_own_day(till: Till) -> None:
    guides = [{"staff": "02", "share": 10000}]
    uses = [{"what": "first", "amount": 1}]
    asked = {"member": "M1", "amount_fen": 1000, "tenders": wechat(1000)}
    name = till.done("topup", guides=guides, uses=uses, **asked)
    assert till.body(name)["guides"] == guides
    till.later(days=1)
    gone = till.body(till.done("topup.voided", topup=name))
    assert gone["uses"] == [{"what": "first", "amount": -1, "day": "2026-03-06"}]


def test_points_by_hand_say_so(till: Till) -> None:
    till.done("points.adjusted", member="M1", points=7, reason="late", manager="01")
    assert [lot.source for lot in till.facts.member("M1").lots if lot.amount == 7] == ["adjusted"]


def test_the_day_counts_entries_by_tender_and_every_opening_of_the_drawer(till: Till) -> None:
    for tenders in (cash(1000), cash(1000), wechat(1000)):
        till.done("sale", lines=[line(1, "TOY", 1000)], tenders=tenders)
    for _ in range(2):
        till.done("drawer.opened", reason="change")
    totals, _ = daybook.z_totals(till.store, till.facts.at().business_date)
    assert {one.code: one.count for one in totals.tenders} == {"cash": 2, "wechat": 1}
    assert totals.drawer_opened == 2


def test_what_is_paid_for_goods_without_a_receipt_leaves_the_day(till: Till) -> None:
    till.done("sale", lines=[line(1, "TOY", 1000)], tenders=cash(1000))
    goods = {"lines": [line(1, "TOY", 300)], "tenders": cash(300)}
    till.done("return.unreferenced", **goods, manager="01", reason=1)
    totals, _ = daybook.z_totals(till.store, till.facts.at().business_date)
    assert (totals.goods_net_fen, totals.returns_fen) == (700, -300)
    assert [(one.code, one.sales_fen) for one in totals.tenders] == [("cash", 700)]


def test_a_member_has_the_segments_that_headquarters_said(till: Till) -> None:
    joined, tags = "2025-05-05T00:00:00+08:00", ("gold-buyers", "december")
    told = MemberSnapshot("M2", CARDS["M2"], "active", "registered", joined, tags=tags)
    till.down("member.snapshot", told)
    row = till.facts.row("M2")
    assert row is not None and row.tags == tags


def test_the_register_shows_what_came_to_the_stored_value_bonus_included(till: Till) -> None:
    asked = {"amount_fen": 1000, "bonus_fen": 250, "tenders": wechat(1000)}
    entry = till.facts.entry(till.done("topup", member="M1", **asked))
    assert entry is not None
    row = register_row(entry)
    assert row is not None
    assert dict(zip(COLUMNS, row, strict=True))["储值"] == "12.50"


def test_a_sale_of_nothing_or_with_amounts_below_zero_is_refused(till: Till) -> None:
    assert till.code("sale", lines=[], tenders=[]) == "not_allowed"
    goods = {"lines": [line(1, "A", 10)], "tenders": cash(10)}
    for name in ("rounding_fen", "points", "growth"):
        assert till.code("sale", member="M1", **goods, **{name: -1}) == "not_allowed", name
