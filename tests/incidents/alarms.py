"""Every alarm that the product can raise, read from its source: name, words, what to do.

An alarm is a `Finding("name", ...)` that is not ok, of the box's doctor or of headquarters', or a
`note("name", ...)`. What stands between the words (numbers, names, a system's own message) may be
anything; a call that only hands on what it was given says nothing of its own.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]
DOCTORS = ("daemon/commands/doctor*.py", "daemon/finding.py")
OF_HQ = "hq-"  # begins the name of headquarters' pages
ANYTHING = ".+?"


class Alarm(msgspec.Struct, frozen=True):
    page: str  # the name of its page
    what: str
    found: tuple[str, ...]  # each a pattern; more than one: any of them
    fix: tuple[str, ...]
    where: str

    @property
    def own_words(self) -> bool:
        return any(_words(one) for one in self.found)

    def says(self, found: str, fix: str) -> bool:
        """Tell whether these are its words."""
        told = any(re.fullmatch(one, found) for one in self.found)
        return told and any(re.fullmatch(one, fix) for one in self.fix)


def alarms() -> list[Alarm]:
    """Return all alarms of box and headquarters."""
    return [*_of_box(), *_of_hq()]


def _of_box() -> Iterator[Alarm]:
    for path in sorted((ROOT / "daemon").rglob("*.py")):
        if path.match("daemon/rules/*"):
            continue  # what lint finds in a pack is no alarm
        yield from _in(path, "")


def _of_hq() -> Iterator[Alarm]:
    for path in sorted((ROOT / "hq").rglob("*.py")):
        yield from _in(path, OF_HQ)


def _in(path: Path, prefix: str) -> Iterator[Alarm]:
    text = path.read_text("utf-8")
    if "finding import" not in text:
        return
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        known = _assigned(function)
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                yield from _alarm(call, call.func.id, known, prefix, where)


def _alarm(
    call: ast.Call, called: str, known: dict[str, list[ast.expr]], prefix: str, where: str
) -> Iterator[Alarm]:
    name = call.args[0] if call.args else None
    if called not in ("Finding", "note") or not isinstance(name, ast.Constant):
        return
    what = str(name.value)
    page = prefix + what.replace(" ", "-")
    if called == "note":
        fix = re.escape(f"What to do: incidents/{page}.md.")
        yield Alarm(page, what, _patterns(call.args[1], known), (fix,), where)
        return
    level, found, *rest = call.args[1:]
    if isinstance(level, ast.Constant) and level.value == "ok":
        return
    fix_s = _patterns(rest[0], known) if rest else ("",)
    yield Alarm(page, what, _patterns(found, known), fix_s, where)


def _assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    """Return what each local name is set to."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        else:
            continue
        if isinstance(target, ast.Name):
            found.setdefault(target.id, []).append(value)
    return found


def patterns_of(node: ast.expr) -> tuple[str, ...]:
    """Return what a text of the source may come out as."""
    return _patterns(node, {})


def _patterns(node: ast.expr, known: dict[str, list[ast.expr]]) -> tuple[str, ...]:
    match node:
        case ast.Constant(value=value):
            return (re.escape(str(value)),)
        case ast.JoinedStr(values=values):
            whole: tuple[str, ...] = ("",)
            for piece in values:
                inner = piece.value if isinstance(piece, ast.FormattedValue) else piece
                parts = _patterns(inner, known)
                whole = tuple(head + tail for head in whole for tail in parts)
            return whole
        case ast.IfExp(body=body, orelse=orelse):
            return (*_patterns(body, known), *_patterns(orelse, known))
        case ast.Name(id=name) if name in known:
            rest = {other: seen for other, seen in known.items() if other != name}
            return tuple(one for seen in known[name] for one in _patterns(seen, rest))
        case _:
            return (ANYTHING,)


def _words(pattern: str) -> str:
    return pattern.replace(ANYTHING, "").replace("\\ ", "").strip(": ,;.()")
