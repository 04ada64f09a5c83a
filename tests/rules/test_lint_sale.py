"""Packs with a fault sown into their offers: exactly that is found."""

import pytest

from daemon.rules.lint import check
from tests.rules.shop import changed

GROUPS = {"price": "best", "spend": "best", "g": "best"}
STEP = {"least": 10000, "off_fen": 1000}
BACK = {"payout": "points", "steps": [{"min_fen": 50000, "give": 50}]}
COUPON = {"id": "c50", "gives": "amount", "value_fen": 5000, "life": "P1M"}

FAULTS: tuple[tuple[dict[str, object], str, str, str], ...] = (
    (
        {"offsets": [{"id": "o", "block": 100, "value_fen": 100, "when": {"holidays": True}}]},
        "error",
        "offsets[0].when.holidays",
        "the calendar has no holidays",
    ),
    (
        {"promos": [{"id": "a", "steps": [STEP]}, {"id": "b", "steps": [STEP]}]},
        "error",
        "promos[1].group",
        "share no stack group",
    ),
    (
        {"spend_rewards": [{"id": "a", **BACK}, {"id": "b", **BACK}]},
        "error",
        "spend_rewards[1].group",
        "share no stack group",
    ),
    (
        {"offsets": [{"id": "o", "block": 1, "value_fen": 100}]},
        "error",
        "offsets[0].value_fen",
        "give back 100%",
    ),
    (
        {
            "coupons": [COUPON],
            "spend_rewards": [
                {
                    "id": "a",
                    "payout": "coupon",
                    "coupon": "c50",
                    "mode": "per_multiple",
                    "steps": [{"min_fen": 500, "give": 5000}],
                }
            ],
        },
        "error",
        "spend_rewards[0].steps[0].give",
        "gives back 1000%",
    ),
    (
        {
            "factors": {
                "combine": "product",
                "rules": [{"id": "a", "percent": 200}, {"id": "b", "percent": 300}],
            }
        },
        "warning",
        "factors.most_percent",
        "no maximum",
    ),
    (
        {"offsets": [{"id": "o", "block": 100, "value_fen": 100, "when": {"levels": ["gold"]}}]},
        "error",
        "offsets[0].when.levels",
        "never holds",
    ),
    (
        {
            "coupons": [{**COUPON, "life": None}],
            "spend_rewards": [
                {
                    "id": "a",
                    "payout": "coupon",
                    "coupon": "c50",
                    "steps": [{"min_fen": 50000, "give": 5000}],
                }
            ],
        },
        "warning",
        "coupons[0].life",
        "never lapse",
    ),
    (
        {"manual": [{"id": "m", "role": "manager", "max_off": 10000, "reasons": ["flaw"]}]},
        "warning",
        "manual[0].max_off",
        "give goods away",
    ),
    (
        {"prices": [{"id": "s", "who": "staff", "basis_points": 7000}]},
        "warning",
        "staff_purchase",
        "without end",
    ),
    (
        {
            "scope": {"brand": "zhenzi", "store_mode": "offline"},
            "promos": [{"id": "a", "steps": [STEP], "limit": {"times": 1, "per": "month"}}],
        },
        "warning",
        "promos[0].limit",
        "cannot see",
    ),
    (
        {"coupons": [COUPON], "spend_rewards": [{"id": "a", **BACK, "payout": "coupon"}]},
        "error",
        "spend_rewards[0]",
        "coupon with payout coupon",
    ),
    (
        {
            "coupons": [COUPON],
            "spend_rewards": [{"id": "a", **BACK, "payout": "coupon", "coupon": "c5"}],
        },
        "error",
        "spend_rewards[0].coupon",
        "Nearest: c50",
    ),
    ({"promos": [{"id": "a"}]}, "error", "promos[0]", "exactly one of steps, bundle, goods_set"),
    (
        {"promos": [{"id": "a", "bundle": {"size": 2, "lowered": 2}}]},
        "error",
        "promos[0].bundle",
        "fewer than size",
    ),
    (
        {
            "factors": {
                "combine": "max",
                "rules": [{"id": "a", "percent": 200, "rules": ["spent"]}],
            }
        },
        "error",
        "factors.rules[0].rules",
        "Nearest: spend",
    ),
    (
        {
            "groups": GROUPS,
            "spend_rewards": [
                {"id": "a", "group": "g", **BACK},
                {"id": "b", "group": "g", **BACK, "payout": "reward"},
            ],
        },
        "error",
        "groups.g",
        "compares points with reward",
    ),
)


@pytest.mark.parametrize(("sections", "severity", "path", "said"), FAULTS)
def test_a_fault_sown_into_the_offers_is_found_and_nothing_else(
    sections: dict[str, object], severity: str, path: str, said: str
) -> None:
    findings = check(changed(**sections))
    assert [finding.path for finding in findings] == [path], [str(one) for one in findings]
    assert findings[0].severity == severity
    assert said in str(findings[0])
