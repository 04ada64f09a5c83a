"""The purchase that let somebody in comes back, on the books of a case."""

from datetime import datetime

from msgspec.structs import replace

from daemon.ledger.kinds import Unit
from daemon.rules.caseholder import Holder
from daemon.rules.caseworld import Answer, Sold, World
from daemon.rules.enrolment import Joining
from daemon.rules.joining import Receipt, due_rewards, what_is_left
from daemon.rules.types import Refusal

SOURCE = "join"


def joining_back(world: World, of: int, at: datetime, told: Answer) -> Answer:
    """Do what the pack says when what is left of a purchase would not have let in."""
    sold, section = world.sold.get(of), world.pack.enrol
    holder = None if sold is None else sold.enrolled
    if not told["ok"] or holder is None or section is None:
        return told
    measure = world.engine.joins.measure
    bought = world.let_in.get(holder.facts.id, [])
    if section.on_joining_return == "keep" or measure is None or not bought:
        return told
    counted = measure([_left(world, one) for one in bought], holder.facts.joined or at)
    offer = world.engine.joined(Joining("purchase", counted, at))
    if not isinstance(offer, Refusal):
        return told
    points, claim = _points_back(world, holder, at)
    del world.let_in[holder.facts.id]
    ids = [one.id for one in section.rewards]
    holder.coupons = [one for one in holder.coupons if one.source not in ids]
    if section.on_joining_return == "close":
        holder.facts = replace(holder.facts, status="closed")
    for key, more in (("points", -points), ("claim", claim)):
        value = told.get(key)
        told[key] = more + (value if isinstance(value, int) else 0)
    return told | {"status": holder.facts.status}


def _points_back(world: World, holder: Holder, at: datetime) -> tuple[int, int]:
    """Take back what joining gave; return (points taken, points owed)."""
    section, joined = world.pack.enrol, holder.facts.joined
    rewards = () if section is None else section.rewards
    given = sum(one.points or 0 for one in due_rewards(rewards, "purchase", joined or at))
    taken = 0
    for lot in holder.lots:
        if lot.unit == Unit.POINT and lot.source == SOURCE:
            part = min(lot.amount, given - taken)
            lot.amount -= part
            taken += part
    taken += sum(part for _, part in holder.take(Unit.POINT, given - taken, at))
    holder.owe(Unit.POINT, given - taken)
    return taken, given - taken


def _left(world: World, sold: Sold) -> Receipt:
    settled = sold.settlement
    lines = tuple((line, world.products.get(line.sku)) for line in settled.lines)
    whole = Receipt(settled.pay_fen, lines, settled.quote.basket.at)
    return what_is_left(whole, sold.back)
