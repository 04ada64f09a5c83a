"""A step asks headquarters for what it lacks, says so, and goes on with what came by then."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from daemon.counter.codes import Code
from daemon.counter.consulting import HQ_PATIENCE_MS
from daemon.counter.effects import AskHq, HqAnswered, Wanted, What
from daemon.counter.machine import shown
from daemon.counter.screens import RefusalShown
from daemon.counter.states import Consulting, Counter, Idle, Inquiry, Keying, Refused, Total
from daemon.counter.table import AHEAD_MAX
from daemon.events import (
    CardRefused,
    CardSwiped,
    DeviceChanged,
    DeviceKind,
    DeviceState,
    KeyPressed,
    TimePassed,
)
from daemon.intake import Intake
from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.ledger.signed import receipt_code
from daemon.roaming import Roaming
from daemon.sync import wire
from daemon.sync.asking import ASK_DEADLINE_MS, Came, Question, TellAsker
from tests.counter.clerk import Clerk
from tests.counter.demo import LOT, DemoShop
from tests.counter.test_day import CREAM
from tests.counter.test_wallet import OFFSETS, counter

STRANGE, OTHER = "8800000099990", "8800000099983"


def online(**more: object) -> Clerk:
    clerk = Clerk(DemoShop(**more))  # type: ignore[arg-type]
    clerk.shop.online = True
    return clerk


def asked(clerk: Clerk) -> list[Wanted]:
    """Return what headquarters was asked for since the last asking."""
    return [one for effect in clerk.took() if isinstance(effect, AskHq) for one in effect.wanted]


def waiting(clerk: Clerk) -> Consulting:
    state = clerk.counter.state
    state = state.below if isinstance(state, Refused) else state
    assert isinstance(state, Consulting), state
    return state


def answers(clerk: Clerk) -> None:
    clerk.does(HqAnswered(waiting(clerk).id))


def test_a_card_of_another_shop_is_asked_for_and_then_known() -> None:
    clerk = online()
    known = next(iter(clerk.shop.members))
    row = clerk.shop.members.pop(known)
    clerk.swipes(known)
    assert asked(clerk) == [Wanted(What.MEMBER, card=known)]
    clerk.shop.members[known] = row
    answers(clerk)
    assert isinstance(clerk.counter.state, Inquiry)


@pytest.mark.parametrize("there", [True, False])
def test_a_card_that_nobody_knows_is_a_visitors(there: bool) -> None:
    clerk = online()
    clerk.shop.online = there
    clerk.swipes(STRANGE)
    assert len(asked(clerk)) == there
    if there:
        answers(clerk)
    assert clerk.sees_refusal(Code.VISITOR)


def test_a_known_card_asks_nobody() -> None:
    clerk = online()
    clerk.swipes(next(iter(clerk.shop.members)))
    assert asked(clerk) == [] and isinstance(clerk.counter.state, Inquiry)


def at_the_total() -> Clerk:
    """A member with 88.50 of stored value before a bill of more; the next key is ENTER of `*3`."""
    clerk = online()
    clerk.swipes("8800000000070")
    clerk.keys("CLEAR")
    clerk.scans(CREAM)
    clerk.keys("ENTER *")
    return clerk


def test_value_that_is_short_here_is_asked_for_and_then_pays() -> None:
    clerk = at_the_total()
    clerk.keys("3")
    wanted = {(one.unit, one.amount, one.member) for one in asked(clerk)}
    assert wanted == {("principal", 3150, "M7"), ("bonus", 3150, "M7")}
    clerk.shop.balance[accounts.principal("M7"), "principal", "elsewhere"] = 3150
    answers(clerk)
    assert isinstance(clerk.counter.state, Idle), "it is paid"


def test_what_is_short_everywhere_is_short() -> None:
    clerk = at_the_total()
    clerk.keys("3")
    answers(clerk)
    assert clerk.sees_refusal(Code.VALUE_SHORT)


def test_a_refusal_that_stands_is_not_asked_for_again_as_time_passes() -> None:
    clerk = at_the_total()
    clerk.keys("3")
    answers(clerk)
    assert len(asked(clerk)) == 2
    for _ in range(6):
        clerk.waits(1000)
    assert asked(clerk) == [] and isinstance(clerk.counter.state, Refused)


def test_a_receipt_of_another_shop_is_asked_for_when_it_is_scanned_and_not_again() -> None:
    clerk = online()
    clerk.keys("/3")
    clerk.scans(receipt_of_another_shop())
    assert asked(clerk) == [Wanted(What.SALE, sale="0019.1:77")]
    answers(clerk)
    clerk.does(KeyPressed("F1"))
    assert clerk.sees_refusal(Code.OTHER_SHOP) and asked(clerk) == []


@pytest.mark.parametrize(
    "keyed",
    [
        "13800000001",
        "..8800000000018",
        "/5 13800000001",
        "/5 ..8800000000018",
        "/1 ..8800000000018",
        "/2 ..8800000001015 1 13800000001",
    ],
)
def test_a_number_that_nobody_here_has_is_asked_for_like_a_card(keyed: str) -> None:
    clerk = online()
    row = clerk.shop.members.pop("8800000000018")
    for word in keyed.split():
        clerk.keys(word)
        if word.startswith("..") and "/2" in keyed:
            clerk.keys("ENTER")
    clerk.keys("ENTER")
    by_phone = Wanted(What.MEMBER, phone="13800000001")
    by_card = Wanted(What.MEMBER, card="8800000000018")
    assert asked(clerk) == [by_phone if "13800000001" in keyed else by_card]
    assert "13800000001" not in repr(shown(clerk.counter))
    clerk.shop.members["8800000000018"] = row
    answers(clerk)
    assert clerk.sees_refusal(Code.PHONE_IN_USE) == ("/2" in keyed)
    assert "13800000001" not in repr(shown(clerk.counter))


def test_goods_and_amounts_ask_nobody() -> None:
    clerk = online()
    for typed in ("4", "2*4", "6901234100044", "/6 4"):
        clerk.keys(f"CLEAR CLEAR {typed} ENTER")
    assert asked(clerk) == []


# -- meanwhile --------------------------------------------------------------------------------


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
    assert isinstance(clerk.counter.state, Keying) and clerk.counter.ahead == ()


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
    assert clerk.counter.ahead == () and isinstance(clerk.counter.state, Inquiry)
    clerk.keys("CLEAR")
    assert clerk.counter.state == Idle()


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


# -- the link ---------------------------------------------------------------------------------


@dataclass
class Link:
    """A link that answers when the test says."""

    online: bool = True
    asked: list[Question] = field(default_factory=list)
    tells: list[Callable[[TellAsker], None]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    @property
    def connected(self) -> bool:
        return self.online

    def status(self) -> "Link":
        return self

    def ask(self, question: Question, told: Callable[[TellAsker], None]) -> str:
        self.asked.append(question)
        self.tells.append(told)
        return f"ask-{len(self.asked)}"

    def ask_ended(self, name: str) -> None:
        self.ended.append(name)


TWO = AskHq("flow-7", (Wanted(What.MEMBER, card="1"), Wanted(What.SALE, sale="2")))


def test_what_is_wanted_is_asked_and_the_last_word_is_the_answer() -> None:
    async def asks() -> None:
        link, intake = Link(), Intake()
        roaming = Roaming(link, intake)  # type: ignore[arg-type]
        roaming.ask(TWO)
        assert link.asked == [
            Question(wire.What.MEMBER, card="1"),
            Question(wire.What.SALE, sale="2"),
        ]
        link.tells[0](TellAsker("ask-1", Came.ANSWERED))
        intake.put(TimePassed(1))
        link.tells[1](TellAsker("ask-2", Came.LATE))
        assert await intake.get(outcomes_only=False) == TimePassed(1)
        assert await intake.get(outcomes_only=False) == HqAnswered("flow-7")
        roaming.stepped(Counter())
        roaming.stepped(Counter())
        assert link.ended == ["ask-1", "ask-2"], "once, when the sale is over"

    asyncio.run(asks())


def test_every_word_of_the_counter_is_one_of_the_protocol() -> None:
    assert {one.value for one in What} == {one.value for one in wire.What}
    assert HQ_PATIENCE_MS > ASK_DEADLINE_MS, "the link tells by itself, in time"


def test_a_link_that_says_nothing_is_given_up() -> None:
    async def asks() -> None:
        link, intake = Link(), Intake()
        roaming = Roaming(link, intake)  # type: ignore[arg-type]
        loop = asyncio.get_running_loop()
        begun, late_s = loop.time(), 0.0
        loop.time = lambda: begun + late_s  # type: ignore[method-assign]
        roaming.ask(TWO)
        intake.put(TimePassed(1))
        await asyncio.sleep(0)
        late_s = HQ_PATIENCE_MS / 1000
        await asyncio.sleep(0)
        assert await intake.get(outcomes_only=False) == TimePassed(1)
        assert await intake.get(outcomes_only=False) == HqAnswered("flow-7")

    asyncio.run(asks())


def receipt_of_another_shop() -> str:
    clerk = Clerk(DemoShop(seq=76))
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    sold = clerk.shop.journal[-1]
    elsewhere = msgspec.structs.replace(sold.entry, box="0019")
    return receipt_code(elsewhere, sold.hash, bytes(32))
