"""Which limits of a pack hold across shops, and how a period of theirs is named. Pure.

Read from the signed document's own bytes: a box that serves has no model of the pack in memory, and
headquarters asks seldom. Only what a member may have at most stands here: a guard and a staff quota
let the sale go on and leave it to headquarters, so they count and give no right.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType

import msgspec

from daemon.ledger.kinds import ROOM, room_unit

RISK = "accept_risk"
TIMES = "times:"  # how often a rule gave, where its amounts are counted too
TRANSFER = "transfer"
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


def first_day(per: str, day: date) -> date:
    """Return the first day of the calendar period that a day is in."""
    match per:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            month = (day.month - 1) // QUARTER_MONTHS * QUARTER_MONTHS + 1
            return day.replace(month=month, day=1)
        case "half_year":
            return day.replace(month=(day.month - 1) // HALF_MONTHS * HALF_MONTHS + 1, day=1)
        case _:
            return day.replace(month=1, day=1)


def limits_of(document: str) -> Limits:
    """Return the limits of a pack that was opened before; of no document: none."""
    if not document:
        return NO_LIMITS
    try:
        pack = msgspec.json.decode(document, type=_Document).pack
    except msgspec.DecodeError:
        return NO_LIMITS
    found: dict[str, tuple[Limit, ...]] = {}
    for limit in _limits(pack):
        found[limit.what] = (*found.get(limit.what, ()), limit)
    roaming = pack.roaming or _Roaming()
    stored = pack.stored_value
    value = None if stored is None else stored.registered_max_fen
    return Limits(MappingProxyType(found), risks=roaming.limits == RISK, value=value)


def _fits(per: str, name: str) -> bool:
    shapes = {"week": "W", "quarter": "Q", "half_year": "H"}
    marks = {"day": 10, "month": 7, "year": 4}
    if per in shapes:
        return shapes[per] in name
    return len(name) == marks[per] and name.replace("-", "").isdecimal()


# -- the pack, as far as limits go ---------------------------------------------------------------


class _Said(msgspec.Struct, frozen=True):
    """A limit as any section writes it: how many, of what, in which period."""

    per: str
    times: int = 0
    qty: int = 0
    most: int = 0
    unit: str = ""


class _Rule(msgspec.Struct, frozen=True):
    id: str = ""
    limit: _Said | None = None
    cap: _Said | None = None
    max_times: int | None = None
    per: str | None = None


class _Stored(msgspec.Struct, frozen=True):
    ladder: tuple[_Rule, ...] = ()
    registered_max_fen: int | None = 500_000  # as the law has it


class _Late(msgspec.Struct, frozen=True):
    per_month: int
    beyond: str = "freeze"


class _Roaming(msgspec.Struct, frozen=True):
    limits: str = "refuse"


class _Pack(msgspec.Struct, frozen=True):
    prices: tuple[_Rule, ...] = ()
    promos: tuple[_Rule, ...] = ()
    coupons: tuple[_Rule, ...] = ()
    earn: tuple[_Rule, ...] = ()
    spend_rewards: tuple[_Rule, ...] = ()
    gifts: tuple[_Rule, ...] = ()
    stored_value: _Stored | None = None
    transfer: _Rule | None = None
    late_swipe: _Late | None = None
    roaming: _Roaming | None = None


class _Document(msgspec.Struct, frozen=True):
    pack: _Pack


def _limits(pack: _Pack) -> Iterator[Limit]:
    for rules in (pack.prices, pack.promos, pack.coupons, pack.spend_rewards):
        for rule in rules:
            if rule.limit is not None and rule.limit.per != "receipt":
                yield Limit(rule.id, rule.limit.per, rule.limit.times or rule.limit.qty)
    for rule in pack.earn:
        if rule.cap is not None:
            what = TIMES + rule.id if rule.cap.unit == "times" else rule.id
            yield Limit(what, rule.cap.per, rule.cap.most)
    yield from _often(pack.gifts, TIMES)
    if pack.stored_value is not None:
        yield from _often(pack.stored_value.ladder, "")
    if pack.transfer is not None:
        yield from _often((msgspec.structs.replace(pack.transfer, id=TRANSFER),), "")
    if pack.late_swipe is not None and pack.late_swipe.beyond == "refuse":
        from daemon.ledger.acts.bill import LATE  # few packs ask: a box that sells goes without

        yield Limit(LATE, "month", pack.late_swipe.per_month)


def _often(rules: Iterable[_Rule], prefix: str) -> Iterator[Limit]:
    for rule in rules:
        if rule.max_times is not None and rule.per is not None:
            yield Limit(prefix + rule.id, rule.per, rule.max_times)
