"""P9: a million unsent entries go to headquarters over a real broker: memory, rate, bytes.

Three processes beside the broker: this one counts, one is the box's link over the real store, and
one stands for headquarters: it reads the headers of batches and signs acknowledgements. What HQ's
own store takes is row P12's.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from daemon import seal
from daemon.clock import SystemClock
from daemon.entropy import SystemEntropy
from daemon.ledger import machine
from daemon.ledger.signed import Ack
from daemon.ledger.stamp import stamp
from daemon.sync.batch import LENGTH_BYTES
from daemon.sync.link import Sync
from daemon.sync.wire import LetterKind, down, seal_letter, up
from tests.bench.commit import open_store
from tests.bench.million import BOX, million, warmed
from tests.bench.row import Part, middle
from tests.bench.unit import unit_environment
from tests.brokers import Broker
from tests.stage import ROOT
from tests.sync.memory import QuietBox

ROUNDS = 3  # of ten seconds each
REST_S = 90.0  # at most, for what a store does in the background after its start
QUIET_S = 8  # one after the other
IDLE = 0.03  # of a processor: connected, a million entries unsent, and nobody answers
DONE_WITHIN_S = 300.0
ACK_EVERY = 4  # batches: HQ answers once for all that it has stored in one go


def backlog() -> Sequence[Part]:
    """P9: growth of memory while a million unsent entries drain, entries a second, bytes each."""
    folder = million()
    growth, rate, size = [], [], []
    for _ in range(ROUNDS):
        with Broker("nats") as broker:
            said = _round(warmed(folder), broker.address)
        growth.append(said["growth_mib"])
        rate.append(said["entries"] / said["seconds"])
        size.append(said["bytes"] / said["entries"])
    return [
        Part("P9.growth_mib", middle(growth), 2.0),
        Part("P9.entries_per_s", middle(rate), 100_000, at_least=True),
        Part("P9.bytes_per_entry", middle(size), 110),
    ]


def _round(folder: Path, address: str) -> dict[str, float]:
    seed = SystemEntropy().draw(seal.SEED_BYTES)
    acker = _Headquarters(address, seed)
    acker.start()
    command = [sys.executable, "-m", "tests.bench.drain", str(folder), address]
    box = subprocess.Popen(
        [*command, seal.public_key(seed).hex()],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env=unit_environment(),
    )
    assert box.stdout is not None
    assert box.stdout.readline().strip() == "waiting"
    acker.answer.set()
    said = json.loads(box.stdout.readline())
    box.wait()
    acker.stop()
    return {**said, "bytes": acker.bytes}


class _Headquarters:
    """Acknowledges what comes in order; what it has to do it does in paho's thread."""

    def __init__(self, address: str, seed: bytes) -> None:
        self._seed = seed
        self._batches = 0
        self._said = 0
        self.bytes = 0
        self.answer = threading.Event()
        host, _, port = address.rpartition(":")
        self._client = client = mqtt.Client(CallbackAPIVersion.VERSION2)
        client.on_message = self._on_message
        client.connect(host, int(port))
        client.subscribe([(up(BOX, "hello"), 1), (up(BOX, "journal"), 1)])

    def start(self) -> None:
        self._client.loop_start()

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        self.answer.wait()
        if message.topic.endswith("hello"):
            self._ack(0, "0" * 64)
            return
        self.bytes += len(message.payload)
        self._batches += 1
        end = LENGTH_BYTES + int.from_bytes(message.payload[:LENGTH_BYTES], "big")
        header = json.loads(message.payload[LENGTH_BYTES:end])
        few = header["last"] - header["first"] < 100  # the end of the journal
        if self._batches % ACK_EVERY == 0 or few:
            self._ack(header["last"], header["head_hash"])

    def _ack(self, mark: int, found: str) -> None:
        self._said += 1
        at = f"2026-03-06T10:{self._said // 60000:02d}:{self._said // 1000 % 60:02d}"
        at += f".{self._said % 1000:03d}+08:00"
        ack = Ack(1, BOX, 1, mark, found, "one", at, 0, "0" * 64)
        letter = seal_letter(LetterKind.ACK, ack, lambda d, p: seal.sign(self._seed, d, p))
        self._client.publish(down(BOX, "ack"), letter, qos=0)


async def _drain(folder: Path, address: str, hq_key: bytes) -> dict[str, float]:
    clock = SystemClock(ZoneInfo("Asia/Shanghai"))
    store = open_store(folder)
    at = stamp(clock.read(), closing_hour=4, not_before=store.books.open_date())
    store.commit(machine.box_started(at, software="bench", config="0" * 64))  # as every start does
    sync = Sync(
        store,
        mqtt=address,
        hq_key=hq_key,
        token=None,
        entropy=SystemEntropy(),
        clock=clock,
        status=QuietBox,
        on_change=lambda: None,
    )
    await sync.start()
    await _at_rest()
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory counts from here
    before = _memory_mib("VmRSS")
    last = store.head.seq  # the day's anchor comes on top
    print("waiting", flush=True)
    began = time.perf_counter()
    while sync.status().hq_mark < last:
        assert time.perf_counter() - began < DONE_WITHIN_S, sync.status()
        await asyncio.sleep(0.02)
    took = time.perf_counter() - began
    growth = _memory_mib("VmHWM") - before
    await sync.stop()
    store.close()
    return {"entries": last, "seconds": took, "growth_mib": growth}


async def _at_rest() -> None:
    """Return when the box has had nothing to do for a while but to wait for an answer.

    A store reads the keys of requests into memory after some quiet; that is no part of this row.
    """
    end, quiet = time.perf_counter() + REST_S, 0
    while quiet < QUIET_S and time.perf_counter() < end:
        before = time.process_time()
        await asyncio.sleep(1)
        quiet = quiet + 1 if time.process_time() - before < IDLE else 0


def _memory_mib(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name)) / 1024


if __name__ == "__main__":
    where, broker, key = sys.argv[1:]
    print(json.dumps(asyncio.run(_drain(Path(where), broker, bytes.fromhex(key)))), flush=True)
