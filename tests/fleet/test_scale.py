"""The figures of docs/SCALE.md follow from the inputs that it names, and these from the code."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from daemon.sync import link, protocol, shipping
from hq import admission
from tests.stage import ROOT

PAGE = (ROOT / "docs" / "SCALE.md").read_text(encoding="utf-8")
CLOSE = 0.03  # a figure on the page is rounded to two or three digits
_WAYS: Mapping[type[ast.operator], Callable[[float, float], float]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Mult: operator.mul,
        ast.Div: operator.truediv,
    }
)


def rows(first: str) -> list[list[str]]:
    """Return the cells of a table of the page, by the head of its first column."""
    _, _, rest = PAGE.partition(f"| {first} |")
    lines = rest.splitlines()[2:]
    end = next(at for at, line in enumerate(lines) if not line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[:end]]


def number(text: str) -> float:
    return float(text.replace(",", ""))


def inputs() -> dict[str, float]:
    return {name.strip("`"): number(value) for name, value, *_ in rows("input")}


def value_of(node: ast.expr, known: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as found):
            return float(found)
        case ast.Name(id=name):
            return known[name]
        case ast.BinOp(left=left, op=way, right=right):
            return _WAYS[type(way)](value_of(left, known), value_of(right, known))
    raise ValueError(ast.dump(node))


def test_every_figure_follows_from_the_inputs() -> None:
    known, wrong = inputs(), []
    found = rows("what follows")
    assert len(found) > 20 and len(known) > 20
    for what, said, _, how in found:
        formula = ast.parse(how.strip("`"), mode="eval").body
        made = value_of(formula, known)
        if abs(number(said) - made) > CLOSE * made:
            wrong.append(f"{what}: {said}, computed {made:.4g}")
    assert wrong == []


def test_every_input_is_used() -> None:
    used = {name for *_, how in rows("what follows") for name in re.findall(r"[A-Z_]{2,}", how)}
    assert used == set(inputs())


def test_what_is_a_constant_of_the_software_is_that() -> None:
    known = inputs()
    said = [
        known[name]
        for name in ("STATE_S", "HELLO_S", "PATIENCE_S", "RETRY_S", "PLACES", "TURN", "BATCH")
    ]
    assert said == [
        protocol.STATE_EVERY_MS / 1000,
        protocol.HELLO_EVERY_MS / 1000,
        protocol.ACK_TIMEOUT_MS / 1000,
        link.RETRY_MAX_S,
        admission.BOXES_AT_ONCE,
        admission.TURN_BATCHES,
        shipping.BATCH_ENTRIES,
    ]
    (parts,) = re.findall(
        r"FOR \w+ IN 0\.\.(\d+)", (ROOT / "hq/schema/postgres/0011.sql").read_text()
    )
    assert known["PARTS"] == int(parts) + 1
