"""What limits count of a member, summed over the calendar day, month and year of a sale. Pure.

A count belongs to the day of the sale that made it: what a return gives back goes to that day.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

SoFar = tuple[tuple[str, int], ...]
"""`<what>:day`, `<what>:month`, `<what>:year`, and how much."""

_PERIODS = (("day", 10), ("month", 7), ("year", 4))  # and how much of a date names it
_KEPT = 2  # of each: today's, and the one before, which a return may give back to


def so_far(rows: Iterable[tuple[str, str, int]], today: str) -> SoFar:
    """Return the sums that matter on a day (2026-03-06), of rows (day, what, amount)."""
    sums: dict[str, int] = {}
    for day, what, amount in rows:
        for key in periods(what, day, today):
            sums[key] = sums.get(key, 0) + amount
    return tuple(sorted((key, amount) for key, amount in sums.items() if amount))


def periods(what: str, day: str, today: str) -> Iterator[str]:
    """Yield the sums that a count of a day belongs to, as they are asked for today."""
    for name, length in _PERIODS:
        if day[:length] == today[:length]:
            yield f"{what}:{name}"


@dataclass(slots=True)
class Counts:
    """The counts of all members while a journal is told again: the last periods, nothing older."""

    _sums: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    def add(self, member: str, what: str, *, day: str, amount: int) -> None:
        sums = self._sums.setdefault(member, {}).setdefault(what, {})
        for _, length in _PERIODS:
            sums[day[:length]] = sums.get(day[:length], 0) + amount
            named = sorted(name for name in sums if len(name) == length)
            for name in named[:-_KEPT]:
                del sums[name]

    def so_far(self, member: str, today: str) -> SoFar:
        found = []
        for what, sums in self._sums.get(member, {}).items():
            for name, length in _PERIODS:
                amount = sums.get(today[:length], 0)
                found += [(f"{what}:{name}", amount)] if amount else []
        return tuple(sorted(found))
