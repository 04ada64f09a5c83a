"""A box that sells as fast as its disk takes it, over the real store and the real link.

One line `sold N` for each sale that is durable, until SIGTERM; then one line of JSON with its head.
Killed and started again it goes on with the next number. It has no devices: what is killed here are
link and journal.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.clock import SystemClock
from daemon.entropy import SystemEntropy
from daemon.ledger import machine
from daemon.ledger.bodies import BoxStarted
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft
from daemon.ledger.stamp import stamp
from daemon.ledger.store import Store
from daemon.ledger.views import Durable, Outcome
from daemon.sync.link import Sync
from tests.sync.memory import QuietBox

ZONE = ZoneInfo("Asia/Shanghai")
SOURCE = "till"
BURST = 8  # sales in one flush
PAUSE_S = 0.02  # between bursts: some hundred sales a second


async def sell(asked: argparse.Namespace) -> None:
    clock, entropy = SystemClock(ZONE), SystemEntropy()
    store = Store.open(
        asked.dir, asked.box, clock=clock, entropy=entropy, closing_hour=4, software="soak"
    )
    link = Sync(
        store,
        mqtt=asked.broker,
        hq_key=bytes.fromhex(asked.key),
        token=asked.token,
        entropy=entropy,
        clock=clock,
        status=QuietBox,
        on_change=lambda: None,
    )
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)

    def wake(_: Durable) -> None:
        loop.call_soon_threadsafe(link.wake)

    store.subscribe(wake)
    await link.start()
    say("ready")
    numbers = unsold(store)
    while not stop.is_set():
        wanted = [next(numbers) for _ in range(BURST)]
        futures = [submit(store, clock, number) for number in wanted]
        for number, future in zip(wanted, futures, strict=True):
            outcome = await asyncio.wrap_future(future)
            assert isinstance(outcome, Durable), outcome
            say(f"sold {number}")
        await asyncio.sleep(PAUSE_S)
    while link.status().hq_mark < store.head.seq:  # what was sold is at headquarters
        await asyncio.sleep(0.05)
    await link.stop()
    held = sum(lot.amount for lot in store.books.lots(asked.account, "point"))
    head = store.head
    say(json.dumps({"seq": head.seq, "hash": head.hash, "points": held}))
    store.close()


def unsold(store: Store) -> Iterator[int]:
    """Yield the numbers of sales that are not in the journal."""
    number = 1
    while store.find(SOURCE, f"sale-{number}") is not None:
        number += BURST  # of a torn burst the rest is asked for again, which changes nothing
    number = max(1, number - BURST)
    while True:
        yield number
        number += 1


def submit(store: Store, clock: SystemClock, number: int) -> "Future[Outcome]":
    at = stamp(clock.read(), closing_hour=4, not_before=store.books.business_date())
    name = f"sale-{number}"
    body = BoxStarted(name, "0" * 64)
    draft = Draft(SOURCE, name, Kind.BOX_STARTED, at, machine.BY_BOX, None, None, body, ())
    return store.submit(draft)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("box", "broker", "key", "token", "account"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--dir", type=Path, required=True)
    asyncio.run(sell(parser.parse_args()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
