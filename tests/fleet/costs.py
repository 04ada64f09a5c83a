"""What a box costs headquarters while it says little: `python -m tests.fleet.costs`.

Processor time of the worker and of PostgreSQL for each hello, state and batch of one entry, in
drains as the server has them; and what they weigh on the wire.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from daemon.sync.shipping import Shipping
from hq.headquarters import Headquarters
from hq.intake import Arrival
from hq.store import create
from tests.bench.sales import Till
from tests.fleet.ledger import LightLedger
from tests.fleet.meters import cost
from tests.hq.office import Sender
from tests.postgres import Server

BOXES = 400
DRAIN = 64  # messages of one transaction
SALES = 800
DISK = Path("/var/tmp")  # never memory, and the server's user may go there


def main() -> None:
    with (
        tempfile.TemporaryDirectory(dir=DISK) as folder,
        Server(fsync=True, disk=DISK) as server,
    ):
        office = create(Path(folder) / "hq", server.database())
        hq = Headquarters(office)
        boxes = [Sender(office, f"{n:04d}", n) for n in range(BOXES)]

        def measure(what: str, arrivals: Sequence[Arrival]) -> None:
            _report(what, len(arrivals[0].payload), server.pid, lambda: _drain(hq, arrivals))

        sys.stdout.write(f"load average {os.getloadavg()[0]:.1f}\n")
        measure("first hello", [box.hello() for box in boxes])
        measure("batch of one entry", [box.batch() for box in boxes])
        measure("hello", [box.hello() for box in boxes])
        measure("state", [box.state(online=True) for box in boxes])
        for lines in (1, 2, 4):
            _weigh(lines, office.public)
        office.close()


def _drain(hq: Headquarters, arrivals: Sequence[Arrival]) -> None:
    for at in range(0, len(arrivals), DRAIN):
        drained = hq.take(arrivals[at : at + DRAIN], mono_ms=at)
        assert not drained.refusals, drained.refusals


def _report(what: str, size: int, pid: int, work: Callable[[], None]) -> None:
    ours, theirs = time.process_time(), cost(pid).cpu_s
    work()
    ours, theirs = time.process_time() - ours, cost(pid).cpu_s - theirs
    each = 1e6 / BOXES
    sys.stdout.write(
        f"{what}: {size} bytes, worker {ours * each:.0f} us, server {theirs * each:.0f} us\n"
    )


def _weigh(lines: int, hq_key: bytes) -> None:
    till = Till(lines, "costs")
    ledger = LightLedger("0001", lines, [till.draft(n) for n in range(1, 41)])
    for _ in range(SALES):
        ledger.sell_one()
    shipping, first, size = Shipping(ledger, hq_key=hq_key), 2, 0
    while first <= ledger.head.seq:
        packed = shipping.pack(1, first=first, last=ledger.head.seq)
        assert packed is not None
        size, first = size + len(packed[0]), packed[1] + 1
    raw = sum(len(one.data) for one in ledger.entries) / len(ledger.entries)
    alone = shipping.pack(1, first=2, last=2)
    assert alone is not None
    sys.stdout.write(
        f"sale of {lines} lines: {raw:.0f} bytes; on the wire {size / SALES:.0f} among others,"
        f" {len(alone[0])} alone\n"
    )


if __name__ == "__main__":
    main()
