"""Every sentence by which acts and rules refuse a flow of the counter is there in Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.counter.codes import Code, refusal_code
from daemon.display.sayings import SAYINGS, in_chinese

DAEMON = Path(__file__).parents[2] / "daemon"
ACTS = (
    *("card", "coupons", "mall", "moves", "points", "redeem", "refund", "renewal", "returning"),
    *("shift", "spend", "stock", "topup"),
)
RULES = (
    *("desk_rules", "enrolment", "giving", "joining", "sale_rules", "spending", "tenders"),
    *("topups", "returns"),
)
SOURCES = (
    *(DAEMON / "ledger" / "acts" / f"{name}.py" for name in ACTS),
    *(DAEMON / "rules" / f"{name}.py" for name in RULES),
    DAEMON / "actfacts.py",
    *sorted((DAEMON / "counter").rglob("*.py")),
)
REFUSE = {"Refusal", "_refused"}  # how a refusal is made
DO = re.compile(r"请|不必|不能再|没有可退|不可退|起可续会|只盘一次|扣清后")


def sentences(path: Path) -> Iterator[tuple[str, str]]:
    """Yield code and sentence of every refusal of a file; `{}`: what was found."""
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        named: dict[str, list[str]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).extend(_texts(node.value))
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _called(node) in REFUSE and node.args:
                codes = (_texts(node.args[0]) or [""]) if len(node.args) > 1 else ["not_allowed"]
                said = node.args[-1] if len(node.args) == 1 else node.args[1]
                texts = named.get(said.id, []) if isinstance(said, ast.Name) else _texts(said)
                yield from ((code, text) for code in codes for text in texts)


def _called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _texts(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(_part(part) for part in parts)]
        case ast.IfExp(body=body, orelse=other):
            return _texts(body) + _texts(other)
        case _:
            return []


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "{}"


def test_every_refusal_of_acts_and_rules_has_a_chinese_sentence() -> None:
    found = {said for path in SOURCES for _, said in sentences(path)}
    assert len(found) > 100
    assert sorted(found - set(SAYINGS)) == []


def test_nothing_is_translated_that_nobody_says() -> None:
    found = {said for path in SOURCES for _, said in sentences(path)}
    assert sorted(set(SAYINGS) - found) == []


def test_every_code_of_acts_and_rules_is_one_of_the_counters() -> None:
    codes = {code for path in SOURCES for code, _ in sentences(path)} - {""}
    unknown = {code for code in codes if refusal_code(code) == Code.INPUT}
    assert unknown == set(), "E22 tells nobody why"


@pytest.mark.parametrize("said", sorted(SAYINGS))
def test_it_says_why_and_what_to_do_in_one_line(said: str) -> None:
    chinese = SAYINGS[said]
    assert DO.search(chinese), chinese
    assert len(chinese) <= 30
    assert chinese.count("{") <= said.count("{}")
    filled = said.replace("{}", "12.50")
    assert in_chinese(filled) and "{" not in in_chinese(filled)


@given(st.lists(st.from_regex(r"[A-Za-z0-9.#:]{1,12}", fullmatch=True), min_size=3, max_size=3))
def test_what_was_found_stands_where_it_belongs(found: list[str]) -> None:
    for said in SAYINGS:
        if said.count("{}") <= len(found) and "{} " not in said[said.find("{}") + 2 :]:
            assert in_chinese(said.format(*found)), said
    assert in_chinese("nobody says this") == ""
