"""docs/RULES.md says of every parameter where it is said and which case shows it: row by row."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import get_args

import pytest
from pydantic import BaseModel

from daemon.rules.document import parse
from daemon.rules.lint import lint
from daemon.rules.models import Pack
from tests.rules.shop import CASES, PACKS, ROOT
from tests.rules.test_account_cases import check_file
from tests.rules.test_parameter_groups import BY_CHECKS, CHECKS, GROUPS

PAGE = (ROOT / "docs" / "RULES.md").read_text(encoding="utf-8")
# How many parameters each group has: none may vanish from the page.
PARAMETERS = dict(
    zip(
        (*range(1, 16), 19, *range(21, 24), *range(25, 29)),
        (4, 2, 20, 7, 5, 7, 5, 7, 6, 5, 3, 4, 6, 3, 4, 3, 2, 2, 1, 2, 2, 3, 16),
        strict=True,
    )
)
CONTRADICTIONS = {f"C{n}" for n in range(1, 26)} - {"C18"}  # referral is headquarters' to come

# The worked examples that the catalogue gives beside its table. Those of referral, of a member's
# value over the years and of the base report are headquarters' figures: no rule makes them.
SPARE = {
    "broker S0-126: 3200 + 1800 pay 500 at 10%": "x19-broker-month",
    "broker S0-126: 15% of 5000 is 750": "x19-broker-range",
    "broker S0-126: 16% is refused": "27-broker-above",
    "zone S3-32: 168 costs 99 with a card, and without one is refused": "prices-zone",
    "gift life S4-12: registers on 10 April, wash and wax used by 10 May": "x13-gift-life",
    "gap S0-97: 0.45 on an article of 9.00 is not seen": "27-gap-unseen",
}

# What each chain of the plans has that others have not: pack, and where it is said.
VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "S2 year roll": (
        "year-roll",
        (
            *("expiry.kind=year_roll", "levels.validity=P1Y", "levels.down=to_reached"),
            *("levels.list.needs.growth", "grants.source=task", "grants.source=order_refused"),
            *("gifts.kind=goods", "gifts.kind=draw", "gifts.kind=payment"),
        ),
    ),
    "S3.A": (
        "guomao",
        (
            *("expiry.kind=sweep", "factors.rules.percent=200", "prices.fixed_fen=9900"),
            *("spend_rewards.when.hours", "prices.only_members=true", "prices.when.lunar=08-15"),
            "gifts.window.every=quarter",
        ),
    ),
    "S3.B": ("mall-return", ("spend_rewards.steps.give=5000", "spend_rewards.steps.give=10000")),
    "S3.Q": (
        "mall-day",
        ("enrol.rewards.coupon.value_fen=5000", "offsets.block=100", "prices.basis_points=7000"),
    ),
    "S3.N": (
        "mall-club",
        (
            *("enrol.min_age=18", "enrol.organisation=true", "enrol.activation=approval"),
            *("expiry.kind=ttl", "transfer", "holds.reasons=breach", "factors.rules.when.levels"),
        ),
    ),
    "S4.B": (
        "4s",
        (
            *("earn.step_fen=100000", "offsets.value_fen=100", "offsets.timing=next_sale"),
            *("enrol.rewards.when", "enrol.rewards.coupon.life=P1M"),
        ),
    ),
    "S4.E": (
        "car-brand",
        (
            *("enrol.activation=message", "offsets.categories=car", "levels.list.needs.spend"),
            *(
                "offsets.categories=maintenance",
                "gifts.kind=gift",
                "levels.list.needs.goods_pieces",
            ),
        ),
    ),
    "S0.I hotel": (
        "hotel",
        (
            *("prices.basis_points=9500", "prices.cost_plus=3000", "prices.cost_plus=2500"),
            *("stored_value.cards.inherits=h5000", "stored_value.cards.rights"),
        ),
    ),
    "S0.H wine": (
        "wine-house",
        (
            *("enrol.activation=in_store", "enrol.channels.gifts", "commissions.payee=broker"),
            *("entitlements.on=life_event", "entitlements.grades"),
        ),
    ),
    "S0.O Tesco": (
        "clubcard",
        ("earn.unit=reward", "expiry.kind=payout", "expiry.every=quarter", "expiry.by=post"),
    ),
    "S1.L": ("teachers", ("enrol.channels.kind=grant", "enrol.rewards.channels=grant")),
}


def rows(title: str) -> list[list[str]]:
    """Return the cells of a table of the page."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    found = re.findall(r"^\| (?!group |point |---)(.+) \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in row.split(" | ")] for row in found]


PARAMETER_ROWS = rows("Every parameter, and where it is said")
CONTRADICTION_ROWS = rows("What contradicts itself, and the setting that decides")


def said(value: object, path: str = "") -> Iterator[str]:
    """Yield every path of a document, and each with its value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from said(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from said(inner, path)
    elif value is not None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield f"{path}={text}"
    if value is not None and path:
        yield path


@cache
def shown_by(name: str) -> frozenset[str]:
    """Return all that the pack of a case says."""
    (path,) = [*CASES.glob(f"**/{name}.json"), *CHECKS.glob(f"{name}.json")]
    case = json.loads(path.read_text(encoding="utf-8"))
    pack = json.loads((PACKS / f"{case['pack']}.json").read_text(encoding="utf-8"))
    return frozenset(said({**pack, **case.get("changes", {})}))


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def is_setting(path: str) -> bool:
    """Tell whether the models know the path; below a mapping any name will do."""
    models: list[type[BaseModel]] = [Pack]
    for name in path.partition("=")[0].split("."):
        if not models:
            return True
        found = [model.model_fields[name] for model in models if name in model.model_fields]
        if not found:
            return False
        models = [model for field in found for model in models_in(field.annotation)]
    return True


def test_no_parameter_vanishes() -> None:
    assert Counter(int(row[0]) for row in PARAMETER_ROWS) == PARAMETERS
    assert set(PARAMETERS) == {*GROUPS, *BY_CHECKS}


@pytest.mark.parametrize("row", PARAMETER_ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_parameter_is_a_setting_and_a_case_shows_it(row: list[str]) -> None:
    paths, cases = re.findall(r"`([^`]+)`", row[2]), row[3].split(", ")
    assert paths and all(is_setting(path) for path in paths), paths
    for path in paths:
        assert any(path in shown_by(name) for name in cases), f"{path}: in none of {cases}"


def test_every_contradiction_is_decided_by_a_setting() -> None:
    assert {row[0].split()[0] for row in CONTRADICTION_ROWS} == CONTRADICTIONS
    for row in CONTRADICTION_ROWS:
        paths = re.findall(r"`([^`]+)`", row[1])
        assert paths and all(is_setting(path) for path in paths), row
        assert all(shown_by(name) for name in row[2].split(", ")), row


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_chain_of_the_plans_is_an_example_pack(variant: str) -> None:
    name, wanted = VARIANTS[variant]
    text = (PACKS / f"{name}.json").read_text(encoding="utf-8")
    missing = set(wanted) - set(said(json.loads(text)))
    assert not missing
    assert not [one for one in lint(parse(text)) if one.severity == "error"]


@pytest.mark.parametrize("example", SPARE)
def test_every_spare_example_is_worked_out(example: str) -> None:
    name = SPARE[example]
    assert shown_by(name)
    for path in CASES.glob(f"**/{name}.json"):
        check_file(path)


def test_a_path_that_is_no_setting_is_noticed() -> None:
    assert is_setting("enrol.channels.min_qty") and is_setting("groups.anything")
    assert not is_setting("enrol.channels.min_pieces") and not is_setting("nothing")
