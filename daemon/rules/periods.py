"""Durations of a pack (`P1Y`, `P30D`): a month's end clamps, 29 February is 28 in common years."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


@dataclass(frozen=True, slots=True)
class Span:
    months: int
    days: int


def span(period: str) -> Span:
    """Return what an ISO 8601 duration of the pack means; the model has checked its shape."""
    match = _PERIOD.fullmatch(period)
    assert match is not None, f"unchecked duration {period!r}"
    years, months, days = (int(part or 0) for part in match.groups())
    return Span(12 * years + months, days)


def later(moment: datetime, by: Span) -> datetime:
    """Return the same time of day a span later: months first, clamped, then days."""
    index = moment.year * 12 + moment.month - 1 + by.months
    year, month = index // 12, index % 12 + 1
    day = min(moment.day, monthrange(year, month)[1])
    return moment.replace(year=year, month=month, day=day) + timedelta(days=by.days)
