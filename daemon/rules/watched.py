"""What a pack looks at that no other entry says: counts of limits, windows around birthdays. Pure.

Only these stand in a sale: under a pack without limits it carries no counts. A limit counts from
the pack on that has it. Of a birthday an entry says only that a window of the pack held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from daemon.rules.desk_rules import SALES, STAFF
from daemon.rules.earning import times_of
from daemon.rules.measuring import SPEND, looked_at
from daemon.rules.occasions import Asking, compile_birthday, window_name

if TYPE_CHECKING:
    from daemon.rules.models import Pack
    from daemon.rules.models_offers import Promo, SpendReward
    from daemon.rules.models_sale import EarnRule, PriceRule
    from daemon.rules.models_when import When

Near = Callable[[Asking], tuple[str, ...]]


def watched(pack: Pack) -> Iterator[str]:
    """Yield every name that some limit, cap, guard, quota or level of the pack asks for."""
    for price in pack.prices:
        if price.limit is not None and price.limit.per != "receipt":
            yield price.id
    for promo in pack.promos:
        if promo.limit is not None:
            yield promo.id
    for coupon in pack.coupons:
        if coupon.limit is not None:
            yield coupon.id
    for earn in pack.earn:
        if earn.cap is not None:
            yield times_of(earn.id) if earn.cap.unit == "times" else earn.id
    for reward in pack.spend_rewards:
        if reward.limit is not None:
            yield reward.id
        if reward.counts != "receipt":
            yield f"spend:{reward.id}"
    if pack.guard is not None and pack.guard.earning_sales_per_day is not None:
        yield SALES
    if pack.staff_purchase is not None:
        yield STAFF
    if any(one.grades for one in pack.entitlements):
        yield SPEND
    yield from looked_at(pack.levels)


def compile_near(pack: Pack | None) -> Near | None:
    """Return what names the windows of the pack that hold around a birthday; None: it has none."""
    whens = () if pack is None else tuple(_whens(pack))
    windows = {
        window_name(when.birthday): compile_birthday(when.birthday)
        for when in whens
        if when is not None and when.birthday is not None
    }
    if not windows:
        return None

    def near(asking: Asking) -> tuple[str, ...]:
        return tuple(sorted(name for name, holds in windows.items() if holds(asking)))

    return near


def _whens(pack: Pack) -> Iterator[When | None]:
    factors = () if pack.factors is None else pack.factors.rules
    yield from (one.when for one in pack.prices)
    yield from (one.when for one in pack.earn)
    yield from (one.when for one in factors)
    yield from (one.when for one in pack.promos)
    yield from (one.when for one in pack.coupons)
    yield from (one.when for one in pack.offsets)
    yield from (one.when for one in pack.spend_rewards)
    yield from (one.when for one in pack.commissions)


def choices(pack: Pack) -> Iterator[str]:
    """Yield the ids of the rules whose group leaves it to the member."""
    rules: tuple[PriceRule | EarnRule | Promo | SpendReward, ...] = (
        *pack.prices,
        *pack.earn,
        *pack.promos,
        *pack.spend_rewards,
    )
    for rule in rules:
        if rule.group is not None and pack.groups.get(rule.group) == "choice":
            yield rule.id
