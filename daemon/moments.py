"""What the box writes down by itself: because of what was just written, or because time went by.

Levels that rise or are reviewed, money rewards that are paid out, points of goods that were listed
after they were sold, lots that lapse. Owned by the loop; what looks through the books does so in a
thread. Nothing here is in a hurry: what was missed is found at the next beat.
"""

import asyncio
import contextlib
from datetime import date
from typing import TYPE_CHECKING

from daemon.clock import Clock, ClockState
from daemon.desk import Desk
from daemon.errors import StoreError
from daemon.lapsing import lapse
from daemon.ledger.bodies import (
    DownApplied,
    HandedOver,
    LevelChanged,
    MemberEnrolled,
    Returned,
)
from daemon.ledger.ids import id_of
from daemon.ledger.records import Draft, Entry
from daemon.ledger.store import Store
from daemon.ledger.views import Durable

if TYPE_CHECKING:
    from daemon.listing import Waiting

LISTED = '"kind":"products"'  # as a message of headquarters stands in its entry


class Moments:
    def __init__(self, store: Store, desk: Desk, clock: Clock, *, closing_hour: int) -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._closing_hour = closing_hour
        self._rising: set[str] = set()  # members whose new level is being written
        self._begun = False
        self._opened: date | None = None  # the day whose rights were opened
        self._listed: list[Waiting] = []  # that wait for the rules that sold them
        self.note = ""  # what the stock asks for

    def after(self, durable: Durable) -> None:
        """Write down what follows from an entry at once."""
        entry = durable.entry
        with contextlib.suppress(StoreError):  # the store's state says it, and the beat finds it
            if isinstance(entry.body, DownApplied):
                if LISTED in entry.body.message:
                    self._look_up(entry.body.message)
            elif self._desk.engine().leveled:
                self._level(entry)
            if self._desk.engine().joins.follows:
                self._let_in(entry)
            if self._desk.engine().entitles and isinstance(entry.body, HandedOver):
                from daemon import rights

                for draft in rights.closed(self._desk.books(), self._desk.engine(), entry):
                    self._store.submit(draft)

    async def lapse(self) -> None:
        """Write down what is due; looking for it takes seconds in old books, and nobody waits."""
        limiting = self._desk.books().limiting
        await lapse(self._store, self._clock, limiting, closing_hour=self._closing_hour)
        with contextlib.suppress(StoreError):
            for draft in await asyncio.to_thread(self._due):
                await asyncio.wrap_future(self._store.submit(draft))  # there may be thousands
            self._earn()
            self.note = await asyncio.to_thread(self._stock)

    def _due(self) -> list[Draft]:
        engine, reading = self._desk.engine(), self._clock.read()
        due = engine.leveled or engine.pays_out or engine.entitles or engine.joins.earns
        if reading.state is not ClockState.SYNCED or not due:
            return []
        from daemon import letin, rights, standing

        facts, of = self._desk.books(), self._desk.engine_of
        begun, self._begun = self._begun, True
        today = reading.wall.date()
        opens, self._opened = engine.entitles and self._opened != today, today
        return [
            *(standing.missed(facts, engine) if engine.leveled and not begun else ()),
            *(letin.missed(facts, of, self._desk.facts_of) if not begun else ()),
            *(standing.reviews(facts, engine, reading.wall) if engine.leveled else ()),
            *(standing.pay_outs(facts, engine, reading.wall) if engine.pays_out else ()),
            *(rights.opened(facts, engine, self._desk.facts_of, reading.wall) if opens else ()),
        ]

    def _stock(self) -> str:
        from daemon import stocktold

        house, today = self._desk.engine().house(), self._desk.books().at().business_date
        return stocktold.in_short(stocktold.told(self._store, house, today))

    def _let_in(self, entry: Entry) -> None:
        """Write down what a purchase that let somebody in brings, or what its return takes."""
        if not isinstance(entry.body, MemberEnrolled | Returned):
            return
        from daemon import letin

        facts, desk = self._desk.books(), self._desk
        drafts = letin.came_back(facts, desk.engine_of, entry)
        drafts += letin.earned(facts, desk.engine_of, entry, desk.facts_of)
        for draft in drafts:
            self._store.submit(draft)

    def _level(self, entry: Entry) -> None:
        from daemon import standing

        facts, engine = self._desk.books(), self._desk.engine()
        if isinstance(entry.body, LevelChanged):
            self._rising.discard(entry.body.member)
            from daemon import rights

            brought = standing.coupon(facts, engine, entry)
            drafts = rights.with_level(facts, engine, entry)
            for draft in drafts if brought is None else (brought, *drafts):
                self._store.submit(draft)
            return
        member = standing.grower(entry)
        if not member or member in self._rising:
            return
        rise = standing.rise(facts, engine, member, id_of(entry))
        if rise is not None:
            self._rising.add(member)
            done = self._store.submit(rise)
            done.add_done_callback(lambda _: self._rising.discard(member))

    def _look_up(self, message: str) -> None:
        from daemon import listing

        self._listed += listing.waiting(self._desk.books(), message)
        self._earn()

    def _earn(self) -> None:
        """Let goods earn whose rules are here; the others wait until these are checked anew."""
        if not self._listed:
            return
        from daemon import listing

        facts, left = self._desk.books(), []
        for one in self._listed:
            entry = facts.entry(one[1])
            engine = None if entry is None else self._desk.engine_of(entry.pack)
            if entry is not None and engine is None:
                left.append(one)
                continue
            if engine is None:
                continue
            draft = listing.earned(facts, engine, one, self._desk.facts_of)
            if draft is not None:
                self._store.submit(draft)
        self._listed = left
