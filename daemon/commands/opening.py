"""The store of a box that is stopped, opened by a command as the box itself would."""

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import msgspec

from daemon.clock import SystemClock
from daemon.commands.looking import last_wall
from daemon.config import Config
from daemon.entropy import SystemEntropy
from daemon.ledger.store import Store
from daemon.release import VERSION


class Resting(msgspec.Struct, frozen=True):
    store: Store
    clock: SystemClock
    entropy: SystemEntropy
    software: str


@contextmanager
def opened(config: Config) -> Iterator[Resting]:
    """Give the store, and close it. Raises StoreError: a box that runs has it."""
    start, last = config.box.clock_start, last_wall(config)
    clock = SystemClock(
        ZoneInfo(config.shop.timezone), start if start is None or last is None else max(start, last)
    )
    entropy = SystemEntropy()
    store = Store.open(
        config.state_dir,
        config.box.id,
        clock=clock,
        entropy=entropy,
        closing_hour=config.shop.closing_hour,
        software=VERSION,
    )
    try:
        yield Resting(store, clock, entropy, VERSION)
    finally:
        store.close()
