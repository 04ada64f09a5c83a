"""Which rows of the catalogue a test shows: `python -m tests.requirements_report`.

docs/catalogue.tsv: id, place, requirement. tests/requirements.toml: id = the tests that show it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "docs" / "catalogue.tsv"
SHOWN = ROOT / "tests" / "requirements.toml"
PLACES = ("BOX", "HQ", "MOBILE", "DERIVED")  # DERIVED: not in the plans, but they need it


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    places: tuple[str, ...]
    requirement: str


def rows() -> list[Row]:
    """Return the catalogue in its order."""
    lines = CATALOGUE.read_text(encoding="utf-8").splitlines()[1:]
    cells = (line.split("\t") for line in lines)
    return [Row(id_, tuple(place.split("+")), said) for id_, place, said in cells]


def shown() -> Mapping[str, list[str]]:
    """Return the tests (`path::name`) that show each row."""
    table = tomllib.loads(SHOWN.read_text(encoding="utf-8"))["shown"]
    assert isinstance(table, dict)
    return table


def main() -> None:
    tests, everything = shown(), rows()
    for place in PLACES:
        print(f"\n{place}: rows that no test shows yet")
        for row in everything:
            if place in row.places and row.id not in tests:
                print(f"  {row.id}  {row.requirement}")
    print()
    for place in PLACES:
        here = [row for row in everything if place in row.places]
        done = [row for row in here if row.id in tests]
        print(f"{place:8} {len(done):4} of {len(here):4} shown")
    out = sum(row.places == ("OUT",) for row in everything)
    print(f"{'OUT':8} {out:4} have no software meaning here (docs/decisions/0001)")


if __name__ == "__main__":
    main()
