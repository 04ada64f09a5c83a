"""Ways into membership and its renewal: what a channel asks, costs and gives.

The blank card is the first welcome item: every new card takes one from stock. Whether the other
items are there, is known by who holds the stock. Once per person is HQ's to see: what the pack
gives all the same is its recorded risk, the rest is pending until HQ confirms it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.bodies import Applied, NewLot, Use, Welcome
from daemon.ledger.kinds import Unit
from daemon.rules.joining import (
    Measure,
    Rewarded,
    compile_measure,
    due_rewards,
    rewarded,
    short_of,
)
from daemon.rules.levels import compile_growth
from daemon.rules.measuring import counted, looked_at, of_grant
from daemon.rules.periods import Span, earlier, later, span
from daemon.rules.types import EnrolmentOffer, Given, Refusal

if TYPE_CHECKING:
    from daemon.rules.models_account import Channel, Enrol, Reward
    from daemon.rules.models_level import Levels
    from daemon.rules.models_offers import Coupon

SOURCE_JOIN = "join"
WAITING = ("message", "approval")  # activations that come after joining


class Joining(msgspec.Struct, frozen=True):
    """Who would join, and how. `counted`: what the channel measures of purchase or top-up."""

    channel: str
    counted: int | None
    at: datetime
    level: str = ""  # asked for, where levels have fees
    again: bool = False  # a person who had what is once per person


Offering = Callable[[Joining], EnrolmentOffer | Refusal]


def compile_enrolment(enrol: Enrol | None, levels: Levels | None = None) -> Offering:
    """Return the function that says what an enrolment costs and gives, or why it is refused."""
    if enrol is None:
        return lambda _: _refused("the active rules let nobody join. Ask headquarters.")
    channels: dict[str, Channel] = {channel.kind: channel for channel in enrol.channels}
    card = Welcome(enrol.card_sku, 1)
    term = None if enrol.term is None else span(enrol.term)
    section, fees = enrol, level_fees(levels)

    def offer(joining: Joining) -> EnrolmentOffer | Refusal:
        channel, at = channels.get(joining.channel), joining.at
        if channel is None:
            return _refused(f"nobody joins by {joining.channel} here. Use {', '.join(channels)}.")
        short = short_of(channel, joining.counted, "joining")
        if short is not None:
            return short
        fee = _fee(channel, joining.level, fees)
        if isinstance(fee, Refusal):
            return fee
        due = due_rewards(section.rewards, channel.kind, at, again=joining.again)
        given, later_on = rewarded(due, at), rewarded([one for one in due if _waits(one)], at)
        growth, grown, uses = _grown(levels, "enrol", given.points)
        base = fee if joining.counted is None else joining.counted
        return EnrolmentOffer(
            channel=channel.kind,
            fee_fen=fee,
            joined=at,
            term_ends=None if term is None else later(at, term),
            points=given.points - later_on.points,
            growth=growth,
            welcome=(card, *(Welcome(one.sku, one.qty) for one in channel.gifts), *given.gifts),
            applied=(Applied(channel.kind, "fee", base, fee), *given.applied, *grown),
            lots=_lots(given, later_on),
            terms=section.terms,
            uses=uses,
            coupons=given.coupons,
            level=joining.level,
            waits=section.activation if section.activation in WAITING else "",
            once=tuple(one.id for one in due if one.once_per == "person" and not _waits(one)),
            pending=tuple(one.id for one in due if _waits(one)),
        )

    return offer


def _waits(reward: Reward) -> bool:
    """Tell whether a reward waits for headquarters; goods are handed over."""
    return reward.offline == "pending" and not reward.gifts


def _lots(given: Rewarded, later_on: Rewarded) -> tuple[NewLot, ...]:
    """Return the lots of the points: what is there at once, and what waits for headquarters."""
    now = given.points - later_on.points
    own = given.hq_points - later_on.hq_points
    lots = [NewLot(1, Unit.POINT, SOURCE_JOIN, hq_part=own)] if now else []
    if later_on.points:
        number, amount, part = len(lots) + 1, later_on.points, later_on.hq_points
        waiting = NewLot(number, Unit.POINT, SOURCE_JOIN, amount=amount, hq_part=part, pending=True)
        lots.append(waiting)
    return tuple(lots)


class Joins(msgspec.Struct, frozen=True):
    """What a counter must know of joining, before it asks for an offer."""

    offering: Offering
    channels: tuple[str, ...] = ()
    required: tuple[str, ...] = ()  # what a new member must say
    optional: tuple[str, ...] = ()  # what he may say
    measure: Measure | None = None  # of receipts that let in; None: no purchase does
    together: Span | None = None  # of receipts that count together; None: one alone
    fees: Mapping[str, int] = MappingProxyType({})  # of levels that a fee buys
    min_age: int | None = None
    organisation: bool = False
    activation: str = "none"
    earns: bool = False  # the purchase that let in
    saves: str = ""  # the coupon of what member prices would have saved on it
    saves_life: Span | None = None
    on_return: str = "keep"  # keep, take_back, close: when that purchase comes back
    family_cards: int = 0

    @property
    def follows(self) -> bool:
        """Tell whether more is written because of what let somebody in."""
        return self.earns or self.on_return != "keep"


def compile_joins(
    enrol: Enrol | None, levels: Levels | None = None, coupons: Sequence[Coupon] = ()
) -> Joins:
    """Return what the pack says of joining; of no pack: nobody joins."""
    offering = compile_enrolment(enrol, levels)
    if enrol is None:
        return Joins(offering)
    bought = next((one for one in enrol.channels if one.kind == "purchase"), None)
    within = None if bought is None else bought.within
    saves = enrol.joining_purchase_saves
    return Joins(
        offering,
        tuple(one.kind for one in enrol.channels),
        tuple(enrol.required),
        tuple(enrol.optional),
        None if bought is None else compile_measure(bought),
        None if within is None else span(within),
        level_fees(levels),
        enrol.min_age,
        enrol.organisation,
        enrol.activation,
        enrol.joining_purchase_earns,
        enrol.joining_purchase_saves or "",
        next((span(one.life) for one in coupons if one.id == saves and one.life), None),
        enrol.on_joining_return,
        enrol.family_cards,
    )


def level_fees(levels: Levels | None) -> dict[str, int]:
    """Return what levels cost that have a fee of their own."""
    listed = () if levels is None else levels.list
    return {one.id: one.fee_fen for one in listed if one.fee_fen is not None}


def _fee(channel: Channel, level: str, fees: dict[str, int]) -> int | Refusal:
    """Return the fee of a way in; a level that is asked for has to have one."""
    if not level:
        return channel.amount_fen or 0
    if channel.kind != "fee" or level not in fees:
        known = ", ".join(fees) or "none"
        return _refused(f"{level} is no level that a fee buys. Use {known}, with fee.")
    return fees[level]


def _renewal_fee(channel: Channel, level: str, fees: Mapping[str, int]) -> int:
    fee = channel.amount_fen or 0
    return fees.get(level, fee) if channel.kind == "fee" else fee


def _grown(
    levels: Levels | None, on: str, points: int
) -> tuple[int, tuple[Applied, ...], tuple[Use, ...]]:
    """Return what joining or renewing adds to growth, by which rules, and what levels count."""
    grow = compile_growth(levels, on)
    growth, applied = (0, ()) if grow is None else grow(on, 0)
    counts = counted(looked_at(levels), of_grant(points, growth))
    return growth, applied, tuple(Use(what, amount) for what, amount in counts)


class Renewal(msgspec.Struct, frozen=True):
    """What a renewal costs and gives; the term ends at `term_ends` then (half open)."""

    channel: str
    fee_fen: int
    term_ends: datetime
    points: int
    items: tuple[Welcome, ...]
    rewards: tuple[Reward, ...]
    applied: tuple[Applied, ...]
    growth: int = 0
    uses: tuple[Use, ...] = ()  # what levels count of it
    coupons: tuple[Given, ...] = ()
    hq_points: int = 0


class Renewer(msgspec.Struct, frozen=True):
    """Who renews. `by`: the way in that he took when he joined, where it is known."""

    term_ends: datetime | None
    level: str = ""
    joined: datetime | None = None
    by: str = ""


# (channel, what it measures of the renewing purchase, who, when)
Renewing = Callable[[str, int | None, Renewer, datetime], Renewal | Refusal]


def compile_renewal(enrol: Enrol | None, levels: Levels | None = None) -> Renewing:
    """Return the function that says what a renewal costs and gives, or why it is refused."""
    if enrol is None or enrol.renew is None or enrol.term is None:
        return lambda _, __, ___, ____: _refused("the active rules renew nothing.")
    section, term = enrol.renew, span(enrol.term)
    early = span(section.before)
    grace = Span(0, 0) if section.grace is None else span(section.grace)
    channels: dict[str, Channel] = {channel.kind: channel for channel in section.channels}
    waived: dict[str, Span] = {
        one.kind: span(one.fee_waived_for) for one in enrol.channels if one.fee_waived_for
    }
    fees = level_fees(levels)

    def renew(kind: str, measured: int | None, who: Renewer, at: datetime) -> Renewal | Refusal:
        channel, ends = channels.get(kind), who.term_ends
        if channel is None:
            return _refused(f"nobody renews by {kind} here. Use {', '.join(channels)}.")
        if ends is None:
            return _refused("this membership has no end.")
        opens = earlier(ends, early)
        if at < opens:
            said = f"renewing opens on {opens.date()}."
            return Refusal("window_closed", said, {"date": opens.date().isoformat()})
        short = short_of(channel, measured, "renewing")
        if short is not None:
            return short
        from_old_end = section.counts_from == "old_end" and at < later(ends, grace)
        is_free = who.joined is not None and who.by in waived
        is_free = is_free and at < later(who.joined or at, waived[who.by])
        fee = 0 if is_free else _renewal_fee(channel, who.level, fees)
        due = due_rewards(section.rewards, kind, at)
        given = rewarded(due, at)
        growth, grown, uses = _grown(levels, "renew", given.points)
        return Renewal(
            kind,
            fee,
            later(ends if from_old_end or at < ends else at, term),
            given.points,
            (*(Welcome(gift.sku, gift.qty) for gift in channel.gifts), *given.gifts),
            due,
            (Applied(kind, "fee", measured or fee, fee), *given.applied, *grown),
            growth,
            uses,
            given.coupons,
            given.hq_points,
        )

    return renew


def _refused(why: str) -> Refusal:
    return Refusal("not_allowed", why, {})
