"""Months of business dates, written `2026-03`. Pure."""

from datetime import date, timedelta

from daemon.errors import NotThereError


def month_of(text: str) -> str:
    """Return the month that a person wrote. Raises NotThereError."""
    try:
        return date.fromisoformat(f"{text}-01").isoformat()[:7]
    except ValueError as error:
        raise NotThereError(
            text,
            doing="reading a month",
            found="it is none",
            fix="Write it as YYYY-MM, like 2026-03.",
            retry=False,
        ) from error


def first_day(month: str) -> str:
    return f"{month}-01"


def last_day(month: str) -> str:
    """Return the last day of a month, as business dates are written."""
    return (date.fromisoformat(first_day(after(month))) - timedelta(days=1)).isoformat()


def after(month: str) -> str:
    """Return the next month."""
    return (date.fromisoformat(first_day(month)) + timedelta(days=31)).isoformat()[:7]


def before(month: str) -> str:
    """Return the month before."""
    return (date.fromisoformat(first_day(month)) - timedelta(days=1)).isoformat()[:7]
