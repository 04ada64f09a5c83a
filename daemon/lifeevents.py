"""A member tells the shop of a wedding, a birth: what the pack opens for it is written down."""

import msgspec

from daemon import rights
from daemon.actfacts import Facts
from daemon.ledger.bodies import Promised
from daemon.ledger.views import Durable
from daemon.rules.engine import Engine


class LifeAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`member`: his id or one of his cards; `event`: of the pack's calendar."""

    member: str
    event: str
    id: str = ""  # as every act has; the day makes it one and the same
    source: str = "api"


class Opened(msgspec.Struct, frozen=True):
    rule: str
    qty: int


class LifeSaid(msgspec.Struct, frozen=True):
    """`opened`: empty too when it was told before today."""

    ok: bool
    opened: list[Opened] = []
    refused: str = ""
    why: str = ""


def happened(facts: Facts, engine: Engine, asked: LifeAsked) -> LifeSaid:
    """Write down what a life event opens; waits until it is durable."""
    calendar = engine.account().calendar
    known = [one.id for one in (() if calendar is None else calendar.life_events)]
    if asked.event not in known:
        names = ", ".join(known) or "none"
        why = f"{asked.event} is no life event of the active rules. Use {names}."
        return LifeSaid(ok=False, refused="not_allowed", why=why)
    member = facts.member(asked.member, asked.member)
    if not member.kind:
        why = f"{asked.member} is no member known here"
        return LifeSaid(ok=False, refused="not_allowed", why=why)
    opened = []
    for draft in rights.told(facts, engine, member.id, asked.event, facts.now()):
        outcome = facts.store.commit(draft)
        if isinstance(outcome, Durable) and isinstance(outcome.entry.body, Promised):
            opened.append(Opened(outcome.entry.body.rule, outcome.entry.body.qty))
    return LifeSaid(ok=True, opened=opened)
