"""What joining looks at and gives: receipts measured, rewards of the day, who pays for them. Pure.

A purchase is measured by its channel: fen of one receipt, fen of all receipts of a time together,
or pieces; of the goods that the channel names. 满 is inclusive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from daemon.ledger.bodies import Applied, SaleLine, Welcome
from daemon.ledger.messages import Product
from daemon.rules.funding import hq_part
from daemon.rules.occasions import in_dates
from daemon.rules.periods import earlier, later, span
from daemon.rules.price_rules import fits
from daemon.rules.rounding import yuan
from daemon.rules.types import Given, Refusal

if TYPE_CHECKING:
    from daemon.rules.models_account import Channel, Reward

SOURCE_SAVED = "joining"  # of the coupon for what member prices would have saved
WEIGHED = "g"  # the unit of goods by weight: a weighing is one piece


class Receipt(msgspec.Struct, frozen=True):
    """A sale that nobody owned, as far as joining asks. A product None: not listed any more."""

    pay_fen: int
    lines: tuple[tuple[SaleLine, Product | None], ...]
    at: datetime


def what_is_left(receipt: Receipt, back: Mapping[int, int]) -> Receipt:
    """Return a receipt without the pieces (by line number) that came back."""
    lines, gone = [], 0
    for line, product in receipt.lines:
        pieces = back.get(line.n, 0)
        paid = line.paid_fen * pieces // line.qty
        gone += paid
        if pieces < line.qty:
            kept = replace(line, qty=line.qty - pieces, paid_fen=line.paid_fen - paid)
            lines.append((kept, product))
    return Receipt(max(0, receipt.pay_fen - gone), tuple(lines), receipt.at)


Measure = Callable[[Sequence[Receipt], datetime], int | None]  # None: no receipt counts


def compile_measure(channel: Channel) -> Measure:
    """Return what says how much of a channel's need these receipts are."""
    within = None if channel.within is None else span(channel.within)
    fit = None if channel.goods is None else fits(channel.goods)
    pieces = channel.min_qty is not None

    def of_line(line: SaleLine, product: Product | None) -> int:
        listed = product or Product(line.sku, line.name)
        key = (listed.sku, listed.category, listed.brand, listed.department, line.cls)
        if fit is not None and not fit(*key):
            return 0
        if not pieces:
            return line.paid_fen
        return 1 if listed.unit == WEIGHED else line.qty

    def measure(receipts: Sequence[Receipt], at: datetime) -> int | None:
        if within is None:
            counted = receipts[:1]
        else:
            counted = [one for one in receipts if one.at >= earlier(at, within)]
        if not counted:
            return None
        if fit is None and not pieces:
            return sum(one.pay_fen for one in counted)
        return sum(of_line(*line) for one in counted for line in one.lines)

    return measure


def short_of(channel: Channel, counted: int | None, doing: str) -> Refusal | None:
    """Return why what was bought or topped up does not reach the channel's need."""
    need = channel.min_qty or channel.min_total_fen or channel.min_single_fen
    if need is None:
        return None
    thing = "top-up" if channel.kind == "topup" else "sale"
    if counted is None:
        why = f"{doing} by {channel.kind} needs the {thing} that qualifies."
        return Refusal("not_allowed", why, {})
    if counted >= need:
        return None
    if channel.min_qty is not None:
        said = f"{need} pieces let in, these are {counted}."
        return Refusal("purchase_too_small", said, {"x": str(counted), "min": str(need)})
    what = {"topup": "one top-up", "purchase": "one purchase"}[channel.kind]
    what = what if channel.min_total_fen is None else "purchases together"
    said = f"{what} of {yuan(need)} lets in, this one is {yuan(counted)}."
    return Refusal("purchase_too_small", said, {"x": yuan(counted), "min": yuan(need)})


class Rewarded(msgspec.Struct, frozen=True):
    """What rewards give at a time. `hq_points`: of the points, what headquarters pays for."""

    points: int
    hq_points: int
    gifts: tuple[Welcome, ...]
    coupons: tuple[Given, ...]
    applied: tuple[Applied, ...]


def due_rewards(
    rewards: Sequence[Reward], channel: str, at: datetime, *, again: bool = False
) -> tuple[Reward, ...]:
    """Return the rewards of a way in on a day; `again`: without those that are once per person."""
    return tuple(
        one
        for one in rewards
        if (not one.channels or channel in one.channels)
        and (not one.when or any(in_dates(dates, at) for dates in one.when))
        and not (again and one.once_per == "person")
    )


def rewarded(rewards: Sequence[Reward], at: datetime) -> Rewarded:
    """Return what these rewards give together."""
    return Rewarded(
        sum(one.points or 0 for one in rewards),
        sum(hq_part(one, one.points or 0) for one in rewards),
        tuple(Welcome(gift.sku, gift.qty) for one in rewards for gift in one.gifts),
        tuple(_coupon(one, at) for one in rewards if one.coupon is not None),
        tuple(_applied(one) for one in rewards),
    )


def _coupon(reward: Reward, at: datetime) -> Given:
    gift = reward.coupon
    assert gift is not None, "a reward without a coupon"
    ends = None if gift.life is None else later(at, span(gift.life))
    worth = gift.value_fen
    return Given(reward.id, "coupon", worth, gift.kind, ends, hq_part=hq_part(reward, worth))


def _applied(reward: Reward) -> Applied:
    if reward.coupon is not None:
        return Applied(reward.id, "coupon", 0, reward.coupon.value_fen)
    if reward.gifts:
        return Applied(reward.id, "gift", 0, sum(gift.qty for gift in reward.gifts))
    return Applied(reward.id, "points", 0, reward.points or 0)
