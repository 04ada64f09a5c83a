"""Case files, from outside: what is expected beside an event must come out."""

import json
from collections.abc import Mapping

import pytest

from daemon.rules.cases import evaluate_case
from daemon.rules.casewords import CaseError
from tests.rules.shop import CASES, zhenzi

EVALUATED = ("sale", "enrol", "inquire", "tick", "december_check")


def evaluated(case: Mapping[str, object]) -> dict[str, object]:
    """Return the answer as outsiders read it: it must be JSON."""
    answer: dict[str, object] = json.loads(
        json.dumps(evaluate_case(json.dumps(case), zhenzi().pack))
    )
    return answer


def holds(expected: object, found: object, path: str = "") -> None:
    """Assert that found has all that is expected: every key, lists element by element."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), path
        for key, value in expected.items():
            assert key in found, f"{path}.{key}"
            holds(value, found[key], f"{path}.{key}")
    elif isinstance(expected, list):
        assert isinstance(found, list), path
        assert len(found) == len(expected), path
        for place, (one, other) in enumerate(zip(expected, found, strict=True)):
            holds(one, other, f"{path}[{place}]")
    else:
        assert found == expected, path


def check(case: dict[str, list[dict[str, object]]]) -> None:
    answer = evaluated(case)
    events = answer["events"]
    assert isinstance(events, list)
    for place, (event, found) in enumerate(zip(case["events"], events, strict=True)):
        holds(event.get("expect", {}), found, f"events[{place}]")
    holds(case.get("expect_members", {}), answer["members"], "members")


@pytest.mark.parametrize("name", ["zhenzi-enrol", "zhenzi-december", "zhenzi-earn"])
def test_a_whole_case_comes_out_as_expected(name: str) -> None:
    check(json.loads((CASES / f"{name}.json").read_text(encoding="utf-8")))


NOW = {"at": "2026-03-06T10:00:00+08:00"}
CASH = {"tenders": [{"kind": "cash", "amount": "rest"}]}


def case_of(*events: Mapping[str, object], **more: object) -> dict[str, object]:
    return {
        "products": [
            {"sku": "A", "price": 12000, "member_price": 10000},
            {"sku": "B", "price": 2900, "swap_price": 990},
        ],
        "stock": {"CARD": 1, "MAG": 0},
        "members": [{"id": "M1", "card": "8800000000018", "joined": "2025-05-05"}],
        "events": [{**NOW, **event} for event in events],
        **more,
    }


def answers(*events: Mapping[str, object], **more: object) -> list[dict[str, object]]:
    found = evaluated(case_of(*events, **more))["events"]
    assert isinstance(found, list)
    return found


def test_prices_of_the_product_list_and_a_visitor() -> None:
    bought = {"do": "sale", "lines": [{"sku": "A"}, {"sku": "B"}], **CASH}
    known, visitor, nobody = answers(
        {**bought, "member": "M1"}, {**bought, "member": "8800000099999"}, bought
    )
    holds({"bill": 12900, "discount": 2000, "points": 29, "stock": {"A": -1, "B": -1}}, known)
    holds({"bill": 12900, "points": 29}, visitor)
    holds({"bill": 14900, "points": 0, "paid_by": {"cash": 14900}}, nobody)
    assert known["trace"] == [
        {"rule": "mp", "what": "price", "in": 12000, "out": 10000},
        {"rule": "spend", "what": "points", "in": 2900, "out": 29},
    ]


def test_points_of_a_visitor_stay_with_the_card_that_joins() -> None:
    card = "8800000099999"
    bought = {"do": "sale", "lines": [{"sku": "B"}], "member": card, **CASH}
    joins = {"do": "enrol", "card": card, "channel": "grant", "as": "M9"}
    members = evaluated(case_of(bought, joins))["members"]
    holds({"M9": {"points": 129, "term_ends": "2027-03-06T10:00:00+08:00"}}, members)


def test_a_purchase_lets_in_once_and_only_if_nobody_owned_it() -> None:
    bought = {"do": "sale", "lines": [{"sku": "A", "qty": 2}], **CASH}
    joins = {"do": "enrol", "channel": "purchase", "of": 0}
    found = answers(
        bought,
        {**joins, "card": "8800000000025"},
        {**joins, "card": "8800000000032"},
        {**bought, "member": "M1"},
        {**joins, "card": "8800000000049", "of": 3},
        stock={"CARD": 9, "MAG": 0, "CREAM": 9},
    )
    holds({"ok": True, "stock": {"CARD": -1, "CREAM": -1, "BOOK": -1}, "owed": ["MAG"]}, found[1])
    holds({"ok": False, "refused": "not_allowed"}, found[2])
    holds({"ok": False, "refused": "not_allowed"}, found[4])


def test_refusals_change_nothing() -> None:
    joins = {"do": "enrol", "channel": "grant"}
    bought = {"do": "sale", "lines": [{"sku": "A"}]}
    found = answers(
        {**joins, "card": "8800000000018"},
        {**bought, "tenders": [{"kind": "cash", "amount": 100}]},
        {"do": "enrol", "card": "8800000000025", "channel": "fee"},
        {"do": "december_check"},
        {**joins, "card": "8800000000025"},
        {**joins, "card": "8800000000032"},
    )
    codes = ["card_in_use", "underpaid", "underpaid", "window_closed", None, "out_of_stock"]
    assert [one.get("refused") for one in found] == codes
    assert all(one.get("why") for one in found if not one["ok"])


def test_a_lost_card_buys_nothing() -> None:
    members = [{"id": "M1", "card": "88", "joined": "2025-05-05", "status": "lost"}]
    (found,) = answers({"do": "sale", "member": "M1", "lines": [], **CASH}, members=members)
    assert found["refused"] == "card_lost"


def test_what_has_lapsed_is_not_available_before_the_tick() -> None:
    lots = [
        {"amount": 5, "granted": "2025-01-01T00:00:00+08:00", "expires": NOW["at"]},
        {"amount": 7, "granted": "2025-01-01T00:00:00+08:00"},
    ]
    members = [{"id": "M1", "card": "88", "joined": "2025-05-05", "points": lots}]
    inquire, tick = {"do": "inquire", "member": "M1"}, {"do": "tick"}
    found = answers(inquire, tick, inquire, members=members)
    holds([{"available": {"points": 7}}, {"points": -5}, {"available": {"points": 7}}], found)


def test_the_december_check_takes_what_was_there_on_its_day() -> None:
    lots = [
        {"amount": 5, "granted": "2025-12-15T23:59:59+08:00"},
        {"amount": 7, "granted": "2025-12-16T00:00:00+08:00"},
    ]
    members = [{"id": "M1", "card": "88", "joined": "2024-05-05", "points": lots}]
    late = {"do": "december_check", "at": "2025-12-20T10:00:00+08:00"}
    found = evaluated(case_of(late, members=members))
    holds({"events": [{"points": -5}], "members": {"M1": {"points": 7}}}, found)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"do": "sale", "lines": [{"sku": "A", "colour": "red"}]}, "unknown field"),
        ({"do": "sale", "lines": [], "colour": "red"}, "unknown field"),
        ({"do": "dance"}, "dance is no event"),
        ({"do": "sale", "lines": [{"sku": "Z"}]}, "no product Z"),
        ({"do": "sale", "lines": [{"sku": "A", "qty": 0}]}, "no quantity"),
        ({"do": "sale", "lines": [{"sku": "A"}], "redeem": {"points": -1}}, "points are none"),
        ({"do": "sale", "lines": [], "tenders": [{"kind": "points", "amount": 1}]}, "by nobody"),
        ({"do": "return", "of": 0, "lines": [{"line": -1}]}, "use a line from 0"),
        (
            {"do": "exchange", "of": 0, "lines": [], "take": [{"sku": "A", "qty": 0}]},
            "no quantity",
        ),
        ({"do": "tick", "at": "2026-03-06T10:00:00"}, "needs its offset"),
        ({"do": "sale", "lines": 7}, "no case file"),
    ],
)
def test_a_mistake_in_a_case_is_named(event: Mapping[str, object], said: str) -> None:
    with pytest.raises(CaseError, match=said):
        evaluate_case(json.dumps(case_of(event)), zhenzi().pack)


@pytest.mark.parametrize("text", ["", "[", "7", "[" * 100_000, '{"events": [{}]}'])
def test_no_case_at_all(text: str) -> None:
    with pytest.raises(CaseError):
        evaluate_case(text, zhenzi().pack)
