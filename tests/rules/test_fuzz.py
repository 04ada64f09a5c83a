"""Packs and cases of strangers: an answer or a named mistake, never a crash.

MEMBERBOX_FUZZ_N scales it (`make fuzz`): so many inputs in all.
"""

import copy
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

from daemon.rules.cases import evaluate_case
from daemon.rules.casewords import CaseError
from daemon.rules.compare import compare
from daemon.rules.document import PackError, parse
from daemon.rules.lint import check
from tests.rules.shop import CASES, PACKS

ROUNDS = int(os.environ.get("MEMBERBOX_FUZZ_N", "20000"))
PACK_TEXTS = [path.read_text(encoding="utf-8") for path in sorted(PACKS.glob("[!p]*.json"))]
CASE_TEXTS = [path.read_text(encoding="utf-8") for path in sorted(CASES.glob("**/*.json"))]
ODD: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53, -(2**63), 1.5, "", "x", "P0D", "P99Y999M9999D"),
    *("9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00-12:00", "2015-02-29", "02-29", "M1"),
    *([], {}, [[]], [{}], "cash", "rest", "max", "stored_value", "tick", "sale", "8800000000018"),
    *("points", 100, 30000, 10_000_000, "day", "year", "all", "auto", "manual", "topup", "return"),
)


@dataclass(frozen=True)
class Spot:
    """A place of a document, which can be read and written."""

    holder: dict[str, object] | list[object]
    key: str | int

    def read(self) -> object:
        if isinstance(self.holder, dict):
            return self.holder[str(self.key)]
        return self.holder[int(self.key)]

    def write(self, value: object) -> None:
        if isinstance(self.holder, dict):
            self.holder[str(self.key)] = value
        else:
            self.holder[int(self.key)] = value


def spots(value: object) -> Iterator[Spot]:
    """Yield every place of a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield Spot(value, key)
            yield from spots(inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield Spot(value, place)
            yield from spots(inner)


def twisted(document: object, dice: random.Random) -> object:
    """Return a copy with a few places changed, copied, moved or gone."""
    document = copy.deepcopy(document)
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        places = list(spots(document))
        if not places:
            break
        spot, other = dice.choice(places), dice.choice(places)
        deed, value = dice.randrange(6), spot.read()
        if deed == 0 and isinstance(spot.holder, dict):
            del spot.holder[str(spot.key)]
        elif deed == 1:
            spot.write(copy.deepcopy(other.read()))
        elif deed == 2 and isinstance(spot.holder, list):
            spot.holder.append(copy.deepcopy(value))
        elif deed == 3 and isinstance(value, int):
            spot.write(value + dice.choice((-1, 1, 10 ** dice.randrange(18))))
        elif deed == 4 and isinstance(value, str) and value:
            at = dice.randrange(len(value))
            spot.write(value[:at] + dice.choice("09-:TZ+x") + value[at + 1 :])
        else:
            spot.write(copy.deepcopy(dice.choice(ODD)))
    return document


def test_fuzz_packs() -> None:
    dice = random.Random("packs")
    documents = [json.loads(text) for text in PACK_TEXTS]
    first = parse(PACK_TEXTS[0])
    good = 0
    for n in range(ROUNDS // 4):
        text = json.dumps(twisted(dice.choice(documents), dice))
        for finding in check(text):
            assert finding.reason and finding.fix
        try:
            pack = parse(text)
        except PackError as refused:
            assert refused.problems
            continue
        good += 1
        if n % 10 == 0:
            compare(first, pack)
    assert ROUNDS < 1000 or good > ROUNDS // 100


def test_fuzz_cases() -> None:
    dice = random.Random("cases")
    packs = {json.loads(text)["id"]: (json.loads(text), parse(text)) for text in PACK_TEXTS}
    documents = [json.loads(text) for text in CASE_TEXTS]
    answered = 0
    for _ in range(ROUNDS * 3 // 5):
        given = dice.choice(documents)
        document, pack = packs[given["pack"]]
        if "changes" in given and dice.randrange(4) == 0:
            pack = parse(json.dumps({**document, **given["changes"]}))
        try:
            answer = evaluate_case(json.dumps(twisted(given, dice)), pack)
        except CaseError as error:
            assert str(error)
            continue
        answered += 1
        members = answer["members"]
        assert isinstance(members, dict)
        for name, member in members.items():
            for unit in ("points", "principal", "bonus"):
                asked = json.dumps(given)
                assert member[unit] >= 0 or "-" in asked, (name, unit, member[unit])
    assert answered > ROUNDS // 10


def test_fuzz_packs_and_cases_together() -> None:
    dice = random.Random("both")
    documents = {json.loads(text)["id"]: json.loads(text) for text in PACK_TEXTS}
    cases = [json.loads(text) for text in CASE_TEXTS]
    for _ in range(ROUNDS * 3 // 20):
        given = dice.choice(cases)
        try:
            pack = parse(
                json.dumps(twisted({**documents[given["pack"]], **given.get("changes", {})}, dice))
            )
            evaluate_case(json.dumps(given), pack)
        except (PackError, CaseError) as error:
            assert str(error)
