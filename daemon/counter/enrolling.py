"""Enrolment (`/2`): blank card, channel, phone, phone again, terms, marketing, then the fee."""

import re
from dataclasses import replace

from daemon.counter import keys
from daemon.counter.codes import Code, refusal_code
from daemon.counter.moves import Here, Moved, refused
from daemon.counter.states import (
    BlankCard,
    Channel,
    Flow,
    Form,
    Idle,
    Marketing,
    PhoneAgain,
    PhoneAsked,
    Terms,
)
from daemon.counter.tendering import UNPAID, commit_enrolment, open_total
from daemon.events import CardSwiped, KeyPressed
from daemon.rules.types import Refusal

TAIL_DIGITS = 4  # of the phone, keyed again
YES, NO = "1", "0"
CHANNEL_KEYS = ("fee", "purchase", "grant")  # 1, 2, 3

_CARD = re.compile(r"\.{0,2}\d{0,19}")  # with or without the two dots of the basket
_PHONE = re.compile(r"\d{0,11}")
_TAIL = re.compile(r"\d{0,4}")
_ONE = re.compile(r"\d?")


def start(here: Here) -> Moved:
    shop = here.shop
    return Moved(BlankCard(Form(Flow(shop.fresh_id(), shop.engine()))))


def blank_swiped(state: BlankCard, event: CardSwiped, here: Here) -> Moved:
    return _card(state, event.number, here)


def blank_key(state: BlankCard, event: KeyPressed, here: Here) -> Moved:
    """The swiper may be dead: a card's number is keyed."""
    if event.key == keys.CLEAR and not state.typed:
        return Moved(Idle())
    match _number(state.typed, event.key, _CARD):
        case keys.Typing(typed):
            return Moved(replace(state, typed=typed))
        case keys.Number(digits) if len(digits) in keys.CARD_DIGITS:
            return _card(state, digits, here)
        case _:
            return refused(replace(state, typed=""), Code.INPUT)


def channel_key(state: Channel, event: KeyPressed, here: Here) -> Moved:
    if event.key == keys.CLEAR:
        return Moved(BlankCard(replace(state.form, card="")))
    if event.key not in ("1", "2", "3"):
        return refused(state, Code.INPUT)
    channel = CHANNEL_KEYS[int(event.key) - 1]
    sale = None
    if channel == "purchase":
        sale = here.shop.last_anonymous_sale()
        if sale is None or sale.enrolled:
            return refused(state, Code.NO_PURCHASE)
    offer = state.form.flow.engine.offer(
        channel, sale_pay_fen=None if sale is None else sale.pay_fen, at=here.now()
    )
    if isinstance(offer, Refusal):
        return refused(state, refusal_code(offer.code), **offer.values)
    return Moved(PhoneAsked(replace(state.form, offer=offer, sale=sale)))


def phone_key(state: PhoneAsked, event: KeyPressed, here: Here) -> Moved:
    if event.key == keys.CLEAR and not state.typed:
        return Moved(Channel(replace(state.form, offer=None, sale=None)))
    match _number(state.typed, event.key, _PHONE):
        case keys.Typing(typed):
            return Moved(replace(state, typed=typed))
        case keys.Number(digits) if keys.is_phone(digits):
            if here.shop.member_by_phone(digits) is not None:
                return refused(replace(state, typed=""), Code.PHONE_IN_USE)
            return Moved(PhoneAgain(replace(state.form, phone=digits)))
        case _:
            return refused(replace(state, typed=""), Code.INPUT)


def phone_again_key(state: PhoneAgain, event: KeyPressed, here: Here) -> Moved:
    asked = PhoneAsked(replace(state.form, phone=""))
    if event.key == keys.CLEAR and not state.typed:
        return Moved(asked)
    match _number(state.typed, event.key, _TAIL):
        case keys.Typing(typed):
            return Moved(replace(state, typed=typed))
        case keys.Number(digits) if digits == state.form.phone[-TAIL_DIGITS:]:
            return Moved(Terms(state.form))
        case keys.Number():
            return refused(asked, Code.INPUT)  # one of the two was mistyped: both again
        case _:
            return refused(replace(state, typed=""), Code.INPUT)


def terms_key(state: Terms, event: KeyPressed, here: Here) -> Moved:
    if event.key == keys.CLEAR and not state.typed:
        return Moved(PhoneAsked(replace(state.form, phone="")))
    match _number(state.typed, event.key, _ONE):
        case keys.Typing(typed):
            return Moved(replace(state, typed=typed))
        case keys.Number(digits) if digits == YES:
            return Moved(Marketing(state.form))
        case _:
            return refused(replace(state, typed=""), Code.INPUT)


def marketing_key(state: Marketing, event: KeyPressed, here: Here) -> Moved:
    if event.key == keys.CLEAR and not state.typed:
        return Moved(Terms(replace(state.form, marketing=None)))
    match _number(state.typed, event.key, _ONE):
        case keys.Typing(typed):
            return Moved(replace(state, typed=typed))
        case keys.Number(digits) if digits in (YES, NO):
            return _finish(Marketing(replace(state.form, marketing=digits == YES)), here)
        case _:
            return refused(replace(state, typed=""), Code.INPUT)


def _number(typed: str, key: str, shape: re.Pattern[str]) -> keys.NumberCommand:
    """As the grammar has it; CLEAR takes the last digit away."""
    if key == keys.CLEAR and typed:
        return keys.Typing(typed[:-1])
    return keys.number_key(typed, key, shape)


def _card(state: BlankCard, number: str, here: Here) -> Moved:
    shop, asked = here.shop, replace(state, typed="")
    if shop.member_by_card(number) is not None:
        return refused(asked, Code.CARD_IN_USE)
    if not (shop.blank_card(number) or shop.in_card_range(number)):
        return refused(asked, Code.UNREADABLE)
    return Moved(Channel(replace(state.form, card=number)))


def _finish(state: Marketing, here: Here) -> Moved:
    offer = state.form.offer
    assert offer is not None, "an enrolment without an offer"
    if offer.fee_fen:
        return open_total(state, offer.fee_fen, here)
    return commit_enrolment(state, state.form, UNPAID, here)
