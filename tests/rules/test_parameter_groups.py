"""Every group of parameters has its cases, normal and at the boundary; and packs to be checked.

The groups are those of the catalogue's list of rule parameters. tests/rules/checks/ holds packs
with what `rules check` finds in them: for what changes no sale.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from daemon.rules.lint import check
from tests.rules.shop import CASES, PACKS

CHECKS = Path(__file__).parent / "checks"

# Of each group: what its case files' names begin with.
GROUPS = {
    2: ("x02-",),
    3: ("x03-", "zhenzi-enrol"),
    4: ("earn-", "x04-", "4s", "zhenzi-earn"),
    5: ("factors-", "x05-", "member-day"),
    6: ("x06-", "year-roll", "zhenzi-december", "clubcard"),
    7: ("gift-table", "offset-", "x07-", "points-as-money"),
    8: ("x08-",),
    9: ("prices-",),
    10: ("coupons-",),
    11: ("rewards-", "spend-and-return"),
    12: ("x12-", "hotel", "stored-value-scope"),
    13: ("x13-",),
    14: ("x14-",),
    15: ("x15-",),
    19: ("x19-", "commission"),
    21: ("x21-",),
    22: ("x22-", "return-policy", "zhenzi-return"),
    23: ("x23-",),
    25: ("x25-",),
    26: ("x26-",),
    28: ("x28-", "promo-", "unlisted-", "late-swipe", "guards", "staff-purchase", "exchange"),
}
BY_CHECKS = (1, 27)


def test_every_group_of_parameters_has_its_cases() -> None:
    names = [path.stem for path in CASES.glob("**/*.json")]
    having = {
        group: [name for name in names if name.startswith(begins)]
        for group, begins in GROUPS.items()
    }
    assert {group: found for group, found in having.items() if len(found) < 2} == {}
    checked = Counter(json.loads(path.read_text())["group"] for path in CHECKS.glob("*.json"))
    assert all(checked[group] >= 2 for group in BY_CHECKS), checked
    assert {*GROUPS, *BY_CHECKS} == {*range(1, 16), 19, *range(21, 24), *range(25, 29)}


@pytest.mark.parametrize("path", sorted(CHECKS.glob("*.json")), ids=lambda path: path.stem)
def test_a_pack_to_be_checked_has_just_these_findings(path: Path) -> None:
    said = json.loads(path.read_text(encoding="utf-8"))
    pack = json.loads((PACKS / f"{said['pack']}.json").read_text(encoding="utf-8"))
    found = check(json.dumps({**pack, **said["changes"]}))
    shown = [{"path": one.path, "severity": one.severity} for one in found]
    assert shown == said["findings"], [str(one) for one in found]
