"""The member proves himself before he spends: by his card or his own PIN. A number found him."""

from collections.abc import Callable

from msgspec.structs import replace

from daemon.counter import members
from daemon.counter.codes import Ask, Code
from daemon.counter.forms import End, Given, Goes, Next, No, Script, Step, Takes, To
from daemon.counter.moves import Here, Moved
from daemon.counter.pins import PIN_DIGITS, member_pin, tried
from daemon.counter.shop import Known
from daemon.counter.states import Keying, Total


def proving(member: Known, then: Callable[[Total], Moved]) -> Script:
    """Return the script that asks this member and goes on with the total."""

    def first(_: Given, here: Here) -> Next:
        asked = here.shop.has_pin(member_pin(member.facts.id))
        return To(Ask.PIN) if asked else No(Code.CARD_NEEDED)

    def proved(given: Given, here: Here) -> Next:
        answer = given.last(Ask.PIN)
        assert answer is not None, "a step that was answered"
        if answer.by is Takes.SWIPE:
            found = members.by_card(answer.text, here.shop, here.now())
            mine = isinstance(found, members.Found) and found.member.facts.id == member.facts.id
            wrong = None if mine else No(Code.CARD_NEEDED)
        else:
            wrong = tried(member_pin(member.facts.id), answer.text, here)
        if wrong is not None:
            return wrong
        moved = then(_seen(given.desk, by_pin=answer.by is Takes.PIN))
        return Goes(moved.state, moved.effects)

    step = Step(Ask.PIN, Takes.PIN | Takes.SWIPE, proved, leads=(End.DESK,), digits=PIN_DIGITS)
    return Script("", "proving", first, (Ask.PIN,), (step,))


def by_pin(member: Known, then: Callable[[Total], Moved]) -> Script:
    """Return the script that asks for the PIN alone: the pack wants it for so much value."""

    def first(_: Given, here: Here) -> Next:
        asked = here.shop.has_pin(member_pin(member.facts.id))
        return To(Ask.PIN) if asked else No(Code.PIN_ASKED)

    def proved(given: Given, here: Here) -> Next:
        wrong = tried(member_pin(member.facts.id), given.text(Ask.PIN), here)
        if wrong is not None:
            return wrong
        moved = then(_seen(given.desk, by_pin=True))
        return Goes(moved.state, moved.effects)

    step = Step(Ask.PIN, Takes.PIN, proved, leads=(End.DESK,), digits=PIN_DIGITS)
    return Script("", "proving", first, (Ask.PIN,), (step,))


def _seen(total: object, *, by_pin: bool) -> Total:
    """Return the total with its member proved."""
    assert isinstance(total, Total) and isinstance(total.below, Keying), "a sale at its total"
    below = total.below
    assert below.cart.member is not None, "a member was asked"
    cart = replace(below.cart, member=replace(below.cart.member, proved=True, by_pin=by_pin))
    return replace(total, below=replace(below, cart=cart), typed="")
