"""The house style that a machine can see: sizes, names, empty packages, no state in modules."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.tidy.tree import ROOT, files, parsed, python_files

FILE_LINES_MAX = 400
DRIVER_LINES_MAX = 200
FUNCTION_LINES_MAX = 50
LINE_CHARS_MAX = 100
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}

READ_ONLY = ("Mapping[", "Sequence[", "Collection[")  # mypy lets nobody write into these
MUTABLE_CALLS = {"list", "dict", "set", "bytearray", "deque", "defaultdict", "Counter"}
MUTABLE_CALLS |= {"OrderedDict", "WeakValueDictionary", "WeakSet", "WeakKeyDictionary"}


def lines(path: Path) -> list[str]:
    return (ROOT / path).read_text(encoding="utf-8").splitlines()


def test_files_are_short():
    long = {}
    for path in python_files():
        most = DRIVER_LINES_MAX if path.is_relative_to("daemon/drivers") else FILE_LINES_MAX
        if len(lines(path)) > most:
            long[str(path)] = len(lines(path))
    assert long == {}, "the way out of a full file is a new noun"


def test_functions_are_short():
    long = {}
    for path in python_files():
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            # from `def`: the tables of a parametrized test stand above it
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                long[f"{path}::{node.name}"] = length
    assert long == {}


def test_lines_are_short():
    long = [
        f"{path}:{number}"
        for path in python_files()
        for number, line in enumerate(lines(path), 1)
        if len(line) > LINE_CHARS_MAX
    ]
    assert long == []


def test_names_say_what_is_inside():
    named = {part for path in files() for part in (path.with_suffix(""), *path.parents)}
    empty = [str(path) for path in named if set(path.name.lower().split("_")) & EMPTY_NAMES]
    assert empty == []


def test_packages_hold_nothing_in_init():
    full = [str(path) for path in python_files() if path.name == "__init__.py" and lines(path)]
    assert full == []


def test_every_folder_of_python_is_a_package():
    folders = {path.parent for path in python_files("daemon", "hq", "tests")}
    assert [str(each) for each in folders if not (ROOT / each / "__init__.py").exists()] == []


def test_modules_hold_no_mutable_state():
    found = [
        f"{path}:{line}: {name}"
        for path in python_files("daemon", "hq")
        for line, name in mutable_globals(parsed(path))
    ]
    assert found == [], "use a tuple, frozenset or MappingProxyType, or give it to whom needs it"


def mutable_globals(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and name of what stands at module level and can change."""
    for node in ast.walk(module):
        if isinstance(node, ast.Global):
            yield node.lineno, f"global {', '.join(node.names)}"
    for node in module.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).startswith(READ_ONLY):
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and mutable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = ", ".join(ast.unparse(target) for target in targets)
            if names != "__all__":
                yield node.lineno, names


def mutable(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        called = value.func
        name = called.attr if isinstance(called, ast.Attribute) else ast.unparse(called)
        return name in MUTABLE_CALLS
    return isinstance(
        value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    )


def test_the_search_for_mutable_state_finds_it():
    source = """
A = []
B: dict[str, int] = {}
C = {x for x in "ab"}
D = collections.deque()
E = ("fine",)
F = MappingProxyType({"fine": 1})
G = frozenset({1})
H: Mapping[str, int] = {"fine": 1}
def f():
    global A
"""
    found = {name for _, name in mutable_globals(ast.parse(source))}
    assert found == {"A", "B", "C", "D", "global A"}
