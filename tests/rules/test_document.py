"""Pack documents: hashes, signatures, and every mistake named."""

import copy
import json
import random

import pytest

from daemon import seal
from daemon.mistakes import ConfigProblem
from daemon.rules.document import PackError, canonical_hash, open_signed, parse, read, sign
from daemon.rules.engine import compile_pack
from daemon.rules.lint import lint
from daemon.rules.models import Pack
from tests.rules.shop import ZHENZI, changed

SEED = bytes(range(32))
HQ = seal.public_key(SEED)
FUZZED = 20_000
PRICE = json.loads(ZHENZI)["prices"][0]


def problems(text: str) -> dict[str, ConfigProblem]:
    with pytest.raises(PackError) as refused:
        parse(text, "zhenzi.json")
    return {problem.key: problem for problem in refused.value.problems}


def test_the_pack_reads() -> None:
    pack = parse(ZHENZI)
    assert (pack.id, pack.version) == ("zhenzi", 7)
    assert read(ZHENZI).ref.hash == canonical_hash(ZHENZI)


def test_the_hash_is_of_what_the_pack_says() -> None:
    again = json.dumps(json.loads(ZHENZI), indent=4, sort_keys=True, ensure_ascii=True)
    assert canonical_hash(again) == canonical_hash(ZHENZI)
    assert canonical_hash(changed(version=8)) != canonical_hash(ZHENZI)
    without = {key: value for key, value in json.loads(ZHENZI).items() if key != "$schema"}
    assert canonical_hash(json.dumps(without)) == canonical_hash(ZHENZI)


def test_a_signed_pack_opens_and_any_change_shows() -> None:
    signed = sign(ZHENZI, SEED)
    opened = open_signed(signed, HQ)
    assert (opened.ref.id, opened.ref.version) == ("zhenzi", 7)
    assert opened.ref.hash == canonical_hash(ZHENZI)
    assert opened.pack == parse(ZHENZI)
    reordered = json.dumps(json.loads(signed), indent=1)
    assert open_signed(reordered, HQ).ref == opened.ref
    for bad in (
        signed.replace('"points":100', '"points":101'),
        signed.replace('"version":7', '"version":8'),
        signed.replace('"value":"', '"value":"A'),
        json.dumps({"pack": json.loads(signed)["pack"], "signature": None}),
    ):
        assert bad != signed
        with pytest.raises(PackError, match="does not verify"):
            open_signed(bad, HQ)
    with pytest.raises(PackError, match="does not verify"):
        open_signed(signed, seal.public_key(bytes(32)))


def test_an_unsigned_or_foreign_document_is_no_signed_pack() -> None:
    more = json.dumps({**json.loads(sign(ZHENZI, SEED)), "note": "not signed"})
    for text in (ZHENZI, "[]", "", "{}", '{"pack":1,"signature":{}}', more):
        with pytest.raises(PackError):
            open_signed(text, HQ)


def test_a_signature_for_another_purpose_is_none() -> None:
    signed = json.loads(sign(ZHENZI, SEED))
    payload = sign(ZHENZI, SEED).split(',"signature":')[0].removeprefix('{"pack":').encode()
    value = seal.sign(SEED, "memberbox/down/1", payload).hex()
    signed["signature"]["value"] = value
    with pytest.raises(PackError, match="does not verify"):
        open_signed(json.dumps(signed), HQ)


def test_what_is_wrong_is_not_signed() -> None:
    with pytest.raises(PackError):
        sign(changed(version=0), SEED)


def test_five_mistakes_in_one_run() -> None:
    document = json.loads(ZHENZI)
    document["prices"][0]["takes"] = "member_price"
    document["earn"][0]["points"] = "1"
    document["enrol"]["channels"][0]["kind"] = "fees"
    document["rounding"]["cash"]["mode"] = "up"
    del document["expiry"]
    found = problems(json.dumps(document))
    assert set(found) == {
        "prices[0].takes",
        "earn[0].points",
        "enrol.channels[0].kind",
        "rounding.cash.mode",
        "expiry",
    }
    assert found["prices[0].takes"].nearest == "take"
    assert found["enrol.channels[0].kind"].nearest == "fee"
    assert found["earn[0].points"].value == "1"
    assert "nothing may round a charge up" in found["rounding.cash.mode"].allowed
    assert found["expiry"].found == "is missing"


@pytest.mark.parametrize(
    ("sections", "key", "said"),
    [
        ({"prices": [{**PRICE, "group": "prise"}]}, "prices[0].group", "Nearest: price"),
        ({"prices": [PRICE, PRICE]}, "prices[1].id", "is taken"),
        ({"prices": [{**PRICE, "id": "cash"}]}, "prices[0].id", "is taken"),
        ({"prices": [{**PRICE, "fixed_fen": 100}]}, "prices[0]", "exactly one of"),
        ({"prices": [{**PRICE, "needs": {"min_fen": 1}}]}, "prices[0]", "max_per_receipt"),
        ({"groups": {"price": "add", "spend": "best"}}, "prices[0].group", "best, first or choice"),
        (
            {"effective": {"starts": "2024-01-01T00:00:00+08:00", "ends": "2023-12-31T16:00:00Z"}},
            "effective.ends",
            "never be in force",
        ),
        ({"effective": {"starts": "2024-01-01T00:00:00"}}, "effective.starts", "with an offset"),
        ({"expiry": {"kind": "card_age_check", "month": 12}}, "expiry", "complete"),
        (
            {
                "expiry": {
                    "kind": "card_age_check",
                    "month": 2,
                    "day": 30,
                    "min_age": "P1Y",
                    "confirm": "manual",
                }
            },
            "expiry.day",
            "never run",
        ),
        ({"unlisted": "late"}, "unlisted", "earn, no or later"),
        ({"id": "真子"}, "id", "a to z"),
        ({"version": True}, "version", "1 to 1000000"),
    ],
)
def test_a_mistake_is_named_with_what_is_right(
    sections: dict[str, object], key: str, said: str
) -> None:
    found = problems(changed(**sections))
    assert key in found, found
    assert said in str(found[key])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('{"id": "a", "id": "b"}', "stands twice"),
        ('{"version": 7.0}', "whole numbers only"),
        ('{"version": NaN}', "whole numbers only"),
        ('{"version": 9007199254740993}', "cannot be hashed"),
        ('{"title": "\\ud800"}', "cannot be hashed"),
        ('{"标题": 1}', "cannot be hashed"),
        ("7", "is no JSON object"),
        ("1" * 5000, "cannot be read"),
        (" " * 1_000_001, "is longer than"),
    ],
)
def test_what_readers_could_read_differently_is_refused(text: str, said: str) -> None:
    with pytest.raises(PackError, match=said):
        parse(text)


def test_no_document_does_anything_but_read_or_be_refused() -> None:
    """A seeded loop: mutated packs become a Pack that compiles, or a PackError."""
    chance = random.Random(7)
    original = json.loads(ZHENZI)
    accepted = 0
    for _ in range(FUZZED):
        text = mutated(chance, original)
        try:
            opened = read(text)
        except PackError as error:
            assert error.problems
            assert all(str(problem) for problem in error.problems)
            continue
        assert isinstance(opened.pack, Pack)
        compile_pack(opened.pack, opened.ref)
        lint(opened.pack)
        accepted += 1
    assert accepted > FUZZED // 100  # else the mutations are too wild to reach the models' depth


def mutated(chance: random.Random, original: dict[str, object]) -> str:
    """Return the pack with one to three places changed, now and then with broken bytes."""
    document = copy.deepcopy(original)
    for _ in range(chance.choice((1, 1, 2, 3))):
        change(chance, document)
    text = json.dumps(document, ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.1:
        cut = chance.randrange(len(text))
        text = text[:cut] + chance.choice(("", "\x00", '"', "}", "é", "\\")) + text[cut + 1 :]
    return text


def change(chance: random.Random, document: dict[str, object]) -> None:
    node: object = document
    while True:
        assert isinstance(node, dict | list)
        keys: list[str | int] = [*node] if isinstance(node, dict) else [*range(len(node))]
        if not keys:
            return
        key = chance.choice(keys)
        inner = node[key]  # type: ignore[index]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.85:
            node = inner
            continue
        what = chance.randrange(4)
        if what == 0:
            del node[key]  # type: ignore[arg-type]
        elif what == 1 and isinstance(node, dict):
            node[str(key) + chance.choice(("s", "_", "é", ""))] = inner
        else:
            node[key] = copy.deepcopy(chance.choice(VALUES))  # type: ignore[index]
        return


VALUES: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 100, 2**31, 2**53, 2**80, 1.5, 1e300),
    *("", "best", "add", "price", "regular", "P1Y", "P0D", "PT1S", "2026-02-30", "\ud800", "真"),
    *("2026-01-01T00:00:00+08:00", "9999-12-31T23:59:59+08:00", "x" * 300),
    *([], [[]], {}, {"": {}}, ["member"], ["cash", "cash"]),
)
