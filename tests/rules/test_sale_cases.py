"""Case files of the sale side: every parameter group, normal and at its boundary."""

from pathlib import Path

import pytest

from tests.rules.shop import CASES
from tests.rules.test_account_cases import check_file

PACKS_OF_OTHERS = ("4s", "member-day", "points-as-money", "spend-and-return", "zhenzi-return")


@pytest.mark.parametrize("name", PACKS_OF_OTHERS)
def test_a_pack_does_what_its_case_says(name: str) -> None:
    check_file(CASES / f"{name}.json")


@pytest.mark.parametrize("path", sorted((CASES / "sale").glob("*.json")), ids=lambda p: p.stem)
def test_every_parameter_group_of_a_sale(path: Path) -> None:
    check_file(path)
