"""What a pack says around the sale, compiled: receipt, display, privacy, stock. Pure.

It decides no price and no point: what paper and screens show, to whom fields may go, until when a
profile is kept, what the stock is watched for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from daemon.rules.periods import later, span, starts

if TYPE_CHECKING:
    from daemon.ledger.messages import Product
    from daemon.rules.models import Pack
    from daemon.rules.models_offers import Offset
    from daemon.rules.models_time import Every

DAY_HOURS = 24
RETENTION = "P5Y"  # of a pack that says nothing
PROFILE_ROLES = ("manager", "hq")
SWIPE = ("masked_name", "points")  # of no pack at all


class House(msgspec.Struct, frozen=True):
    """`receipt` and `swipe`: lines and fields that are shown, in this order."""

    receipt: tuple[str, ...]
    swipe: tuple[str, ...]
    idle_after_s: int
    opens_hour: int
    closes_hour: int
    mask: str
    worth: Callable[[int], int | None]  # points -> what they are worth in fen, where it is told
    expiring_days: int
    shares: Mapping[str, frozenset[str]]  # party -> fields
    retention: Callable[[date], date]
    profile_roles: frozenset[str]
    stock_low: bool
    stock_high: bool
    count_every: Every | None
    count: frozenset[str]  # categories; none: all

    def tells(self, field: str) -> bool:
        """Tell whether a field of a member stands on screens, poles and inquiry slips."""
        return field in self.swipe

    def fields_for(self, party: str, *, consent: bool) -> frozenset[str]:
        """Return what a party may be told of a member: nothing without his yes."""
        return self.shares.get(party, frozenset()) if consent else frozenset()

    def sees_profile(self, role: str) -> bool:
        """Tell whether somebody of this role sees a whole profile; else it is masked."""
        return role in self.profile_roles

    def keeps_until(self, last_seen: date) -> date:
        """Return the first day on which a profile is kept no more."""
        return self.retention(last_seen)

    def plays(self, at: datetime) -> bool:
        """Tell whether the advertisements run at this hour (half open)."""
        return self.opens_hour <= at.hour < self.closes_hour

    def soon(self, expiring: Iterable[tuple[str, int]], today: date) -> tuple[tuple[str, int], ...]:
        """Return of what lapses (date, points) what is near enough to be told."""
        last = (today + timedelta(days=self.expiring_days)).isoformat()
        return tuple((day, points) for day, points in expiring if day <= last)

    def stock_told(self, product: Product, qty: int) -> str:
        """Return low, high, or nothing: what is to be said of so much of a product."""
        least, most = product.stock_min, product.stock_max
        if self.stock_low and least is not None and qty < least:
            return "low"
        return "high" if self.stock_high and most is not None and qty > most else ""

    def count_due(self, category: str, counted: date | None, today: date) -> bool:
        """Tell whether goods of a category are to be counted: not yet in the running period."""
        if self.count_every is None or (self.count and category not in self.count):
            return False
        begins = starts(self.count_every, datetime.combine(today, time())).date()
        return counted is None or counted < begins


def compile_house(pack: Pack | None) -> House:
    """Return what the pack says around the sale; of no pack: little shown, nothing shared."""
    shown = None if pack is None else pack.shown
    display = None if pack is None else pack.display
    privacy = None if pack is None else pack.privacy
    stock = None if pack is None else pack.stock
    retention = span(RETENTION if privacy is None else privacy.retention)
    told = display is not None and display.expected_value
    return House(
        receipt=() if shown is None else tuple(shown.receipt),
        swipe=SWIPE if shown is None else tuple(shown.on_swipe),
        idle_after_s=30 if display is None else display.idle_after_s,
        opens_hour=0 if display is None else display.opens_hour,
        closes_hour=DAY_HOURS if display is None else display.closes_hour,
        mask="surname" if display is None else display.mask,
        worth=_worth(pack.offsets if pack is not None and told else ()),
        expiring_days=366 if display is None else display.expiring_days,
        shares={
            one.party: frozenset(one.fields) for one in (() if privacy is None else privacy.share)
        },
        retention=lambda seen: later(datetime.combine(seen, time()), retention).date(),
        profile_roles=frozenset(PROFILE_ROLES if privacy is None else privacy.profile_roles),
        stock_low=stock is None or stock.low,
        stock_high=stock is None or stock.high,
        count_every=None if stock is None else stock.count_every,
        count=frozenset() if stock is None else frozenset(stock.count),
    )


def _worth(offsets: Sequence[Offset]) -> Callable[[int], int | None]:
    """Return what points are worth as money: whole blocks of the offer that gives most."""

    def worth(points: int) -> int | None:
        sums = [max(0, points) // one.block * one.value_fen for one in offsets]
        return max(sums, default=None)

    return worth
