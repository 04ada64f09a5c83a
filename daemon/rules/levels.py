"""Growth and levels: what is reached, when one rises, what a review takes away.

Everything is a function of what was done within the pack's window; nothing depends on the order in
which it is asked. The lowest level stands first in the pack; the highest whose needs hold is
reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.bodies import Applied
from daemon.rules.periods import Span, earlier, later, month_day, span, yearly

if TYPE_CHECKING:
    from daemon.rules.models_account import CouponGift
    from daemon.rules.models_level import GrowthRule, Level, Levels, Metric
    from daemon.rules.models_value import CardType, StoredValue

Measures = Mapping["Metric", int]  # within the window; money is fen
Growing = Callable[[str, int], tuple[int, tuple[Applied, ...]]]  # what was done, its fen


class Change(msgspec.Struct, frozen=True):
    """A level that changes, or is confirmed anew; `since` counts its validity."""

    before: str
    after: str
    since: datetime


class Leveling(msgspec.Struct, frozen=True):
    """The pack's levels, compiled. Without levels everybody is at "" and stays there."""

    ids: tuple[str, ...]  # the lowest first
    reached: Callable[[Measures], str]
    up: bool  # at once
    down: str  # never, to_reached, one_step
    window: Span | None
    validity: Span | None
    grace: Span
    review_on: tuple[int, int] | None  # month, day
    growth: tuple[GrowthRule, ...]
    coupons: Mapping[str, CouponGift]  # that a rise to a level brings
    names: Mapping[str, str]  # as people call them
    chain: bool = False  # decided by what all shops know

    def window_starts(self, at: datetime) -> datetime | None:
        """Return from when on what was done counts; None: ever."""
        return None if self.window is None else earlier(at, self.window)

    def grown(self, on: str, amount_fen: int) -> tuple[int, tuple[Applied, ...]]:
        """Return what an action adds to growth, and by which rules."""
        return grown(self.growth, on, amount_fen)

    def raised(self, current: str, measures: Measures, at: datetime) -> Change | None:
        """Return the rise that what was just done brings at once, or None."""
        if not self.ids or not self.up:
            return None
        reached = self.reached(measures)
        return Change(current, reached, at) if self.rises(current, reached) else None

    def ends(self, since: datetime) -> datetime | None:
        """Return when a level that holds since then is reviewed; None: it holds for good."""
        if self.validity is None and self.review_on is None:
            return None
        over = since if self.validity is None else later(since, self.validity)
        if self.review_on is not None:
            over = _review_day(since, over, *self.review_on)
        return later(over, self.grace)

    def rises(self, before: str, after: str) -> bool:
        """Tell whether one level is above another."""
        return self._rank(after) > self._rank(before)

    def reviewed(self, current: str, due: datetime, measures: Measures) -> Change:
        """Return what the review at the end of a level's validity makes of it."""
        reached = self.reached(measures)
        if self._rank(reached) >= self._rank(current) or self.down == "never":
            kept = max(reached, current, key=self._rank)
            return Change(current, kept, due)
        if self.down == "one_step":
            below = self.ids[self._rank(current) - 1] if self._rank(current) else ""
            reached = max(reached, below, key=self._rank)
        return Change(current, reached, due)

    def falls(self, current: str, due: datetime | None, measures: Measures) -> datetime | None:
        """Return `due` if the review then would take the level away; None: it would not."""
        if due is None:
            return None
        after = self.reviewed(current, due, measures).after
        return due if self.rises(after, current) else None

    def _rank(self, level: str) -> int:
        return self.ids.index(level) if level in self.ids else -1


def _review_day(since: datetime, over: datetime, month: int, day: int) -> datetime:
    """Return the first such day after `since` on which a level's time is over (0:00)."""
    for year in (over.year, over.year + 1):
        moment = datetime.combine(yearly(year, month, day), time(), since.tzinfo)
        if moment > since and moment >= over:
            return moment
    return datetime.combine(yearly(over.year + 2, month, day), time(), since.tzinfo)


def compile_growth(levels: Levels | None, on: str) -> Growing | None:
    """Return what adds to growth when such a thing is done; None: nothing does."""
    rules = () if levels is None else tuple(rule for rule in levels.growth if rule.on == on)
    return (lambda what, amount_fen: grown(rules, what, amount_fen)) if rules else None


def grown(rules: Sequence[GrowthRule], on: str, amount_fen: int) -> tuple[int, tuple[Applied, ...]]:
    """Return what an action adds to growth, and by which rules."""
    applied = []
    for rule in rules:
        steps = 1 if rule.step_fen is None else max(0, amount_fen) // rule.step_fen
        if rule.on == on and steps:
            applied.append(Applied(rule.id, "growth", amount_fen, steps * rule.growth))
    return sum(one.result for one in applied), tuple(applied)


def compile_levels(levels: Levels | None) -> Leveling:
    """Return the pack's levels as functions of what was done."""
    if levels is None:
        return Leveling((), lambda _: "", False, "never", None, None, Span(0, 0), None, (), {}, {})
    listed = tuple(levels.list)
    return Leveling(
        ids=tuple(level.id for level in listed),
        reached=lambda measures: _reached(listed, measures),
        up=levels.up == "immediate",
        down=levels.down,
        window=None if levels.window is None else span(levels.window),
        validity=None if levels.validity is None else span(levels.validity),
        grace=Span(0, 0) if levels.grace is None else span(levels.grace),
        review_on=None if levels.review_on is None else month_day(levels.review_on),
        growth=tuple(levels.growth),
        coupons={level.id: level.coupon for level in listed if level.coupon is not None},
        names={level.id: level.name for level in listed},
        chain=levels.decided_by == "chain",
    )


def _reached(levels: Sequence[Level], measures: Measures) -> str:
    for level in reversed(levels):
        holds = [measures.get(metric, 0) >= least for metric, least in level.needs.items()]
        if all(holds) if level.match == "all" or not holds else any(holds):
            return level.id
    return ""


def terms_of(level: str, stored: StoredValue | None) -> tuple[str, ...]:
    """Return a level and the card types whose terms it inherits, itself first."""
    cards: dict[str, CardType] = {} if stored is None else {one.id: one for one in stored.cards}
    found = [level]
    while (card := cards.get(found[-1])) is not None and card.inherits is not None:
        if card.inherits in found:
            break
        found.append(card.inherits)
    return tuple(found)
