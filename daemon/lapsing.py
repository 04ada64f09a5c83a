"""What is due to lapse, for the box's beat: drafts from the books, while the clock is trusted."""

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.clock import Clock, ClockState
from daemon.errors import StoreError
from daemon.ledger.acts import mall, notice
from daemon.ledger.acts.lapse import LAPSING, lapses
from daemon.ledger.notices import Notice
from daemon.ledger.records import Draft
from daemon.ledger.stamp import stamp
from daemon.ledger.store import Store

if TYPE_CHECKING:
    from daemon.limiting import Limiting


async def lapse(store: Store, clock: Clock, limiting: "Limiting", *, closing_hour: int) -> None:
    """Write down what is due; looking for it takes seconds in old books, and nobody waits."""
    with contextlib.suppress(StoreError):  # a disk that fails is said by the store's state
        for draft in await asyncio.to_thread(due, store, clock, closing_hour=closing_hour):
            whole = freed(draft, limiting)
            outcome = store.submit(whole)
            if whole is not draft:  # the next of this card must find its room as this one leaves it
                await asyncio.wrap_future(outcome)


def freed(draft: Draft, limiting: "Limiting") -> Draft:
    """Return a lapse with the room that it leaves on the member's card."""
    whole = limiting.drawn(draft)
    assert isinstance(whole, Draft), whole  # only what is given is refused
    return whole


def due(store: Store, clock: Clock, *, closing_hour: int) -> list[Draft]:
    """Return the lapses that are due and not written; none while the clock is not trusted.

    Looks through all balances: call it in a thread.
    """
    reading = clock.read()
    if reading.state is not ClockState.SYNCED:
        return []
    before = (reading.wall.date() + timedelta(days=2)).isoformat()  # of any time zone
    rows = [row for account in LAPSING for row in store.purses.ending(account, before)]
    waiting = store.mall.open()
    kept = store.books.notices(Notice.RESERVATION)
    if not rows and not waiting and not kept:
        return []
    at = stamp(reading, closing_hour=closing_hour, not_before=store.books.open_date())
    bills = [mall.lapsed(one.bill, at) for one in waiting if one.business_date < at.business_date]
    pack = store.books.active_ref()
    late = notice.lapsed(kept, at, reading.wall)
    return [*bills, *late, *lapses(rows, at, pack, store.purses.held, reading.wall)]
