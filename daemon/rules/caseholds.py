"""Freezing, losing and adjusting, evaluated on the books of a case."""

import dataclasses

from msgspec.structs import replace

from daemon.ledger.bodies import Applied
from daemon.ledger.kinds import Unit
from daemon.rules.caseaccount import give_rewards, grown, held_by
from daemon.rules.caseanswer import TENDERS, answer, keyed, moved, refused
from daemon.rules.casefile_account import (
    AdjustEvent,
    FreezeEvent,
    LostEvent,
    UnfreezeEvent,
)
from daemon.rules.casevalue import may
from daemon.rules.caseworld import Answer, World
from daemon.rules.models_value import Holds
from daemon.rules.types import Refusal


def freeze(world: World, event: FreezeEvent) -> Answer:
    """Hold a card, or some of its points, for one of the pack's reasons."""
    holder, no = held_by(world, event.member, event.at)
    if holder is None:
        return no
    section = world.pack.holds or Holds()
    reasons = section.reasons
    if not may(event.role, section.by):
        return refused("not_allowed", f"a {event.role} holds nothing here: ask {section.by}")
    if event.reason not in reasons:
        return refused("not_allowed", f"{event.reason} is no reason. Use {', '.join(reasons)}.")
    if event.points is None:
        holder.facts = replace(holder.facts, status="frozen")
        for lot in holder.lots:
            lot.frozen, lot.held_since = True, lot.held_since or event.at
        return answer(pay=0, points=0, tenders=(), stock={}, trace=())
    if not 0 < event.points <= holder.points(event.at):
        there = holder.points(event.at)
        return refused("not_enough_points", f"{there} points are there to be held")
    for lot, part in holder.take(Unit.POINT, event.points, event.at):
        held = dataclasses.replace(lot, amount=part, frozen=True)  # noqa: TID251 - no record
        held.held_since = event.at
        holder.lots.append(held)
    return answer(pay=0, points=0, tenders=(), stock={}, trace=())


def unfreeze(world: World, event: UnfreezeEvent) -> Answer:
    """Let everything that was held be spent again."""
    holder = world.holder(event.member)
    if holder is None:
        return refused("not_allowed", f"{event.member} is no member")
    if holder.facts.status not in ("active", "frozen"):
        return refused("not_allowed", f"the card is {holder.facts.status}")
    holder.facts = replace(holder.facts, status="active")
    for lot in holder.lots:
        lot.frozen, lot.held_since = False, None
    return answer(pay=0, points=0, tenders=(), stock={}, trace=())


def lost(world: World, event: LostEvent) -> Answer:
    """Close a lost card; with a new one, replace it: what it held goes along."""
    holder = world.holder(event.member)
    if holder is None or holder.facts.status not in ("active", "lost"):
        return refused("not_allowed", f"{event.member} has no card to lose")
    if not event.card:
        holder.facts = replace(holder.facts, status="lost")
        return answer(pay=0, points=0, tenders=(), stock={}, trace=())
    section = None if world.pack.enrol is None else world.pack.enrol.reissue
    if world.pack.enrol is None or section is None:
        return refused("not_allowed", "headquarters replaces cards")
    if any(one.facts.card == event.card for one in world.holders.values()):
        return refused("card_in_use", f"card {event.card} belongs to a member")
    sku = world.pack.enrol.card_sku
    if world.stock.get(sku, 1) < 1:
        return refused("out_of_stock", f"no {sku} is left")
    money = world.engine.pay(section.fee_fen or 0, keyed(event.tenders, 0), TENDERS)
    if isinstance(money, Refusal):
        return refused(money.code, money.why)
    holder.facts = replace(holder.facts, card=event.card, status="active")
    points, coupons = give_rewards(world, holder, section.rewards, event.at, "reissue")
    stock = moved(world, [(sku, -1)])
    fee = (Applied("reissue", "fee", money.pay_fen, money.pay_fen),)
    told = answer(pay=money.pay_fen, points=points, tenders=money.tenders, stock=stock, trace=fee)
    return told | {"coupons": coupons}


def adjust(world: World, event: AdjustEvent) -> Answer:
    """Correct points or growth by hand; nothing becomes less than nothing."""
    holder, no = held_by(world, event.member, event.at)
    if holder is None:
        return no
    applied = (Applied("adjust", event.unit, event.amount, event.amount),)
    if event.unit == "growth":
        if holder.growth + event.amount < 0:
            return refused("not_allowed", f"growth is {holder.growth}")
        told = answer(pay=0, points=0, tenders=(), stock={}, trace=applied)
        more, coupons = grown(world, holder, "adjust", event.at, growth=event.amount)
        return told | more | {"coupons": coupons}
    if event.amount >= 0:
        points = holder.grant(Unit.POINT, event.amount, event.at, "adjust")
    elif holder.points(event.at) < -event.amount:
        return refused("not_enough_points", f"{holder.points(event.at)} points are there")
    else:
        points = -sum(part for _, part in holder.take(Unit.POINT, -event.amount, event.at))
    return answer(pay=0, points=points, tenders=(), stock={}, trace=applied)
