"""Grace: what a return gives back to a lot that has ended meanwhile lives a while longer."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts, machine
from daemon.ledger.kinds import Unit, coupon_unit
from daemon.ledger.messages import Pack
from daemon.ledger.views import Durable
from tests.acts.till import Till, cash, line

GRACE_DAYS = 30


def opened(folder: Path, grace: str | None) -> Till:
    till = Till(folder)
    till.admit("M1")
    pack = {"id": "p", "version": 1, "reversal": {"grace": grace}}
    document = json.dumps({"pack": pack, "signature": "proved before it became active"})
    till.down("pack", Pack(document))
    draft = machine.pack_activated(till.facts.at(), machine.pack_of(document), request="v1")
    assert isinstance(till.store.commit(draft), Durable)
    return till


def lots(till: Till, unit: str) -> list[tuple[int, str]]:
    """Return what the member may spend of a unit: amount and source."""
    found = till.facts.member("M1").lots
    return [(lot.amount, lot.source) for lot in found if lot.unit == unit]


@given(
    points=st.integers(1, 40),
    goods=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    waited=st.integers(0, 4),
    grace=st.sampled_from([None, "P30D"]),
)
@settings(max_examples=30, deadline=None)
def test_points_that_paid_come_back_for_the_days_that_the_pack_gives(
    tmp_path_factory: pytest.TempPathFactory,
    points: int,
    goods: tuple[int, int],
    waited: int,
    grace: str | None,
) -> None:
    qty, first = goods
    till = opened(tmp_path_factory.mktemp("grace"), grace)
    end = till.clock.wall + timedelta(days=2)
    till.done("points.granted", member="M1", points=points, reason="r", expires=end.isoformat())
    pays = {"points_used": points, "points_worth_fen": 100}
    lines = [line(1, "TOY", 1000, qty=qty)]
    sale = till.done("sale", member="M1", lines=lines, tenders=cash(900), **pays)
    till.later(days=waited)
    till.acts.lapse()
    parts = [min(first, qty), qty - min(first, qty)]
    for part in filter(None, parts):
        till.done("return", sale=sale, lines=[{"n": 1, "qty": part}])
    ended = till.clock.wall >= end
    till.acts.lapse()
    kept = points if grace or not ended else 0
    assert till.points("M1") == kept
    assert till.has(accounts.SALES_GOODS) == till.has(accounts.REBATE_POINTS) == 0
    if kept and ended:
        assert {source for _, source in lots(till, Unit.POINT)} == {"grace"}
        till.later(days=GRACE_DAYS - 1)
        till.done("points.redeemed", member="M1", rule="g", points=kept, sku="TOY")
    else:
        till.later(days=GRACE_DAYS)
    till.later(days=1)
    till.acts.lapse()
    assert till.points("M1") == 0
    till.close()


def test_a_claim_is_settled_from_what_grace_gives_back(tmp_path: Path) -> None:
    till = opened(tmp_path, "P30D")
    end = (till.clock.wall + timedelta(days=2)).isoformat()
    till.done("points.granted", member="M1", points=50, reason="r", expires=end)
    pays = {"points_used": 50, "points_worth_fen": 100}
    lines = [line(1, "TOY", 1000, points=20)]
    sale = till.done("sale", member="M1", lines=lines, tenders=cash(900), points=20, **pays)
    till.done("points.redeemed", member="M1", rule="g", points=20, sku="TOY")
    till.later(days=3)
    till.acts.lapse()
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    assert lots(till, Unit.POINT) == [(30, "grace")], "20 of them had been earned by these goods"
    assert lots(till, "claim:point") == []
    till.close()


def test_a_coupon_comes_back_for_the_days_too_in_a_return_and_in_an_exchange(
    tmp_path: Path,
) -> None:
    till = opened(tmp_path, "P30D")
    end = (till.clock.wall + timedelta(days=2)).isoformat()
    till.done("coupon.issued", member="M1", coupon="five", count=2, expires=end)
    used = {"coupons": [{"coupon": "five", "worth_fen": 500}], "tenders": cash(500)}
    sales = [till.done("sale", member="M1", lines=[line(1, "TOY", 1000)], **used) for _ in "ab"]
    till.later(days=3)
    till.acts.lapse()
    till.done("return", sale=sales[0], lines=[{"n": 1, "qty": 1}])
    swap = {"back": [{"n": 1, "qty": 1}], "lines": [line(1, "TOY", 500)], "tenders": []}
    till.done("exchange", sale=sales[1], **swap)
    assert lots(till, coupon_unit("five")) == [(1, "grace"), (1, "grace")]
    till.close()


def test_bonus_that_grace_gave_back_goes_with_the_refund_of_its_top_up(tmp_path: Path) -> None:
    till = opened(tmp_path, "P30D")
    end = (till.clock.wall + timedelta(days=2)).isoformat()
    filled = till.done(
        "topup",
        member="M1",
        amount_fen=1000,
        bonus_fen=500,
        bonus_expires=end,
        tenders=cash(1000),
    )
    sale = till.done("sale", member="M1", lines=[line(1, "TOY", 600)], value_fen=600)
    till.later(days=9)
    till.acts.lapse()
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    assert lots(till, Unit.BONUS) == [(200, "grace")]
    second = till.done("sale", member="M1", lines=[line(1, "TOY", 300)], value_fen=300)
    paid = till.body(till.done("value.refunded", topup=filled, basis="not_own_wish"))
    assert (paid["used_fen"], paid["refund_fen"]) == (300, 800)
    assert paid["bonus_voided_fen"] == 150
    assert lots(till, Unit.BONUS) == lots(till, Unit.PRINCIPAL) == []
    assert second and till.has(accounts.OWED_VALUE) == 0
    till.close()
