"""An LED8N (eight digits, four lamps): it has a frame for every state of every flow.

With no other display the clerk reads his codes on it; the frames are read by the simulator.
"""

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.counter.codes import STEPS, Ask, Code
from daemon.counter.effects import Audience
from daemon.counter.faces import face
from daemon.counter.forms import Given, Question
from daemon.counter.screens import (
    Checking,
    Done,
    Idle,
    MemberPage,
    MemberShown,
    RefusalShown,
    Screen,
    Step,
    TotalShown,
)
from daemon.counter.scripts import inner_scripts, scripts
from daemon.counter.states import Asking, Refused, State
from daemon.counter.states import Idle as AtRest
from daemon.counter.table import STATES
from daemon.display.poles import COLUMNS, OFFERS, PRACTICE_CODE, pole, shared_pole
from daemon.display.refusals import REFUSALS
from daemon.drivers.wire import led8n
from daemon.paper import Lamp, Pole
from tests.counter.clerk import Clerk
from tests.counter.test_table import reach
from tests.display.test_poles import DONE, WANG, basket, line
from tests.hardware_sim.led import LedDisplay

CLERK, CUSTOMER = Audience.CLERK, Audience.CUSTOMER
CREAM = "6901234100044"
TYPED = (".", "..", "*", "/", "3*", "4", "9.9", "1380", "* 2", ". . 88")
ALL_SCRIPTS = (*scripts(), *inner_scripts())
VISITOR = MemberShown("会员 尾号 9999", "9999", "", None, visitor=True)


def glass(page: Pole) -> tuple[str, str]:
    """Return what stands on the display, digits and lamp."""
    led = LedDisplay()
    led.feed(led8n.INIT + led8n.frame(page))
    assert led.unknown_bytes == 0, page
    return led.digits, led.lamp


def alone(state: State, *, practice: bool = False) -> tuple[str, str]:
    """Return what the only display of a counter shows of a state."""
    page = pole(face(state, CUSTOMER), CUSTOMER, practice=practice)
    return glass(shared_pole(face(state, CLERK), page, practice=practice))


def own(state: State) -> tuple[str, str]:
    """Return what an LED of the clerk's own shows of it."""
    return glass(pole(face(state, CLERK), CLERK))


def asked() -> Iterator[tuple[str, Asking]]:
    """Yield every step of every script, as it is asked."""
    for script in ALL_SCRIPTS:
        for step in script.steps:
            question = Question(step.ask, step.takes, step.choices)
            given = Given("flow-1", Clerk().shop.engine(), AtRest())
            yield STEPS[step.ask], Asking(script, given, question)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_no_state_leaves_it_dark(state: type[State]) -> None:
    reached = reach(state).counter.state
    assert alone(reached)[0] and own(reached)[0]


def test_every_step_of_every_flow_shows_its_code() -> None:
    steps = list(asked())
    assert len(steps) > 60
    for code, state in steps:
        assert alone(state) == own(state) == (f"{code}-", "")


@pytest.mark.parametrize("ask", list(Ask))
def test_every_step_that_there_is_has_its_frame(ask: Ask) -> None:
    """Also those of the basket and the total, and of flows that are made for one member or bill."""
    screen = Step(STEPS[ask], ask)
    for audience in Audience:
        assert glass(pole(screen, audience)) == (f"{STEPS[ask]}-", "")


def test_every_refusal_shows_its_code_over_every_step() -> None:
    for _, state in asked():
        for code in REFUSALS:
            over = Refused(state, code, (("x", "12.00"), ("y", "3.00"), ("n", "5")))
            assert alone(over) == own(over) == (f"-{code[1:]}-", "")


def test_every_code_of_the_counter_is_among_them() -> None:
    assert {code.value for code in Code} <= set(REFUSALS)


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("goods", [False, True])
def test_what_is_begun_in_the_basket_shows_its_step(typed: str, goods: bool) -> None:
    clerk = Clerk()
    if goods:
        clerk.scans(CREAM)
    clerk.keys(typed)
    screen = clerk.clerk
    digits, lamp = alone(clerk.counter.state)
    if isinstance(screen, Step):
        assert digits == f"{screen.code}-" and screen.code in STEPS.values()
    else:
        assert goods and (digits, lamp) == ("120.00", "单价"), "numbers typed into a basket"


@pytest.mark.parametrize(
    ("keys", "digits"),
    [
        ("ENTER *1", "21-120.00"),
        ("ENTER 5000 ENTER", "22-5000"),
        ("ENTER 4000.50 ENTER", "22-4000"),
        ("*77 ENTER", "-25-"),
        ("+", "-30-"),
        ("/7", "-26-"),
        ("..8800000009999 ENTER", "-06-"),
    ],
)
def test_what_only_a_clerk_is_told_is_on_the_only_display(keys: str, digits: str) -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys(keys)
    assert alone(clerk.counter.state)[0] == digits


AT_REST: dict[str, Screen] = {
    "idle": Idle(),
    **{offer: Idle(offer) for offer in OFFERS if offer != "training"},
    "member": MemberPage(WANG, "2026-05-05", ()),
    "visitor": MemberPage(VISITOR, None, ()),
    "balance": MemberPage(WANG, None, (), balance_fen=8850),
    "basket": basket(line()),
    "total": TotalShown(22790, 22790, 0, 4, WANG),
    "paid": DONE,
    "booked": Done("e", 0, 0, 0, (), 0, None, None, kind="card.lost"),
    "checking": Checking(),
    "step": Step("31", Ask.BLANK_CARD),
    "refusal": RefusalShown("E30", {}),
}


def test_what_a_clerk_must_tell_apart_is_told_apart() -> None:
    shown = {name: glass(pole(screen, CLERK)) for name, screen in AT_REST.items()}
    shown["practice"] = glass(pole(Idle("training"), CLERK, practice=True))
    for (one, left), (other, right) in combinations(shown.items(), 2):
        assert left != right, f"{one} looks like {other}"
    assert all(digits for digits, _ in shown.values())


def test_a_figure_is_whole_or_not_there() -> None:
    def shows(code: str, figure: str) -> str:
        return glass(Pole(("", ""), code=code, figure=figure))[0]

    assert shows("89-", "12") == "89-12"
    assert shows("22-", "500.00") == "22-500.00"
    assert shows("22-", "12345.00") == "22-12345"
    assert shows("22-", "123456.00") == "22-"


# -- a display with letters and no clerk's display: the code stands behind the customer's words ----


def test_the_customers_words_stay_and_the_code_stands_at_the_end() -> None:
    step = shared_pole(Step("31", Ask.BLANK_CARD), pole(Step("31", Ask.BLANK_CARD), CUSTOMER))
    assert step.lines == ("PLEASE WAIT", "31-".rjust(COLUMNS))
    refusal = shared_pole(RefusalShown("E26", {}), pole(basket(line()), CUSTOMER))
    assert refusal.lines == ("CREAM      1 x120.00", "TOTAL         227.90")
    sold = shared_pole(DONE, pole(DONE, CUSTOMER))
    assert sold.lines == pole(DONE, CUSTOMER).lines


# -- practice: nothing counts, and every frame says so ---------------------------------------------


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state_is_marked_in_a_lesson(state: type[State]) -> None:
    reached = reach(state).counter.state
    assert alone(reached, practice=True)[0].startswith(PRACTICE_CODE)
    for audience in Audience:
        page = pole(face(reached, audience), audience, practice=True)
        assert any("TR" in text for text in page.lines), page
        assert glass(page)[0].startswith(PRACTICE_CODE)


def test_every_step_and_refusal_is_marked_in_a_lesson() -> None:
    for code, state in asked():
        assert alone(state, practice=True) == (f"{PRACTICE_CODE}{code}-", "")
        page = pole(face(state, CLERK), CLERK, practice=True)
        assert page.lines[0].startswith(f"{code}-") and "TR" in "".join(page.lines)
    for code in REFUSALS:
        screen = RefusalShown(code, {})
        assert glass(pole(screen, CLERK, practice=True))[0] == f"{PRACTICE_CODE}-{code[1:]}-"


def test_the_mark_goes_where_there_is_room() -> None:
    def lines(screen: Screen) -> tuple[str, str]:
        return pole(screen, CLERK, practice=True).lines

    assert lines(basket(line())) == ("CREAM      1 x120.00", "TOTAL TRAIN   227.90")
    assert lines(TotalShown(22790, 22790, 0, 4, WANG)) == ("DUE 227.90", "ITEMS 4     TRAINING")
    assert lines(basket(line(), 99_999_999))[1] == "TOTAL TR   999999.99"
    assert lines(basket(line(), typed="123456789012"))[0] == "CREAM TR   1 x120.00"


@settings(max_examples=150, deadline=None)
@given(
    fen=st.integers(0, 99_999_999),
    qty=st.integers(1, 9999),
    typed=st.text("0123456789.", max_size=12),
    audience=st.sampled_from(list(Audience)),
)
def test_a_mark_takes_no_amount_away(fen: int, qty: int, typed: str, audience: Audience) -> None:
    screen = basket(line(qty=qty, paid_fen=fen), fen, typed)
    before, marked = (pole(screen, audience, practice=on) for on in (False, True))
    assert "TR" in "".join(marked.lines)
    for text, plain in zip(marked.lines, before.lines, strict=True):
        assert len(text) <= COLUMNS
        assert text.split()[-1] == plain.split()[-1] or text.endswith("TR")
    assert marked.lines[1].endswith(f"{fen // 100}.{fen % 100:02d}")
    assert (marked.amount_fen, marked.lamp) == (before.amount_fen, before.lamp)
    digits, lamp = glass(pole(TotalShown(fen, fen, 0, 1, None), audience, practice=True))
    whole = f"{fen // 100}.{fen % 100:02d}"
    shown = whole if len(whole) <= 7 else str(fen // 100)
    assert (digits, lamp) == (f"{PRACTICE_CODE}{shown}", "合计")
    assert pole(screen, audience).mark == "" and before.lamp in (None, *Lamp)
