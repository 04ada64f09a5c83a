"""What the box commits because time went by: the clock became trusted, a day ended.

It never blocks the counter: drafts are given to the beat, which submits them.
"""

from datetime import timedelta

from daemon.clock import Clock, ClockState, Reading, SystemClock
from daemon.ledger import machine
from daemon.ledger.codec import decode
from daemon.ledger.records import At, Draft
from daemon.ledger.stamp import least_now, stamp
from daemon.ledger.store import Store

STEP_MS = 2_000  # a trusted clock that jumps so far was set; below it is being disciplined


class Hours:
    def __init__(self, store: Store, clock: Clock, *, closing_hour: int) -> None:
        """Tell the clock what the journal knows of the time."""
        self._store = store
        self._clock = clock
        self._closing_hour = closing_hour
        if isinstance(clock, SystemClock):
            known = store.purses.last_trusted()
            if known is not None:
                clock.set_floor(least_now(_untrusted(clock.read()), known))
        self._last = clock.read()
        self._state = self._written() or self._last.state

    def due(self) -> list[Draft]:
        """Return what is to be committed now, in this order; empty nearly always."""
        drafts = []
        reading = self._clock.read()
        offset_ms = self._offset_ms(reading)
        became = self._state is not ClockState.SYNCED and reading.state is ClockState.SYNCED
        stepped = reading.state is ClockState.SYNCED and abs(offset_ms) >= STEP_MS
        self._last, self._state = reading, reading.state
        at = self._at(reading)
        if became or stepped:
            drafts.append(machine.clock_set(at, offset_ms=offset_ms, by=self._source()))
        if reading.state is ClockState.SYNCED:
            date = self._store.books.business_date()
            if date is not None and date < at.business_date:
                from daemon.ledger import daybook  # a day ends seldom: not carried all day

                drafts += daybook.forgotten_days(self._store, at)
        return drafts

    def _at(self, reading: Reading) -> At:
        not_before = self._store.books.open_date()
        return stamp(reading, closing_hour=self._closing_hour, not_before=not_before)

    def _offset_ms(self, reading: Reading) -> int:
        """Return how far wall time went beyond what the machine ran since the last look."""
        run = timedelta(milliseconds=reading.mono_ms - self._last.mono_ms)
        gone = reading.wall - self._last.wall
        return (gone - run) // timedelta(milliseconds=1)

    def _source(self) -> str:
        source = getattr(self._clock, "source", "")
        return str(source) or "ntp"

    def _written(self) -> ClockState | None:
        """Return what the clock was when the last entry was written."""
        head = self._store.head
        stored = self._store.read(self._store.chain.epoch, head.seq, 1) if head.seq else []
        return decode(stored[0].data).at.clock if stored else None


def _untrusted(reading: Reading) -> Reading:
    return Reading(reading.boot, reading.mono_ms, reading.wall, ClockState.ESTIMATED)
