"""Durations (`P1Y`, `P30D`), calendar periods and yearly days of a pack.

A month's end clamps; 29 February is 28 in common years. Periods and windows are half open.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from daemon.rules.models_time import Every, Window


_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")
_MONTHS = MappingProxyType({"month": 1, "quarter": 3, "half_year": 6, "year": 12})


class Span(msgspec.Struct, frozen=True):
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
    return _moved(moment, by.months) + timedelta(days=by.days)


def earlier(moment: datetime, by: Span) -> datetime:
    """Return the same time of day a span earlier: months first, clamped, then days."""
    return _moved(moment, -by.months) - timedelta(days=by.days)


def starts(every: Every, moment: datetime) -> datetime:
    """Return the first instant of the calendar period that the moment is in."""
    first = first_day(every, moment.date())
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.replace(year=first.year, month=first.month, day=first.day)


def first_day(every: str, day: date) -> date:
    """Return the first day of the calendar period that the day is in."""
    if every == "day":
        return day
    if every == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[every]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def ends(every: Every, moment: datetime) -> datetime:
    """Return the first instant after the calendar period that the moment is in."""
    first = starts(every, moment)
    if every in ("day", "week"):
        return first + timedelta(days=1 if every == "day" else 7)
    return _moved(first, _MONTHS[every])


def yearly(year: int, month: int, day: int) -> date:
    """Return a day of the year; what the month does not have is its last day."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def month_day(text: str) -> tuple[int, int]:
    """Return (month, day) of `03-08`."""
    return int(text[:2]), int(text[3:5])


def each_year(first: date, last: date, month: int, day: int) -> Iterator[date]:
    """Return the yearly days from first to last, both included."""
    for year in range(first.year, last.year + 1):
        found = yearly(year, month, day)
        if first <= found <= last:
            yield found


def is_open(window: Window | None, at: datetime) -> bool:
    """Tell whether a window is open; none always is."""
    if window is None:
        return True
    if window.every is not None:
        assert window.days is not None, "an unchecked window"
        return at < starts(window.every, at) + timedelta(days=window.days)
    assert window.starts is not None and window.ends is not None, "an unchecked window"
    today = (at.month, at.day)
    first, after = month_day(window.starts), month_day(window.ends)
    if first <= after:
        return first <= today < after
    return today >= first or today < after  # over the new year


def _moved(moment: datetime, months: int) -> datetime:
    index = moment.year * 12 + moment.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))
