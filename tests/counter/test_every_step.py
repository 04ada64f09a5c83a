"""Every step of every function can be reached by keys, swipes and scans, and left again."""

import json
from collections import deque
from datetime import timedelta
from functools import cache

import pytest

from daemon.counter.codes import Ask
from daemon.counter.forms import Script
from daemon.counter.scripts import scripts
from daemon.counter.states import Asking, Idle
from daemon.rules.engine import Engine
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop
from tests.counter.test_functions_walk import fitting
from tests.counter.test_walk import CARDS, CODES
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import ZHENZI, engine_of

Said = tuple[str, str]
PATHS_MAX = 700  # of one function from one morning
# Steps that are reached by the same answer again and again, as nobody does who tries each once.
HINTS = ("/6 2 3 ENTER 2 ENTER", "/7 2 1 ENTER ENTER ENTER ENTER")
# What the shop has seen before the function is tried.
BOUGHT: tuple[Said, ...] = (
    ("swipe", CARDS[0]),
    ("scan", CODES[0]),
    ("keys", "ENTER ENTER"),
    ("scan", CODES[0]),
    ("scan", CODES[1]),
    ("keys", "ENTER ENTER"),
    ("scan", CODES[0]),
    ("keys", "/0 CLEAR CLEAR"),
)


MORE: tuple[Said, ...] = (
    ("swipe", CARDS[0]),
    ("keys", "3 * 4 ENTER ENTER ENTER"),
    ("swipe", CARDS[0]),
    ("keys", "/1 300 ENTER 1 ENTER CLEAR CLEAR"),
    ("swipe", CARDS[0]),
    ("keys", "/1 200 ENTER 1 ENTER CLEAR CLEAR"),
)


OLDER: tuple[Said, ...] = (
    ("swipe", CARDS[0]),
    ("keys", "/1 300 ENTER 1 *2"),
    ("days", "8"),
)


def mornings(digit: str) -> list[tuple[DemoShop, tuple[Said, ...]]]:
    """Return what the shop may have seen before; the last ones matter to one function alone."""
    every = [
        (DemoShop(), BOUGHT),
        (DemoShop(shift=None), ()),
        (DemoShop(pins={}), BOUGHT),
        (DemoShop(), MORE),
        (DemoShop(pins={"member:M2": "1234"}), (("keys", "13800000002 ENTER"),)),
    ]
    if digit == "1":
        every += [(DemoShop(), OLDER), (DemoShop(pins={}), OLDER)]
    if digit == "5":
        every += [
            (OwnShop(under=passing()), ()),
            (OwnShop(under=passing(), pins={"member:M1": "1234"}), ()),
        ]
    return every


@cache
def passing() -> Engine:
    """Return a pack that lets clerks pass points on, and replaces cards."""
    enrol = {**json.loads(ZHENZI)["enrol"], "reissue": {"fee_fen": 1000}}
    return engine_of(transfer={"by": "clerk"}, enrol=enrol)


def walked(shop: DemoShop, way: tuple[Said, ...]) -> Clerk:
    clerk = Clerk(shop)
    for what, said in way:
        match what:
            case "keys":
                clerk.keys(said)
            case "scan":
                clerk.scans(said)
            case "days":
                clerk.shop.wall += timedelta(days=int(said))
            case _:
                clerk.swipes(said)
    return clerk


def reached(digit: str) -> set[Ask]:
    """Return the steps of a function that answers lead to, the shortest way first."""
    asks: set[Ask] = set()
    for which in range(len(mornings(digit))):
        tried: set[tuple[object, ...]] = set()
        ways: deque[tuple[Said, ...]] = deque(
            [(("keys", f"/{digit}"),), *((("keys", hint),) for hint in HINTS if hint[1] == digit)]
        )
        for _ in range(PATHS_MAX):
            if not ways:
                break
            way = ways.popleft()
            shop, before = mornings(digit)[which]
            clerk = walked(shop, (*before, *way))
            state = clerk.counter.state
            if isinstance(state, Asking):
                asks.add(state.question.ask)
                said = frozenset((one.question.ask, one.by) for one in state.given.answers)
                place = (state.question.ask, said)
                chosen = frozenset(one.text for one in state.given.answers if one.question.rows)
                if (place, chosen) not in tried:
                    tried.add((place, chosen))
                    answers = dict.fromkeys(fitting(state.question))
                    ways.extend((*way, answer) for answer in answers)
            clerk.keys("CLEAR CLEAR")
            assert clerk.counter.state == Idle(), way
    return asks


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.name)
def test_no_step_is_out_of_reach(script: Script) -> None:
    found = reached(script.digit)
    assert [step.ask.value for step in script.steps if step.ask not in found] == []
