"""tests/requirements.toml tells the truth: its ids are catalogued, and its tests exist."""

import ast
from pathlib import Path

from tests.requirements_report import PLACES, rows, shown
from tests.tidy.tree import ROOT, parsed


def test_every_id_is_in_the_catalogue_and_in_scope():
    known = {row.id: row.places for row in rows()}
    assert [id_ for id_ in shown() if known.get(id_, ("OUT",)) == ("OUT",)] == []


def test_the_catalogue_is_whole():
    everything = rows()
    assert len({row.id for row in everything}) == len(everything) > 500
    assert {place for row in everything for place in row.places} == {*PLACES, "OUT"}
    assert all(row.requirement for row in everything)


def test_every_named_test_exists():
    missing = [
        f"{id_}: {node}" for id_, nodes in shown().items() for node in nodes if not exists(node)
    ]
    assert missing == []
    assert [id_ for id_, nodes in shown().items() if not nodes] == []


def exists(node: str) -> bool:
    """Whether `path::name` is a test function of that file (without parameters)."""
    name, _, function = node.partition("::")
    path = Path(name)
    if not function.startswith("test_") or not (ROOT / path).is_file():
        return False
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(at, functions) and at.name == function for at in parsed(path).body)


def test_a_test_that_does_not_exist_is_noticed():
    assert exists("tests/tidy/test_requirements.py::test_the_catalogue_is_whole")
    assert not exists("tests/tidy/test_requirements.py::test_the_catalogue_is_holy")
    assert not exists("tests/tidy/test_nowhere.py::test_it")
    assert not exists("tests/tidy/test_requirements.py")
