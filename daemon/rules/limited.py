"""Which limits of a pack hold across shops, and how a period of theirs is named. Pure.

Only what a member may have at most stands here: a guard and a staff quota let the sale go on and
leave it to headquarters, so they count and give no right. limited_pack.py reads them of a pack.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType

import msgspec

from daemon.ledger.kinds import ROOM, room_unit

HALF_MONTHS = 6
QUARTER_MONTHS = 3


class Limit(msgspec.Struct, frozen=True):
    """So much of `what` in each calendar period of a member: what entries count as uses."""

    what: str
    per: str  # day, week, month, quarter, half_year, year
    most: int

    def unit(self, day: date) -> str:
        """Return the unit of the room in the period of a day."""
        return room_unit(self.what, period(self.per, day))


class Limits(msgspec.Struct, frozen=True):
    """`risks`: a shop that has no room issues all the same, and its entry says so."""

    of: Mapping[str, tuple[Limit, ...]]
    risks: bool = False
    value: int | None = None  # the most that a registered card may hold; None: no cap, or no value
    bearer: int | None = None  # the same of a card that is nobody's by name

    def __bool__(self) -> bool:
        return bool(self.of)

    def all(self) -> Iterator[Limit]:
        for limits in self.of.values():
            yield from limits

    def named(self, unit: str) -> Limit | None:
        """Return the limit whose room a unit is."""
        what = unit.removeprefix(ROOM).rpartition(":")
        return next((one for one in self.of.get(what[0], ()) if _fits(one.per, what[2])), None)


NO_LIMITS = Limits(MappingProxyType({}))


def period(per: str, day: date) -> str:
    """Return the name of the calendar period that a day is in: 2026-03-06, 2026-W10, 2026-03 ..."""
    match per:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return day.isoformat()[: len("2026-03")]
        case "quarter":
            return f"{day.year}-Q{(day.month - 1) // QUARTER_MONTHS + 1}"
        case "half_year":
            return f"{day.year}-H{(day.month - 1) // HALF_MONTHS + 1}"
        case _:
            return str(day.year)


def _fits(per: str, name: str) -> bool:
    shapes = {"week": "W", "quarter": "Q", "half_year": "H"}
    marks = {"day": 10, "month": 7, "year": 4}
    if per in shapes:
        return shapes[per] in name
    return len(name) == marks[per] and name.replace("-", "").isdecimal()
