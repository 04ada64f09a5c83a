"""Every finding of lint has a pack sown with its fault: no sentence is there that nothing shows."""

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from types import FrameType, ModuleType

from daemon.rules import lint, lint_account, lint_desk, lint_sale
from tests.rules import test_lint, test_lint_account, test_lint_desk, test_lint_sale
from tests.rules.shop import PACKS, changed
from tests.rules.test_lint_account import levels, share
from tests.rules.test_parameter_groups import CHECKS

MODULES = (lint, lint_account, lint_desk, lint_sale)


def sown() -> Iterator[str]:
    """Yield every bad pack of the lint tests."""
    for room in (test_lint, test_lint_account, test_lint_sale, test_lint_desk):
        for fault in room.FAULTS:
            yield changed(**fault[0])
    for path in CHECKS.glob("*.json"):
        yield changed(**json.loads(path.read_text(encoding="utf-8"))["changes"])
    groups = {"price": "best", "spend": "best"}
    yield changed(prices=[share("l0", 9500), share("l1", 9000)], groups=groups, **levels(0, 1))
    yield (PACKS / "hotel.json").read_text(encoding="utf-8")


def yields(module: ModuleType) -> set[int]:
    """Return the lines on which a finding is given out."""
    tree = ast.parse(inspect.getsource(module))
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Yield)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id in ("Finding", "_found", "_unreachable")
    }


def test_every_finding_is_shown_by_a_bad_pack() -> None:
    seen: set[tuple[str, int]] = set()
    files = {module.__file__ for module in MODULES}

    def line(frame: FrameType, event: str, _: object) -> object:
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, _: str, __: object) -> object:
        return line if frame.f_code.co_filename in files else None

    packs = list(sown())
    before = sys.gettrace()
    sys.settrace(call)  # type: ignore[arg-type]
    try:
        for text in packs:
            lint.check(text)
    finally:
        sys.settrace(before)
    found = {module.__name__: yields(module) for module in MODULES}
    silent = {
        f"{module.__name__}:{number}"
        for module in MODULES
        for number in found[module.__name__]
        if (module.__file__, number) not in seen
    }
    assert all(found.values())
    assert silent == set(), "a finding that no pack of the tests shows"
