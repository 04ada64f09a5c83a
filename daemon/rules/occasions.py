"""When a rule holds, compiled; and which rules of a list are live for a question.

Days and hours are those of the time's own offset: the shop's clock. Hours are half open, days
whole. A day of a month that the month lacks is its last; 29 February is 28 in common years.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import msgspec

from daemon.rules.lunar import lunar_day
from daemon.rules.periods import later, span
from daemon.rules.types import MemberFacts

if TYPE_CHECKING:
    from daemon.rules.models_when import Birthday, Dates, When
    from daemon.rules.vocabulary import Mode


class Asking(msgspec.Struct, frozen=True):
    """Who asks, and when: all that rules may look at beside the goods."""

    at: datetime
    member: MemberFacts | None = None
    member_prices: bool = False
    is_staff: bool = False
    chosen: tuple[str, ...] = ()
    so_far: Mapping[str, int] | None = None  # None: nothing
    holidays: frozenset[str] = frozenset()  # of the pack's calendar, as 2026-03-08

    def did(self, what: str, per: str) -> int:
        """Return how much of something this card had before, in the period of this sale."""
        return 0 if self.so_far is None else self.so_far.get(f"{what}:{per}", 0)


Holds = Callable[[Asking], bool]
Off = Callable[[Asking], frozenset[int]]

_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")

NONE_OFF: frozenset[int] = frozenset()


class Conditional(Protocol):
    """A rule of the pack that may hold at times only, or be chosen."""

    @property
    def id(self) -> str: ...
    @property
    def group(self) -> str | None: ...
    @property
    def when(self) -> When | None: ...


def compile_off(rules: Sequence[Conditional], modes: Mapping[str, Mode]) -> Off | None:
    """Return what says which rules (by place) do not hold; None: all of them always do."""
    whens = [
        (place, compile_when(rule.when))
        for place, rule in enumerate(rules)
        if rule.when is not None and _tests(rule.when)
    ]
    choices = [
        (place, rule.id)
        for place, rule in enumerate(rules)
        if rule.group is not None and modes.get(rule.group) == "choice"
    ]
    if not whens and not choices:
        return None

    def off(asking: Asking) -> frozenset[int]:
        silent = [place for place, holds in whens if not holds(asking)]
        silent += [place for place, rule in choices if rule not in asking.chosen]
        return frozenset(silent)

    return off


def compile_when(when: When | None) -> Holds:
    """Return whether the rule holds for a question."""
    if when is None:
        return lambda _: True
    tests = _tests(when)
    if len(tests) == 1:
        return tests[0]
    return lambda asking: all(test(asking) for test in tests)


def compile_birthday(around: Birthday) -> Holds:
    """Return whether the day is near the member's birthday."""
    return lambda asking: _near_birthday(asking, around)


def _tests(when: When) -> list[Holds]:
    return [*_days(when), *_people(when)]


def _days(when: When) -> list[Holds]:
    tests: list[Holds] = []
    if when.weekdays:
        weekdays = frozenset(when.weekdays)
        tests.append(lambda asking: asking.at.isoweekday() in weekdays)
    if when.month_days:
        month_days = frozenset(when.month_days)
        tests.append(lambda asking: _is_month_day(asking.at, month_days))
    if when.dates:
        ranges = when.dates
        tests.append(lambda asking: any(in_dates(one, asking.at) for one in ranges))
    if when.lunar:
        lunar = frozenset(when.lunar)
        tests.append(lambda asking: lunar_text(asking.at.date()) in lunar)
    if when.holidays:
        tests.append(lambda asking: asking.at.date().isoformat() in asking.holidays)
    if when.hours:
        hours = [(one.starts, one.ends) for one in when.hours]
        tests.append(lambda asking: _within_hours(asking.at, hours))
    return tests


def _people(when: When) -> list[Holds]:
    tests: list[Holds] = []
    if when.levels:
        levels = frozenset(when.levels)
        tests.append(lambda asking: asking.member is not None and asking.member.level in levels)
    if when.tags:
        tags = frozenset(when.tags)
        tests.append(
            lambda asking: asking.member is not None and not tags.isdisjoint(asking.member.tags)
        )
    if when.benefits:
        benefits = frozenset(when.benefits)
        tests.append(
            lambda asking: (
                asking.member is not None and not benefits.isdisjoint(asking.member.benefits)
            )
        )
    if when.birthday is not None:
        around = when.birthday
        tests.append(lambda asking: _near_birthday(asking, around))
    if when.joined_within is not None:
        young = span(when.joined_within)
        tests.append(
            lambda asking: (
                (joined := _joined(asking)) is not None and asking.at < later(joined, young)
            )
        )
    if when.joined_for is not None:
        old = span(when.joined_for)
        tests.append(
            lambda asking: (
                (joined := _joined(asking)) is not None and asking.at >= later(joined, old)
            )
        )
    return tests


def _joined(asking: Asking) -> datetime | None:
    return None if asking.member is None else asking.member.joined


def lunar_text(day: date) -> str | None:
    """Return the lunar month and day as 08-15; None in a leap month or outside of the table."""
    found = lunar_day(day)
    return None if found is None or found.is_leap else f"{found.month:02}-{found.day:02}"


def clamped(year: int, month: int, day: int) -> date:
    """Return a day of a month; one that the month lacks is its last."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _is_month_day(at: datetime, days: frozenset[int]) -> bool:
    if at.day in days:
        return True
    last = monthrange(at.year, at.month)[1]
    return at.day == last and max(days) > last


def in_dates(dates: Dates, at: datetime) -> bool:
    """Tell whether a day is in a range, both ends included."""
    day = at.date().isoformat()
    if len(dates.first) == 10:
        return dates.first <= day <= dates.last
    first, last, today = (_of_year(text, at.year) for text in (dates.first, dates.last, day[5:]))
    return first <= today <= last if first <= last else today >= first or today <= last


def _of_year(month_day: str, year: int) -> date:
    return clamped(year, int(month_day[:2]), int(month_day[3:]))


def _within_hours(at: datetime, hours: Sequence[tuple[str, str]]) -> bool:
    minute = f"{at.hour:02}:{at.minute:02}"
    return any(starts <= minute < ends for starts, ends in hours)


def window_name(around: Birthday) -> str:
    """Return how an entry names a window around a birthday; it does not say the day."""
    return f"{around.days_before}-{around.days_after}"


def _near_birthday(asking: Asking, around: Birthday) -> bool:
    if asking.member is not None and window_name(around) in asking.member.near:
        return True
    born = "" if asking.member is None else asking.member.birthday[-5:]
    if _MONTH_DAY.fullmatch(born) is None:
        return False  # not known, or no date
    today = asking.at.date()
    return any(
        -around.days_before <= (today - _of_year(born, year)) // timedelta(days=1)
        and (today - _of_year(born, year)) // timedelta(days=1) <= around.days_after
        for year in (today.year - 1, today.year, today.year + 1)
        if year >= 1
    )
