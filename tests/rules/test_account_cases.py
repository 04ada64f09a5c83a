"""Case files of the account and time side, under the packs that come with the box."""

import json
from pathlib import Path

import pytest

from daemon.rules.cases import evaluate_case
from daemon.rules.document import parse
from tests.rules.shop import CASES, PACKS
from tests.rules.test_cases import holds

ACCOUNT = sorted(path for room in ("account", "house") for path in (CASES / room).glob("*.json"))
OURS = ("year-roll", "hotel", "clubcard")


def check_file(path: Path) -> None:
    """Assert that all that a case file expects comes out under the pack that it names."""
    case = json.loads(path.read_text(encoding="utf-8"))
    given = case["pack"]
    text = (PACKS / f"{given}.json").read_text(encoding="utf-8")
    if "changes" in case:  # sections that the case needs otherwise
        text = json.dumps({**json.loads(text), **case["changes"]})
    answer = json.loads(json.dumps(evaluate_case(json.dumps(case), parse(text))))
    for place, (event, found) in enumerate(zip(case["events"], answer["events"], strict=True)):
        holds(event.get("expect", {}), found, f"{path.name}: events[{place}]")
    holds(case.get("expect_members", {}), answer["members"], f"{path.name}: members")
    holds(case.get("expect_stock", {}), answer["stock"], f"{path.name}: stock")


@pytest.mark.parametrize("name", OURS)
def test_a_pack_of_another_chain_does_what_its_case_says(name: str) -> None:
    check_file(CASES / f"{name}.json")


@pytest.mark.parametrize(
    "path",
    sorted([*(CASES / "account").glob("*.json"), *(CASES / "house").glob("*.json")]),
    ids=lambda p: p.stem,
)
def test_every_parameter_group_of_the_account_side(path: Path) -> None:
    check_file(path)
