"""The handbook's pages: one for each alarm of the code, quoting what is really said."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from daemon.display.refusals import REFUSALS
from tests.incidents.alarms import ANYTHING, OF_HQ, ROOT, Alarm, alarms, patterns_of
from tests.incidents.pages import INDEX, PARTS, PICTURES, linked, pages, pictures_shown
from tests.incidents.scenes import pictures

NO_ALARMS = {"codes"}  # answers to a key; the page's own test is below
WORDS_MIN = 3  # of a text of the source, to be known again in the middle of another
PAGES = pages()
ALARMS = alarms()


def test_every_alarm_has_its_page_and_every_page_its_alarm() -> None:
    assert {one.page for one in ALARMS} == set(PAGES) - NO_ALARMS


@pytest.mark.parametrize("name", sorted(set(PAGES) - NO_ALARMS))
def test_a_page_says_all_five_things(name: str) -> None:
    parts = PAGES[name].parts
    assert tuple(parts) == PARTS
    assert all(parts.values())
    assert re.search(r"^1\. ", parts["Do"], re.M), "steps"


def test_every_page_is_in_the_index_and_every_link_leads_somewhere() -> None:
    assert linked(INDEX.read_text("utf-8")) == set(PAGES)
    for page in PAGES.values():
        for link in re.findall(r"\]\(([^)#]+)", page.text):
            assert (PICTURES.parent / link).exists(), (page.name, link)


@pytest.mark.parametrize(
    "alarm", [one for one in ALARMS if one.own_words], ids=lambda one: one.where
)
def test_every_alarm_stands_on_its_page_in_its_own_words(alarm: Alarm) -> None:
    quoted = PAGES[alarm.page].quoted
    assert any(alarm.says(one.found, one.fix) for one in quoted), alarm


@pytest.mark.parametrize("name", sorted(set(PAGES) - NO_ALARMS))
def test_a_page_quotes_nothing_that_nobody_says(name: str) -> None:
    mine = [one for one in ALARMS if one.page == name]
    assert PAGES[name].quoted
    for one in PAGES[name].quoted:
        own = [alarm for alarm in mine if alarm.own_words and alarm.says(one.found, one.fix)]
        handed_on = [alarm for alarm in mine if not alarm.own_words]
        assert one.what == name.removeprefix(OF_HQ).replace("-", " ")
        if not own:
            assert any(alarm.says(one.found, one.fix) for alarm in handed_on), one
            assert said_somewhere(one.found), one
            assert not one.fix or said_somewhere(one.fix), one


@cache
def sayings() -> tuple[tuple[str, str], ...]:
    """Every text of the product's source with words of its own: its longest piece, its pattern."""
    found = {
        pattern
        for room in ("daemon", "hq")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr | ast.Constant)
        for pattern in patterns_of(node)
    }
    told = []
    for one in found:
        pieces = [re.sub(r"\\(.)", r"\1", piece) for piece in one.split(ANYTHING)]
        words = re.findall(r"[a-z]{3,}", " ".join(pieces))
        if words:
            told.append((max(pieces, key=len), one if len(words) >= WORDS_MIN else f"^{one}$"))
    return tuple(told)


def said_somewhere(text: str) -> bool:
    """Whether it is, or has in it, what the source says; or a system's own message."""
    if text.startswith("[Errno "):
        return True
    return any(piece in text and re.search(one, text) for piece, one in sayings())


def test_every_code_of_the_counter_stands_in_its_words() -> None:
    rows = [
        tuple(cell.strip() for cell in line.split("|")[1:5])
        for line in PAGES["codes"].text.splitlines()
        if re.match(r"\| E\d\d ", line)
    ]
    assert [row[:3] for row in rows] == [
        (code, words.clerk, words.clerk_en) for code, words in sorted(REFUSALS.items())
    ]
    assert all(row[3] for row in rows), "what to do"


def test_every_kind_of_case_is_told() -> None:
    told = set(re.findall(r"^\| `([a-z_.]+)` \|", PAGES["hq-cases"].text, re.M))
    kinds = {kind for path in (ROOT / "hq").glob("*.py") for kind in case_kinds(path)}
    late = {kind for kind in kinds if kind.startswith("late_")}
    assert {"branch", "ended", "refused"} <= kinds
    assert kinds - late == told - {"late_..."}


def case_kinds(path: Path) -> set[str]:
    """The kinds of cases that a file opens: the fourth word of `_case`, the third of `Case`."""
    tree = ast.parse(path.read_text("utf-8"))
    named = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or any(isinstance(a, ast.Starred) for a in node.args):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        called = node.func.id if isinstance(node.func, ast.Name) else called
        place = {"_case": 3, "Case": 2}.get(called)
        if place is None or len(node.args) <= place:
            continue
        match node.args[place]:
            case ast.Constant(value=str(kind)):
                found.add(kind)
            case ast.Name(id=name) if name in named:
                found.add(str(named[name]))
            case ast.Attribute(value=ast.Name(id="latepoints"), attr="KIND"):
                found.add("late")
    return found


def test_the_pictures_are_of_what_is_shown_now(tmp_path: Path) -> None:
    drawn = pictures(tmp_path)
    kept = {path.stem: path.read_text("utf-8") for path in PICTURES.glob("*.svg")}
    assert set(drawn) == set(kept) == pictures_shown()
    for name, svg in drawn.items():
        assert svg == kept[name], f"{name}: make incidents"
