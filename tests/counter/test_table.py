"""The table has a row for every state and event, and every row answers."""

import pytest

from daemon.counter.codes import STEPS, Ask
from daemon.counter.effects import CommitRefused, Committed, CommitUnknown, HqAnswered
from daemon.counter.forms import End, Script
from daemon.counter.machine import shown, step
from daemon.counter.scripts import inner_scripts, scripts
from daemon.counter.states import (
    Asking,
    Committing,
    Consulting,
    Counter,
    Idle,
    Inquiry,
    Keying,
    MuchCash,
    PriceLookup,
    Reference,
    Refused,
    State,
    Told,
    Total,
)
from daemon.counter.table import EVENTS, STATES, TABLE, Event
from daemon.events import (
    CardRefused,
    CardSwiped,
    CodeScanned,
    DeviceChanged,
    DeviceKind,
    DeviceState,
    KeyPressed,
    TimePassed,
)
from daemon.ledger.views import Problem
from tests.counter.clerk import Clerk
from tests.counter.diagram import PAGE, generated
from tests.counter.test_day import CREAM

KEYS = (*"0123456789.+-*/", "ENTER", "CLEAR", "F1", "")

REACHED_BY: dict[type[State], tuple[str | tuple[str, str], ...]] = {
    Idle: (),
    Inquiry: (("swipe", "8800000000018"),),
    Keying: (("scan", CREAM),),
    PriceLookup: (".4 ENTER",),
    Told: ("*3 ENTER",),
    Asking: ("/2", ("swipe", "8800000001015"), "1 13900000001 ENTER 0001 ENTER"),
    Total: (("scan", CREAM), "ENTER"),
    Reference: (("scan", CREAM), "ENTER *1"),
    MuchCash: (("scan", CREAM), "ENTER 9999 ENTER"),
    Committing: (("scan", CREAM), "ENTER ENTER"),
    Refused: (("scan", CREAM), ("swipe", "8800000000056")),
    Consulting: (("scan", CREAM), ("swipe", "8800000009999")),
}


def reach(state: type[State]) -> Clerk:
    clerk = Clerk(auto=False)
    clerk.shop.online = state is Consulting
    for way in REACHED_BY[state]:
        if isinstance(way, str):
            clerk.keys(way)
        elif way[0] == "scan":
            clerk.scans(way[1])
        else:
            clerk.swipes(way[1])
    assert isinstance(clerk.counter.state, state)
    return clerk


def events_of(clerk: Clerk, kind: type[Event]) -> list[Event]:
    bought = Clerk()
    bought.scans(CREAM)
    bought.keys("ENTER ENTER")
    examples: dict[type[Event], list[Event]] = {
        CardSwiped: [
            CardSwiped(number)
            for number in ("8800000000018", "8800000000056", "8800000001015", "1", "")
        ],
        CardRefused: [CardRefused("E01"), CardRefused("E02")],
        CodeScanned: [
            CodeScanned(code) for code in (CREAM, "2100020012637", "8800000000018", "0", "")
        ],
        KeyPressed: [KeyPressed(key) for key in KEYS],
        DeviceChanged: [
            DeviceChanged("one", kind, state, "unplugged")
            for kind in DeviceKind
            for state in DeviceState
        ],
        TimePassed: [TimePassed(0), TimePassed(10**9)],
        Committed: [Committed(bought.shop.journal[-1])],
        CommitRefused: [CommitRefused((Problem("full"),)), CommitRefused(())],
        CommitUnknown: [CommitUnknown()],
        HqAnswered: [HqAnswered("flow-1"), HqAnswered("")],
    }
    return examples[kind]


def test_every_state_has_a_row_for_every_event() -> None:
    assert set(TABLE) == {(state, event) for state in STATES for event in EVENTS}
    assert set(REACHED_BY) == set(STATES)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_row_answers_and_every_state_has_its_screens(state: type[State]) -> None:
    clerk = reach(state)
    for kind in EVENTS:
        for event in events_of(clerk, kind):
            after, effects = step(clerk.counter, event, clerk.shop)
            assert isinstance(after, Counter)
            assert len(shown(after)) == 2
            if isinstance(event, CardSwiped | CardRefused | CodeScanned | KeyPressed):
                assert effects, f"{event} met silence in {state.__name__}"


@pytest.mark.parametrize(
    "state", [one for one in STATES if one is not Committing], ids=lambda state: state.__name__
)
def test_clear_twice_is_idle_and_commits_nothing(state: type[State]) -> None:
    clerk = reach(state)
    clerk.keys("CLEAR CLEAR")
    assert clerk.counter.state == Idle()
    assert clerk.pending is None
    assert clerk.shop.locked == {}


def test_a_commit_swallows_everything_but_its_outcome() -> None:
    clerk = reach(Committing)
    before = clerk.counter.state
    for kind in (CardSwiped, CodeScanned, KeyPressed):
        for event in events_of(clerk, kind):
            clerk.does(event)
            assert clerk.counter.state == before
    clerk.durable()
    assert isinstance(clerk.counter.state, Idle)


def test_the_page_of_the_counter_shows_the_tables_as_they_are() -> None:
    assert generated() in PAGE.read_text(encoding="utf-8"), "python -m tests.counter.diagram"


def test_no_two_steps_have_one_code() -> None:
    assert len(set(STEPS.values())) == len(STEPS)
    assert set(STEPS) == set(Ask)


@pytest.mark.parametrize("script", (*scripts(), *inner_scripts()), ids=lambda script: script.name)
def test_a_script_names_only_steps_that_it_has(script: Script) -> None:
    asks = [step.ask for step in script.steps]
    named = {lead for leads in (script.leads, *(s.leads for s in script.steps)) for lead in leads}
    assert len(set(asks)) == len(asks)
    assert {lead for lead in named if isinstance(lead, Ask)} <= set(asks)
    assert any(isinstance(lead, End) for lead in named), "a flow that never ends"
