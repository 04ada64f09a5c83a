"""What workers cost: `python -m tests.soak.drain nats 2` (or mosquitto; how many workers).

Some boxes' backlogs of four-line sales, in batches as boxes pack them, are published as fast as the
broker takes them; measured is the time until headquarters has all, and the processor time of
workers and brokers from /proc. There is no book: storing alone. A batch that a broker loses is not
sent again here, and the run fails.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from daemon.ledger.codec import encode, hash_of
from daemon.ledger.sealing import seal_draft
from daemon.ledger.views import Stored
from daemon.sync.shipping import Shipping
from hq.intake import Arrival
from hq.store import Office, open_office
from tests.bench.sales import Till
from tests.brokers import Broker, nats_cluster
from tests.hq.office import Sender
from tests.hq.serving import ask_hq
from tests.postgres import Server
from tests.soak.broker import wait
from tests.soak.cluster import Running

BOXES = 8
ENTRIES = 4000  # of each
INFLIGHT = 20  # messages that a publisher has not had confirmed
TICKS = os.sysconf("SC_CLK_TCK")


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.drain", description=__doc__)
    parser.add_argument("kind", choices=("nats", "mosquitto"))
    parser.add_argument("workers", type=int)
    asked = parser.parse_args(words)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="drain-")))
        server = Server("shared_buffers=256MB", "max_wal_size=4GB", fsync=True)
        stack.callback(server.remove)
        server.start()
        ask_hq(folder / "hq", "--store", server.database(), "init")
        office = open_office(folder / "hq")
        stack.callback(office.close)
        brokers = nats_cluster(folder) if asked.kind == "nats" else [Broker(asked.kind, folder)]
        for broker in brokers:
            stack.callback(broker.kill)
            broker.start()
        workers = _workers(folder, asked.kind, brokers, asked.workers)
        for worker in workers:
            stack.callback(worker.kill)
        lines = [stack.enter_context(_line(broker)) for broker in brokers]
        _measure(office, workers, brokers, lines)
    return 0


def _workers(folder: Path, kind: str, brokers: list[Broker], count: int) -> list[Running]:
    where = [
        word
        for one in brokers
        for word in (("--nats", one.nats) if kind == "nats" else ("--mqtt", one.address))
    ]
    made = [
        Running(folder / "hq", "intake", *where, log=folder / f"worker{at}.log")
        for at in range(count)
    ]
    for one in made:
        one.begin()
    wait(lambda: all("ready" in one.said for one in made), "the workers")
    return made


@contextmanager
def _line(broker: Broker) -> Iterator[mqtt.Client]:
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(INFLIGHT)
    client.connect(broker.host, broker.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def _measure(
    office: Office, workers: list[Running], brokers: list[Broker], lines: list[mqtt.Client]
) -> None:
    boxes = [_box(office, f"{at:04}", seed=at) for at in range(1, BOXES + 1)]
    total = sum(box.ledger.head.seq for box, _ in boxes)
    for at, (box, _) in enumerate(boxes):
        _send(lines[at % len(lines)], box.hello())
    known = "SELECT count(DISTINCT box) FROM device_key"
    wait(lambda: office.db.execute(known).fetchone()[0] == BOXES, "the hellos")
    ours = [one.pid for one in workers]
    theirs = [one.pid for one in brokers if one.pid is not None]
    before = _seconds(ours), _seconds(theirs)
    began = time.monotonic()
    for batch in range(max(len(batches) for _, batches in boxes)):
        for at, (_, batches) in enumerate(boxes):
            if batch < len(batches):
                _send(lines[at % len(lines)], batches[batch])
    marks = "SELECT sum(mark) FROM chain WHERE box <> 'hq'"
    wait(lambda: office.db.execute(marks).fetchone()[0] == total, "all to be stored")
    took = time.monotonic() - began
    worked, carried = _seconds(ours) - before[0], _seconds(theirs) - before[1]
    sent = sum(len(batches) for _, batches in boxes)
    sys.stdout.write(
        f"{total} entries in {sent} batches, {len(workers)} workers: {took:.1f} s,"
        f" {total / took:.0f} a second (load average {os.getloadavg()[0]:.1f}); processor for each"
        f" entry: workers {worked * 1e6 / total:.1f} us, brokers {carried * 1e6 / total:.1f} us\n"
    )


def _box(office: Office, name: str, *, seed: int) -> tuple[Sender, list[Arrival]]:
    """Return a box and its backlog, packed."""
    box, batches, first = Sender(office, name, seed), [], 1
    for draft in islice(Till(4, name).drafts(), ENTRIES):
        head = box.ledger.head
        entry = seal_draft(draft, box.ledger.chain, seq=head.seq + 1, prev=head.hash)
        data = encode(entry)
        box.ledger.entries.append(Stored(entry.seq, hash_of(data), data))
    shipping = Shipping(box.ledger, hq_key=office.public)
    while first <= box.ledger.head.seq:
        packed = shipping.pack(1, first=first, last=box.ledger.head.seq)
        assert packed is not None
        batches.append(Arrival(f"mb1/{name}/up/journal", packed[0]))
        first = packed[1] + 1
    return box, batches


def _send(line: mqtt.Client, message: Arrival) -> None:
    line.publish(message.topic, message.payload, qos=1)


def _seconds(pids: Sequence[int]) -> float:
    """Return the processor time that these processes have had."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


if __name__ == "__main__":
    raise SystemExit(main())
