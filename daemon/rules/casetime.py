"""What time does to the members of a case: a tick, and the check that somebody confirms."""

from datetime import datetime, timedelta

from daemon.ledger.kinds import Unit
from daemon.rules.caseaccount import (
    Voucher,
    changed,
    give_coupon,
    held_by,
    known,
    measures_of,
)
from daemon.rules.caseanswer import answer, refused
from daemon.rules.casefile_account import LifeEventEvent
from daemon.rules.caseholder import REWARD, Holder, Right
from daemon.rules.casehouse import house_told
from daemon.rules.caseworld import Answer, World, iso
from daemon.rules.expiry import check_day, of_age
from daemon.rules.periods import earlier, later, span
from daemon.rules.timed import Told, due, openings

REVIEWS_MAX = 200  # of one member in one tick; a level that holds for a day is none


def tick(world: World, at: datetime) -> Answer:
    """Run what is due up to the time: lapses, pay-outs, reviews, entitlements, due lists."""
    told = answer(pay=0, points=0, tenders=(), stock={}, trace=())
    gone, coupons, rewards, moves = 0, [], [], []
    first = min(world.ticked or at, at).date()
    for holder in list(world.holders.values()):
        gone += _lapse(holder, at) + _void(world, holder, at)
        coupons += _pay_out(world, holder, at)
        moved, given = _review(world, holder, at)
        moves += moved
        coupons += given
        rewards += _open(world, holder, at)
    members = [known(world, one, at) for one in world.holders.values()]
    after = first if world.ticked is None else first + timedelta(days=1)
    listed = list(
        due(
            world.pack.reminders,
            members,
            after,
            at.date(),
            world.pack.calendar,
            told=Told(world.told),
        )
    )
    world.told += [(one.rule, one.member, one.on) for one in listed]
    told["due"] = [
        {
            "rule": one.rule,
            "member": one.member,
            "on": one.on.isoformat(),
            "day": one.day.isoformat(),
            "why": one.occasion,
            "to": list(one.to),
            **({"task": True} if one.task else {}),
        }
        for one in listed
    ]
    world.ticked = max(world.ticked or at, at)
    told |= {"points": -gone, "coupons": coupons, "rewards": rewards, "levels": moves}
    return told | house_told(world, at)


def _lapse(holder: Holder, at: datetime) -> int:
    """Take what has lapsed by its own date; return the points of it."""
    over = [lot for lot in holder.lots if lot.expires is not None and at >= lot.expires]
    holder.lots = [lot for lot in holder.lots if lot.expires is None or at < lot.expires]
    holder.coupons = [one for one in holder.coupons if one.expires is None or at < one.expires]
    for right in holder.rights:
        if right.ends is not None and at.date() >= right.ends:
            right.qty = 0
    return sum(lot.amount for lot in over if lot.unit == Unit.POINT)


def _void(world: World, holder: Holder, at: datetime) -> int:
    """Take points that were held for so long as the pack says; return how many."""
    after = None if world.pack.holds is None else world.pack.holds.void_after
    if after is None:
        return 0
    over = [
        lot
        for lot in holder.lots
        if lot.unit == Unit.POINT
        and lot.held_since is not None
        and at >= later(lot.held_since, span(after))
    ]
    holder.lots = [lot for lot in holder.lots if lot not in over]
    return sum(lot.amount for lot in over)


def _pay_out(world: World, holder: Holder, at: datetime) -> list[Answer]:
    """Turn the money rewards of each period that has ended into one voucher."""
    pays = world.account.pay_out
    if pays is None:
        return []
    mine = [lot for lot in holder.lots if lot.unit == REWARD and lot.amount and not lot.frozen]
    paid = pays.of(((lot.granted, lot.amount) for lot in mine), at)
    for lot in mine:
        if pays.due(lot.granted) <= at:
            lot.amount = 0
    life = world.pack.expiry.voucher_life
    return [
        give_coupon(world, holder, Voucher(one.kind, one.value_fen, life), one.due, "payout")
        for one in paid
    ]


def _review(world: World, holder: Holder, at: datetime) -> tuple[list[Answer], list[Answer]]:
    """Review the level as often as it was due; return its changes and the coupons they bring."""
    moves: list[Answer] = []
    coupons: list[Answer] = []
    levels = world.account.levels
    since = holder.level_since or holder.facts.joined
    for _ in range(REVIEWS_MAX):
        due_at = None if since is None or not levels.ids else levels.ends(since)
        if since is None or due_at is None or due_at > at or due_at <= since:
            break
        change = levels.reviewed(holder.facts.level, due_at, measures_of(world, holder, due_at))
        if change.before != change.after:
            move = {"member": holder.facts.id, "before": change.before, "after": change.after}
            moves.append({**move, "at": iso(due_at)})
        coupons += changed(world, holder, change)
        since = change.since
    return moves, coupons


def _open(world: World, holder: Holder, at: datetime) -> list[Answer]:
    """Open the entitlements that came since the first event; each day's only once."""
    opened: list[Answer] = []
    who = known(world, holder, at)
    first = world.began.date() if world.began <= at else at.date()
    for rule in world.pack.entitlements:
        for one in openings(rule, who, first, at.date(), world.pack.calendar):
            if any(r.rule == rule.id and r.opened == one.day for r in holder.rights):
                continue
            left = 0 if one.ends is not None and at.date() >= one.ends else one.qty
            holder.rights.append(Right(rule.id, left, one.day, one.ends))
            opened.append(
                {
                    "rule": rule.id,
                    "member": who.id,
                    "qty": one.qty,
                    "on": one.day.isoformat(),
                    "ends": None if one.ends is None else one.ends.isoformat(),
                }
            )
    return opened


def life_event(world: World, event: LifeEventEvent) -> Answer:
    """Open what a life event of a member brings; the same event of a day opens it once."""
    holder, no = held_by(world, event.member, event.at, in_term=True)
    if holder is None:
        return no
    calendar = world.pack.calendar
    known_events = [] if calendar is None else [one.id for one in calendar.life_events]
    if event.event not in known_events:
        names = ", ".join(known_events) or "none"
        return refused("not_allowed", f"{event.event} is no life event here. Use {names}.")
    holder.life.append((event.at.date(), event.event))
    told = answer(pay=0, points=0, tenders=(), stock={}, trace=())
    return told | {"rewards": _open(world, holder, event.at)}


def december(world: World, at: datetime) -> Answer:
    """Confirm the check of cards by their age, or a sweep that waits for somebody."""
    expiry = world.pack.expiry
    if expiry.kind not in ("card_age_check", "sweep") or expiry.confirm != "manual":
        return refused("not_allowed", "this pack has no check that somebody confirms")
    day = check_day(expiry, at.year)
    if at.date() < day:
        return refused("window_closed", f"the check is on {day}")
    min_age = None if expiry.min_age is None else span(expiry.min_age)
    gone = 0
    for holder in world.holders.values():
        joined = holder.facts.joined
        if joined is None or (min_age is not None and of_age(joined, min_age) > day):
            continue
        if expiry.who == "level" and holder.facts.level not in expiry.levels:
            continue
        if expiry.dormant_for is not None:
            bought = known(world, holder, at).last_purchase
            if bought is not None and bought >= earlier(at, span(expiry.dormant_for)).date():
                continue
        over = [lot for lot in holder.lots if lot.unit == Unit.POINT and lot.granted.date() <= day]
        gone += sum(lot.amount for lot in over)
        holder.lots = [lot for lot in holder.lots if lot not in over]
    return answer(pay=0, points=-gone, tenders=(), stock={}, trace=())
