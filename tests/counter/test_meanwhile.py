"""What happens while headquarters is asked: nothing waits that need not, nothing is lost."""

import pytest

from daemon.counter.codes import Code
from daemon.counter.consulting import HQ_PATIENCE_MS
from daemon.counter.effects import HqAnswered
from daemon.counter.screens import RefusalShown
from daemon.counter.states import Consulting, Idle, Inquiry, Keying, Refused, Total
from daemon.counter.table import AHEAD_MAX
from daemon.events import (
    CardRefused,
    CardSwiped,
    DeviceChanged,
    DeviceKind,
    DeviceState,
    KeyPressed,
)
from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from tests.counter.asking_hq import OTHER, STRANGE, answers, asked, online, waiting
from tests.counter.clerk import Clerk
from tests.counter.demo import LOT
from tests.counter.test_day import CREAM
from tests.counter.test_wallet import OFFSETS, counter


def test_what_is_keyed_and_scanned_meanwhile_comes_after_the_answer_in_order() -> None:
    clerk = online()
    known = "8800000000018"
    row = clerk.shop.members.pop(known)
    clerk.swipes(known)
    clerk.keys("2*")
    clerk.scans(CREAM)
    clerk.keys("ENTER")
    assert len(waiting(clerk).ahead) == 4 and clerk.pending is None
    clerk.shop.members[known] = row
    answers(clerk)
    total = clerk.counter.state
    assert isinstance(total, Total) and isinstance(total.below, Keying)
    (line,) = total.below.cart.lines
    assert line.qty == 2 and total.below.cart.member is not None
    assert total.below.cart.member.facts.card == known


def test_keys_typed_ahead_wait_for_the_books_too() -> None:
    clerk = online()
    clerk.auto = False
    clerk.scans(CREAM)
    clerk.swipes(STRANGE)
    clerk.keys("ENTER ENTER 4 ENTER")
    answers(clerk)
    assert clerk.pending is not None and len(clerk.counter.ahead) == 2
    clerk.durable()
    assert isinstance(clerk.counter.state, Keying) and not clerk.counter.ahead


def test_nobody_keys_more_ahead_than_a_person_can() -> None:
    clerk = online()
    clerk.swipes(STRANGE)
    clerk.keys("4" * (AHEAD_MAX + 5))
    assert len(waiting(clerk).ahead) == AHEAD_MAX


@pytest.mark.parametrize("before", ["", "4 ENTER"])
def test_clear_asks_no_longer_and_clear_again_leads_home(before: str) -> None:
    clerk = online()
    clerk.keys(before)
    stood = clerk.counter.state
    clerk.swipes(STRANGE)
    clerk.keys("9 CLEAR")
    assert clerk.counter.state == stood and clerk.counter.ahead == ()
    clerk.keys("CLEAR")
    assert clerk.counter.state == Idle()


def test_another_card_does_not_wait() -> None:
    clerk = online()
    clerk.swipes(STRANGE)
    first = waiting(clerk).id
    clerk.swipes("8800000000018")
    state = clerk.counter.state
    assert isinstance(state, Inquiry) and state.member.facts.card == "8800000000018"
    clerk.does(HqAnswered(first))
    assert clerk.counter.state == state
    clerk.swipes(STRANGE)
    clerk.swipes(OTHER)
    assert waiting(clerk).event == CardSwiped(OTHER), "who is swiped last is asked for"


def test_what_was_keyed_between_two_cards_goes_to_the_first() -> None:
    clerk = online()
    clerk.swipes(STRANGE)
    clerk.keys("13900000009 ENTER")  # nobody's; would be asked for too
    clerk.swipes(OTHER)
    assert waiting(clerk).event == CardSwiped(OTHER)
    assert [one.card or one.phone for one in asked(clerk)] == [STRANGE, OTHER]


def test_the_printers_trouble_is_told_at_once_and_stays_to_be_read() -> None:
    clerk = online()
    clerk.swipes("8800000000018")
    clerk.shop.members.pop("8800000000025")
    clerk.swipes("8800000000025")
    fault = DeviceChanged("printer", DeviceKind.RECEIPT_PRINTER, DeviceState.OFFLINE, "open")
    clerk.does(fault)
    assert clerk.sees_refusal(Code.PRINTER)
    known = waiting(clerk)
    clerk.keys("4")
    clerk.does(fault)
    clerk.does(HqAnswered(known.id))
    assert not isinstance(clerk.counter.state, Consulting)


def test_the_printers_trouble_is_not_wiped_away_by_an_answer() -> None:
    clerk = online()
    row = clerk.shop.members.pop("8800000000018")
    clerk.swipes("8800000000018")
    clerk.does(DeviceChanged("p", DeviceKind.RECEIPT_PRINTER, DeviceState.OFFLINE, "open"))
    clerk.shop.members["8800000000018"] = row
    answers(clerk)
    state = clerk.counter.state
    assert isinstance(state, Refused) and isinstance(state.below, Inquiry)
    assert clerk.sees_refusal(Code.PRINTER)


def asked_again() -> Clerk:
    """A phone that nobody has was keyed behind a strange card, and goods behind the phone."""
    clerk = online()
    clerk.swipes(STRANGE)
    clerk.keys("13900000009 ENTER 16 ENTER")
    answers(clerk)
    assert waiting(clerk).event == KeyPressed("ENTER") and len(clerk.counter.ahead) == 3
    clerk.scans(CREAM)
    return clerk


def test_what_was_keyed_first_comes_first_when_it_is_asked_again() -> None:
    clerk = asked_again()
    answers(clerk)
    state = clerk.counter.state
    assert isinstance(state, Keying)
    assert [line.product.sku for line in state.cart.lines] == ["ZZ-016", "ZZ-004"]


def test_clear_forgets_all_that_was_keyed_ahead() -> None:
    clerk = asked_again()
    clerk.keys("CLEAR")
    assert clerk.counter.ahead == ()
    assert named(clerk) == "Inquiry"
    clerk.keys("CLEAR")
    assert named(clerk) == "Idle"


def test_one_wait_never_lies_over_another() -> None:
    clerk = online()
    clerk.swipes(STRANGE)
    clerk.does(CardRefused("E01"))
    clerk.swipes(OTHER)
    assert waiting(clerk).event == CardSwiped(OTHER)
    clerk.keys("CLEAR")
    state = clerk.counter.state
    assert isinstance(state, Inquiry) and state.member.facts.card == STRANGE


def test_points_that_are_short_are_asked_for_and_no_more() -> None:
    clerk = counter(offsets=OFFSETS)
    shop = clerk.shop
    shop.online = True
    shop.balance[accounts.points("M1"), Unit.POINT, LOT] = 30
    clerk.swipes("8800000000018")
    clerk.scans(CREAM)
    clerk.keys("ENTER *4")
    (wanted,) = asked(clerk)
    answers(clerk)
    said = clerk.sees(RefusalShown)
    assert said.code == Code.POINTS_SHORT
    assert wanted.amount == int(said.values["x"]) - int(said.values["y"]) > 0


def test_a_bad_card_is_refused_at_once() -> None:
    clerk = online()
    clerk.swipes(STRANGE)
    clerk.does(CardRefused("E02"))
    assert clerk.sees_refusal(Code.BANK_CARD)
    answers(clerk)
    assert clerk.sees_refusal(Code.VISITOR)


@pytest.mark.parametrize("late", [False, True])
def test_the_counter_waits_no_longer_than_its_patience(late: bool) -> None:
    clerk = online()
    clerk.swipes(STRANGE)
    name = waiting(clerk).id
    clerk.waits(HQ_PATIENCE_MS - 1)
    waiting(clerk)
    if late:
        clerk.does(CardRefused("E01"))
    clerk.waits(1)
    assert clerk.sees_refusal(Code.VISITOR)
    before = clerk.counter
    clerk.does(HqAnswered(name))
    assert clerk.counter.state == before.state


@pytest.mark.parametrize("name", ["", "flow-999"])
def test_another_questions_answer_ends_nothing(name: str) -> None:
    clerk = online()
    clerk.swipes(STRANGE)
    clerk.does(HqAnswered(name))
    waiting(clerk)


def test_a_refusal_over_the_basket_is_asked_over_too() -> None:
    clerk = online()
    clerk.scans(CREAM)
    clerk.does(CardRefused("E01"))
    clerk.swipes(STRANGE)
    waiting(clerk)
    clerk.keys("CLEAR")
    assert isinstance(clerk.counter.state, Keying)


def named(clerk: Clerk) -> str:
    return type(clerk.counter.state).__name__
