"""The table of faults: `make faults` takes each handling out and sees its test fail.

In a copy of the tree, one fault after the other. First every test has to pass with nothing taken
out, else it would prove nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.tidy.tree import ROOT, files

TABLE = Path(__file__).with_name("faults.toml")
TEST_WITHIN_S = 120.0
ROOMS = ("daemon", "hq", "tests", "config", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Fault:
    device: str
    fault: str
    test: str
    file: str
    handling: str  # the text of the code that handles it, once in the file
    without: str


def table() -> list[Fault]:
    return [Fault(**row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["fault"]]


def as_text() -> str:
    """The table as docs/drivers.md has it."""
    rows = ["| device | fault | test |", "| --- | --- | --- |"]
    for one in table():
        file, _, name = one.test.removeprefix("tests/").partition("::")
        shown = f"`{file}`" + (f" {name.removeprefix('test_').partition('[')[0]}" if name else "")
        rows.append(f"| {one.device} | {one.fault} | {shown} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("words", nargs="*", help="only the faults that hold one of these words")
    parser.add_argument("--table", action="store_true", help="the table for docs/drivers.md")
    given = parser.parse_args()
    if given.table:
        sys.stdout.write(as_text())
        return 0
    wanted = [one for one in table() if not given.words or any(w in one.fault for w in given.words)]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _copy(tree)
        failing = [one for one in wanted if not _passes(tree, one)]
        blunt = [one for one in wanted if one not in failing and not _bites(tree, one)]
    for one in failing:
        sys.stdout.write(f"  fails with its handling in place: {one.fault}: {one.test}\n")
    for one in blunt:
        sys.stdout.write(f"  still passes without the handling: {one.fault}: {one.test}\n")
    sys.stdout.write(
        f"faults: {len(wanted)} taken out, {len(wanted) - len(failing) - len(blunt)} seen by their "
        f"tests, {len(blunt)} not seen, {len(failing)} fail anyway\n"
    )
    return 1 if failing or blunt else 0


def _copy(tree: Path) -> None:
    for path in files():
        if path.parts[0] in ROOMS:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tree / path)


def _bites(tree: Path, one: Fault) -> bool:
    path = tree / one.file
    source = path.read_text(encoding="utf-8")
    assert source.count(one.handling) == 1, f"{one.fault}: {one.handling!r} stands not once"
    path.write_text(source.replace(one.handling, one.without), encoding="utf-8")
    passed = _passes(tree, one)
    path.write_text(source, encoding="utf-8")
    sys.stdout.write(f"{'NOT SEEN' if passed else 'seen':<9} {one.device}: {one.fault}\n")
    sys.stdout.flush()
    return not passed


def _passes(tree: Path, one: Fault) -> bool:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", one.test]
    environment = {**os.environ, "MEMBERBOX_FUZZ_N": "100", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, timeout=TEST_WITHIN_S
        )
    except subprocess.TimeoutExpired:
        return False
    assert done.returncode in (0, 1), f"{one.test}: {done.stdout.decode()[-2000:]}"
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
