"""Case files evaluated: the engine from outside, with books just large enough for an example.

Nothing of the real ledger is used: what a case shows is the rules alone. Stock counts may go
negative, as at the counter; only a blank card that is not there refuses an enrolment.
"""

from datetime import datetime

from daemon.rules.account_cases import account_event, after_sale
from daemon.rules.casefile import Event, read_case
from daemon.rules.casefile_sale import (
    ClaimEvent,
    ExchangeEvent,
    ListedEvent,
    ReturnEvent,
    SaleEvent,
    VoidEvent,
)
from daemon.rules.casejoinback import joining_back
from daemon.rules.caseworld import Answer, World, shown, world_of
from daemon.rules.late_cases import claim, listed
from daemon.rules.models import Pack
from daemon.rules.return_cases import exchange, take_back, void
from daemon.rules.sale_cases import sale


def evaluate_case(text: str, pack: Pack) -> Answer:
    """Return what the events of a case do under the pack. Raises CaseError."""
    case = read_case(text)
    world = world_of(case, pack)
    _remember(world, world.began)
    answers = []
    for place, event in enumerate(case.events):
        answers.append(_run(world, place, event))
        _remember(world, event.at)
    return {
        "events": answers,
        "members": {name: shown(holder) for name, holder in world.holders.items()},
        "stock": dict(world.stock),
    }


def _remember(world: World, at: datetime) -> None:
    """Keep how every member stands now: a late swipe asks for it."""
    for holder in world.holders.values():
        if not holder.were or holder.were[-1][1] is not holder.facts:
            holder.were.append((at, holder.facts))


def _run(world: World, place: int, event: Event) -> Answer:
    if isinstance(event, SaleEvent):
        return after_sale(world, event, sale(world, place, event))
    if isinstance(event, ReturnEvent):
        return joining_back(world, event.of, event.at, take_back(world, event))
    if isinstance(event, VoidEvent):
        return joining_back(world, event.of, event.at, void(world, event))
    if isinstance(event, ExchangeEvent):
        return exchange(world, place, event)
    if isinstance(event, ClaimEvent):
        return claim(world, event)
    if isinstance(event, ListedEvent):
        return listed(world, place, event)
    return account_event(world, place, event)
