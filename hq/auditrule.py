"""Whose points a yearly check clears: the rule of the pack as it stood when the check began. Pure
but for reading the pack.

What lapses by itself (year_roll, ttl, a check that is `auto`) has its end in the lot, and no audit
clears it; the audit then compares and puts right, and that is all.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import msgspec

from daemon.clock import moment
from hq import packs
from hq.store import Office

NOTHING = "none"  # the pack has no check that somebody confirms


class Rule(msgspec.Struct, frozen=True):
    """What an audit keeps of the pack. kind: card_age_check, sweep, or none."""

    kind: str = NOTHING
    pack: str = ""  # zhenzi 7
    month: int = 12
    day: int = 31
    min_age: str = ""
    who: str = ""  # all, dormant, level
    dormant_for: str = ""
    levels: tuple[str, ...] = ()
    gifts: tuple[tuple[str, int], ...] = ()  # rules of the gift table, and the points they need

    @property
    def said(self) -> str:
        """Return the rule in words."""
        if self.kind == NOTHING:
            return "nothing is cleared: the pack has no check that somebody confirms"
        if self.kind == "card_age_check":
            return f"cards that are {_long(self.min_age)} old on the day lose what they have"
        if self.who == "dormant":
            return f"who bought nothing for {_long(self.dormant_for)} loses what he has"
        if self.who == "level":
            return f"members of the levels {', '.join(self.levels)} lose what they have"
        return "everybody loses what he has"


class Person(msgspec.Struct, frozen=True):
    """What the rule asks of a card."""

    joined: str  # "": nobody knows
    level: str
    bought: str  # the last business date of a purchase, "" for none in the time looked at


def rule_of(office: Office) -> Rule:
    """Return the rule of the pack that is in force for every shop."""
    ref = packs.in_force(office.db)
    if ref is None:
        return Rule()
    query = "SELECT document FROM pack WHERE id = ? AND version = ?"
    (signed,) = office.db.execute(query, (ref.id, ref.version)).fetchone()
    pack = json.loads(signed)["pack"]
    gifts = tuple((one["id"], one["points"]) for one in pack.get("gifts", ()))
    name, expiry = f"{ref.id} {ref.version}", pack.get("expiry") or {}
    if expiry.get("kind") not in ("card_age_check", "sweep") or expiry.get("confirm") != "manual":
        return Rule(pack=name, gifts=gifts)
    return Rule(
        expiry["kind"],
        name,
        expiry["month"],
        expiry["day"],
        expiry.get("min_age") or "",
        expiry.get("who") or "",
        expiry.get("dormant_for") or "",
        tuple(expiry.get("levels") or ()),
        gifts,
    )


def usual_day(rule: Rule, today: date) -> date:
    """Return the day of the check this year; of a pack that has none, today."""
    from daemon.rules.periods import yearly

    return today if rule.kind == NOTHING else yearly(today.year, rule.month, rule.day)


def looks_from(rule: Rule, day: date, since: date) -> date:
    """Return from which business date on entries have to be looked at."""
    if not rule.dormant_for:
        return since
    return min(since, _dormant_since(rule, day))


def clears(rule: Rule, day: date, who: Person) -> bool:
    """Tell whether a card loses what it was granted up to the day."""
    from daemon.rules.expiry import of_age  # the same as the box's and the case files'
    from daemon.rules.periods import span

    if rule.kind == NOTHING or not who.joined:
        return False
    joined = _joined(who.joined)
    if rule.min_age and of_age(joined, span(rule.min_age)) > day:
        return False
    if rule.who == "level" and who.level not in rule.levels:
        return False
    return not (rule.dormant_for and who.bought >= _dormant_since(rule, day).isoformat())


def gifts_for(rule: Rule, points: int) -> Sequence[str]:
    """Return the gifts that so many points are enough for."""
    return [name for name, needed in rule.gifts if needed <= points]


def due(office: Office, day: date) -> str:
    """Return the instant at which the day's check takes effect, as entries name it."""
    zone = office.clock.read().wall.tzinfo
    return datetime.combine(day, time(), zone).isoformat()


def _long(period: str) -> str:
    """Return a duration of the pack in words."""
    from daemon.rules.periods import span

    found = span(period)
    years, months = divmod(found.months, 12)
    parts = ((years, "years"), (months, "months"), (found.days, "days"))
    return " ".join(f"{n} {unit.removesuffix('s') if n == 1 else unit}" for n, unit in parts if n)


def _dormant_since(rule: Rule, day: date) -> date:
    from daemon.rules.periods import earlier, span

    return earlier(datetime.combine(day, time()), span(rule.dormant_for)).date()


def _joined(text: str) -> datetime:
    return moment(text, None)


def next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
