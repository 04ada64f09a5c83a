"""Ways into membership and its renewal: what a channel asks, costs and gives.

The blank card is the first welcome item: every new card takes one from stock. Whether the other
items are there, is known by who holds the stock. Once per person is HQ's to see; the pack accepts
that two shops that are offline may both give the join bonus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.bodies import Applied, NewLot, Use, Welcome
from daemon.ledger.kinds import Unit
from daemon.rules.levels import compile_growth
from daemon.rules.measuring import counted, looked_at, of_grant
from daemon.rules.periods import Span, earlier, later, span
from daemon.rules.rounding import yuan
from daemon.rules.types import EnrolmentOffer, Refusal

if TYPE_CHECKING:
    from daemon.rules.models_account import Channel, Enrol, Reward
    from daemon.rules.models_level import Levels

SOURCE_JOIN = "join"

# (channel, what the joining purchase paid, when)
Offering = Callable[[str, int | None, datetime], EnrolmentOffer | Refusal]


def compile_enrolment(enrol: Enrol | None, levels: Levels | None = None) -> Offering:
    """Return the function that says what an enrolment costs and gives, or why it is refused."""
    if enrol is None:
        return lambda _, __, ___: _refused("the active rules let nobody join. Ask headquarters.")
    channels: dict[str, Channel] = {channel.kind: channel for channel in enrol.channels}
    card = Welcome(enrol.card_sku, 1)
    term = None if enrol.term is None else span(enrol.term)
    points = sum(reward.points or 0 for reward in enrol.rewards)
    rewards = applied_rewards(enrol.rewards)
    lots = (NewLot(1, Unit.POINT, SOURCE_JOIN),) if points else ()
    terms = enrol.terms
    growth, grown, uses = _grown(levels, "enrol", points)

    def offer(kind: str, sale_pay_fen: int | None, at: datetime) -> EnrolmentOffer | Refusal:
        channel = channels.get(kind)
        if channel is None:
            return _refused(f"nobody joins by {kind} here. Use {', '.join(channels)}.")
        if channel.min_single_fen is not None:
            if sale_pay_fen is None:
                return _refused("joining by purchase needs the sale that qualifies.")
            if sale_pay_fen < channel.min_single_fen:
                return _too_small(sale_pay_fen, channel.min_single_fen)
        fee = channel.amount_fen or 0
        base = fee if channel.min_single_fen is None else sale_pay_fen or 0
        return EnrolmentOffer(
            channel=kind,
            fee_fen=fee,
            joined=at,
            term_ends=None if term is None else later(at, term),
            points=points,
            growth=growth,
            welcome=(card, *(Welcome(gift.sku, gift.qty) for gift in channel.gifts)),
            applied=(Applied(kind, "fee", base, fee), *rewards, *grown),
            lots=lots,
            terms=terms,
            uses=uses,
        )

    return offer


def _grown(
    levels: Levels | None, on: str, points: int
) -> tuple[int, tuple[Applied, ...], tuple[Use, ...]]:
    """Return what joining or renewing adds to growth, by which rules, and what levels count."""
    grow = compile_growth(levels, on)
    growth, applied = (0, ()) if grow is None else grow(on, 0)
    counts = counted(looked_at(levels), of_grant(points, growth))
    return growth, applied, tuple(Use(what, amount) for what, amount in counts)


def applied_rewards(rewards: Sequence[Reward]) -> tuple[Applied, ...]:
    """Return how a trace names what joining, renewing or a new card gives."""
    return tuple(
        Applied(one.id, "points", 0, one.points or 0)
        if one.coupon is None
        else Applied(one.id, "coupon", 0, one.coupon.value_fen)
        for one in rewards
    )


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


# (channel, what the renewing purchase paid, end of the term, when)
Renewing = Callable[[str, int | None, datetime | None, datetime], Renewal | Refusal]


def compile_renewal(enrol: Enrol | None, levels: Levels | None = None) -> Renewing:
    """Return the function that says what a renewal costs and gives, or why it is refused."""
    if enrol is None or enrol.renew is None or enrol.term is None:
        return lambda _, __, ___, ____: _refused("the active rules renew nothing.")
    section, term = enrol.renew, span(enrol.term)
    early = span(section.before)
    grace = Span(0, 0) if section.grace is None else span(section.grace)
    channels: dict[str, Channel] = {channel.kind: channel for channel in section.channels}
    points = sum(one.points or 0 for one in section.rewards)
    growth, grown, uses = _grown(levels, "renew", points)

    def renew(
        kind: str, sale_pay_fen: int | None, term_ends: datetime | None, at: datetime
    ) -> Renewal | Refusal:
        channel = channels.get(kind)
        if channel is None:
            return _refused(f"nobody renews by {kind} here. Use {', '.join(channels)}.")
        if term_ends is None:
            return _refused("this membership has no end.")
        opens = earlier(term_ends, early)
        if at < opens:
            said = f"renewing opens on {opens.date()}."
            return Refusal("window_closed", said, {"date": opens.date().isoformat()})
        if channel.min_single_fen is not None:
            if sale_pay_fen is None:
                return _refused("renewing by purchase needs the sale that qualifies.")
            if sale_pay_fen < channel.min_single_fen:
                return _too_small(sale_pay_fen, channel.min_single_fen)
        from_old_end = section.counts_from == "old_end" and at < later(term_ends, grace)
        fee = channel.amount_fen or 0
        return Renewal(
            kind,
            fee,
            later(term_ends if from_old_end or at < term_ends else at, term),
            points,
            tuple(Welcome(gift.sku, gift.qty) for gift in channel.gifts),
            tuple(section.rewards),
            (
                Applied(kind, "fee", sale_pay_fen or fee, fee),
                *applied_rewards(section.rewards),
                *grown,
            ),
            growth,
            uses,
        )

    return renew


def _too_small(paid_fen: int, min_fen: int) -> Refusal:
    said = f"one purchase of {yuan(min_fen)} lets in, this one is {yuan(paid_fen)}."
    return Refusal("purchase_too_small", said, {"x": yuan(paid_fen), "min": yuan(min_fen)})


def _refused(why: str) -> Refusal:
    return Refusal("not_allowed", why, {})
