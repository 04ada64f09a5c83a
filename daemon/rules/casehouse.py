"""What a case is told around the sale: a member asked for, fields shared, stock, old profiles."""

from datetime import date, datetime

from daemon.ledger.kinds import Unit
from daemon.rules.caseaccount import known
from daemon.rules.caseanswer import refused
from daemon.rules.casefile_account import InquireEvent, ShareEvent
from daemon.rules.caseholder import REWARD, Holder
from daemon.rules.caseworld import Answer, World


def inquire(world: World, event: InquireEvent) -> Answer:
    """Say what a member has, what of it may be spent, and what a display shows of it."""
    holder = world.holder(event.member)
    if holder is None:
        return refused("not_allowed", f"{event.member} is no member")
    at, house = event.at, world.engine.house()
    available = {
        "points": holder.points(at),
        "principal": holder.held(Unit.PRINCIPAL, at),
        "bonus": holder.held(Unit.BONUS, at),
        "reward": holder.held(REWARD, at),
    }
    rights = [
        {"rule": one.rule, "qty": one.qty}
        for one in holder.rights
        if one.qty and (one.ends is None or at.date() < one.ends)
    ]
    level = holder.facts.level or None
    fields = {"points": available["points"], "level": level}
    return {
        "ok": True,
        "available": available,
        "level": level,
        "rights": rights,
        "shown": {name: fields[name] for name in house.swipe if name in fields},
        "worth": house.worth(available["points"]),
        "expiring": [list(one) for one in house.soon(_expiring(world, holder, at), at.date())],
        "profile": "whole" if house.sees_profile(event.role) else "masked",
    }


def share(world: World, event: ShareEvent) -> Answer:
    """Say which fields of a member a party may be told."""
    if world.holder(event.member) is None:
        return refused("not_allowed", f"{event.member} is no member")
    fields = world.engine.house().fields_for(event.party, consent=event.consent)
    if not fields:
        why = f"{event.party} is told nothing" if event.consent else "the member has not said yes"
        return refused("not_allowed", why)
    return {"ok": True, "fields": sorted(fields)}


def house_told(world: World, at: datetime) -> Answer:
    """Return what is to be seen to: stock, counts that are due, profiles kept long enough."""
    house, today = world.engine.house(), at.date()
    alerts = [
        {"sku": sku, "what": what, "qty": world.stock[sku]}
        for sku, product in world.products.items()
        if sku in world.stock and (what := house.stock_told(product, world.stock[sku]))
    ]
    counts = [
        sku
        for sku, product in world.products.items()
        if house.count_due(product.category, _counted(world, sku), today)
    ]
    forget = [
        one.facts.id
        for one in world.holders.values()
        if (seen := _last_seen(world, one, at)) is not None and house.keeps_until(seen) <= today
    ]
    return {"stock_alerts": alerts, "count_due": counts, "forget": forget}


def _counted(world: World, sku: str) -> date | None:
    when = world.counted.get(sku)
    return None if when is None else when.date()


def _last_seen(world: World, holder: Holder, at: datetime) -> date | None:
    who = known(world, holder, at)
    return who.last_purchase or who.joined


def _expiring(world: World, holder: Holder, at: datetime) -> list[tuple[str, int]]:
    joined = holder.facts.joined
    check = None if joined is None else world.account.lapsing.check(joined, at)
    sums: dict[str, int] = {}
    for lot in holder.lots:
        if lot.unit != Unit.POINT or not lot.amount or not lot.available(at):
            continue
        days = [lot.expires.date()] if lot.expires is not None else []
        days += [] if check is None else [check]
        if days:
            day = min(days).isoformat()
            sums[day] = sums.get(day, 0) + lot.amount
    return sorted(sums.items())
