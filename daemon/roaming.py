"""What the counter asks headquarters for during a sale, and how long it waits: never longer.

The counter's machine is pure, so that a step whose answer would be "not known here" or "not enough
here" is thought through first, then what is missing is asked for, and then the same step is taken
with what is there by then. Without a network, or without an answer in time, that is what was there.
"""

import asyncio
import contextlib
from collections.abc import Iterator

from daemon.counter import keys
from daemon.counter.codes import Ask, Code
from daemon.counter.effects import Effect
from daemon.counter.machine import step
from daemon.counter.shop import Shop
from daemon.counter.states import (
    Asking,
    Counter,
    Idle,
    Inquiry,
    Keying,
    Refused,
    State,
    Total,
)
from daemon.counter.table import Event
from daemon.events import CardSwiped, CodeScanned, KeyPressed
from daemon.ledger.kinds import Unit
from daemon.sync.asking import ASK_DEADLINE_MS, Question, TellAsker
from daemon.sync.link import Sync
from daemon.sync.wire import What

# Steps that name a member by a phone or a card's number; a new one: he may be one elsewhere.
BY_NUMBER = frozenset(
    (
        *(Ask.CARD_HELD, Ask.TOPUP_CARD, Ask.GIFT_CARD, Ask.LATE_CARD, Ask.TRANSFER_TO),
        *(Ask.BLANK_CARD, Ask.PHONE),
    )
)
SLACK_S = 0.2  # beyond the deadline: the link tells by itself, this is for a fault of ours


class Roaming:
    """Owned by the loop. `sync` None: a box without headquarters."""

    def __init__(self, sync: Sync | None) -> None:
        self._sync = sync
        self._asked: list[str] = []  # for the sale at hand

    async def step(
        self, counter: Counter, event: Event, shop: Shop, *, real: bool = True
    ) -> tuple[Counter, tuple[Effect, ...]]:
        """Take a step of the counter; `real` False: practice, which asks nobody."""
        after, effects = step(counter, event, shop)
        if self._sync is None or not real:
            return after, effects
        if self._sync.status().connected:
            questions = list(questions_of(event, counter, after, shop))
            if questions:
                await asyncio.gather(*(self._ask(self._sync, one) for one in questions))
                after, effects = step(counter, event, shop)
        if isinstance(after.state, Idle):
            self._end(self._sync)
        return after, effects

    async def _ask(self, sync: Sync, question: Question) -> None:
        told: asyncio.Future[TellAsker] = asyncio.get_running_loop().create_future()

        def tell(answer: TellAsker) -> None:
            if not told.done():
                told.set_result(answer)

        self._asked.append(sync.ask(question, tell))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ASK_DEADLINE_MS / 1000 + SLACK_S):
                await told

    def _end(self, sync: Sync) -> None:
        """The sale is over, however it ended: what it did not use may go back."""
        for name in self._asked:
            sync.ask_ended(name)
        self._asked.clear()


def questions_of(event: Event, before: Counter, after: Counter, shop: Shop) -> Iterator[Question]:
    """Yield what headquarters may know or have that this step lacks."""
    match event:
        case CardSwiped(card):
            yield from _of_card(card, shop)
        case KeyPressed(keys.ENTER):
            yield from _of_number(_member_keyed(before.state), shop)
            yield from _of_value(after.state)
        case KeyPressed():
            yield from _of_value(after.state)
        case CodeScanned():
            yield from _of_sale(after.state)
        case _:
            return  # time passes over a refusal that stands: it was asked for once


def _of_card(card: str, shop: Shop) -> Iterator[Question]:
    known = shop.member_by_card(card) is not None or shop.blank_card(card)
    if not known and shop.in_card_range(card):
        yield Question(What.MEMBER, card=card)


def _of_number(number: str, shop: Shop) -> Iterator[Question]:
    """Ask for who was named by a phone or a card's number; the phone goes sealed."""
    if not keys.is_phone(number):
        yield from _of_card(number, shop)
    elif shop.member_by_phone(number) is None:
        yield Question(What.MEMBER, phone=number)


def _member_keyed(state: State) -> str:
    """Return the number that ENTER names a member by; "" where it is no member's."""
    state = state.below if isinstance(state, Refused) else state
    match state:
        case Idle() | Inquiry() | Keying():
            match keys.basket_key(state.typed, keys.ENTER):
                case keys.Phone(number) | keys.CardNumber(number):
                    return number
            return ""
        case Asking(question=question) if question.ask in BY_NUMBER:
            return state.typed.lstrip(".")
        case _:
            return ""


def _of_value(state: State) -> Iterator[Question]:
    """Ask for value or points that are short here."""
    if not isinstance(state, Refused):
        return
    total = state.below
    below = total.below if isinstance(total, Total) else total
    member = below.cart.member if isinstance(below, Keying) else None
    if member is None:
        return
    said = dict(state.values)
    if state.code == Code.VALUE_SHORT:
        short = _fen(said["y"])
        for unit in (Unit.PRINCIPAL, Unit.BONUS):
            yield Question(What.HOLDING, member=member.facts.id, unit=unit, amount=short)
    elif state.code == Code.POINTS_SHORT:
        short = int(said["x"]) - int(said["y"])
        yield Question(What.HOLDING, member=member.facts.id, unit=Unit.POINT, amount=short)


def _of_sale(state: State) -> Iterator[Question]:
    """Ask for a sale of another shop, with what of it may come back."""
    if isinstance(state, Refused) and state.code == Code.OTHER_SHOP:
        yield Question(What.SALE, sale=dict(state.values)["sale"])


def _fen(yuan: str) -> int:
    """Return fen of an amount as the screens write it: 12.34."""
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)
