"""Card service (`/5`): lost, replaced, frozen, used again; points passed on; the member's PIN.

A lost card is not there to be swiped: its number is keyed, or the member's phone. To use a card
again or to replace it needs a manager; who may freeze one, and free it, the pack says (`holds.by`).
A PIN is set by who has the card in his hand.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.counter import keys, members
from daemon.counter.codes import Ask, Code, Why
from daemon.counter.flows import passing
from daemon.counter.forms import (
    SOURCE,
    Bill,
    End,
    Given,
    Goes,
    Next,
    No,
    Script,
    Shown,
    Step,
    Takes,
    To,
    begin_at,
)
from daemon.counter.moves import BEEP_OK, Here
from daemon.counter.pins import PIN_DIGITS, member_pin, second_person, tried
from daemon.counter.screens import Row
from daemon.counter.shop import Known
from daemon.counter.states import Idle
from daemon.ledger.acts import card
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft
from daemon.rules.tenders import Paid

LOST, REPLACE, FREEZE, USE_AGAIN, PASS_ON, PIN = "1", "2", "3", "4", "5", "6"
HQ, CLERK = "hq", "clerk"
FROZEN = "frozen"  # a card that waits for approval is, too
CHANGES: Mapping[str, Kind] = MappingProxyType(
    {LOST: Kind.CARD_LOST, FREEZE: Kind.CARD_FROZEN, USE_AGAIN: Kind.CARD_UNFROZEN}
)


def _card(given: Given, here: Here) -> Next:
    if _known(given, here) is not None:
        return To(Ask.CARD_SERVICE)
    return No(Code.UNREADABLE if given.answers[-1].by is Takes.SWIPE else Code.NO_MEMBER)


def _chosen(given: Given, here: Here) -> Next:
    choice = given.text(Ask.CARD_SERVICE)
    if choice == LOST:
        return _changed(given, here)
    if choice == FREEZE or (choice == USE_AGAIN and _held(given, here).facts.status == FROZEN):
        return _frozen_by(given, here)
    if choice == PASS_ON:
        return passing.begin(given, here)
    if choice == PIN:
        return _new_pin(given, here)
    if choice == REPLACE and given.engine.account().reissue_fee_fen is None:
        return No(Code.NOT_ALLOWED, Why.HQ_REPLACES.told)
    return To(Ask.MANAGER)


def _frozen_by(given: Given, here: Here) -> Next:
    """Freeze, or use what is frozen again, as the pack says who may; the latter never alone."""
    by = given.engine.account().frozen_by
    if by == HQ:
        return No(Code.NOT_ALLOWED, Why.HQ_FREEZES.told)
    alone = by == CLERK and given.text(Ask.CARD_SERVICE) == FREEZE
    return _changed(given, here) if alone else To(Ask.MANAGER)


def _new_pin(given: Given, here: Here) -> Next:
    """Who has the card in his hand, and nobody has stopped it, chooses the PIN."""
    card = given.all(Ask.CARD_HELD)[0]
    if card.by is not Takes.SWIPE:
        return No(Code.CARD_NEEDED)
    found = members.by_card(card.text, here.shop, here.now())
    return No(found.code) if isinstance(found, members.Unfit) else To(Ask.NEW_PIN)


def _allowed(given: Given, here: Here) -> Next:
    choice = given.text(Ask.CARD_SERVICE)
    if choice == REPLACE:
        return To(Ask.NEW_CARD)
    return passing.passed(given, here) if choice == PASS_ON else _changed(given, here)


def _changed(given: Given, here: Here) -> Draft | Refusal:
    books, number = here.shop.books(), _held(given, here).facts.card
    request = card.CardRequest(id=given.id, source=SOURCE, card=number)
    kind = CHANGES[given.text(Ask.CARD_SERVICE)]
    return card.change(request, books.member("", number), books.stamp(request), kind=kind)


def _new_card(given: Given, here: Here) -> Next:
    if not here.shop.blank_card(given.text(Ask.NEW_CARD)):
        return No(Code.CARD_IN_USE)
    fee_fen = given.engine.account().reissue_fee_fen
    assert fee_fen is not None, "asked before"
    return Bill(fee_fen, lambda paid, then: _replaced(given, fee_fen, paid, then))


def _replaced(given: Given, fee_fen: int, paid: Paid, here: Here) -> Draft | Refusal:
    """The old card is dead; what the member holds stays his, under his own key."""
    books, old = here.shop.books(), _held(given, here).facts.card
    request = card.ReplaceRequest(
        id=given.id,
        source=SOURCE,
        card=old,
        new=given.text(Ask.NEW_CARD),
        fee_fen=fee_fen,
        rounding_fen=paid.rounding_fen,
        tenders=paid.tenders,
    )
    member = books.member("", old)
    row = books.row(member.id)
    draft = card.replace(
        request,
        member,
        books.balance,
        books.stamp(request),
        is_blank=books.is_blank,
        current="" if row is None else row.card,
    )
    if isinstance(draft, Refusal) or row is None:
        return draft
    return card.with_profile(draft, books.profile_for(row, request.new))


def _pin(given: Given, here: Here) -> Next:
    """It holds once it was keyed a second time."""
    here.shop.set_pin(member_pin(_held(given, here).facts.id), given.text(Ask.NEW_PIN))
    return To(Ask.NEW_PIN_AGAIN)


def _pin_again(given: Given, here: Here) -> Next:
    whose = member_pin(_held(given, here).facts.id)
    wrong = tried(whose, given.text(Ask.NEW_PIN_AGAIN), here)
    return Goes(Idle(), (BEEP_OK,)) if wrong is None else wrong


def _shown(given: Given, here: Here) -> Shown:
    """Whose card it is, as a screen may say it."""
    return Shown(values=(("member", _held(given, here).shown.shown),))


def _held(given: Given, here: Here) -> Known:
    known = _known(given, here)
    assert known is not None, "found before"
    return known


def _known(given: Given, here: Here) -> Known | None:
    answer, shop = given.all(Ask.CARD_HELD)[0], here.shop
    if answer.by is Takes.NUMBER and keys.is_phone(answer.text):
        return shop.member_by_phone(answer.text)
    return shop.member_by_card(answer.text)


SCRIPT = Script(
    digit="5",
    name="cards",
    first=begin_at(Ask.CARD_HELD),
    leads=(Ask.CARD_HELD,),
    steps=(
        Step(Ask.CARD_HELD, Takes.SWIPE | Takes.NUMBER, _card, leads=(Ask.CARD_SERVICE,)),
        Step(
            Ask.CARD_SERVICE,
            Takes.CHOICE,
            _chosen,
            leads=(Ask.MANAGER, Ask.NEW_PIN, Ask.TRANSFER_TO, Ask.PIN, End.ENTRY),
            choices=tuple(Row(key) for key in "123456"),
            shows=_shown,
        ),
        *passing.STEPS,
        *second_person(_allowed, leads=(Ask.NEW_CARD, End.ENTRY)),
        Step(Ask.NEW_CARD, Takes.SWIPE, _new_card, leads=(End.TOTAL,)),
        Step(Ask.NEW_PIN, Takes.PIN, _pin, leads=(Ask.NEW_PIN_AGAIN,), digits=PIN_DIGITS),
        Step(Ask.NEW_PIN_AGAIN, Takes.PIN, _pin_again, leads=(End.DESK,), digits=PIN_DIGITS),
    ),
)
