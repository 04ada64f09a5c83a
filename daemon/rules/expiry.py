"""When points lapse. The lots say when they were granted, the pack says what becomes of them.

card_age_check: on one day of each year every card of the minimum age loses what was not redeemed,
however recent it is; younger cards lose nothing. The age counts in whole days and is inclusive
(满一年). Somebody confirms the check: until then nothing has lapsed.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date, datetime

from daemon.ledger.kinds import Unit
from daemon.ledger.views import LotRow
from daemon.rules.models_account import Expiry
from daemon.rules.periods import Span, later, span

Expiring = tuple[tuple[str, int], ...]  # (date, points), the next first
Lapsing = Callable[[datetime, datetime], date | None]  # joined, from when on -> the day, or never


def compile_expiry(expiry: Expiry | None) -> Lapsing:
    """Return the function that says on which day a card's points lapse next."""
    if expiry is None or expiry.kind == "never":
        return lambda _, __: None
    checked = expiry
    assert checked.min_age is not None, "an unchecked card_age_check"
    min_age = span(checked.min_age)

    def next_check(joined: datetime, at: datetime) -> date | None:
        first = max(of_age(joined, min_age), at.date())
        check = check_day(checked, first.year)
        return check if check >= first else check_day(checked, first.year + 1)

    return next_check


def check_day(expiry: Expiry, year: int) -> date:
    """Return the day of a card_age_check; 29 February is 28 in common years."""
    assert expiry.month is not None and expiry.day is not None, "an unchecked card_age_check"
    return date(year, expiry.month, min(expiry.day, monthrange(year, expiry.month)[1]))


def of_age(joined: datetime, min_age: Span) -> date:
    """Return the first day on which a card is old enough."""
    return later(joined, min_age).date()


def expiring(lots: Sequence[LotRow], *, day: date | None) -> Expiring:
    """Return what lapses when: lots with an own date at that, the others on day."""
    sums: dict[str, int] = {}
    for lot in lots:
        if lot.unit != Unit.POINT or lot.amount <= 0:
            continue
        by_check = None if day is None else day.isoformat()
        own = None if lot.expires is None else lot.expires[:10]
        when = min((one for one in (by_check, own) if one is not None), default=None)
        if when is not None:
            sums[when] = sums.get(when, 0) + lot.amount
    return tuple(sorted(sums.items()))
