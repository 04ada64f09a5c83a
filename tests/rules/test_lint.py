"""Packs with a fault sown in: each is found, at its place, with a way out."""

import json

import pytest

from daemon.rules.lint import Finding, check
from daemon.rules.schema import schema_text
from tests.rules.shop import PACKS, ZHENZI, changed

PACK = json.loads(ZHENZI)
MP, SWAP = PACK["prices"]
SPEND = PACK["earn"][0]
OFF = {"id": "off", "group": "price", "basis_points": 9500}
LATE = {"id": "late", "group": "price", "basis_points": 9000, "categories": ["skin"]}


def found(**sections: object) -> dict[str, Finding]:
    return {finding.path: finding for finding in check(changed(**sections))}


def test_the_pack_itself_has_no_fault() -> None:
    assert check(ZHENZI) == []


FAULTS: tuple[tuple[dict[str, object], str, str, str], ...] = (
    (
        {"prices": [MP, {**SWAP, "group": None}]},
        "error",
        "prices[1].group",
        "share no stack group",
    ),
    (
        {"prices": [MP, {**OFF, "group": "spend"}]},
        "error",
        "prices[1].group",
        "share no stack group",
    ),
    (
        {"earn": [SPEND, {**SPEND, "id": "more", "group": None}]},
        "error",
        "earn[1].group",
        "may meet",
    ),
    (
        {"earn": [{**SPEND, "excluded_tenders": ["points"]}]},
        "error",
        "earn[0].excluded_tenders",
        "bonus, coupon, voucher earns again",
    ),
    ({"earn": [{**SPEND, "points": 200}]}, "error", "earn[0].points", "200 points for 100 fen"),
    (
        {
            "groups": {"price": "best", "spend": "add"},
            "earn": [SPEND, {**SPEND, "id": "more"}],
        },
        "warning",
        "earn[1].max_per_receipt",
        "neither has an end",
    ),
    (
        {"groups": {"price": "first", "spend": "best"}, "prices": [OFF, LATE]},
        "warning",
        "prices[1]",
        "late is never reached",
    ),
    (
        {"earn": [SPEND, {**SPEND, "id": "less", "step_fen": 200}]},
        "warning",
        "earn[1]",
        "less is never reached",
    ),
    (
        {"prices": [{**MP, "gives_class": None}]},
        "warning",
        "prices[0].gives_class",
        "Use special",
    ),
    ({"expiry": {"kind": "never"}}, "warning", "shown.receipt[4]", "never prints"),
    (
        {"rounding": {"cash": {"unit_fen": 10, "mode": "down", "tenders": ["cash", "bank"]}}},
        "warning",
        "rounding.cash.tenders[1]",
        "pay to the fen",
    ),
    (
        {"rounding": {"cash": {"unit_fen": 10, "mode": "up", "tenders": ["cash"]}}},
        "error",
        "rounding.cash.mode",
        "nothing may round a charge up",
    ),
    ({"rounding": {"money": "half_up"}}, "error", "rounding.money", "'half_up' is not allowed"),
    ({"price": []}, "error", "price", "Nearest: prices"),
)


@pytest.mark.parametrize(("sections", "severity", "path", "said"), FAULTS)
def test_a_sown_fault_is_found(
    sections: dict[str, object], severity: str, path: str, said: str
) -> None:
    findings = found(**sections)
    assert path in findings, list(findings)
    finding = findings[path]
    assert finding.severity == severity
    assert said in str(finding)


def test_rules_that_never_meet_need_no_group() -> None:
    apart = [
        {"id": "skin", "basis_points": 9000, "categories": ["skin"]},
        {"id": "hair", "basis_points": 8000, "categories": ["hair"]},
    ]
    assert not [one for one in found(prices=apart) if one.startswith("prices")]


def test_the_schema_is_current() -> None:
    written = (PACKS / "pack.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), "run: .venv/bin/python -m tools.pack_schema"
