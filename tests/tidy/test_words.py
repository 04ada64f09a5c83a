"""What must not stand in the tree, what must stand in docs/NAMES.md, how decisions are filed."""

import ast
import re
import tomllib
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from daemon import clock, events
from daemon.ledger import accounts, kinds
from daemon.release import VERSION
from tests.tidy.tree import ROOT, files, parsed, python_files, text

NAMES = ROOT / "docs" / "NAMES.md"

# Put together here so that this file does not name them itself.
REGISTRIES = tuple(
    re.escape(".".join(parts))
    for parts in (
        *(("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("deb", "debian", "org")),
        *(("security", "debian", "org"), ("crates", "io"), ("proxy", "golang", "org")),
    )
)
PLACES = ("/" + "root/", "/" + "work/", "/" + r"home/\w", "/" + r"Users/\w", "/" + "opt/wheels")
UNWANTED = re.compile(
    "|".join(
        (
            *REGISTRIES,
            *(r"(?<![\w.$}-])" + place for place in PLACES),
            "-{2}(?:extra-)?index-url",
            "-{2}find-links",
        )
    )
)
PATTERN_CASES = (
    ("https://files." + "pythonhosted" + ".org/x", True),
    ("see /" + "root/x", True),
    ("--no-emit-find-links", False),
    ("docs/home/x and $HOME/wor" + "k/y", False),
)


def test_no_merge_was_left_half_done():
    marks = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)
    assert [str(path) for path in files() if marks.search(text(path) or "")] == []


@pytest.mark.parametrize(("line", "unwanted"), PATTERN_CASES)
def test_the_pattern_of_unwanted_words(line, unwanted):
    assert bool(UNWANTED.search(line)) is unwanted


def test_no_file_names_a_registry_or_somebodys_folder():
    found = []
    for path in files():
        for number, line in enumerate((text(path) or "").splitlines(), 1):
            if match := UNWANTED.search(line):
                found.append(f"{path}:{number}: {match[0]}")
    assert found == []


def test_decisions_are_numbered_without_gaps_and_headed_by_their_number():
    decisions = [path for path in files() if path.is_relative_to("docs/decisions")]
    numbers = []
    for path in decisions:
        match = re.fullmatch(r"(\d{4})-[a-z0-9-]+\.md", path.name)
        assert match, f"{path}: NNNN-title.md"
        assert (text(path) or "").startswith(f"# {match[1]}: "), f"{path}: begins with its number"
        numbers.append(int(match[1]))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_name_of_the_trade_is_explained():
    explained = set(re.findall(r"`([^`\n]+)`", NAMES.read_text(encoding="utf-8")))
    assert sorted(trade_names() - explained) == []


def trade_names() -> set[str]:
    """Return every event, entry kind, unit, account and state that the code knows."""
    said = enum_values(events) | enum_values(kinds) | enum_values(clock)
    said |= {name for name, thing in vars(events).items() if is_record(thing)}
    return said | account_names()


def is_record(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, msgspec.Struct)


def enum_values(module: ModuleType) -> set[str]:
    enums = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, StrEnum) and thing is not StrEnum
    ]
    return {str(member) for enum in enums for member in enum}


def account_names() -> set[str]:
    """Return the accounts as docs/NAMES.md writes them: constants, and `points:<member>`."""
    names = {thing for key, thing in vars(accounts).items() if key.isupper()}
    for node in parsed(Path("daemon/ledger/accounts.py")).body:
        if isinstance(node, ast.FunctionDef):
            names |= {
                "".join(
                    f"<{ast.unparse(part.value)}>"
                    if isinstance(part, ast.FormattedValue)
                    else str(ast.literal_eval(part))
                    for part in found.values
                )
                for found in ast.walk(node)
                if isinstance(found, ast.JoinedStr)
            }
    return {str(name) for name in names}


def test_simulated_hardware_imports_nothing_of_ours():
    found = []
    for path in python_files("tests/hardware_sim"):
        for name in imported(parsed(path)):
            if name.split(".")[0] in ("daemon", "hq") or (
                name.split(".")[0] == "tests" and not name.startswith("tests.hardware_sim")
            ):
                found.append(f"{path}: {name}")
    assert found == []


def imported(module: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_the_version_is_said_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
