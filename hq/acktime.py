"""The time in acknowledgements: it never stands and never goes back, even when the clock does.

Boxes judge the link by it, and take a repeated acknowledgement for what it is. Workers go by the
one whose clock is furthest on, as far as it was written down.
"""

from datetime import datetime, timedelta

from hq.store import Office

FACT = "ack_time"
KEEP_EVERY = timedelta(seconds=10)  # a start may fall back by as much
STEP = timedelta(milliseconds=1)


class AckTime:
    """Gives each acknowledgement a later time than the one before."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._kept: datetime | None = None
        self._last: datetime | None = None
        self._look()

    def next(self) -> str:
        """Return the next time, RFC 3339 with milliseconds."""
        wall = self._office.clock.read().wall
        now = wall.replace(microsecond=wall.microsecond // 1000 * 1000)
        if self._last is not None and now <= self._last:
            now = self._last + STEP
        self._last = now
        return now.isoformat(timespec="milliseconds")

    def keep(self) -> None:
        """Write down, now and then, how far it is; call it inside a transaction."""
        self._look()
        last = self._last
        if last is None or (self._kept is not None and last - self._kept < KEEP_EVERY):
            return
        self._office.set_meta(FACT, last.isoformat(timespec="milliseconds"))
        self._kept = last

    def _look(self) -> None:
        """Go on from what was written down, by us or by another worker."""
        kept = self._office.fact(FACT)
        if not kept:
            return
        self._kept = datetime.fromisoformat(kept)
        self._last = self._kept if self._last is None else max(self._last, self._kept)
