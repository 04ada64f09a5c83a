"""Each finding on the account side has a bad pack here that shows it, and only it."""

import json

import pytest

from daemon.rules.document import PackError, parse
from daemon.rules.lint import check
from tests.rules.shop import PACKS, ZHENZI, changed

PACK = json.loads(ZHENZI)
VALUE, ENROL, LADDER = PACK["stored_value"], PACK["enrol"], PACK["stored_value"]["ladder"]
CLICK = PACK["grants"][0]
FREE, BOUGHT = [{"kind": "grant"}], {"kind": "purchase", "min_single_fen": 15000}
NO_VALUE = {"stored_value": None}
RIGHT = {"id": "wine", "unit": "item", "on": "birthday"}
OFFLINE = {**PACK["scope"], "store_mode": "offline"}


def level(name: str, spend: int) -> dict[str, object]:
    return {"id": name, "name": name, "needs": {"spend": spend}}


def levels(*spends: int, **more: object) -> dict[str, object]:
    listed = [level(f"l{n}", spend) for n, spend in enumerate(spends)]
    return {"levels": {"list": listed, **more}}


def share(name: str, basis_points: int) -> dict[str, object]:
    return {
        "id": f"p-{name}",
        "group": "price",
        "basis_points": basis_points,
        "when": {"levels": [name]},
    }


FAULTS: tuple[tuple[dict[str, object], str, str], ...] = (
    (
        {"stored_value": {**VALUE, "registered_max_fen": None}},
        "stored_value.registered_max_fen",
        "legal cap of 5000.00",
    ),
    (
        {"stored_value": {**VALUE, "bearer_max_fen": 100_001}},
        "stored_value.bearer_max_fen",
        "legal cap of 1000.00",
    ),
    ({"stored_value": {**VALUE, "identity": "off"}}, "stored_value.identity", "nobody is asked"),
    (
        {"enrol": {**ENROL, "activation": "message"}, "scope": OFFLINE},
        "enrol.activation",
        "sends no message",
    ),
    (
        {
            "enrol": {**ENROL, "rewards": [{"id": "j", "points": 1, "offline": "pending"}]},
            "scope": OFFLINE,
        },
        "enrol.rewards",
        "waits for headquarters",
    ),
    ({"enrol": {**ENROL, "min_age": 18}}, "enrol.required", "no birthday"),
    (
        {"enrol": {**ENROL, "channels": FREE, "joining_purchase_earns": True}},
        "enrol.joining_purchase_earns",
        "nobody joins by a purchase",
    ),
    (
        {"enrol": {**ENROL, "channels": [{"kind": "topup", "min_single_fen": 30000}]}, **NO_VALUE},
        "enrol.channels[0]",
        "nobody tops up",
    ),
    (
        {"enrol": {**ENROL, "channels": [{"kind": "topup", "min_single_fen": 30000}]}},
        "enrol.channels[0]",
        "no key of the counter",
    ),
    ({"enrol": {**ENROL, "family_cards": 1}}, "enrol.family_cards", "no key of the counter"),
    (
        {"enrol": {**ENROL, "channels": [{**BOUGHT, "fee_waived_for": "P1Y"}], "renew": None}},
        "enrol.channels[0].fee_waived_for",
        "no renewal has one",
    ),
    (
        {"enrol": {**ENROL, "rewards": [{"id": "j", "points": 1, "channels": ["topup"]}]}},
        "enrol.rewards[0].channels",
        "never given",
    ),
    ({"entitlements": [{**RIGHT, "on": "life_event"}]}, "entitlements[0].on", "no life event"),
    ({"entitlements": [{**RIGHT, "either": "e"}]}, "entitlements[0].either", "is no choice"),
    (levels(0, goods={"categories": ["car"]}), "levels.goods", "do not go together"),
    ({"grants": [CLICK, {**CLICK, "id": "again"}]}, "grants[1].source", "never reached"),
    ({"grants": [{"id": "c", "source": "c", "points": 5}]}, "grants[0]", "unbounded"),
    (
        {"grants": [{**CLICK, "source": "barcode"}]},
        "grants[0].without_terminal",
        "earns twice",
    ),
    (
        {"stored_value": {**VALUE, "ladder": [*LADDER, {**LADDER[0], "id": "twin"}]}},
        "stored_value.ladder[1].min_fen",
        "stands twice",
    ),
    (
        {"stored_value": {**VALUE, "max_fen": 20_000}},
        "stored_value.ladder[0].min_fen",
        "more than a top-up",
    ),
    (levels(0, 1, 2, 3, 4, 5), "levels.list", "6 levels"),
    (levels(2, 1), "levels.list[1].needs", "never held"),
    (levels(0, 1, down="one_step"), "levels.validity", "no validity"),
    (levels(0, 1, up="review"), "levels.validity", "rise at a review only"),
    (
        {"expiry": {"kind": "payout", "every": "quarter", "to": "voucher"}, "reminders": []},
        "expiry.kind",
        "nothing earns a reward",
    ),
    (
        {"earn": [{**PACK["earn"][0], "id": "money", "unit": "reward"}]},
        "expiry.kind",
        "never paid out",
    ),
    ({"calendar": None}, "reminders[1].on", "fest never runs"),
    (
        {"expiry": {"kind": "never"}},
        "reminders[3].on",
        "december never runs",
    ),
    (
        {"commissions": [{"id": "b", "payee": "broker", "basis_points": 1600}]},
        "commissions[0].basis_points",
        "1600 basis points",
    ),
)


@pytest.mark.parametrize(("sections", "path", "said"), FAULTS, ids=[one[1] for one in FAULTS])
def test_a_bad_pack_has_exactly_its_finding(
    sections: dict[str, object], path: str, said: str
) -> None:
    findings = [one for one in check(changed(**sections)) if one.path != "shown.receipt[4]"]
    assert [one.path for one in findings] == [path], findings
    assert said in findings[0].reason
    assert findings[0].fix


def test_levels_that_nobody_can_tell_apart() -> None:
    prices = [share("l0", 9500), share("l1", 9000)]
    (found,) = check(
        changed(prices=prices, groups={"price": "best", "spend": "best"}, **levels(0, 1))
    )
    assert (found.path, "differ by 0.45" in found.reason) == ("prices[1].basis_points", True)
    wide = [share("l0", 9500), share("l1", 8300)]
    assert check(changed(prices=wide, **levels(0, 1))) == []


def test_the_hotel_lifts_the_caps_and_is_told_so() -> None:
    found = check((PACKS / "hotel.json").read_text(encoding="utf-8"))
    assert {one.severity for one in found} == {"warning"}
    assert [one.path.removeprefix("stored_value.") for one in found] == [
        "registered_max_fen",
        "bearer_max_fen",
        "identity",
    ]


@pytest.mark.parametrize("name", ["year-roll", "clubcard"])
def test_the_other_packs_have_no_fault(name: str) -> None:
    assert check((PACKS / f"{name}.json").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("sections", "key", "said"),
    [
        ({"expiry": {"kind": "ttl"}}, "expiry", "is no complete ttl"),
        ({"expiry": {"kind": "year_roll", "years": 2}}, "expiry", "is no complete year_roll"),
        (
            {"expiry": {"kind": "never", "dormant_for": "P1M"}},
            "expiry",
            "is no complete never",
        ),
        (
            {
                "expiry": {
                    "kind": "sweep",
                    "month": 12,
                    "day": 1,
                    "who": "dormant",
                    "dormant_for": "P6M",
                    "confirm": "auto",
                }
            },
            "expiry",
            "depends on what other shops know",
        ),
        (
            {"gifts": [{"id": "g", "points": 1, "levels": ["gold"]}]},
            "gifts[0].levels[0]",
            "is no level",
        ),
        (
            {"gifts": [{"id": "g", "points": 1, "coupon": {"kind": "vouchr", "value_fen": 1}}]},
            "gifts[0].coupon.kind",
            "is no coupon",
        ),
        (
            {"entitlements": [{"id": "e", "unit": "item", "on": "festival", "festivals": ["x"]}]},
            "entitlements[0].festivals[0]",
            "is no festival",
        ),
        ({"gifts": [{"id": "spend", "points": 1}]}, "gifts[0].id", "is taken"),
        (
            {"gifts": [{"id": "g", "points": 1, "window": {"every": "month"}}]},
            "gifts[0].window",
            "no window",
        ),
        (
            {"grants": [{"id": "g", "source": "g", "points": 1, "per": "day"}]},
            "grants[0]",
            "half a rule",
        ),
        (
            {"stored_value": {**VALUE, "ladder": [{"id": "t", "min_fen": 1}]}},
            "stored_value.ladder[0]",
            "gives nothing",
        ),
        (
            {"stored_value": {**VALUE, "cards": [{"id": "c", "min_fen": 1, "inherits": "d"}]}},
            "stored_value.cards[0].inherits",
            "is no card type",
        ),
        (
            {"calendar": {"festivals": [{"id": "f", "name": "f"}]}},
            "calendar.festivals[0]",
            "no single day",
        ),
        ({"reminders": [{"id": "r", "on": "period", "to": ["hq"]}]}, "reminders[0]", "no rhythm"),
    ],
)
def test_a_mistake_on_the_account_side_is_named(
    sections: dict[str, object], key: str, said: str
) -> None:
    with pytest.raises(PackError) as refused:
        parse(changed(**sections), "zhenzi.json")
    (problem,) = refused.value.problems
    assert (problem.key, said in problem.found, bool(problem.allowed)) == (key, True, True)
