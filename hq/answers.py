"""What a command says: one object for scripts, lines and tables for people, an exit code."""

import io
import sys
from collections.abc import Iterable, Sequence

import msgspec

YES, NO, WRONG_USE, CANNOT, BUG = 0, 1, 2, 3, 4
WIDTH_MAX = 160  # of a table that does not go to a terminal


class Said(msgspec.Struct, frozen=True):
    code: int
    record: object
    lines: tuple[str, ...] = ()


def failed(code: int, why: str) -> Said:
    return Said(code, {"ok": False, "error": why}, (why,))


def table_unless(
    as_json: bool, names: Sequence[str], rows: Iterable[Sequence[str]]
) -> tuple[str, ...]:
    """Return a table's lines; for a script that reads the object, none."""
    return () if as_json else table(names, rows)


def table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return a table's lines; columns of numbers stand to the right."""
    from rich import box  # heavy, and a command with --json does without
    from rich.console import Console
    from rich.table import Table

    rows = list(rows)
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, name in enumerate(names):
        numbers = bool(rows) and all(is_number(row[index]) for row in rows)
        made.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell.replace("[", "\\[") for cell in row))
    text = io.StringIO()
    terminal = sys.stdout.isatty()
    console = Console(
        file=text,
        force_terminal=terminal,
        width=None if terminal else WIDTH_MAX,
        highlight=False,
        emoji=False,
    )
    console.print(made)
    return tuple(line.rstrip() for line in text.getvalue().splitlines())


def is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdecimal() or text == "-"


def yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def age(seconds: float | None) -> str:
    """Return an age as people say it: 12 s, 5 min, 3 h, 2 d."""
    if seconds is None:
        return "-"
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
