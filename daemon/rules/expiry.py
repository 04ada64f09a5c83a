"""When points lapse. The lots say when they were granted, the pack says what becomes of them.

card_age_check: on one day of each year every card of the minimum age loses what was not redeemed,
however recent it is; younger cards lose nothing. The age counts in whole days and is inclusive
(满一年). year_roll: points of year Y are void on the day of year Y + years, 0:00. sweep: on the
day, 0:00, whatever was granted before it. ttl: a lot after its own life. payout: points stay, money
rewards are paid out (timed.py).

What lapses by itself has its instant from the start, in the lot. What somebody confirms (manual)
has not lapsed until then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.kinds import Unit
from daemon.ledger.views import LotRow
from daemon.rules.periods import Span, later, span, yearly

if TYPE_CHECKING:
    from daemon.rules.models_time import Expiry

Expiring = tuple[tuple[str, int], ...]  # (date, points), the next first
YEAR_LAST = 9998  # datetime ends with 9999; what would lapse later never does


class Lapsing(msgspec.Struct, frozen=True):
    """check: joined, from when on -> day of the check that somebody confirms, or never.
    of_lot: granted, joined -> the instant at which the lot lapses by itself, or never."""

    check: Callable[[datetime, datetime], date | None]
    of_lot: Callable[[datetime, datetime | None], datetime | None]

    def __call__(self, joined: datetime, at: datetime) -> date | None:
        """Return the day of the check that a card of this age meets next, or None."""
        return self.check(joined, at)


def compile_expiry(expiry: Expiry | None) -> Lapsing:
    """Return when points lapse: by a check that is confirmed, or by themselves."""
    if expiry is None or expiry.kind in ("never", "payout"):
        return Lapsing(_no_check, _no_end)
    if expiry.kind == "ttl":
        assert expiry.life is not None, "an unchecked ttl"
        life = span(expiry.life)
        return Lapsing(_no_check, lambda granted, _: _bounded(granted, life))
    if expiry.kind == "year_roll":
        return Lapsing(_no_check, _rolling(expiry))
    if expiry.confirm == "manual":
        return Lapsing(_checking(expiry), _no_end)
    return Lapsing(_no_check, _clearing(expiry))


def _no_check(joined: datetime, at: datetime) -> date | None:
    return None


def _no_end(granted: datetime, joined: datetime | None) -> datetime | None:
    return None


def _bounded(granted: datetime, life: Span) -> datetime | None:
    far = granted.year + life.months // 12 + life.days // 365 + 2
    return None if far > YEAR_LAST else later(granted, life)


def _rolling(expiry: Expiry) -> Callable[[datetime, datetime | None], datetime | None]:
    years = expiry.years
    assert years is not None, "an unchecked year_roll"

    def of_lot(granted: datetime, _: datetime | None) -> datetime | None:
        if granted.year + years > YEAR_LAST:
            return None
        return _instant(granted, check_day(expiry, granted.year + years))

    return of_lot


def _checking(expiry: Expiry) -> Callable[[datetime, datetime], date | None]:
    min_age = span(expiry.min_age or "P0D")

    def next_check(joined: datetime, at: datetime) -> date | None:
        first = max(of_age(joined, min_age), at.date())
        if first.year >= YEAR_LAST:
            return None
        check = check_day(expiry, first.year)
        return check if check >= first else check_day(expiry, first.year + 1)

    return next_check


def _clearing(expiry: Expiry) -> Callable[[datetime, datetime | None], datetime | None]:
    """A check or sweep by itself: the first of its instants after the grant (and of age)."""
    min_age = None if expiry.min_age is None else span(expiry.min_age)

    def of_lot(granted: datetime, joined: datetime | None) -> datetime | None:
        first = granted.date() + timedelta(days=1)
        if min_age is not None:
            if joined is None:
                return None
            first = max(first, of_age(joined, min_age))
        if first.year >= YEAR_LAST:
            return None
        day = check_day(expiry, first.year)
        return _instant(granted, day if day >= first else check_day(expiry, first.year + 1))

    return of_lot


def _instant(granted: datetime, day: date) -> datetime:
    """Return 0:00 of the day where the lot was granted."""
    return datetime(day.year, day.month, day.day, tzinfo=granted.tzinfo)


def check_day(expiry: Expiry, year: int) -> date:
    """Return the day of a check or sweep; 29 February is 28 in common years."""
    assert expiry.month is not None and expiry.day is not None, "an unchecked expiry"
    return yearly(year, expiry.month, expiry.day)


def of_age(joined: datetime, min_age: Span) -> date:
    """Return the first day on which a card is old enough."""
    return later(joined, min_age).date()


def expiring(
    lots: Sequence[LotRow], lapsing: Lapsing, *, joined: datetime | None, at: datetime
) -> Expiring:
    """Return what lapses when: at the lot's own date, by itself or by the check; the soonest."""
    check = None if joined is None else lapsing.check(joined, at)
    by_check = None if check is None else check.isoformat()
    sums: dict[str, int] = {}
    for lot in lots:
        if lot.unit != Unit.POINT or lot.amount <= 0:
            continue
        own = None if lot.expires is None else lot.expires[:10]
        found = None if own else lapsing.of_lot(datetime.fromisoformat(lot.granted), joined)
        by_itself = None if found is None else found.date().isoformat()
        dates = [one for one in (by_check, own, by_itself) if one is not None]
        if dates:
            when = min(dates)
            sums[when] = sums.get(when, 0) + lot.amount
    return tuple(sorted(sums.items()))
