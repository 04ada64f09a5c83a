"""A counter whose headquarters is asked: what was asked, who waits, and its answer."""

from daemon.counter.effects import AskHq, HqAnswered
from daemon.counter.states import Consulting, Refused
from daemon.wanted import Wanted
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop

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
