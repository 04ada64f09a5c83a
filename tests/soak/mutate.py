"""Mutation testing of a room: change the code a little, and see whether a test notices.

    make mutate ROOM=rules [MUTANTS=400] [SEED=1]

mutmut works in a copy of the last commit and in an environment of its own, both thrown away: it is
no dependency of the project. It changes a line at a time; a mutant that every test lets pass has
survived. A full room takes hours, so that a seeded sample is drawn; 0 takes all. One process, nice
19: a shop's machine may do it overnight. The survivors are listed, the last line is the score.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

MUTMUT = "mutmut==3.8.1"
ROOT = Path(__file__).parents[2]
# What is changed, and the tests that are to notice.
ROOMS = {
    "rules": (
        "daemon/rules",
        (
            "tests/rules",
            *(f"tests/counter/test_{name}.py" for name in ("replay", "wallet", "mall")),
        ),
    ),
    "ledger": (
        "daemon/ledger",
        (
            "tests/ledger",
            "tests/acts",
            "tests/service/test_backup.py",
            *(f"tests/counter/test_{name}.py" for name in ("late_points", "wallet", "mall")),
        ),
    ),
    # What may be issued over all shops: small, and its own tests are seconds.
    "limits": (
        "daemon/ledger/limits.py",
        (
            *(f"tests/acts/test_{name}.py" for name in ("limits", "card_room")),
            *(f"tests/{room}.py" for room in ("sync/test_limits", "ledger/test_posting")),
        ),
    ),
    "counter": ("daemon/counter", ("tests/counter", "tests/sync/test_roaming.py")),
    # In memory: what runs real processes takes seconds, and sees what these see.
    "protocol": (
        "daemon/sync/protocol.py",
        tuple(f"tests/sync/test_{name}.py" for name in ("protocol", "asking", "restore_hq")),
    ),
}
# Tests that start a process of ours in a folder of its own, where mutmut finds no settings.
APART = (
    "tests/ledger/test_faults.py::test_a_disk_that_became_read_only_is_said_and_recovers",
    "tests/ledger/test_outcomes.py::test_a_disk_that_is_really_full_refuses_and_recovers",
    "tests/ledger/test_salvage.py"
    "::test_a_salvage_without_room_leaves_all_as_it_was_and_says_what_to_do",
    "tests/acts/test_command.py",
)
COPIED = ("daemon", "hq", "tests", "config", "docs", "tools", "systemd", "pyproject.toml")
# mutmut collects twice in one process; pytest then escapes a name for the second time, and does not
# find it again: one name that is not ASCII ends the run.
NAMES_AS_THEY_ARE = "disable_test_id_escaping_and_forfeit_all_rights_to_community_support=true"
TEST_S = 900  # of one test in its own process; a mutant that hangs is mutmut's to end
KILLED, SURVIVED, UNTESTED = 1, 0, 33  # exit codes that mutmut writes down


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--room", choices=sorted(ROOMS), required=True)
    parser.add_argument("--mutants", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.nice(19)
    with tempfile.TemporaryDirectory(prefix="memberbox-mutate-") as folder:
        return _mutate(Path(folder), asked.room, asked.mutants, asked.seed)


def _mutate(folder: Path, room: str, mutants: int, seed: int) -> int:
    tree = folder / "tree"
    tree.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "x", "-C", tree], input=archive.stdout, check=True)
    source, tests = ROOMS[room]
    (tree / "setup.cfg").write_text(_settings(source, tests), encoding="utf-8")
    mutmut = _environment(folder / "venv")
    some = sorted(_modules(tree / source))[0]
    _run(mutmut, tree, [f"{some}.*"])  # makes every mutant, and learns which test sees which
    names = sorted(_outcomes(tree))
    random.Random(seed).shuffle(names)
    drawn = sorted(names[: mutants or len(names)])
    _run(mutmut, tree, drawn)
    return _said(room, {name: _outcomes(tree)[name] for name in drawn}, len(names), seed)


def _settings(source: str, tests: tuple[str, ...]) -> str:
    lists = {
        "source_paths": (source,),
        "also_copy": COPIED,
        "pytest_add_cli_args_test_selection": tests,
        "pytest_add_cli_args": (
            *("-p", "no:cacheprovider", f"--timeout={TEST_S}"),
            *("-o", NAMES_AS_THEY_ARE),
            *(f"--deselect={one}" for one in APART),
        ),
    }
    rows = (f"{key}=\n" + "".join(f"    {one}\n" for one in ones) for key, ones in lists.items())
    return "[mutmut]\n" + "".join(rows)


def _environment(folder: Path) -> Path:
    """Return the mutmut of a fresh environment that sees what the checkout's own one has."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "-qq", MUTMUT, "pytest"], check=True)
    (packages,) = (folder / "lib").glob("python3*/site-packages")
    (ours,) = (ROOT / ".venv" / "lib").glob("python3*/site-packages")
    (packages / "checkout.pth").write_text(f"{ours}\n", encoding="utf-8")
    return folder / "bin" / "mutmut"


def _modules(source: Path) -> list[str]:
    files = (
        [source] if source.suffix else [one for one in source.rglob("*.py") if one.stat().st_size]
    )
    tree = next(parent for parent in source.parents if (parent / "setup.cfg").exists())
    return [".".join(file.relative_to(tree).with_suffix("").parts) for file in files]


def _run(mutmut: Path, tree: Path, names: list[str]) -> None:
    fuzz = {**os.environ, "MEMBERBOX_FUZZ_N": "400"}
    subprocess.run([mutmut, "run", "--max-children", "1", *names], cwd=tree, env=fuzz)


def _outcomes(tree: Path) -> dict[str, int | None]:
    """Return every mutant and what became of it; None: nothing yet."""
    found: dict[str, int | None] = {}
    for meta in (tree / "mutants").rglob("*.meta"):
        found |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def _said(room: str, outcomes: dict[str, int | None], of: int, seed: int) -> int:
    alive = [name for name, code in outcomes.items() if code in (SURVIVED, UNTESTED)]
    for name in alive:
        print(f"survived: {name}")
    killed = sum(code is not None for code in outcomes.values()) - len(alive)
    share = 100 * killed // max(1, killed + len(alive))
    print(
        f"mutate {room}: {killed} of {killed + len(alive)} killed ({share}%),"
        f" drawn from {of}, seed {seed}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
