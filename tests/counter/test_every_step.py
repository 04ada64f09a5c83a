"""Every step of every function can be reached by keys, swipes and scans, and left again."""

from collections import deque

from daemon.counter.codes import Ask
from daemon.counter.scripts import scripts
from daemon.counter.states import Asking, Idle
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop
from tests.counter.test_functions_walk import fitting
from tests.counter.test_walk import CARDS, CODES

Said = tuple[str, str]
PATHS_MAX = 600  # of one function from one morning
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


def mornings() -> list[tuple[DemoShop, tuple[Said, ...]]]:
    return [
        (DemoShop(), BOUGHT),
        (DemoShop(shift=None), ()),
        (DemoShop(pins={}), BOUGHT),
        (DemoShop(), MORE),
        (DemoShop(pins={"member:M2": "1234"}), (("keys", "13800000002 ENTER"),)),
    ]


def walked(shop: DemoShop, way: tuple[Said, ...]) -> Clerk:
    clerk = Clerk(shop)
    for what, said in way:
        match what:
            case "keys":
                clerk.keys(said)
            case "scan":
                clerk.scans(said)
            case _:
                clerk.swipes(said)
    return clerk


def reached(digit: str) -> set[Ask]:
    """Return the steps of a function that answers lead to, the shortest way first."""
    asks: set[Ask] = set()
    for which in range(len(mornings())):
        tried: set[tuple[object, ...]] = set()
        ways: deque[tuple[Said, ...]] = deque([(("keys", f"/{digit}"),)])
        for _ in range(PATHS_MAX):
            if not ways:
                break
            way = ways.popleft()
            shop, before = mornings()[which]
            clerk = walked(shop, (*before, *way))
            state = clerk.counter.state
            if isinstance(state, Asking):
                asks.add(state.question.ask)
                place = (state.question.ask, *(one.question.ask for one in state.given.answers))
                chosen = tuple(one.text for one in state.given.answers if one.question.rows)
                if (place, chosen) not in tried:
                    tried.add((place, chosen))
                    ways.extend((*way, answer) for answer in fitting(state.question))
            clerk.keys("CLEAR CLEAR")
            assert clerk.counter.state == Idle(), way
    return asks


# The demo's pack replaces no card at the counter.
NOT_HERE = frozenset({Ask.NEW_CARD})


def test_no_step_is_out_of_reach() -> None:
    never = {
        script.name: [
            step.ask.value
            for step in script.steps
            if step.ask not in found and step.ask not in NOT_HERE
        ]
        for script in scripts()
        for found in (reached(script.digit),)
    }
    assert {name: asks for name, asks in never.items() if asks} == {}
