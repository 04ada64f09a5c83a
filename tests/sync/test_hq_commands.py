"""Every command of headquarters: one object for scripts, words for people, ages beside figures."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from hq.answers import BUG, NO, WRONG_USE, YES
from hq.cli import command_parser, main
from tests.hq.tables import cards_csv, products_csv, staff_csv
from tests.sync.shops import CARD, OTHER, Shops

PACK = Path(__file__).parents[2] / "config" / "packs" / "zhenzi.json"
# They do not end, or need a folder without a store.
ELSEWHERE = {"serve", "book", "intake", "restore", "move-store"}
FIGURES = {  # commands that tell of shops, and where their rows stand; "": in the object itself
    "status": "boxes",
    "boxes": "boxes",
    "members": "members",
    "requests": "requests",
    "pack list": "boxes",
    "gifts": "gifts",
    "write-off": "",
    "hold": "",
}


def commands() -> list[str]:
    for action in command_parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return list(action.choices)
    raise AssertionError("no commands")


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A headquarters with two shops in step, stopped."""
    shops = Shops(tmp_path)
    for box in shops.world.boxes.values():
        box.disconnect()
    folder = shops.world.office.folder
    shops.world.office.close()
    return folder


def walks(folder: Path) -> dict[str, list[str]]:
    """What is said to each command, so that it does something; by command, or command and verb."""
    (folder / "films").mkdir(exist_ok=True)
    (folder / "films" / "a.png").write_bytes(b"picture")
    (folder / "media").mkdir(exist_ok=True)
    return {
        "init": [],
        "status": [],
        "boxes": [],
        "members": [],
        **desk_walks(folder),
        **month_walks(),
        "cases": [],
        "doctor": [],
        "give": [CARD, "5", "--source", "click"],
        "hold": ["freeze", CARD, "--points", "3", "--reason", "a question"],
        "requests": [],
        "card": [OTHER, "lost"],
        "alias": [OTHER, CARD, "--by", "anna"],
        "unalias": [OTHER, "--by", "anna"],
        "operator list": [],
        "erase": [OTHER, "--reason", "asked"],
        "pack publish": [str(PACK)],
        "pack stage": [str(PACK)],
        "pack rollback": ["zhenzi"],
        "pack list": [],
        "channel": ["pilot", "0001"],
        "import products": [str(products_csv(folder / "p.csv"))],
        "import staff": [str(staff_csv(folder / "s.csv"))],
        "import cards": [str(cards_csv(folder / "c.csv", shop="0001"))],
        "tell": ["good morning"],
        "messages": [],
        "playlist": [str(folder / "films")],
        "setting": [],
        "reserve": ["0001", "6901234100013", "1"],
        "reservations": [],
        "gifts": [],
        "earn": [CARD, "click", "--request", "r1"],
        "retire": ["product", "nothing"],
        "token": ["0003"],
        "certificate": ["0001", "--out", str(folder / "own")],
        "write-off": ["0001.1"],
        "second-copy": [str(folder / "media")],
        "backup": [str(folder / "saved")],
        "restored": [],
        "recovery": [str(folder / "p.csv")],
        "stick export": [str(folder / "media")],
        "stick import": [str(folder / "media")],
    }


def month_walks() -> dict[str, list[str]]:
    """What the accountant says."""
    return {
        "case": ["1"],
        "owner": ["0001", "Jia"],
        "month list": [],
        "month show": ["2026-02"],
        "risks": [],
    }


def desk_walks(folder: Path) -> dict[str, list[str]]:
    """What is said at the complaint desk, and to the yearly check of points."""
    paper = folder / "paper.csv"
    paper.write_text(f"card,points\n{CARD},7\n")
    return {
        "member show": [CARD],
        "member statement": [CARD, "--since", "2026-03-01"],
        "member explain": [CARD],
        "member adjust": [CARD, "-5", "--reason", "a slip", "--by", "anna", "--second", "bo"],
        "audit start": ["--by", "anna"],
        "audit import-paper": [str(paper), "--by", "anna"],
        "audit statements": ["--card", CARD],
        "audit differences": [],
        "audit decide": [CARD, "box", "--by", "anna"],
        "audit confirm": ["--by", "anna", "--second", "bo"],
        "audit undo": ["--by", "anna"],
        "audit show": [],
    }


def test_no_command_is_left_out(tmp_path: Path) -> None:
    walked = {name.split()[0] for name in walks(tmp_path)}
    assert sorted(commands()) == sorted(walked | ELSEWHERE)


def test_every_command_says_one_object_or_words(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, words in walks(office).items():
        line = ["--dir", str(office), *name.split(), *words]
        code = main([*line, "--json"])
        said = capsys.readouterr()
        found = json.loads(said.out)
        assert said.out.count("\n") == 1 and isinstance(found, dict), name
        assert code < BUG and "Traceback" not in said.err, (name, said.err)
        assert found.get("ok", True) == (code == YES), (name, code, found)
        if name in FIGURES and code in (YES, NO):
            check_ages(name, found)
        if name == "backup":
            line[-1] += "-again"
        code = main(line)
        said = capsys.readouterr()
        told = said.out if code <= NO else said.err
        assert told.strip() and not told.lstrip().startswith("{"), name
        assert (code > NO) == (not said.out), (name, code)


def check_ages(name: str, found: Mapping[str, object]) -> None:
    """Every row that tells of a shop says how old that is."""
    key = FIGURES[name]
    kept = found[key] if key else [found]
    rows = list(kept.values()) if isinstance(kept, dict) else kept
    assert isinstance(rows, list)
    for row in rows:
        assert isinstance(row, dict) and "data_age_s" in row, (name, row)
    assert rows == [] or any(row["data_age_s"] for row in rows), name


def test_mistakes_in_words_are_one_object_too(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["give", CARD, "-1", "--source", "x"], ["token", "no/box"], ["write-off", "x"]):
        code = main(["--dir", str(office), *words, "--json"])
        found = json.loads(capsys.readouterr().out)
        assert code in (NO, WRONG_USE) and found["ok"] is False and found["error"]
