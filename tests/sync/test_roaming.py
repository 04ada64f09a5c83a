"""A step asks headquarters for what it lacks, says so, and goes on with what came by then."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from daemon.counter.codes import Code
from daemon.counter.consulting import HQ_PATIENCE_MS
from daemon.counter.effects import AskHq, HqAnswered
from daemon.counter.machine import shown
from daemon.counter.states import Counter, Idle, Inquiry, Refused
from daemon.events import (
    KeyPressed,
    TimePassed,
)
from daemon.intake import Intake
from daemon.ledger import accounts
from daemon.ledger.signed import receipt_code
from daemon.roaming import Roaming
from daemon.sync.asking import ASK_DEADLINE_MS, Came, TellAsker
from daemon.wanted import Wanted, What
from tests.counter.asking_hq import STRANGE, answers, asked, online
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop
from tests.counter.test_day import CREAM


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


# -- the link ---------------------------------------------------------------------------------


@dataclass
class Link:
    """A link that answers when the test says."""

    online: bool = True
    asked: list[Wanted] = field(default_factory=list)
    tells: list[Callable[[TellAsker], None]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    @property
    def connected(self) -> bool:
        return self.online

    def status(self) -> "Link":
        return self

    def ask(self, question: Wanted, told: Callable[[TellAsker], None]) -> str:
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
            Wanted(What.MEMBER, card="1"),
            Wanted(What.SALE, sale="2"),
        ]
        link.tells[0](TellAsker("ask-1", Came.ANSWERED))
        intake.put(TimePassed(1))
        link.tells[1](TellAsker("ask-2", Came.LATE))
        assert await intake.get(outcomes_only=False) == TimePassed(1)
        assert await intake.get(outcomes_only=False) == HqAnswered("flow-7", late=True)
        roaming.ask(AskHq("flow-8", TWO.wanted[:1]))
        link.tells[2](TellAsker("ask-3", Came.ANSWERED))
        assert await intake.get(outcomes_only=False) == HqAnswered("flow-8", late=False)
        roaming.stepped(Counter())
        roaming.stepped(Counter())
        assert link.ended == ["ask-1", "ask-2", "ask-3"], "once, when the sale is over"

    asyncio.run(asks())


def test_every_word_of_the_counter_is_one_of_the_protocol() -> None:
    assert {one.value for one in What} == {"member", "holding", "sale"}
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
        assert await intake.get(outcomes_only=False) == HqAnswered("flow-7", late=True)

    asyncio.run(asks())


def receipt_of_another_shop() -> str:
    clerk = Clerk(DemoShop(seq=76))
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    sold = clerk.shop.journal[-1]
    elsewhere = msgspec.structs.replace(sold.entry, box="0019")
    return receipt_code(elsewhere, sold.hash, bytes(32))
