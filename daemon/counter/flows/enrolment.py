"""Enrolment (`/2`): blank card, channel, phone, phone again, terms, marketing, then the fee.

A card that is a member's already renews his membership, once it may be renewed.
"""

from daemon.counter import entries, keys
from daemon.counter.brought import commission
from daemon.counter.codes import Ask, Code, refusal_code, told_of
from daemon.counter.flows import renewal
from daemon.counter.forms import Bill, End, Given, Next, No, Script, Shown, Step, Takes, To
from daemon.counter.letting import counted, letting_in, saved
from daemon.counter.moves import Here
from daemon.counter.screens import Row
from daemon.counter.shop import Known
from daemon.counter.states import Inquiry
from daemon.counter.tendering import stamp_of
from daemon.ledger.ids import id_of
from daemon.ledger.profiles import Person
from daemon.ledger.records import Draft, Entry
from daemon.rules.rewards import FEES
from daemon.rules.tenders import Paid
from daemon.rules.types import EnrolmentOffer, Refusal
from daemon.rules.types import Given as Saved

TAIL_DIGITS = 4  # of the phone, keyed again
YES, NO = "1", "0"
CHANNELS = ("fee", "purchase", "grant")  # 1, 2, 3; then the levels that a fee of their own buys


def _first(given: Given, here: Here) -> Next:
    """A member's page renews; else a card is asked."""
    desk = given.desk
    if isinstance(desk, Inquiry) and not desk.member.shown.visitor:
        return renewal.begin(given, here)
    return To(Ask.BLANK_CARD)


def _card(given: Given, here: Here) -> Next:
    """The swiper may be dead: a card's number is keyed."""
    shop, number = here.shop, given.text(Ask.BLANK_CARD)
    known = shop.member_by_card(number)
    if known is not None:
        return renewal.begin(given, here) if _renews(given, known, here) else No(Code.CARD_IN_USE)
    if not (shop.blank_card(number) or shop.in_card_range(number)):
        return No(Code.UNREADABLE)
    return To(Ask.CHANNEL)


def _renews(given: Given, known: Known, here: Here) -> bool:
    """Tell whether this card is there to be renewed; a blocked one says so itself."""
    return known.facts.status != "active" or renewal.is_open(given, known, here)


def _channel(given: Given, here: Here) -> Next:
    if _by_purchase(given) and not _sales(given, here):
        return No(Code.NO_PURCHASE)
    offer = _offer(given, here)
    if isinstance(offer, Refusal):
        return No(refusal_code(offer.code), told_of(offer))
    return To(Ask.PHONE)


def _phone(given: Given, here: Here) -> Next:
    number = given.text(Ask.PHONE)
    if not keys.is_phone(number):
        return No(Code.INPUT)
    if here.shop.member_by_phone(number) is not None:
        return No(Code.PHONE_IN_USE)
    return To(Ask.PHONE_AGAIN)


def _phone_again(given: Given, _: Here) -> Next:
    if given.text(Ask.PHONE_AGAIN) != given.text(Ask.PHONE)[-TAIL_DIGITS:]:
        return No(Code.INPUT, back_to=Ask.PHONE)  # one of the two was mistyped: both again
    return To(Ask.TERMS)


def _terms(given: Given, _: Here) -> Next:
    return To(Ask.MARKETING) if given.text(Ask.TERMS) == YES else No(Code.INPUT)


def _marketing(given: Given, here: Here) -> Next:
    if given.text(Ask.MARKETING) not in (YES, NO):
        return No(Code.INPUT)
    offer = _offer(given, here)
    if isinstance(offer, Refusal):
        return No(refusal_code(offer.code), told_of(offer))
    return Bill(offer.fee_fen, lambda paid, then: _joined(given, offer, paid, then))


def _joined(given: Given, offer: EnrolmentOffer, paid: Paid, here: Here) -> Draft:
    """Lock the profile and make the entry: from here on the member's key is kept."""
    shop, card = here.shop, given.text(Ask.BLANK_CARD)
    sales = [id_of(one) for one in _sales(given, here)] if _by_purchase(given) else []
    joining = entries.Joining(
        card=card,
        offer=offer,
        profile=shop.lock_profile(Person(phone=given.text(Ask.PHONE)), card),
        marketing=given.text(Ask.MARKETING) == YES,
        sales=tuple(sales),
        saved=_saved(given, here),
        commission=commission(given.engine, FEES, offer.fee_fen - paid.rounding_fen, None, here),
    )
    return entries.enrolment_draft(
        joining, paid, stamp_of(given, here), in_stock=shop.stock, serial=shop.blank_card(card)
    )


def _saved(given: Given, here: Here) -> Saved | None:
    """Return the coupon of what member prices would have saved on what let in."""
    if not given.engine.joins.saves or not _by_purchase(given):
        return None
    return saved(given.engine, _sales(given, here), here)


def _by_purchase(given: Given) -> bool:
    return _way(given)[0] == "purchase"


def _way(given: Given) -> tuple[str, str]:
    """Return the way in, and the level that its fee buys."""
    chosen, fees = int(given.text(Ask.CHANNEL)), tuple(given.engine.joins.fees)
    if chosen <= len(CHANNELS):
        return CHANNELS[chosen - 1], ""
    return "fee", fees[chosen - len(CHANNELS) - 1]


def _levels(given: Given, _: Here) -> Shown:
    """Beside the ways in: what each level costs that has a fee of its own."""
    fees = given.engine.joins.fees
    if not fees:
        return Shown()
    names = given.engine.account().levels.names
    first = len(CHANNELS) + 1
    return Shown(
        tuple(
            Row(str(n), names[level], names[level], fen)
            for n, (level, fen) in enumerate(fees.items(), first)
        )
    )


def _sales(given: Given, here: Here) -> tuple[Entry, ...]:
    return letting_in(given.text(Ask.BLANK_CARD), given.engine, here)


def _offer(given: Given, here: Here) -> EnrolmentOffer | Refusal:
    channel, level = _way(given)
    sales = _sales(given, here) if _by_purchase(given) else ()
    measured = counted(given.engine, sales, here)
    return given.engine.offer(channel, counted=measured, at=here.now(), level=level)


SCRIPT = Script(
    digit="2",
    name="enrolment",
    first=_first,
    leads=(Ask.BLANK_CARD, Ask.RENEW_CHANNEL),
    steps=(
        Step(
            Ask.BLANK_CARD,
            Takes.SWIPE | Takes.NUMBER,
            _card,
            leads=(Ask.CHANNEL, Ask.RENEW_CHANNEL),
            digits=keys.CARD_DIGITS,
        ),
        Step(
            Ask.CHANNEL,
            Takes.CHOICE,
            _channel,
            leads=(Ask.PHONE,),
            choices=(Row("1"), Row("2"), Row("3")),
            shows=_levels,
        ),
        Step(Ask.PHONE, Takes.NUMBER, _phone, leads=(Ask.PHONE_AGAIN,)),
        Step(Ask.PHONE_AGAIN, Takes.NUMBER, _phone_again, leads=(Ask.TERMS,)),
        Step(Ask.TERMS, Takes.NUMBER, _terms, leads=(Ask.MARKETING,), digits=range(1, 2)),
        Step(Ask.MARKETING, Takes.NUMBER, _marketing, leads=(End.TOTAL,), digits=range(1, 2)),
        *renewal.STEPS,
    ),
)
