"""The `at` of an entry, made from one look at the clock. Pure."""

from datetime import date

from daemon.clock import Reading, business_date
from daemon.ledger.records import At


def stamp(reading: Reading, *, closing_hour: int, not_before: str | None) -> At:
    """Return the `at`; `not_before` is the last business date in the books, if any."""
    last = None if not_before is None else date.fromisoformat(not_before)
    day = business_date(reading.wall, closing_hour=closing_hour, not_before=last)
    return At(
        reading.boot,
        reading.mono_ms,
        reading.wall.isoformat(timespec="milliseconds"),
        reading.state,
        day.isoformat(),
    )
