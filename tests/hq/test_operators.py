"""Who may sign at headquarters: two persons are two PINs, and no name is somebody else's."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hq.cli import main
from hq.store import create, open_office
from tests.hq.tables import cards_csv

CARD = "8800000000018"
ANNA, BO, CLEO = "red lipstick 1", "blue bottle 2", "green soap 3"
ADJUST = ("member", "adjust", CARD, "5", "--reason", "a slip was lost")
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def engine() -> str:
    """The list is a fact among others of the store's."""
    return "sqlite"


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Give a command, and its PINs as a script does, a line each; its exit code and its words."""
    office = create(tmp_path / "hq")
    office.close()

    def said(*words: str, pins: tuple[str, ...] = ()) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{pin}\n" for pin in pins)))
        code = main(["--dir", str(tmp_path / "hq"), *words])
        found = capsys.readouterr()
        return code, found.out + found.err

    assert said("import", "cards", str(cards_csv(tmp_path / "cards.csv")))[0] == 0
    return said


@pytest.fixture
def staffed(say: Say) -> Say:
    """The same where Anna and Bo are managers, and Cleo is a clerk."""
    assert say("operator", "put", "Anna", "--role", "manager", pins=(ANNA, ANNA))[0] == 0
    for name, role, pin in (("Bo", "manager", BO), ("Cleo", "clerk", CLEO)):
        words = ("operator", "put", name, "--role", role, "--by", "anna")
        assert say(*words, pins=(ANNA, pin, pin))[0] == 0
    return say


def corrections(say: Say) -> list[dict[str, object]]:
    found = json.loads(say("--json", "member", "show", CARD)[1])["member"]["corrections"]
    assert isinstance(found, list)
    return found


def test_without_operators_a_name_is_a_word(say: Say) -> None:
    assert "prove nothing" in say("operator", "list")[1]
    assert say(*ADJUST, "--by", "anna", "--second", "bo")[0] == 0


def test_two_persons_are_two_pins_and_stand_there_as_they_are_listed(staffed: Say) -> None:
    assert staffed(*ADJUST, "--by", "CLEO", "--second", "bo", pins=(CLEO, BO))[0] == 0
    (made,) = corrections(staffed)
    assert (made["operator"], made["second"]) == ("Cleo", "Bo")


@pytest.mark.parametrize(
    ("by", "second", "pins", "found"),
    [
        ("cleo", "bo", (CLEO, CLEO), "Bo: a wrong PIN"),
        ("cleo", "bo", (CLEO,), "Bo: a wrong PIN"),
        ("cleo", "bo", ("", BO), "Cleo: a wrong PIN"),
        ("bo", "cleo", (BO, CLEO), "--second Cleo: a clerk"),
        ("cleo", "dora", (CLEO, BO), "--second dora: no operator"),
        ("bo", "ＢＯ", (BO, BO), "two different persons"),
    ],
)
def test_nobody_signs_for_two(
    staffed: Say, by: str, second: str, pins: tuple[str, ...], found: str
) -> None:
    code, words = staffed(*ADJUST, "--by", by, "--second", second, pins=pins)
    assert (code, corrections(staffed)) == (1, []) and found in words


def test_the_month_and_the_check_of_points_ask_too(staffed: Say) -> None:
    for words in (
        ("month", "close", "2026-03", "--by", "cleo"),
        ("month", "reopen", "2026-03", "--by", "cleo", "--second", "bo", "--reason", "x"),
        ("audit", "start", "--by", "cleo"),
        ("case", "1", "--book", "--by", "cleo"),
        ("alias", "visitor:1", CARD, "--by", "cleo"),
    ):
        code, found = staffed(*words, pins=("not hers",))
        assert code == 1 and "Cleo: a wrong PIN. Nothing was done." in found, words


def test_only_managers_change_the_list_and_one_is_always_left(staffed: Say) -> None:
    put = ("operator", "put", "Dora", "--role", "manager")
    assert staffed(*put, pins=("dora's own", "dora's own"))[0] == 1, "by nobody"
    assert staffed(*put, "--by", "cleo", pins=(CLEO, "dora's own", "dora's own"))[0] == 1
    assert staffed("operator", "remove", "anna", "--by", "bo", pins=(BO,))[0] == 0
    code, found = staffed("operator", "remove", "Bo", "--by", "bo", pins=(BO,))
    assert code == 1 and "no manager would be left" in found
    code, found = staffed("operator", "put", "Bo", "--by", "bo", pins=(BO, BO, BO))
    assert code == 1 and "no manager would be left" in found, "a clerk from now on"
    said = json.loads(staffed("--json", "operator", "list")[1])["operators"]
    assert [(one["name"], one["role"]) for one in said] == [("Bo", "manager"), ("Cleo", "clerk")]


def test_a_pin_is_changed_by_who_knows_the_old_one(staffed: Say) -> None:
    own = ("operator", "pin", "--by", "cleo")
    assert staffed(*own, pins=("guessed", "new one", "new one"))[0] == 1
    assert staffed(*own, pins=(CLEO, "new one", "other one"))[0] == 2
    assert staffed(*own, pins=(CLEO, "short", "short"))[0] == 1
    assert staffed(*own, pins=(CLEO, "new one", "new one"))[0] == 0
    assert staffed(*ADJUST, "--by", "cleo", "--second", "bo", pins=(CLEO, BO))[0] == 1
    assert staffed(*ADJUST, "--by", "cleo", "--second", "bo", pins=("new one", BO))[0] == 0


def test_the_first_one_is_a_manager_and_after_the_last_names_are_words(say: Say) -> None:
    assert say("operator", "put", "Cleo", pins=(CLEO, CLEO))[0] == 1
    assert say("operator", "put", "Anna", "--role", "manager", pins=(ANNA, ANNA))[0] == 0
    assert say("operator", "remove", "Anna", "--by", "Anna", pins=(ANNA,))[0] == 0
    assert say(*ADJUST, "--by", "anna", "--second", "bo")[0] == 0


def test_no_pin_stands_in_the_database(staffed: Say, tmp_path: Path) -> None:
    office = open_office(tmp_path / "hq")
    kept = office.fact("operators")
    office.close()
    assert "Cleo" in kept and not any(pin in kept for pin in (ANNA, BO, CLEO))
