"""Headquarters as a walk meets it: right, late, twice, about something else, or not at all."""

from daemon.counter.consulting import HQ_PATIENCE_MS
from daemon.counter.effects import HqAnswered
from daemon.counter.screens import MemberShown
from daemon.counter.shop import Known
from daemon.counter.states import Consulting, Refused, State
from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.rules.types import MemberFacts
from daemon.wanted import Wanted, What
from tests.counter.clerk import Clerk
from tests.counter.demo import START, DemoShop

ANSWERS = ("right", "right", "nothing", "wrong", "late", "twice", "none")
ELSEWHERE = "elsewhere"


def asking(state: State) -> Consulting | None:
    """Return the wait for headquarters, where the counter is in one."""
    state = state.below if isinstance(state, Refused) else state
    return state if isinstance(state, Consulting) else None


def answers(clerk: Clerk, how: str) -> None:
    """Let headquarters answer what was asked last, so far as anything was."""
    if not clerk.asked:
        return
    asked = clerk.asked[-1]
    match how:
        case "right" | "late" | "twice":
            if how == "late":
                given_up(clerk)
            for wanted in asked.wanted:
                learns(clerk.shop, wanted)
            for _ in range(2 if how == "twice" else 1):
                clerk.does(HqAnswered(asked.id))
        case "nothing":
            clerk.does(HqAnswered(asked.id))
        case "wrong":
            clerk.does(HqAnswered("flow-0"))
            learns(clerk.shop, Wanted(What.MEMBER, card="8800000009982"))
        case _:
            given_up(clerk)
    if how != "wrong":
        clerk.asked = [one for one in clerk.asked if one.id != asked.id]


def given_up(clerk: Clerk) -> None:
    """Let the patience pass: the counter no longer waits for that answer."""
    waited = asking(clerk.counter.state)
    clerk.waits(HQ_PATIENCE_MS)
    now = asking(clerk.counter.state)
    assert waited is None or now is None or now.id != waited.id, "longer than its patience"


def learns(shop: DemoShop, wanted: Wanted) -> None:
    """Put what was wanted into the books, as the messages of an answer do."""
    if wanted.what is What.HOLDING:
        account = {
            Unit.POINT: accounts.points,
            Unit.PRINCIPAL: accounts.principal,
            Unit.BONUS: accounts.bonus,
        }[Unit(wanted.unit)]
        shop.balance[account(wanted.member), Unit(wanted.unit), ELSEWHERE] += wanted.amount
    elif wanted.what is What.MEMBER:
        card = wanted.card or "8800000009975"
        facts = MemberFacts(f"M-{card[-4:]}", card, "registered", "active", START, None)
        shop.members.setdefault(card, Known(facts, MemberShown("李**", card[-4:], "", 0)))
        if wanted.phone:
            shop.phones.setdefault(wanted.phone, card)
