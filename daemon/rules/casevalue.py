"""Top-ups, grants, gifts and transfers, evaluated on the books of a case."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec.structs import replace

from daemon.ledger.bodies import Applied, Tender, Welcome
from daemon.ledger.kinds import Unit
from daemon.rules.caseaccount import (
    asking_of,
    did,
    done,
    give_coupon,
    grown,
    held_by,
    risen,
    shared,
)
from daemon.rules.caseanswer import TENDERS, answer, moved, refused
from daemon.rules.casefile_account import GrantEvent, RedeemGiftEvent, TopupEvent, TransferEvent
from daemon.rules.caseholder import Holder
from daemon.rules.caseworld import Answer, CaseTopup, World
from daemon.rules.giving import GiftAsk
from daemon.rules.models_time import Entitlement
from daemon.rules.models_value import ROLES, Role
from daemon.rules.rewards import TOPUPS
from daemon.rules.topups import TopupAsk
from daemon.rules.types import VISITOR, Refusal


def topup(world: World, place: int, event: TopupEvent) -> Answer:
    """Take money for stored value, and give what the ladder and the card type give."""
    at = event.at
    holder, no = held_by(world, event.member, at)
    if holder is None:
        return no
    if event.tender not in [row.code for row in TENDERS if row.code != "voucher"]:
        return refused("not_allowed", f"no top-up is paid by {event.tender}")
    kind = "bearer" if holder.facts.kind == VISITOR else "registered"
    held = holder.held(Unit.PRINCIPAL) + holder.held(Unit.BONUS)
    card = holder.facts.benefits[0] if holder.facts.benefits else ""
    given = world.account.top_up(TopupAsk(event.amount, kind, held, card, at, done(holder, at)))
    if isinstance(given, Refusal):
        return refused(given.code, given.why)
    world.topups[place] = CaseTopup(holder.facts.card, event.amount)
    holder.grant(Unit.PRINCIPAL, given.principal_fen, at, "topup")
    if given.bonus_fen:
        ends, hq = given.bonus_expires, given.hq_bonus_fen
        holder.grant(Unit.BONUS, given.bonus_fen, at, "topup", expires=ends, hq_part=hq)
    earned = given.points if _earns(world, holder, at) else 0
    points = holder.grant(Unit.POINT, earned, at, "topup", hq_part=given.hq_points)
    for use in given.uses:
        did(holder, use.what, at, use.amount)
    if given.benefits:
        holder.facts = replace(holder.facts, benefits=given.benefits)
    holder.growth += given.growth
    coupons = [give_coupon(world, holder, gift, at, "topup") for gift in given.coupons]
    told = answer(
        pay=event.amount,
        points=points,
        tenders=[Tender(event.tender, event.amount, event.amount)],
        stock={},
        trace=given.applied,
    )
    more, brought = risen(world, holder, at, given.growth)
    told["commission"] = shared(world, TOPUPS, event.amount, event.staff, asking_of(holder, at))
    return told | more | {"coupons": [*coupons, *brought], "bonus": given.bonus_fen}


def grant(world: World, event: GrantEvent) -> Answer:
    """Give points for something that is no purchase, or take a penalty."""
    at = event.at
    holder, no = held_by(world, event.member, at, in_term=not world.pack.lapsed.earn)
    if holder is None:
        return no
    given = world.account.grant(event.source, event.fields, done(holder, at))
    if isinstance(given, Refusal):
        return refused(given.code, given.why)
    claim, points = 0, 0
    if given.points >= 0:
        hq = given.hq_points
        points = holder.grant(Unit.POINT, given.points, at, event.source, hq_part=hq)
    else:
        points = -sum(part for _, part in holder.take(Unit.POINT, -given.points, at))
        claim = points - given.points
        holder.owe(Unit.POINT, claim)
    did(holder, given.rule, at, max(0, given.points))
    if given.points:
        did(holder, f"times:{given.rule}", at)
    told = answer(pay=0, points=points, tenders=(), stock={}, trace=given.applied)
    more, brought = grown(world, holder, "grant", at, points=points)
    return told | more | {"coupons": brought, "claim": claim}


def redeem_gift(world: World, event: RedeemGiftEvent) -> Answer:
    """Give a gift for points, or hand an entitlement over."""
    at = event.at
    holder, no = held_by(world, event.member, at, in_term=True)
    if holder is None:
        return no
    right = next((one for one in world.pack.entitlements if one.id == event.rule), None)
    if right is not None:
        return _hand_over(world, holder, right, event)
    there = holder.spendable(Unit.POINT, at)
    ask = GiftAsk(
        event.rule,
        sum(lot.amount for lot in there),
        sum(lot.amount for lot in there if lot.granted.date() < at.date()),
        holder.facts.level,
        at,
        done(holder, at),
    )
    given = world.account.redeem(ask)
    if isinstance(given, Refusal):
        return refused(given.code, given.why)
    short = _short(world, given.items)
    if given.source == "store" and short:
        return refused("out_of_stock", f"no {short} is left")
    holder.take(Unit.POINT, given.points, at)
    did(holder, f"times:{given.rule}", at)
    coupon = given.coupon
    coupons = [] if coupon is None else [give_coupon(world, holder, coupon, at, given.rule)]
    items = [(item.sku, -item.qty) for item in given.items]
    told = answer(
        pay=0,
        points=-given.points,
        tenders=(),
        stock=moved(world, items if given.source == "store" else []),
        trace=given.applied,
    )
    rewards = [
        {"rule": given.rule, "sku": item.sku, "qty": item.qty, "from": given.source}
        for item in given.items
    ]
    return told | {"coupons": coupons, "rewards": rewards}


def transfer(world: World, event: TransferEvent) -> Answer:
    """Move points to another member, as far as the pack allows it."""
    at, section = event.at, world.pack.transfer
    if section is None:
        return refused("not_allowed", "this pack transfers no points")
    holder, no = held_by(world, event.member, at, in_term=True)
    if holder is None:
        return no
    to, no = held_by(world, event.to, at, in_term=True)
    if to is None:
        return no
    if to is holder or VISITOR in (holder.facts.kind, to.facts.kind):
        return refused("not_allowed", "points go from one member to another")
    if not may(event.role, section.by):
        return refused("not_allowed", f"a {event.role} transfers nothing here: ask {section.by}")
    if event.coupon:
        return _pass_on(world, holder, to, event)
    if event.points < section.min_points:
        return refused("not_allowed", f"a transfer has at least {section.min_points} points")
    if section.max_points is not None and event.points > section.max_points:
        return refused("over_cap", f"a transfer has at most {section.max_points} points")
    if section.max_times is not None and section.per is not None:
        times = done(holder, at)("transfer", section.per)
        if times >= section.max_times:
            return refused("over_cap", f"{times} transfers this {section.per}")
    if holder.points(at) < event.points:
        return refused("not_enough_points", f"{holder.points(at)} points are there")
    for lot, part in holder.take(Unit.POINT, event.points, at):
        if section.keep_lot_date:
            to.grant(Unit.POINT, part, lot.granted, "transfer", expires=lot.expires)
        else:
            to.grant(Unit.POINT, part, at, "transfer")
    did(holder, "transfer", at)
    applied = (Applied("transfer", "points", event.points, -event.points),)
    return answer(pay=0, points=-event.points, tenders=(), stock={}, trace=applied)


def _pass_on(world: World, holder: Holder, to: Holder, event: TransferEvent) -> Answer:
    """Give a coupon to another member, where its kind says so; it ends when it would have."""
    rule = next((one for one in world.pack.coupons if one.id == event.coupon), None)
    if rule is None or not rule.transferable:
        return refused("not_allowed", f"coupons of {event.coupon} are the member's own")
    live = [one for one in holder.coupons if one.kind == rule.id]
    live = [one for one in live if one.expires is None or event.at < one.expires]
    if not live:
        return refused("coupon_unknown", f"no coupon of {event.coupon} is there")
    coupon = min(live, key=lambda one: (one.expires is None, one.expires or event.at, one.id))
    holder.coupons.remove(coupon)
    to.coupons.append(coupon)
    applied = (Applied("transfer", "coupon", coupon.value_fen, -coupon.value_fen),)
    return answer(pay=0, points=0, tenders=(), stock={}, trace=applied)


def may(role: Role, needed: Role) -> bool:
    """Tell whether a role may do what a pack leaves to another."""
    return ROLES.index(role) >= ROLES.index(needed)


def _hand_over(world: World, holder: Holder, right: Entitlement, event: RedeemGiftEvent) -> Answer:
    today = event.at.date()
    open_ = [
        one
        for one in holder.rights
        if one.rule == right.id and (one.ends is None or today < one.ends) and one.qty
    ]
    if event.qty < 1 or sum(one.qty for one in open_) < event.qty:
        there = sum(one.qty for one in open_)
        return refused("not_allowed", f"of {right.id} {there} are open, {event.qty} are asked")
    items = () if right.sku is None else (Welcome(right.sku, event.qty),)
    if right.deliver == "store" and _short(world, items):
        return refused("out_of_stock", f"no {right.sku} is left")
    left, before = event.qty, {id(one): one.qty for one in open_}
    for one in sorted(open_, key=lambda one: (one.ends is None, one.ends or today, one.opened)):
        part = min(left, one.qty)
        one.qty -= part
        left -= part
    if right.either is not None:
        _close_others(
            world, holder, right, [one.opened for one in open_ if one.qty < before[id(one)]]
        )
    moves = [(item.sku, -item.qty) for item in items] if right.deliver == "store" else []
    applied = (Applied(right.id, "entitlement", event.qty, event.qty),)
    told = answer(pay=0, points=0, tenders=(), stock=moved(world, moves), trace=applied)
    return told | {"rewards": [{"rule": right.id, "sku": right.sku, "qty": event.qty}]}


def _close_others(world: World, holder: Holder, right: Entitlement, days: Sequence[date]) -> None:
    """Of rights that share `either` and opened on one day the member has taken one."""
    others = [one.id for one in world.pack.entitlements if one.either == right.either]
    for one in holder.rights:
        if one.rule in others and one.rule != right.id and one.opened in days:
            one.qty = 0


def _short(world: World, items: tuple[Welcome, ...]) -> str:
    return next((one.sku for one in items if world.stock.get(one.sku, one.qty) < one.qty), "")


def _earns(world: World, holder: Holder, at: datetime) -> bool:
    ends = holder.facts.term_ends
    return world.pack.lapsed.earn or ends is None or at < ends
