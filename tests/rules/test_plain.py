"""A pack that crosses to the box as plain text is the pack that was checked."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from pkgutil import walk_packages

import pytest

import daemon
from daemon.rules.cases import evaluate_case
from daemon.rules.document import parse
from daemon.rules.models import Pack
from daemon.rules.plain import plain_pack, plain_text
from daemon.rules.vocabulary import Section
from tests.bench.p5_rules import busy_pack
from tests.rules.shop import CASES, PACKS

PACK_FILES = sorted(path for path in PACKS.glob("*.json") if "schema" not in path.name)
CASE_FILES = sorted(CASES.rglob("*.json"))


def differing(checked: object, plain: object, path: str = "") -> Iterator[str]:
    """Yield the places where a plain pack is not what the checked one is."""
    if isinstance(checked, Section):
        if list(vars(plain)) != list(type(checked).model_fields):
            yield f"{path}: other keys"
            return
        for name in type(checked).model_fields:
            yield from differing(getattr(checked, name), getattr(plain, name), f"{path}.{name}")
    elif isinstance(checked, tuple):
        if not isinstance(plain, tuple) or len(plain) != len(checked):
            yield f"{path}: another list"
            return
        for place, (one, other) in enumerate(zip(checked, plain, strict=True)):
            yield from differing(one, other, f"{path}[{place}]")
    elif type(plain) is not type(checked) or plain != checked:
        yield path


def text_of(case: Mapping[str, object]) -> str:
    """Return the pack that a case file names, with the sections that it changes."""
    text = (PACKS / f"{case['pack']}.json").read_text(encoding="utf-8")
    changes = case.get("changes", {})
    assert isinstance(changes, dict)
    return json.dumps({**json.loads(text), **changes})


@pytest.mark.parametrize("path", PACK_FILES, ids=lambda path: path.stem)
def test_a_plain_pack_holds_what_the_checked_one_holds(path: Path) -> None:
    pack = parse(path.read_text(encoding="utf-8"))
    assert list(differing(pack, plain_pack(plain_text(pack)))) == []


def test_a_busy_pack_is_the_same_plain() -> None:
    pack = parse(json.dumps(busy_pack()))
    plain = plain_pack(plain_text(pack))
    assert list(differing(pack, plain)) == []
    assert plain == plain_pack(plain_text(pack))
    with pytest.raises(AttributeError):
        plain.title = "another"


@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.stem)
def test_the_rules_of_a_plain_pack_answer_every_case_alike(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    pack = parse(text_of(case))
    text = json.dumps(case)
    assert evaluate_case(text, plain_pack(plain_text(pack))) == evaluate_case(text, pack)


def test_a_section_is_data_and_nothing_else() -> None:
    """A property of a model would be missing in the box, where there are no models."""
    pending: list[type[Section]] = [Section]
    seen = 0
    while pending:
        section = pending.pop()
        pending += section.__subclasses__()
        seen += 1
        if section is not Section:
            own = [name for name, value in vars(section).items() if isinstance(value, property)]
            assert own == [], section.__name__
    assert seen > len(Pack.model_fields)


def test_whatever_a_running_box_may_import_carries_no_models() -> None:
    """Also what it imports when it is first needed; pydantic is for who judges packs."""
    judges = ("daemon.packcheck", "daemon.commands.rules", "daemon.rules.")
    names = [module.name for module in walk_packages(daemon.__path__, "daemon.")]
    carried = [name for name in names if not name.startswith(judges)]
    carried += ["daemon.rules.engine", "daemon.rules.account", "daemon.rules.timed"]
    assert {"daemon.app", "daemon.packs", "daemon.sync.link"} < set(carried)
    code = (
        f"import importlib, sys; [importlib.import_module(name) for name in {carried}];"
        "print([name for name in sys.modules if 'pydantic' in name or '.models' in name])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
