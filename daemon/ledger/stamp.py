"""The `at` of an entry, and the least that now can be, from one look at the clock. Pure."""

from datetime import date, datetime, timedelta

from daemon.clock import NO_BOOT, ClockState, Reading, business_date
from daemon.ledger.records import At
from daemon.ledger.views import TrustedTime
from daemon.release import BUILT


def stamp(reading: Reading, *, closing_hour: int, not_before: str | None) -> At:
    """Return the `at`; `not_before` is the first business date that is open, if any.

    A clock that is not trusted turns no business day.
    """
    if reading.state is ClockState.SYNCED or not_before is None:
        last = None if not_before is None else date.fromisoformat(not_before)
        day = business_date(reading.wall, closing_hour=closing_hour, not_before=last).isoformat()
    else:
        day = not_before
    return At(
        reading.boot,
        reading.mono_ms,
        reading.wall.isoformat(timespec="milliseconds"),
        reading.state,
        day,
    )


def least_now(reading: Reading, known: TrustedTime | None) -> datetime:
    """Return the lower bound of now: what is due by it may not be spent.

    A trusted clock, else the last trusted time in the journal (or the build date, when later)
    and what the machine has run since: since that entry, or since this boot.
    """
    if reading.state is ClockState.SYNCED:
        return reading.wall
    since = timedelta(milliseconds=_since_ms(reading, known))
    if known is None:
        return BUILT + since
    return max(BUILT, datetime.fromisoformat(known.wall)) + since


def _since_ms(reading: Reading, known: TrustedTime | None) -> int:
    if known is not None and known.boot == reading.boot:
        return max(0, reading.mono_ms - known.mono_ms)
    return 0 if reading.boot.startswith(NO_BOOT) else reading.mono_ms
