"""Properties of the account side, over many packs and histories."""

from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger.kinds import Unit
from daemon.rules.caseholder import Holder
from daemon.rules.cases import evaluate_case
from daemon.rules.document import parse
from daemon.rules.expiry import compile_expiry
from daemon.rules.levels import compile_levels
from daemon.rules.models_level import Metric
from daemon.rules.models_time import Expiry
from daemon.rules.types import MemberFacts
from tests.rules.shop import at, changed
from tests.rules.test_cases import case_of

SECOND = timedelta(seconds=1)
VARIANTS: tuple[dict[str, object], ...] = (
    {"kind": "ttl", "life": "P1Y"},
    {"kind": "ttl", "life": "P1M2D"},
    {"kind": "year_roll", "years": 2, "month": 1, "day": 1},
    {"kind": "year_roll", "years": 1, "month": 2, "day": 29},
    {"kind": "sweep", "month": 12, "day": 31, "who": "all", "confirm": "auto"},
    {"kind": "card_age_check", "month": 12, "day": 15, "min_age": "P1Y", "confirm": "auto"},
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2090, 12, 31)).map(  # noqa: DTZ001
    lambda one: at(one.replace(microsecond=0).isoformat())
)
ENDLESS = settings(deadline=None, max_examples=150)


@ENDLESS
@given(st.sampled_from(VARIANTS), moments, st.integers(0, 2000))
def test_what_lapses_does_so_to_the_second_even_before_the_tick(
    variant: dict[str, object], granted: datetime, age: int
) -> None:
    lapsing = compile_expiry(Expiry.model_validate(variant))
    joined = granted - timedelta(days=age)
    end = lapsing.of_lot(granted, joined)
    assert end is not None
    assert granted < end
    facts = MemberFacts("M", "88", "registered", "active", joined, None)
    holder = Holder(facts, lapses=lambda moment: lapsing.of_lot(moment, joined))
    holder.grant(Unit.POINT, 7, granted, "test")
    assert holder.points(end - SECOND) == 7
    assert holder.points(end) == 0
    assert holder.take(Unit.POINT, 7, end) == []


@ENDLESS
@given(moments, moments)
def test_points_granted_later_never_lapse_sooner(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    for variant in VARIANTS:
        lapsing = compile_expiry(Expiry.model_validate(variant))
        joined = first - timedelta(days=400)
        ends = lapsing.of_lot(first, joined), lapsing.of_lot(second, joined)
        assert ends[0] is not None
        assert ends[1] is not None
        assert ends[0] <= ends[1]


THREE = {
    "down": "to_reached",
    "validity": "P1Y",
    "window": "P1Y",
    "list": [
        {"id": "plain", "name": "p", "needs": {}},
        {"id": "silver", "name": "s", "needs": {"spend": 1000, "visits": 2}},
        {"id": "gold", "name": "g", "needs": {"spend": 5000, "visits": 9}, "match": "any"},
    ],
}
ORDER = ("", "plain", "silver", "gold")
measured = st.fixed_dictionaries({"spend": st.integers(0, 9000), "visits": st.integers(0, 12)})


@ENDLESS
@given(measured, st.sampled_from(ORDER))
def test_up_only_rises_and_a_review_ends_at_what_is_reached(
    measures: dict[Metric, int], current: str
) -> None:
    pack = parse(changed(levels=THREE))
    levels = compile_levels(pack.levels)
    reached = levels.reached(measures)
    assert reached == levels.reached(MappingProxyType(dict(reversed(measures.items()))))
    up = levels.raised(current, measures, at("2026-01-01T00:00:00"))
    assert (up is not None) == (ORDER.index(reached) > ORDER.index(current))
    due = levels.ends(at("2025-01-01T00:00:00"))
    assert due is not None
    change = levels.reviewed(current, due, measures)
    assert (change.after, change.since) == (reached, at("2026-01-01T00:00:00"))


@ENDLESS
@given(st.lists(st.tuples(st.integers(0, 70), st.sampled_from(["p1", "p2"])), max_size=6))
def test_the_join_bonus_comes_once_per_person(joins: list[tuple[int, str]]) -> None:
    events = [
        {"do": "enrol", "card": f"{n:02}{card}", "channel": "grant", "person": who, "as": f"N{n}"}
        for n, (card, who) in enumerate(joins)
    ]
    found = evaluate_case(_text(case_of(*events, stock={"CARD": 99})), parse(changed()))
    told = found["events"]
    assert isinstance(told, list)
    assert sum(one["points"] for one in told) == 100 * len({who for _, who in joins})


@ENDLESS
@given(st.integers(1, 9), st.integers(1, 30), st.lists(st.integers(0, 70), min_size=1, max_size=12))
def test_no_grant_goes_above_its_cap(points: int, cap: int, days: list[int]) -> None:
    rule = {"id": "c", "source": "c", "points": points, "max_points": cap, "per": "month"}
    start = at("2026-03-01T00:00:00")
    events = [
        {
            "do": "grant",
            "member": "M1",
            "source": "c",
            "at": (start + timedelta(days=day)).isoformat(),
        }
        for day in days
    ]
    members = [{"id": "M1", "card": "88", "joined": "2026-02-05"}]
    found = evaluate_case(_text(case_of(*events, members=members)), parse(changed(grants=[rule])))
    told = found["events"]
    assert isinstance(told, list)
    months: dict[int, int] = {}
    for event, one in zip(events, told, strict=True):
        month = int(str(event["at"])[5:7])
        months[month] = months.get(month, 0) + one["points"]
    for month, total in months.items():
        times = sum(1 for event in events if int(str(event["at"])[5:7]) == month)
        assert total == min(cap, points * times)


@pytest.mark.parametrize("amount", [29_999, 30_000, 30_001])
def test_a_topup_is_worth_what_was_paid(amount: int) -> None:
    found = evaluate_case(
        _text(case_of({"do": "topup", "member": "M1", "amount": amount})), parse(changed())
    )
    members = found["members"]
    assert isinstance(members, dict)
    assert members["M1"]["principal"] == amount
    assert members["M1"]["points"] == (100 if amount >= 30_000 else 0)


def _text(case: object) -> str:
    import json

    return json.dumps(case)
