"""The counter asks headquarters for what a step lacks, and goes on with what came by then."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from daemon.counter.codes import Code
from daemon.counter.machine import shown, step
from daemon.counter.states import Counter, Inquiry, Refused
from daemon.events import CardSwiped, CodeScanned, KeyPressed, TimePassed
from daemon.ledger import accounts
from daemon.ledger.signed import receipt_code
from daemon.roaming import Roaming, questions_of
from daemon.sync.asking import Came, Question, TellAsker
from daemon.sync.wire import What
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop
from tests.counter.test_day import CREAM

STRANGE = "8800000099990"


@dataclass
class Answering:
    """A link that answers as the test says; `on_ask` is what comes into the books meanwhile."""

    on_ask: Callable[[Question], None] = lambda question: None
    online: bool = True
    silent: bool = False
    asked: list[Question] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    @property
    def connected(self) -> bool:
        return self.online

    def status(self) -> "Answering":
        return self

    def ask(self, question: Question, told: Callable[[TellAsker], None]) -> str:
        self.asked.append(question)
        name = f"ask-{len(self.asked)}"
        if not self.silent:
            self.on_ask(question)
            asyncio.get_running_loop().call_later(0.01, told, TellAsker(name, Came.ANSWERED))
        return name

    def ask_ended(self, name: str) -> None:
        self.ended.append(name)


def swiped(link: Answering, shop: DemoShop, card: str) -> Counter:
    roaming = Roaming(link)  # type: ignore[arg-type]
    return asyncio.run(roaming.step(Counter(), CardSwiped(card), shop))[0]


def test_a_card_of_another_shop_is_asked_for_and_then_known() -> None:
    shop = DemoShop()
    known = next(iter(shop.members))
    row = shop.members.pop(known)
    link = Answering(lambda question: shop.members.update({known: row}))
    after = swiped(link, shop, known)
    assert link.asked == [Question(What.MEMBER, card=known)]
    assert isinstance(after.state, Inquiry), after.state


@pytest.mark.parametrize("online", [True, False])
def test_a_card_that_nobody_knows_is_a_visitors(online: bool) -> None:
    link = Answering(online=online)
    after = swiped(link, DemoShop(), STRANGE)
    assert len(link.asked) == online
    assert after.state is not None


def test_a_known_card_asks_nobody() -> None:
    shop, link = DemoShop(), Answering()
    swiped(link, shop, next(iter(shop.members)))
    assert link.asked == []


def test_practice_asks_nobody() -> None:
    link = Answering()
    roaming = Roaming(link)  # type: ignore[arg-type]
    asyncio.run(roaming.step(Counter(), CardSwiped(STRANGE), DemoShop(), real=False))
    assert link.asked == []


def at_the_total() -> Clerk:
    """A member with 88.50 of stored value before a bill of more; the next key is ENTER of `*3`."""
    clerk = Clerk()
    clerk.swipes("8800000000070")
    clerk.keys("CLEAR")
    clerk.scans(CREAM)
    clerk.keys("ENTER *")
    return clerk


def test_value_that_is_short_here_is_asked_for_and_then_pays() -> None:
    clerk = at_the_total()
    member, shop = "M7", clerk.shop

    def arrives(question: Question) -> None:
        if question.unit == "principal":
            key = (accounts.principal(member), "principal", "elsewhere")
            shop.balance[key] = question.amount

    link = Answering(arrives)
    roaming = Roaming(link)  # type: ignore[arg-type]
    before = step(clerk.counter, KeyPressed("3"), shop)[0]
    assert isinstance(before.state, Refused) and before.state.code == Code.VALUE_SHORT
    after = asyncio.run(roaming.step(clerk.counter, KeyPressed("3"), shop))[0]
    wanted = {(one.unit, one.amount, one.member) for one in link.asked}
    assert wanted == {("principal", 3150, member), ("bonus", 3150, member)}
    assert not isinstance(after.state, Refused), after.state


def test_a_link_that_does_not_answer_holds_nobody_up_for_longer_than_the_deadline() -> None:
    clerk = at_the_total()
    link = Answering(silent=True)
    roaming = Roaming(link)  # type: ignore[arg-type]
    after = asyncio.run(roaming.step(clerk.counter, KeyPressed("3"), clerk.shop))[0]
    assert isinstance(after.state, Refused), "with what there is"
    assert list(questions_of(KeyPressed("3"), clerk.counter, after, clerk.shop)) == link.asked


def test_a_refusal_that_stands_is_not_asked_for_again_as_time_passes() -> None:
    clerk = at_the_total()
    link = Answering()
    roaming = Roaming(link)  # type: ignore[arg-type]

    async def stands() -> Counter:
        counter, _ = await roaming.step(clerk.counter, KeyPressed("3"), clerk.shop)
        asked = len(link.asked)
        for beat in range(1, 6):
            moment = TimePassed(clerk.shop.mono_ms + beat * 1000)
            counter, _ = await roaming.step(counter, moment, clerk.shop)
        assert len(link.asked) == asked == 2
        return counter

    assert isinstance(asyncio.run(stands()).state, Refused)


def test_when_the_sale_is_over_the_link_hears_so() -> None:
    link = Answering()
    roaming = Roaming(link)  # type: ignore[arg-type]

    async def sale() -> None:
        shop = DemoShop()
        counter, _ = await roaming.step(Counter(), CardSwiped(STRANGE), shop)
        for _ in range(2):
            counter, _ = await roaming.step(counter, KeyPressed("CLEAR"), shop)

    asyncio.run(sale())
    assert link.ended == ["ask-1"]


def test_a_receipt_of_another_shop_is_asked_for_when_it_is_scanned_and_not_again() -> None:
    clerk, link = Clerk(), Answering()
    code = receipt_of_another_shop()
    clerk.keys("/3")
    roaming = Roaming(link)  # type: ignore[arg-type]

    async def scans() -> Counter:
        counter, _ = await roaming.step(clerk.counter, CodeScanned(code), clerk.shop)
        return (await roaming.step(counter, KeyPressed("F1"), clerk.shop))[0]

    after = asyncio.run(scans()).state
    assert isinstance(after, Refused) and after.code == Code.OTHER_SHOP
    assert link.asked == [Question(What.SALE, sale="0019.1:77")]


def receipt_of_another_shop() -> str:
    clerk = Clerk(DemoShop(seq=76))
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    sold = clerk.shop.journal[-1]
    elsewhere = msgspec.structs.replace(sold.entry, box="0019")
    return receipt_code(elsewhere, sold.hash, bytes(32))


@pytest.mark.parametrize(
    "keys",
    [
        "13800000001",
        "..8800000000018",
        "/5 13800000001",
        "/5 ..8800000000018",
        "/1 ..8800000000018",
        "/2 ..8800000001015 1 13800000001",
    ],
)
def test_a_number_that_nobody_here_has_is_asked_for_like_a_card(keys: str) -> None:
    clerk, link = Clerk(), Answering()
    row = clerk.shop.members.pop("8800000000018")
    link.on_ask = lambda _: clerk.shop.members.update({"8800000000018": row})
    for word in keys.split():
        clerk.keys(word)
        if word.startswith("..") and "/2" in keys:
            clerk.keys("ENTER")
    roaming = Roaming(link)  # type: ignore[arg-type]
    after = asyncio.run(roaming.step(clerk.counter, KeyPressed("ENTER"), clerk.shop))[0]
    by_phone = Question(What.MEMBER, phone="13800000001")
    by_card = Question(What.MEMBER, card="8800000000018")
    assert link.asked == [by_phone if "13800000001" in keys else by_card]
    known = isinstance(after.state, Refused) and after.state.code == Code.PHONE_IN_USE
    assert known == ("/2" in keys), after.state
    assert "13800000001" not in repr(shown(after))


def test_goods_and_amounts_ask_nobody() -> None:
    clerk, link = Clerk(), Answering()
    roaming = Roaming(link)  # type: ignore[arg-type]
    for typed in ("4", "2*4", "6901234100044", "/6 4"):
        clerk.keys("CLEAR CLEAR")
        clerk.keys(typed)
        asyncio.run(roaming.step(clerk.counter, KeyPressed("ENTER"), clerk.shop))
    assert link.asked == []
