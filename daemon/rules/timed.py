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


_LEAP_YEAR = 1904  # of a birthday without its year: it may be 29 February


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
    demoted: date | None = None  # the review that would take it, by what counts now
    reachable: bool = True  # has a phone that is in service
    consent: bool = False  # agreed to be told of offers
    bought: tuple[tuple[date, int], ...] = ()  # fen by day, less what came back
    life: tuple[tuple[date, str], ...] = ()  # life events that he told the shop


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
    task: bool = False  # somebody of the shop does it


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
    elif on == "life_event":
        yield from (Occasion(day, name) for day, name in known.life if first <= day <= last)
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
            "demotion": known.demoted,
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


class Told:
    """How often who was told what: of a day, and of a member in a period. Told anew, it counts on.

    `before`: (rule, member, day) of what was told already.
    """

    def __init__(self, before: Iterable[tuple[str, str, date]] = ()) -> None:
        self._lists: dict[tuple[str, date], int] = {}
        self._before = list(before)

    def may(self, reminder: Reminder, member: str, on: date) -> bool:
        """Tell whether one more is to be told."""
        if self._lists.get((reminder.id, on), 0) >= reminder.list_max:
            return False
        if reminder.max_times is None or reminder.per is None:
            return True
        day = datetime.combine(on, time())
        opens, over = starts(reminder.per, day).date(), ends(reminder.per, day).date()
        mine = (reminder.id, member)
        had = [
            1 for rule, who, when in self._before if (rule, who) == mine and opens <= when < over
        ]
        return len(had) < reminder.max_times

    def add(self, reminder: Reminder, member: str, on: date) -> None:
        self._lists[reminder.id, on] = self._lists.get((reminder.id, on), 0) + 1
        if reminder.max_times is not None:
            self._before.append((reminder.id, member, on))


def due(
    reminders: Sequence[Reminder],
    members: Iterable[Known],
    first: date,
    last: date,
    calendar: Calendar | None = None,
    *,
    told: Told | None = None,
) -> Iterator[Due]:
    """Return who is to be told from first to last, both included; per day at most list_max.

    The order is that of the members; one day's list of a reminder ends at its list_max.
    """
    told = Told() if told is None else told
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
                if not passes(reminder.gate, known, on) or not told.may(reminder, known.id, on):
                    continue
                told.add(reminder, known.id, on)
                yield Due(
                    reminder.id,
                    known.id,
                    on,
                    occasion.day,
                    occasion.name,
                    tuple(reminder.to),
                    reminder.channel,
                    reminder.text,
                    reminder.task,
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
        and (known.reachable or not gate.reachable)
        and (known.consent or not gate.consent)
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
        if rule.events and occasion.name not in rule.events:
            continue
        qty = graded(rule, known, occasion.day)
        if not qty:
            continue
        midnight = datetime.combine(occasion.day, time())
        end = None if rule.life is None else later(midnight, span(rule.life)).date()
        yield Opening(rule.id, known.id, occasion.day, qty, end)


def graded(rule: Entitlement, known: Known, day: date) -> int:
    """Return how much of an entitlement opens: of grades the highest that his purchases reach."""
    if rule.graded_within is None:
        return rule.qty
    first = _before(day, rule.graded_within)
    spent = sum(fen for bought, fen in known.bought if first <= bought <= day)
    return next((one.qty for one in reversed(rule.grades) if one.min_fen <= spent), 0)


def birthday_of(text: str) -> date | None:
    """Return a profile's birthday, with its year or without; None: it is none."""
    try:
        return date.fromisoformat(text if len(text) > len("03-01") else f"{_LEAP_YEAR}-{text}")
    except ValueError:
        return None
