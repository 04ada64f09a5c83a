"""No config, however broken, brings the check down: it is a config, or it is mistakes."""

import json
import os
import random
import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from daemon.config import Config, check, load
from tests.config.test_config import EXAMPLE, GOOD, written

# `make fuzz N=n` asks for more; 500 take about a second
FUZZ_N = int(os.environ.get("MEMBERBOX_FUZZ_N", "500"))


LEAVES = st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.floats())
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "kind", "port", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [
        *(("box",), ("box", "id"), ("hq", "token"), ("keypad",), ("keypad", "map"), ("tenders",)),
        *(("devices",), ("kiosk", "port"), ("shop", "timezone"), ("new",), ("hq", "new")),
    ]
)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    return str(value).lower()


@settings(max_examples=150, deadline=None)
@given(path=PATHS, value=VALUES)
def test_any_value_anywhere_is_a_config_or_mistakes(tmp_path_factory, path, value):
    table = tomllib.loads(GOOD)
    inner = table
    for step in path[:-1]:
        inner = inner.setdefault(step, {})
    inner[path[-1]] = value
    text = "\n".join(f"{key} = {toml(each)}" for key, each in table.items())
    file = written(tmp_path_factory.getbasetemp(), text)
    problems = check(file)
    json.dumps([asdict(problem) for problem in problems], allow_nan=False)
    assert problems or isinstance(load(file), Config)


@settings(max_examples=100, deadline=None)
@given(source=st.binary(max_size=60))
def test_any_bytes_are_refused_with_a_mistake(tmp_path_factory, source):
    path = tmp_path_factory.getbasetemp() / "bytes.toml"
    path.write_bytes(source)
    assert check(path)


def test_fuzz_config(tmp_path):
    """Cut, doubled, swapped and flipped bytes of the example: no crash, and no silence."""
    seed = 20260306
    chance = random.Random(seed)
    path = tmp_path / "memberbox.toml"
    example = EXAMPLE.read_bytes()
    for number in range(FUZZ_N):
        spoilt = bytearray(example)
        for _ in range(chance.randint(1, 4)):
            at, length = chance.randrange(len(spoilt)), chance.randint(1, 30)
            match chance.randrange(4):
                case 0:
                    del spoilt[at : at + length]
                case 1:
                    spoilt[at:at] = spoilt[at : at + length]
                case 2:
                    spoilt[at] = chance.randrange(256)
                case _:
                    spoilt[at:at] = chance.choice([b"=", b"[", b"]]", b'"', b"\n", b"-1", b"true"])
        path.write_bytes(spoilt)
        problems = check(path)
        assert all(problem.allowed and problem.found for problem in problems), (seed, number)
