"""The files of this checkout, as git would take them, and the Python among them as syntax trees."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is tracked, or would be by `git add`; paths relative to ROOT."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (Path(name) for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


def python_files(*rooms: str) -> list[Path]:
    """Return the .py files, all or those below the given rooms (`daemon`, `tests/hardware_sim`)."""
    return [
        path
        for path in files()
        if path.suffix == ".py" and (not rooms or any(path.is_relative_to(r) for r in rooms))
    ]


def text(path: Path) -> str | None:
    """Return what a text file says; None for a picture, a font and the like."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=str(path))
