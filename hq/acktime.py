"""The time in acknowledgements: it never stands and never goes back, even when the clock does.

Boxes judge the link by it, and take a repeated acknowledgement for what it is.
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
        row = office.db.execute("SELECT value FROM meta WHERE name = ?", (FACT,)).fetchone()
        self._kept = None if row is None else datetime.fromisoformat(row[0])
        self._last = self._kept

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
        last = self._last
        if last is None or (self._kept is not None and last - self._kept < KEEP_EVERY):
            return
        self._office.set_meta(FACT, last.isoformat(timespec="milliseconds"))
        self._kept = last
