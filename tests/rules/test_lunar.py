"""The lunar table against the moon as another library computes it.

Two new moons stand within minutes of midnight in Beijing (2089-09-04, 2097-08-07): there, and only
there, tables and computations differ, by one day for one month.
"""

from datetime import date, timedelta

import pytest
from lunar_python import Lunar, Solar

from daemon.rules.lunar import LunarDay, lunar_day, solar_day

NEW_YEARS_DAY, MID_AUTUMN, DRAGON_BOAT = (1, 1), (8, 15), (5, 5)
DISPUTED = {(2089, 8), (2097, 7)}  # lunar year and month


@pytest.mark.parametrize("festival", [NEW_YEARS_DAY, MID_AUTUMN, DRAGON_BOAT])
def test_festivals_to_2100_are_where_the_moon_is(festival: tuple[int, int]) -> None:
    for year in range(1901, 2101):
        found = solar_day(year, *festival)
        assert found is not None
        other = Lunar.fromYmd(year, *festival).getSolar()
        apart = found - date(other.getYear(), other.getMonth(), other.getDay())
        assert apart == timedelta(1 if (year, festival[0]) in DISPUTED else 0), year


def test_days_between_are_too() -> None:
    day = date(1990, 1, 1)
    while day < date(2100, 12, 31):
        other = Solar.fromYmd(day.year, day.month, day.day).getLunar()
        month = other.getMonth()
        if (other.getYear(), month) not in DISPUTED:
            assert lunar_day(day) == LunarDay(abs(month), other.getDay(), month < 0), day
        day += timedelta(days=37)


def test_the_eve_of_a_short_month_and_the_ends_of_the_table() -> None:
    assert solar_day(2015, 12, 30) == date(2016, 2, 7)  # the twelfth month had 29 days
    assert solar_day(2101, 1, 1) is None
    assert lunar_day(date(1899, 1, 1)) is None
    assert lunar_day(date(2200, 1, 1)) is None
