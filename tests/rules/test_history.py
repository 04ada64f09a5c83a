"""The past told again: a history replays as it was, and a candidate pack is only summed."""

import json
from dataclasses import asdict
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.clock import ClockState
from daemon.counter.entries import Stamp
from daemon.counter.screens import MemberShown
from daemon.counter.shop import Known
from daemon.counter.sold import Buyer, sale_draft
from daemon.ledger.bodies import Guide, Sale
from daemon.ledger.records import At, By, Chain, Entry, PackRef
from daemon.ledger.sealing import seal_draft
from daemon.rules.backtest import Backtest
from daemon.rules.caseanswer import TENDERS
from daemon.rules.document import parse, read
from daemon.rules.engine import Engine, compile_pack
from daemon.rules.history import Past, differences
from daemon.rules.types import Basket, BasketLine, KeyedTender, Settlement
from tests.rules.shop import NOON, ZHENZI, changed, engine, m1, products, zhenzi

CHAIN = Chain("0018", 1)
SKUS = ("ZZ-001", "ZZ-004", "ZZ-015", "ZZ-016", "ZZ-009")
drawn = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 5)), min_size=1, max_size=5),
        st.booleans(),
        st.sampled_from(["cash", "bank", "both", "voucher"]),
    ),
    min_size=1,
    max_size=8,
)


def compiling(document: str, ref: PackRef) -> Engine:
    return compile_pack(parse(document), ref)


def past() -> Past:
    known = Past(compiling)
    known.products = dict(products())
    known.members = {"M1": m1()}
    known.packs = {zhenzi().ref.hash: ZHENZI}
    return known


def entry_of(
    n: int, goods: list[tuple[str, int]], *, member: bool, money: str, known: Past | None = None
) -> Entry:
    """Return a sale as the counter books it; `known`: what happened before."""
    who = Known(m1(), MemberShown("M", "0018", "", points=None)) if member else None
    when = NOON + timedelta(minutes=n)
    lines = tuple(
        BasketLine(place, products()[sku], qty) for place, (sku, qty) in enumerate(goods, start=1)
    )
    before = () if known is None else known.counts.so_far("M1", when.date().isoformat())
    facts = m1() if member else None
    quote = engine().quote(Basket(lines, facts, when, so_far=before))
    first = "cash" if money == "both" else money
    keyed = [KeyedTender(first, None)]
    if money == "both":
        keyed = [KeyedTender("bank", min(700, quote.bill_fen)), KeyedTender("cash", None)]
        keyed = keyed[: 1 if quote.bill_fen <= 700 else 2]
    settled = engine().settle(quote, keyed, TENDERS)
    assert isinstance(settled, Settlement), settled
    at = At("boot", n, when.isoformat(), ClockState.SYNCED, when.date().isoformat())
    stamp = Stamp(f"{n:032x}", at, By("02", "clerk"), engine().ref, (Guide("02", 10_000),))
    buyer = None if who is None else Buyer(who, (), when)
    return seal_draft(sale_draft(settled, buyer, stamp), CHAIN, seq=n, prev="0" * 64)


@settings(deadline=None, max_examples=60)
@given(drawn)
def test_any_history_replays_as_it_was(
    sales: list[tuple[list[tuple[str, int]], bool, str]],
) -> None:
    known = past()
    for n, (goods, member, money) in enumerate(sales, start=1):
        entry = entry_of(n, goods, member=member, money=money, known=known)
        assert differences(known, entry) == []
        known.apply(entry)


def test_a_figure_that_was_changed_is_named() -> None:
    entry = entry_of(1, [("ZZ-004", 1)], member=True, money="cash")
    sale = entry.body
    assert isinstance(sale, Sale)
    wrong = msgspec.structs.replace(entry, body=msgspec.structs.replace(sale, points=999))
    assert differences(past(), wrong) == [f"points: 999 then, {sale.points} now"]
    unknown = past()
    unknown.packs = {}
    assert differences(unknown, entry) == ["its pack is not in this journal"]


@settings(deadline=None, max_examples=40)
@given(drawn)
def test_the_pack_in_force_back_tests_to_what_happened(
    sales: list[tuple[list[tuple[str, int]], bool, str]],
) -> None:
    known, totals = past(), Backtest()
    for n, (goods, member, money) in enumerate(sales, start=1):
        entry = entry_of(n, goods, member=member, money=money, known=known)
        totals.add(known, entry, engine())
        known.apply(entry)
    assert totals.sales == len(sales)
    for sums in totals.levels.values():
        said = asdict(sums)
        assert (said["better"], said["worse"]) == (0, 0)
        for what in ("paid", "off"):
            assert said[f"{what}_then_fen"] == said[f"{what}_now_fen"]
        assert said["points_then"] == said["points_now"]
    for rule in totals.rules.values():
        assert (rule.times_then, rule.result_then) == (rule.times_now, rule.result_now)


def test_double_points_have_winners_and_no_losers() -> None:
    earn = [{**json.loads(ZHENZI)["earn"][0], "points": 2}]
    opened = read(changed(earn=earn, prices=[]))
    candidate = compile_pack(opened.pack, opened.ref)
    known, totals = past(), Backtest()
    regular = entry_of(1, [("ZZ-004", 1)], member=True, money="cash")
    special = entry_of(2, [("ZZ-016", 1)], member=True, money="cash")
    for entry in (regular, special):
        totals.add(known, entry, candidate)
    sums = totals.levels["member"]
    assert sums.sales == 2
    assert sums.better >= 1
    assert sums.points_now > sums.points_then
    assert sums.off_now_fen == 0


@pytest.mark.parametrize("days", [0, 1])
def test_sales_without_a_member_are_their_own_row(days: int) -> None:
    totals = Backtest()
    totals.add(past(), entry_of(days + 1, [("ZZ-001", 1)], member=False, money="bank"), engine())
    assert list(totals.levels) == ["anonymous"]


def test_what_is_left_owed_is_points_as_money_and_vouchers_by_their_face() -> None:
    """A candidate that pays 满返 and takes points as money: both are told in fen, old and new."""
    back = {
        "id": "back",
        "payout": "coupon",
        "coupon": "voucher",
        "steps": [{"min_fen": 10000, "give": 500}],
    }
    coupons = [{"id": "voucher", "gives": "amount", "life": "P3M"}]
    offsets = [{"id": "offset", "block": 100, "value_fen": 1000}]
    opened = read(
        changed(spend_rewards=[back], coupons=coupons, offsets=offsets, limits={"max_back": 1000})
    )
    known, totals = past(), Backtest()
    entry = entry_of(1, [("ZZ-004", 1)], member=True, money="cash")
    totals.add(known, entry, compile_pack(opened.pack, opened.ref))
    points = totals.levels["member"].points_then
    assert points == totals.levels["member"].points_now == 120
    assert totals.liability(opened.pack.offsets) == (1200, 1200 + 500)
    assert totals.liability(()) == (0, 500)
