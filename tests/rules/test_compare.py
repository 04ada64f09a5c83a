"""What a new pack changes for a member, in words."""

import json

import pytest
from pydantic import BaseModel

from daemon.rules.compare import PROLOGUE, compare
from daemon.rules.document import parse
from daemon.rules.fieldwords import CHINESE
from daemon.rules.models import Pack
from daemon.rules.words import FIELDS, NAMES, field_words
from tests.rules.shop import PACKS, ZHENZI, changed
from tests.rules.test_parameters import models_in

OLD = json.loads(ZHENZI)


def said(**sections: object) -> list[tuple[str, str]]:
    return compare(parse(ZHENZI), parse(changed(version=8, **sections)))


def test_nothing_changes_but_the_number() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("sections", "zh", "en"),
    [
        (
            {"earn": [{**OLD["earn"][0], "points": 2}]},
            "积分规则 spend,积分:由1改为2",
            "earning spend, points: 1 becomes 2",
        ),
        (
            {"stored_value": {**OLD["stored_value"], "ladder": []}},
            "取消储值,充值档 topup(原:满 300.00 元,积分 100)",
            "Gone: stored value, top-up step topup (was: from 300.00, points 100)",
        ),
        (
            {"expiry": {"kind": "ttl", "life": "P1Y"}},
            "积分有效期:由方式 按卡龄年检清零,月 12,日 15,最低年限 P1Y,确认方式 人工"
            "改为方式 每笔到期,有效期 P1Y",
            "expiry: kind yearly check by the card's age, month 12, day 15, least age P1Y,"
            " confirm manual becomes kind each lot after its life, life P1Y",
        ),
        (
            {"gifts": [*OLD["gifts"], {"id": "g2", "points": 1500}]},
            "新增兑换 g2:积分 1500",
            "New: gift for points g2: points 1500",
        ),
    ],
)
def test_each_change_is_one_sentence(sections: dict[str, object], zh: str, en: str) -> None:
    assert said(**sections) == [(zh, en)]


def test_any_two_packs_can_be_compared_both_ways() -> None:
    packs = [
        parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKS.glob("*.json"))
        if path.name != "pack.schema.json"
    ]
    for one in packs:
        for other in packs:
            pairs = compare(one, other)
            assert bool(pairs) == (one is not other)
            assert all(zh and en for zh, en in pairs)


def test_every_name_is_one_of_the_pack() -> None:
    assert set(NAMES) <= set(Pack.model_fields)
    assert not {name for name, words in FIELDS.items() if not all(words)}


def every_model() -> set[type[BaseModel]]:
    """Return the models of all that a member may notice of a pack."""
    seen: set[type[BaseModel]] = set()
    found: list[type[BaseModel]] = [Pack]
    while found:
        model = found.pop()
        if model not in seen:
            seen.add(model)
            for name, field in model.model_fields.items():
                if model is not Pack or name not in PROLOGUE:
                    found += models_in(field.annotation)
    return seen


def test_every_field_of_a_pack_has_a_chinese_name() -> None:
    names = {name for model in every_model() for name in model.model_fields} - PROLOGUE - {"id"}
    silent = {name for name in names if field_words(name)[0].isascii()}
    assert silent == set()
    assert set(CHINESE) <= names, "words of fields that are gone"
