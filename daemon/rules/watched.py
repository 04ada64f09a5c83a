"""Which counts a pack looks at: the names under which a sale says what limits count of it. Pure.

Only these stand in an entry: a sale under a pack without limits carries none. A limit counts from
the pack on that has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from daemon.rules.desk_rules import SALES, STAFF

if TYPE_CHECKING:
    from daemon.rules.models import Pack


def watched(pack: Pack) -> Iterator[str]:
    """Yield every name that some limit, cap, guard or quota of the pack asks for."""
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
            yield earn.id
    for reward in pack.spend_rewards:
        if reward.limit is not None:
            yield reward.id
        if reward.counts != "receipt":
            yield f"spend:{reward.id}"
    if pack.guard is not None and pack.guard.earning_sales_per_day is not None:
        yield SALES
    if pack.staff_purchase is not None:
        yield STAFF
