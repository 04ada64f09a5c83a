"""What a step asks headquarters for, and how long the counter waits: never longer. Pure.

A step whose answer would be "not known here" or "not enough here" is thought through first; what is
missing is asked for, and the same step is taken again with what is there by then. Without a
network, or without an answer in time, that is what was there. table.py says what may happen
meanwhile.
"""

from collections.abc import Iterator

from daemon.counter import keys
from daemon.counter.codes import Ask, Code
from daemon.counter.effects import AskHq
from daemon.counter.moves import Here, Moved
from daemon.counter.shop import Shop
from daemon.counter.states import (
    Asking,
    Consulting,
    Idle,
    Inquiry,
    Keying,
    Refused,
    Standing,
    State,
    Total,
)
from daemon.counter.table import Event
from daemon.events import CardSwiped, CodeScanned, KeyPressed
from daemon.ledger.kinds import Unit
from daemon.wanted import Wanted, What

HQ_PATIENCE_MS = 1_700  # the protocol tells by itself after 1,500; this is for a fault of ours

# Steps that name a member by a phone or a card's number; a new one: he may be one elsewhere.
BY_NUMBER = frozenset(
    (
        *(Ask.CARD_HELD, Ask.TOPUP_CARD, Ask.GIFT_CARD, Ask.LATE_CARD, Ask.TRANSFER_TO),
        *(Ask.BLANK_CARD, Ask.PHONE),
    )
)


def consulted(before: State, event: Event, moved: Moved, here: Here) -> Moved:
    """Return the step as it was taken, or the wait for what it lacked."""
    waits = isinstance(before.below if isinstance(before, Refused) else before, Consulting)
    if waits or not isinstance(before, Standing):
        return moved
    if not isinstance(event, CardSwiped | CodeScanned | KeyPressed) or not here.shop.hq_answers():
        return moved
    wanted = tuple(wanted_of(event, before, moved.state, here.shop))
    if not wanted:
        return moved
    name = here.shop.fresh_id()
    waiting = Consulting(before, event, name, here.mono_ms + HQ_PATIENCE_MS)
    return Moved(waiting, (AskHq(name, wanted),))


def wanted_of(event: Event, before: State, after: State, shop: Shop) -> Iterator[Wanted]:
    """Yield what headquarters may know or have that this step lacks."""
    match event:
        case CardSwiped(card):
            yield from _of_card(card, shop)
            yield from _of_limits(before, after, card, shop)
        case KeyPressed(keys.ENTER):
            number = _member_keyed(before)
            yield from _of_number(number, shop)
            yield from _of_value(after)
            yield from _of_limits(before, after, number, shop)
        case KeyPressed():
            yield from _of_value(after)
        case CodeScanned():
            yield from _of_sale(after)
        case _:
            return  # time passes over a refusal that stands: it was asked for once


def _of_card(card: str, shop: Shop) -> Iterator[Wanted]:
    known = shop.member_by_card(card) is not None or shop.blank_card(card)
    if not known and shop.in_card_range(card):
        yield Wanted(What.MEMBER, card=card)


def _of_number(number: str, shop: Shop) -> Iterator[Wanted]:
    """Ask for who was named by a phone or a card's number; the phone goes sealed."""
    if not keys.is_phone(number):
        yield from _of_card(number, shop)
    elif shop.member_by_phone(number) is None:
        yield Wanted(What.MEMBER, phone=number)


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


def _of_value(state: State) -> Iterator[Wanted]:
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
            yield Wanted(What.HOLDING, member=member.facts.id, unit=unit, amount=short)
    elif state.code == Code.POINTS_SHORT:
        short = int(said["x"]) - int(said["y"])
        yield Wanted(What.HOLDING, member=member.facts.id, unit=Unit.POINT, amount=short)


def _of_limits(before: State, after: State, number: str, shop: Shop) -> Iterator[Wanted]:
    """Ask for what limits leave a visiting member: for a bill before it is told, for a flow when
    it names him."""
    before = before.below if isinstance(before, Refused) else before
    member = ""
    if isinstance(after, Total) and isinstance(after.below, Keying):
        known = after.below.cart.member
        member = "" if known is None else known.facts.id
    elif isinstance(before, Asking) and number:
        named = shop.member_by_phone if keys.is_phone(number) else shop.member_by_card
        found = named(number)
        member = "" if found is None else found.facts.id
    if member and not (isinstance(before, Total) and not number):
        topping = isinstance(before, Asking) and before.question.ask is Ask.TOPUP_CARD
        for unit, amount in shop.lacking(member, value=topping):
            yield Wanted(What.HOLDING, member=member, unit=unit, amount=amount)


def _of_sale(state: State) -> Iterator[Wanted]:
    """Ask for a sale of another shop, with what of it may come back."""
    if isinstance(state, Refused) and state.code == Code.OTHER_SHOP:
        yield Wanted(What.SALE, sale=dict(state.values)["sale"])


def _fen(yuan: str) -> int:
    """Return fen of an amount as the screens write it: 12.34."""
    whole, _, part = yuan.partition(".")
    return int(whole) * 100 + int(part)
