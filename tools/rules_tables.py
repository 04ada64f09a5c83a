"""Write the tables of docs/RULES.md, which say what each key of a pack may be.

.venv/bin/python -m tools.rules_tables
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from daemon.rules.models import Pack
from daemon.rules.vocabulary import Section

PAGE = Path(__file__).parent.parent / "docs" / "RULES.md"
_TABLE = re.compile(r"<!-- table (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def with_tables(text: str) -> str:
    """Return the page with every table as the models say it."""
    return _TABLE.sub(lambda match: _table(match[1]), text)


def _table(key: str) -> str:
    field = Pack.model_fields[key]
    rows = ["| key | allowed | default |", "| --- | --- | --- |"]
    models = list(_models(field))
    rows += [_row(key, field)] if not models else []
    seen: set[type[Section]] = set()
    for model in models:
        rows += _rows(model, "", seen)
    return f"<!-- table {key} -->\n" + "\n".join(rows) + "\n<!-- end -->"


def _rows(model: type[Section], prefix: str, seen: set[type[Section]]) -> list[str]:
    if model in seen:
        return []
    seen.add(model)
    rows: list[str] = []
    for name, field in model.model_fields.items():
        rows.append(_row(prefix + name, field))
        for inner in _models(field):
            rows += _rows(inner, f"{prefix}{name}.", seen)
    return rows


def _models(field: FieldInfo) -> Iterator[type[Section]]:
    pending: list[object] = [field.annotation]
    while pending:
        kind = pending.pop(0)
        if isinstance(kind, type) and issubclass(kind, Section):
            yield kind
        pending += getattr(kind, "__args__", ())


def _row(name: str, field: FieldInfo) -> str:
    said = (field.description or _inner(field)).replace("|", "\\|")
    return f"| `{name}` | {said} | {_default(field)} |"


def _inner(field: FieldInfo) -> str:
    """Return what an inner annotation says, where the field itself says nothing."""
    pending: list[object] = [field.annotation]
    while pending:
        kind = pending.pop(0)
        for one in getattr(kind, "__metadata__", ()):
            if isinstance(one, FieldInfo) and one.description:
                return one.description
        pending += getattr(kind, "__args__", ())
    return ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if value is None:
        return "null"
    if isinstance(value, Section):
        return "its defaults"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "empty"
    return str(value)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE.name}")
