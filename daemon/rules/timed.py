"""Days that come: birthdays, festivals, term ends, reviews, lapses; and what is due on them.

One evaluator: `days` says when an occasion falls between two dates, whatever asks (a reminder some
days ahead, an entitlement that opens). Due lists say who, why and when; sending is another matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from daemon.rules.lunar import solar_day
from daemon.rules.periods import each_year, earlier, ends, later, month_day, span, starts

if TYPE_CHECKING:
    from daemon.rules.models_time import Calendar, Entitlement, Every, Festival, Gate, Reminder


class Known(msgspec.Struct, frozen=True):
    """What time asks of a member. Dates are the shop's."""

    id: str
    joined: date | None = None
    birthday: date | None = None
    term_ends: date | None = None
    lapses: date | None = None
    points: int = 0
    level: str = ""
    last_purchase: date | None = None
    purchases: int = 0
    profile_complete: bool = False
    leveled: date | None = None  # when the level was reached


class Occasion(msgspec.Struct, frozen=True):
    """A day and its name; `name` is a festival's id, else what kind of day it is."""

    day: date
    name: str


class Due(msgspec.Struct, frozen=True):
    """Somebody to be told: on `on`, because of `occasion` on `day`."""

    rule: str
    member: str
    on: date
    day: date
    occasion: str
    to: tuple[str, ...]
    channel: str
    text: str


def days(
    on: str,
    known: Known,
    first: date,
    last: date,
    *,
    calendar: Calendar | None = None,
    every: Every | None = None,
) -> Iterator[Occasion]:
    """Return the occasions of a kind from first to last, both included, in their order."""
    if on == "festival":
        yield from festivals(calendar, first, last) if calendar is not None else ()
    elif on == "period" and every is not None:
        yield from _periods(every, first, last)
    elif on in ("birthday", "anniversary"):
        born = known.birthday if on == "birthday" else known.joined
        if born is not None:
            for day in each_year(max(first, born + timedelta(days=1)), last, born.month, born.day):
                yield Occasion(day, on)
    else:
        once = {
            "term_end": known.term_ends,
            "lapse": known.lapses,
            "enrol": known.joined,
            "level": known.leveled,
        }.get(on)
        if once is not None and first <= once <= last:
            yield Occasion(once, on)


def festivals(calendar: Calendar, first: date, last: date) -> list[Occasion]:
    """Return the festivals from first to last, both included, by day and then by id."""
    found = [
        Occasion(day, festival.id)
        for festival in calendar.festivals
        for day in _festival_days(festival, first, last)
    ]
    return sorted(found, key=lambda one: (one.day, one.name))


def _festival_days(festival: Festival, first: date, last: date) -> Iterator[date]:
    if festival.date is not None:
        yield from each_year(first, last, *month_day(festival.date))
        return
    assert festival.lunar is not None, "an unchecked festival"
    for year in range(first.year - 1, last.year + 1):  # a lunar year ends in the next February
        day = solar_day(year, *month_day(festival.lunar))
        if day is not None and first <= day <= last:
            yield day


def _periods(every: Every, first: date, last: date) -> Iterator[Occasion]:
    moment = starts(every, datetime.combine(first, time()))
    if moment.date() < first:
        moment = ends(every, moment)
    while moment.date() <= last:
        yield Occasion(moment.date(), every)
        moment = ends(every, moment)


def due(
    reminders: Sequence[Reminder],
    members: Iterable[Known],
    first: date,
    last: date,
    calendar: Calendar | None = None,
) -> Iterator[Due]:
    """Return who is to be told from first to last, both included; per day at most list_max.

    The order is that of the members; one day's list of a reminder ends at its list_max.
    """
    told: dict[tuple[str, date], int] = {}
    for known in members:
        for reminder in reminders:
            ahead = timedelta(days=reminder.days_before)
            for occasion in days(
                reminder.on,
                known,
                first + ahead,
                last + ahead,
                calendar=calendar,
                every=reminder.every,
            ):
                on = occasion.day - ahead
                count = told.get((reminder.id, on), 0)
                if count >= reminder.list_max or not passes(reminder.gate, known, on):
                    continue
                told[reminder.id, on] = count + 1
                yield Due(
                    reminder.id,
                    known.id,
                    on,
                    occasion.day,
                    occasion.name,
                    tuple(reminder.to),
                    reminder.channel,
                    reminder.text,
                )


def passes(gate: Gate | None, known: Known, on: date) -> bool:
    """Tell whether all that a gate asks holds on a day; `within` is inclusive."""
    if gate is None:
        return True
    bought = known.last_purchase
    within = gate.purchase_within
    if within is not None and (bought is None or bought < _before(on, within)):
        return False
    without = gate.no_purchase_within
    if without is not None and bought is not None and bought >= _before(on, without):
        return False
    return (
        (known.profile_complete or not gate.profile_complete)
        and known.purchases >= (gate.purchases_min or 0)
        and known.points >= (gate.points_min or 0)
        and (not gate.levels or known.level in gate.levels)
    )


def _before(day: date, period: str) -> date:
    return earlier(datetime.combine(day, time()), span(period)).date()


class Opening(msgspec.Struct, frozen=True):
    """An entitlement that opens for a member; it lapses at `ends` (half open), or never."""

    rule: str
    member: str
    day: date
    qty: int
    ends: date | None


def openings(
    rule: Entitlement, known: Known, first: date, last: date, calendar: Calendar | None = None
) -> Iterator[Opening]:
    """Return what an entitlement opens for a member from first to last, both included."""
    if rule.levels and known.level not in rule.levels:
        return
    for occasion in days(rule.on, known, first, last, calendar=calendar, every=rule.every):
        if rule.festivals and occasion.name not in rule.festivals:
            continue
        if known.joined is not None and occasion.day < known.joined:
            continue
        midnight = datetime.combine(occasion.day, time())
        end = None if rule.life is None else later(midnight, span(rule.life)).date()
        yield Opening(rule.id, known.id, occasion.day, rule.qty, end)
