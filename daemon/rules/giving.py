"""Points for no purchase (a click, a task), and things for points (gift tables).

A cap gives what is left under it, so that the sum never exceeds it; nothing is no refusal. Windows
and periods are half open, in the shop's calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.bodies import Applied, Welcome
from daemon.rules.funding import hq_part
from daemon.rules.periods import is_open
from daemon.rules.types import Refusal

if TYPE_CHECKING:
    from daemon.rules.models_account import CouponGift
    from daemon.rules.models_time import Every
    from daemon.rules.models_value import GiftRule, GrantRule

Done = Callable[[str, "Every"], int]  # what, period -> how much of it in the running period


class Grant(msgspec.Struct, frozen=True):
    rule: str
    points: int  # below 0: a penalty, of which only what is there is taken
    applied: tuple[Applied, ...]
    hq_points: int = 0  # of them, what headquarters pays for


class GiftAsk(msgspec.Struct, frozen=True):
    """`points`: spendable now; `settled`: of them, what was not earned today."""

    rule: str
    points: int
    settled: int
    level: str
    at: datetime
    done: Done


class Redemption(msgspec.Struct, frozen=True):
    rule: str
    points: int  # taken
    items: tuple[Welcome, ...]
    coupon: CouponGift | None
    source: str  # store, hq
    applied: tuple[Applied, ...]


class GiftOffer(msgspec.Struct, frozen=True):
    """What so many points buy; how often it may be bought is not asked here."""

    rule: str
    points: int  # that must be there
    items: tuple[Welcome, ...]
    coupon_fen: int


GiftTable = Callable[[str, datetime], tuple[GiftOffer, ...]]  # level, at
Granting = Callable[[str, Sequence[str], Done], Grant | Refusal]  # source, fields of the record
Redeeming = Callable[[GiftAsk], Redemption | Refusal]


def compile_grants(grants: Sequence[GrantRule]) -> Granting:
    """Return the function that says what an action grants. The first rule of a source counts."""
    rules: dict[str, GrantRule] = {}
    for rule in grants:
        rules.setdefault(rule.source, rule)

    def grant(source: str, fields: Sequence[str], done: Done) -> Grant | Refusal:
        rule = rules.get(source)
        if rule is None:
            known = ", ".join(rules) or "nothing"
            return Refusal("not_allowed", f"{source} grants nothing here. Use {known}.", {})
        missing = [field for field in rule.required if field not in fields]
        if missing:
            return Refusal("not_allowed", f"{source} needs {', '.join(missing)}.", {})
        points = rule.points
        if rule.per is not None:
            if rule.max_points is not None and points > 0:
                points = max(0, min(points, rule.max_points - done(rule.id, rule.per)))
            times = done(f"times:{rule.id}", rule.per)
            if rule.max_times is not None and times >= rule.max_times:
                points = 0
        applied = (Applied(rule.id, "points", rule.points, points),)
        return Grant(rule.id, points, applied, hq_part(rule, max(0, points)))

    return grant


def compile_gifts(gifts: Sequence[GiftRule]) -> Redeeming:
    """Return the function that says what points are given for, or why they are not."""
    rules = {rule.id: rule for rule in gifts}

    def redeem(ask: GiftAsk) -> Redemption | Refusal:
        rule = rules.get(ask.rule)
        if rule is None:
            known = ", ".join(rules) or "nothing"
            return Refusal("not_allowed", f"no gift {ask.rule}. Use {known}.", {})
        refused = _refused(rule, ask)
        if refused is not None:
            return refused
        taken = rule.points if rule.deduct else 0
        return Redemption(
            rule.id,
            taken,
            tuple(Welcome(gift.sku, gift.qty) for gift in rule.give),
            rule.coupon,
            rule.source,
            (Applied(rule.id, "gift", rule.points, taken),),
        )

    return redeem


def compile_gift_table(gifts: Sequence[GiftRule]) -> GiftTable:
    """Return the function that lists what points buy at a time, the cheapest first."""
    dear = sorted(gifts, key=lambda rule: (_needed(rule), rule.id))
    offers = tuple(
        (
            rule,
            GiftOffer(
                rule.id,
                _needed(rule),
                tuple(Welcome(gift.sku, gift.qty) for gift in rule.give),
                0 if rule.coupon is None else rule.coupon.value_fen,
            ),
        )
        for rule in dear
    )

    def table(level: str, at: datetime) -> tuple[GiftOffer, ...]:
        return tuple(
            offer
            for rule, offer in offers
            if is_open(rule.window, at) and (not rule.levels or level in rule.levels)
        )

    return table


def _needed(rule: GiftRule) -> int:
    return max(rule.points, rule.min_balance or 0)


def _refused(rule: GiftRule, ask: GiftAsk) -> Refusal | None:
    if not is_open(rule.window, ask.at):
        return Refusal("window_closed", f"{rule.id} is not given at this time.", {})
    if rule.levels and ask.level not in rule.levels:
        said = f"{rule.id} is for {', '.join(rule.levels)}."
        return Refusal("not_allowed", said, {"level": ask.level})
    if rule.max_times is not None and rule.per is not None:
        times = ask.done(f"times:{rule.id}", rule.per)
        if times >= rule.max_times:
            said = f"{rule.id} was given {times} times this {rule.per}."
            return Refusal("over_cap", said, {"max": str(rule.max_times)})
    there = ask.settled if rule.timing == "next_sale" else ask.points
    needed = _needed(rule)
    if there < needed:
        said = f"{rule.id} takes {needed} points, {there} are there."
        return Refusal("not_enough_points", said, {"x": str(there), "min": str(needed)})
    return None
