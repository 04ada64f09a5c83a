"""The lunar calendar, 1900 to 2100: a date's month and day, and the dates of a festival.

The table is borax's (checked against the Hong Kong Observatory's); it is read when a pack first
asks for a lunar date, since most packs never do.
"""

from datetime import date
from functools import lru_cache

import msgspec

YEAR_FIRST, YEAR_LAST = 1900, 2100  # lunar years of the table
REMEMBERED_MAX = 64  # a quote asks for the same day again and again, a due list for two years


class LunarDay(msgspec.Struct, frozen=True):
    """A day of the lunar calendar; a leap month follows the month of its number."""

    month: int
    day: int
    is_leap: bool


@lru_cache(maxsize=REMEMBERED_MAX)
def lunar_day(day: date) -> LunarDay | None:
    """Return the lunar month and day; None outside of the table."""
    from borax.calendars.lunardate import LunarDate

    try:
        found = LunarDate.from_solar(day)
    except ValueError:
        return None
    return LunarDay(int(found.month), int(found.day), bool(found.leap))


@lru_cache(maxsize=REMEMBERED_MAX)
def solar_day(year: int, month: int, day: int) -> date | None:
    """Return the date of a day in a lunar year, never in a leap month; None outside of the table.

    A 30th of a month of 29 days is its 29th: New Year's Eve (12-30) is in every year.
    """
    from borax.calendars.lunardate import LunarDate

    if not YEAR_FIRST <= year <= YEAR_LAST:
        return None
    for last in (day, day - 1):
        try:
            found: date = LunarDate(year, month, last).to_solar_date()
        except ValueError:
            continue
        return found
    return None
