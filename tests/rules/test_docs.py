"""docs/RULES.md says what the models say, and its examples are packs that work."""

import json
import re

import pytest

from daemon.rules.document import parse
from daemon.rules.models import Pack
from tests.rules.shop import ROOT, changed
from tools.rules_tables import with_tables

PAGE = (ROOT / "docs" / "RULES.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## `(\w+)` .*?```json\n(.*?)```\n\nEffect: ", re.DOTALL | re.MULTILINE)
EXAMPLES = {found[1]: found[2] for found in SECTION.finditer(PAGE)}


def test_every_section_of_a_pack_is_explained_with_an_example() -> None:
    assert list(EXAMPLES) and set(EXAMPLES) == set(Pack.model_fields)


def test_the_tables_are_current() -> None:
    assert with_tables(PAGE) == PAGE, "run: .venv/bin/python -m tools.rules_tables"


@pytest.mark.parametrize("section", sorted(EXAMPLES))
def test_an_example_is_a_part_of_a_pack_that_works(section: str) -> None:
    example = json.loads(EXAMPLES[section])
    assert section in example
    loose: dict[str, object] = {
        "stored_value": None,
        "grants": [],
        "gifts": [],
        "reminders": [],
        "entitlements": [],
    }
    parse(changed(**{**loose, **example}))


def test_every_pack_of_the_house_is_listed() -> None:
    packs = {path.stem for path in (ROOT / "config" / "packs").glob("*.json")} - {"pack.schema"}
    assert packs <= set(re.findall(r"^\| ([a-z0-9-]+) \|", PAGE, re.MULTILINE))
