"""Chinese and English say the same things: the same words, the same places for values."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module

import msgspec
import pytest

from daemon.counter.codes import Ask
from daemon.display.asks import ASKED
from daemon.display.languages import texts_of
from daemon.display.service import TITLES
from tests.tidy.tree import ROOT

DISPLAY = ROOT / "daemon" / "display"
CHINESE = re.compile(r"[\u3400-\u9fff]")
POLE_CELLS = 16  # behind a step's code


def tables() -> Iterator[tuple[str, object, object]]:
    """Yield every pair of records of words, found by their names."""
    for path in sorted(DISPLAY.rglob("*.py")):
        names = re.findall(r"^(\w*)ZH\b(?=[ :=])", path.read_text(encoding="utf-8"), re.M)
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for prefix in names:
            if hasattr(module, f"{prefix}EN"):
                name = f"{path.relative_to(DISPLAY)} {prefix}"
                yield name, getattr(module, f"{prefix}ZH"), getattr(module, f"{prefix}EN")
    yield "texts", texts_of("zh_CN"), texts_of("en")


def said(words: object, where: str) -> Iterator[tuple[str, str]]:
    """Yield every text of a record, and where it stands."""
    if isinstance(words, str):
        yield where, words
    elif isinstance(words, Mapping):
        for key, value in words.items():
            yield from said(value, f"{where}[{key}]")
    elif isinstance(words, tuple):
        for n, value in enumerate(words):
            yield from said(value, f"{where}[{n}]")
    elif isinstance(words, msgspec.Struct):
        for name in words.__struct_fields__:
            yield from said(getattr(words, name), f"{where}.{name}")


TABLES = list(tables())


def test_the_tables_were_found() -> None:
    assert len(TABLES) >= 18


@pytest.mark.parametrize(("name", "zh", "en"), TABLES, ids=[name for name, *_ in TABLES])
def test_both_say_all_of_it_and_take_the_same_values(name: str, zh: object, en: object) -> None:
    mine, other = dict(said(zh, "")), dict(said(en, ""))
    assert mine.keys() == other.keys(), name
    for where, text in mine.items():
        theirs = other[where]
        assert bool(text) == bool(theirs), where
        assert places(text) == places(theirs), where
        assert not CHINESE.search(theirs), f"{where}: {theirs}"


def places(text: str) -> set[str]:
    """Return the values that a text takes; a month is its date, told shorter."""
    return {name.replace("month", "date") for name in re.findall(r"\{(\w+)", text)}


def test_every_step_is_asked_in_both_and_fits_a_pole() -> None:
    assert set(ASKED) == set(Ask)
    for ask, one in ASKED.items():
        for zh, en, pole in ((one.zh, one.en, one.pole), *one.choices.values()):
            assert zh and en and pole, ask
            assert CHINESE.search(zh) and not CHINESE.search(en), ask
            assert pole.isascii() and len(pole) <= POLE_CELLS + 4, (ask, pole)


def test_every_service_slip_has_both_titles() -> None:
    assert all(zh and en and not CHINESE.search(en) for zh, en in TITLES.values())
