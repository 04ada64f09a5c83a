"""Whose flow it is: a member's page brings its member; else a card or a phone is asked."""

from daemon.counter import keys, members
from daemon.counter.codes import Ask, Code
from daemon.counter.forms import Answer, Given, Next, No, Takes, Then, To
from daemon.counter.moves import Here
from daemon.counter.shop import Known
from daemon.counter.states import Inquiry

TAKES = Takes.SWIPE | Takes.NUMBER  # the swiper may be dead


def begin(ask: Ask, then: Then) -> Then:
    """Return the beginning of a script about one member: `then` goes on once he is known."""

    def first(given: Given, here: Here) -> Next:
        return then(given, here) if isinstance(given.desk, Inquiry) else To(ask)

    return first


def member(given: Given, here: Here, ask: Ask) -> Known | No:
    """Return the member of the page, or whom the answer to `ask` names; a visitor is nobody's."""
    answer = given.last(ask)
    if answer is not None:
        known = named(answer, here)
    else:
        assert isinstance(given.desk, Inquiry), "a card or a page says whose it is"
        known = given.desk.member
    return No(Code.VISITOR) if isinstance(known, Known) and known.shown.visitor else known


def named(answer: Answer, here: Here) -> Known | No:
    """Return whom a swipe, a phone or a card's number names; only who swiped has proved himself."""
    text, now = answer.text, here.now()
    if answer.by is Takes.SWIPE:
        found = members.by_card(text, here.shop, now)
    else:
        look = members.by_phone if keys.is_phone(text) else members.by_number
        found = look(text, here.shop, now)
    return No(found.code) if isinstance(found, members.Unfit) else found.member
