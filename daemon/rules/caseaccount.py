"""What the account events of a case share: limits, coupons, growth and levels on its books."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

import msgspec
from msgspec.structs import replace

from daemon.ledger.kinds import Unit
from daemon.rules.caseanswer import refused
from daemon.rules.caseholder import Did, Holder
from daemon.rules.caseworld import Answer, World, iso
from daemon.rules.funding import hq_part
from daemon.rules.levels import Change
from daemon.rules.measuring import SPEND, counted, looked_at, measures, of_grant
from daemon.rules.models_account import CouponGift, Reward
from daemon.rules.models_level import Metric
from daemon.rules.models_time import Every
from daemon.rules.occasions import Asking
from daemon.rules.periods import ends, later, span, starts
from daemon.rules.timed import Known, birthday_of
from daemon.rules.types import HeldCoupon

BLOCKED = (("lost", "card_lost"), ("frozen", "frozen"), ("closed", "not_allowed"))
BOUGHT = "@bought"  # a sale, among what limits count: gates of reminders ask for it


def held_by(
    world: World, name: str, at: datetime, *, in_term: bool = False
) -> tuple[Holder | None, Answer]:
    """Return the member, or nobody and why he may not do this."""
    holder = world.holder(name)
    if holder is None:
        return None, refused("not_allowed", f"{name} is no member")
    for status, code in BLOCKED:
        if holder.facts.status == status:
            return None, refused(code, f"the card of {name} is {status}")
    term_ends = holder.facts.term_ends
    if in_term and term_ends is not None and at >= term_ends:
        return None, refused("term_ended", f"the membership of {name} ended on {term_ends.date()}")
    return holder, {}


def done(holder: Holder, at: datetime) -> Callable[[str, Every], int]:
    """Return how much of something was done in the calendar period that the time is in."""

    def so_far(what: str, every: Every) -> int:
        first, after = starts(every, at).date(), ends(every, at).date()
        return sum(one.amount for one in holder.did if one.what == what and first <= one.on < after)

    return so_far


def did(holder: Holder, what: str, at: datetime, amount: int = 1) -> None:
    """Book something that limits count."""
    if amount:
        holder.did.append(Did(what, at.date(), amount))


class Voucher(msgspec.Struct, frozen=True):
    """A coupon that a sum becomes; no rule of the pack bounds how much that is."""

    kind: str
    value_fen: int
    life: str | None


def give_coupon(
    world: World, holder: Holder, gift: CouponGift | Voucher, at: datetime, source: str
) -> Answer:
    """Put a coupon into the member's hand; return it as answers show it."""
    world.coupons_given += 1
    expires = None if gift.life is None else later(at, span(gift.life))
    coupon = HeldCoupon(
        f"{source}:{world.coupons_given}", gift.kind, gift.value_fen, at, expires, source
    )
    holder.coupons.append(coupon)
    return {
        "id": coupon.id,
        "kind": coupon.kind,
        "value": coupon.value_fen,
        "member": holder.facts.id,
        "expires": iso(expires),
    }


def give_rewards(
    world: World, holder: Holder, rewards: Sequence[Reward], at: datetime, source: str
) -> tuple[int, list[Answer]]:
    """Give points and coupons; return the points gained, and the coupons."""
    points, coupons = 0, []
    for reward in rewards:
        if reward.points is not None:
            part = hq_part(reward, reward.points)
            points += holder.grant(Unit.POINT, reward.points, at, source, hq_part=part)
            if reward.offline == "pending":
                holder.freeze_last()
        elif reward.coupon is not None:
            coupons.append(give_coupon(world, holder, reward.coupon, at, reward.id))
    return points, coupons


def asking_of(holder: Holder, at: datetime) -> Asking:
    """Return who asks, for rules of what is no sale."""
    return Asking(at, holder.facts)


def shared(world: World, base: str, fen: int, staff: str, asking: Asking) -> list[Answer]:
    """Return whose commission of a fee or a top-up is what, as answers show it."""
    return [
        {"rule": one.rule, "payee": one.payee, "base": one.base_fen, "amount": one.amount_fen}
        for one in world.account.brought(base, fen, staff, asking)
    ]


def grown(
    world: World,
    holder: Holder,
    on: str,
    at: datetime,
    *,
    amount_fen: int = 0,
    points: int = 0,
    growth: int = 0,
) -> tuple[Answer, list[Answer]]:
    """Book what growth and levels measure of no sale or top-up; return as risen() does."""
    growth += world.account.levels.grown(on, amount_fen)[0]
    holder.growth += growth
    for what, amount in counted(looked_at(world.pack.levels), of_grant(points, growth)):
        did(holder, what, at, amount)
    return risen(world, holder, at, growth)


def risen(world: World, holder: Holder, at: datetime, growth: int) -> tuple[Answer, list[Answer]]:
    """Let the level rise, if it does; return what an answer says, and coupons of a rise."""
    change = world.account.levels.raised(holder.facts.level, measures_of(world, holder, at), at)
    coupons = [] if change is None else changed(world, holder, change)
    return {"growth": growth, "level": holder.facts.level or None}, coupons


def changed(world: World, holder: Holder, change: Change) -> list[Answer]:
    """Give the member another level; return the coupons that a higher one brings."""
    before = holder.facts.level
    holder.facts = replace(holder.facts, level=change.after)
    holder.level_since = change.since
    given = world.account.levels.coupons.get(change.after)
    if not world.account.levels.rises(before, change.after):
        return []
    holder.risen = change.since
    if given is None:
        return []
    return [give_coupon(world, holder, given, change.since, change.after)]


def measures_of(world: World, holder: Holder, at: datetime) -> dict[Metric, int]:
    """Return what levels measure, within the pack's window."""
    first = world.account.levels.window_starts(at)
    return measures(
        ((one.on.isoformat(), one.what, one.amount) for one in holder.did),
        since="" if first is None else first.date().isoformat(),
        until=at.date().isoformat(),
        growth=holder.growth if first is None else None,
        points=holder.points(at),
    )


def known(world: World, holder: Holder, at: datetime) -> Known:
    """Return what time asks of the member."""
    facts = holder.facts
    bought = [one.on for one in holder.did if one.what == BOUGHT]
    joined = None if facts.joined is None else facts.joined.date()
    lapses = None if facts.joined is None else world.account.lapsing.check(facts.joined, at)
    own = [lot.expires.date() for lot in holder.lots if lot.expires and lot.unit == Unit.POINT]
    return Known(
        facts.id,
        joined,
        birthday_of(facts.birthday),
        None if facts.term_ends is None else facts.term_ends.date(),
        min([*own, *([] if lapses is None else [lapses])], default=None),
        holder.points(at),
        facts.level,
        max(bought, default=None),
        len(bought),
        bool(facts.birthday),
        None if holder.risen is None else holder.risen.date(),
        _demoted(world, holder),
        holder.phone == "in_service",
        holder.consent,
        tuple((one.on, one.amount) for one in holder.did if one.what == SPEND),
        tuple(holder.life),
    )


def _demoted(world: World, holder: Holder) -> date | None:
    """Return the day of the review that would take the member's level, by what counts now."""
    levels, since = world.account.levels, holder.level_since or holder.facts.joined
    due = None if since is None or not levels.ids else levels.ends(since)
    if due is None:
        return None
    falls = levels.falls(holder.facts.level, due, measures_of(world, holder, due))
    return None if falls is None else falls.date()
