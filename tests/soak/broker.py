"""kill -9 of brokers, headquarters and boxes in mid-flow: `make soak-broker KILLS=100`.

Two boxes sell as fast as their disks take it, headquarters grants points to a member of each, and
at random instants one process of them all is killed: mosquitto, a node of a NATS cluster of three,
headquarters, its PostgreSQL, a box. A third of the kills falls on each kind of chain. What a box
said was sold is at headquarters once at the end; every point that was granted is held once; both
journals agree.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from daemon.ledger.codec import envelope
from hq.report import BoxSaid, boxes, cases
from hq.store import open_office
from tests.brokers import Broker, nats_cluster
from tests.hq.serving import ROOT, Serving, ask_hq
from tests.hq.tables import cards_csv
from tests.postgres import Server
from tests.soak.seller import SOURCE

STORE = "postgresql"
PAUSE_S = (0.15, 0.9)  # between kills: some fall into a start, some into full flow
DEAD_S = (0.0, 0.5)  # until the corpse is replaced
PATIENCE_S = 120.0  # a cluster elects anew, and links wait longer after each failure
GIVE_EVERY = 5  # kills
HOMES = {"0001": "8800000000018", "0002": "8800000000049"}  # whose member is at home where
KINDS = ("mosquitto", "nats", "nats and postgresql")


class SoakError(Exception):
    """The chain did not come back."""


@dataclass(slots=True)
class Result:
    kills: dict[str, int] = field(default_factory=dict)
    sales: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


class Seller:
    """A box as a process of its own; what it says is kept over its deaths."""

    def __init__(self, box: str, folder: Path, command: Sequence[str]) -> None:
        self.box = box
        self.sold: set[int] = set()
        self.last = ""
        self._command = [*command, "--box", box, "--dir", str(folder / box)]
        self._errors = folder / f"{box}.log"
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def start(self) -> None:
        with self._errors.open("a") as errors:
            self._process = subprocess.Popen(
                self._command,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        self._reader = threading.Thread(target=self._read, args=(self._process,))
        self._reader.start()

    def kill(self) -> None:
        """kill -9; nothing to do when it was never started."""
        if self._process is not None:
            self._end(signal.SIGKILL)

    def finish(self) -> dict[str, object]:
        """Let it ship what it has and end; return what it says of its books."""
        self._end(signal.SIGTERM)
        try:
            said = json.loads(self.last)
        except ValueError:
            words = self._errors.read_text()[-2000:]
            raise SoakError(f"box {self.box} ended with {self.last!r}:\n{words}") from None
        assert isinstance(said, dict)
        return said

    def _end(self, how: signal.Signals) -> None:
        process, reader = self._process, self._reader
        assert process is not None and reader is not None, "it was started"
        process.send_signal(how)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return  # torn off by the kill: it told nobody anything whole
                word, _, number = line.strip().partition(" ")
                if word == "sold":
                    self.sold.add(int(number))
                self.last = line.strip()


@dataclass(frozen=True, slots=True)
class Victim:
    """Who may be killed, and how it comes back."""

    name: str
    kill: Callable[[], None]
    start: Callable[[], object]


class Process(Protocol):
    """A process of headquarters."""

    def begin(self) -> object: ...
    def kill(self) -> None: ...


class Chain:
    """Brokers of one kind, headquarters and two boxes, below one folder."""

    def __init__(self, folder: Path, kind: str) -> None:
        broker, _, store = kind.partition(" and ")
        self.brokers = (
            nats_cluster(folder) if broker == "nats" else [Broker(broker, folder / broker)]
        )
        self.hq = folder / "hq"
        self.store: Server | None = None
        self.running: list[tuple[str, Process]] = []
        self.sellers: list[Seller] = []
        try:
            self._set_up(folder, with_server=bool(store))
        except BaseException:
            self.close()  # no process of ours is left behind
            raise

    def _set_up(self, folder: Path, *, with_server: bool) -> None:
        for one in self.brokers:
            one.start()
        if with_server:
            self.store = Server()
            self.store.start()
        hq = self.hq
        where = ("--store", self.store.database()) if self.store else ()
        key = str(ask_hq(hq, *where, "init")["key"])
        ask_hq(hq, "import", "cards", str(write_cards(folder / "c.csv")))
        # Headquarters and boxes come in by different nodes, as through a balancer.
        self.running = self.headquarters()
        for at, (box, card) in enumerate(HOMES.items(), 1):
            node = self.brokers[at % len(self.brokers)]
            command = [sys.executable, "-m", "tests.soak.seller", "--broker", node.address]
            command += ["--key", key, "--token", str(ask_hq(hq, "token", box)["token"])]
            command += ["--account", f"points:{member_at(hq, card)}"]
            self.sellers.append(Seller(box, folder, command))
        self.given = dict.fromkeys(HOMES.values(), 0)

    def headquarters(self) -> "list[tuple[str, Process]]":
        """Return its processes and what they are, not started."""
        return [("headquarters", Serving(self.hq, self.brokers[0].address))]

    def start(self) -> None:
        for _, process in self.running:
            process.begin()
        for seller in self.sellers:
            seller.start()

    def give(self, chance: random.Random) -> None:
        """Grant points while things die: they reach their box once, or the sums do not agree."""
        card, points = chance.choice(sorted(self.given)), chance.randint(1, 50)
        ask_hq(self.hq, "give", card, str(points), "--source", "prize")
        self.given[card] += points

    def victims(self) -> "list[Victim]":
        rows = [Victim(one.kind, one.kill, one.start) for one in self.brokers]
        rows += [Victim(name, one.kill, one.begin) for name, one in self.running]
        if self.store is not None:
            rows.append(Victim(STORE, self.store.kill, self.store.start))
        return rows + [Victim("box", one.kill, one.start) for one in self.sellers]

    def close(self) -> None:
        for seller in self.sellers:
            seller.kill()
        for _, process in self.running:
            process.kill()
        for broker in self.brokers:
            broker.kill()
        if self.store is not None:
            self.store.remove()


def write_cards(path: Path) -> Path:
    """Write two members, each at home in a shop of its own."""
    lines = cards_csv(path).read_text(encoding="utf-8").splitlines()
    lines[-1] = lines[-1].removesuffix("0001") + "0002"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def member_at(hq: Path, card: str) -> str:
    members = ask_hq(hq, "members")["members"]
    assert isinstance(members, list)
    return str(next(one["id"] for one in members if one["card"] == card))


def run(
    folder: Path,
    kind: str,
    kills: int,
    seed: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Result:
    """Kill `kills` processes in mid-flow; return what was found out. Raises SoakError."""
    chance = random.Random(seed)
    result = Result()
    chain = Chain(folder, kind)
    try:
        before = {card: held(chain.hq, card) for card in HOMES.values()}
        chain.start()
        wait(lambda: all(one.sold for one in chain.sellers), "both boxes to sell")
        for number in range(kills):
            time.sleep(chance.uniform(*PAUSE_S))
            victim = chance.choice(chain.victims())
            victim.kill()
            result.kills[victim.name] = result.kills.get(victim.name, 0) + 1
            time.sleep(chance.uniform(*DEAD_S))
            if number % GIVE_EVERY == 0 and victim.name != STORE:  # else nobody could write it
                chain.give(chance)
            victim.start()
            progress(number + 1)
        settle(chain, before, result)
    finally:
        chain.close()
    return result


def settle(chain: Chain, before: dict[str, int], result: Result) -> None:
    """Wait until everything has arrived, end the boxes, and compare both sides."""
    wait(lambda: _told(chain.hq), "headquarters' log to be applied")
    said = {seller.box: seller.finish() for seller in chain.sellers}
    wait(lambda: _booked(chain.hq), "headquarters to book what it has")
    office = open_office(chain.hq)
    try:
        known = boxes(office)
        result.wrong += [f"case {one.kind}: {one.what}" for one in cases(office)]
        for seller in chain.sellers:
            rows = office.db.execute(
                "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain WHERE c.box = ?",
                (seller.box,),
            ).fetchall()
            seen: dict[tuple[str, str], int] = {}
            for (data,) in rows:
                entry = envelope(bytes(data))
                seen[entry.source, entry.id] = seen.get((entry.source, entry.id), 0) + 1
            result.sales += sum(source == SOURCE for source, _ in seen)
            result.doubled += [f"{seller.box} {name}" for name, count in seen.items() if count > 1]
            missing = {n for n in seller.sold if (SOURCE, f"sale-{n}") not in seen}
            result.lost += [f"{seller.box} sale {number}" for number in sorted(missing)]
            own, theirs = said[seller.box], known[seller.box]
            if (own["seq"], own["hash"]) != (theirs.mark, theirs.hash):
                result.wrong.append(f"{seller.box} is at {own['seq']}, HQ has {theirs.mark}")
    finally:
        office.close()
    for seller in chain.sellers:
        card = HOMES[seller.box]
        due, has = before[card] + chain.given[card], said[seller.box]["points"]
        if not due == has == held(chain.hq, card):
            result.wrong.append(f"{card}: granted {due}, the box holds {has}")


def held(hq: Path, card: str) -> int:
    members = ask_hq(hq, "members")["members"]
    assert isinstance(members, list)
    return int(next(one["points"] for one in members if one["card"] == card))


def _told(hq: Path) -> bool:
    found = boxes_at(hq)
    return len(found) == len(HOMES) and all(0 < one.down == one.applied for one in found.values())


def _booked(hq: Path) -> bool:
    return all(one.booked == one.mark for one in boxes_at(hq).values())


def boxes_at(hq: Path) -> Mapping[str, BoxSaid]:
    office = open_office(hq)
    try:
        return boxes(office)
    finally:
        office.close()


def wait(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > deadline:
            raise SoakError(f"waited {PATIENCE_S:.0f} s for {what}")
        time.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak-broker", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="0: a fresh one")
    asked = parser.parse_args()
    seed = asked.seed or random.SystemRandom().randrange(1, 2**31)
    total = Result()
    for at, kind in enumerate(KINDS):
        share = asked.kills // len(KINDS) + (at < asked.kills % len(KINDS))
        with tempfile.TemporaryDirectory(prefix="soak-broker-") as folder:
            try:
                add(total, run(Path(folder), kind, share, seed + at, progress_of(kind, share)))
            except (SoakError, FileNotFoundError) as error:
                sys.stdout.write(f"\nsoak-broker: {error} (seed {seed})\n")
                return 1
    say(total, "soak-broker", seed)
    return 0 if total.good else 1


def say(total: Result, soak: str, seed: int) -> None:
    """Say what came of all kills; the last line is the sum."""
    for problem in (*total.lost, *total.doubled, *total.wrong):
        sys.stdout.write(f"  {problem}\n")
    kills = ", ".join(f"{name} {count}" for name, count in sorted(total.kills.items()))
    sys.stdout.write(
        f"\n{soak}: {sum(total.kills.values())} kills ({kills}), {total.sales} sales:"
        f" {len(total.lost)} lost, {len(total.doubled)} doubled, {len(total.wrong)} wrong;"
        f" seed {seed}\n"
    )


def add(total: Result, one: Result) -> None:
    for name, count in one.kills.items():
        total.kills[name] = total.kills.get(name, 0) + count
    total.sales += one.sales
    total.lost += one.lost
    total.doubled += one.doubled
    total.wrong += one.wrong


def progress_of(kind: str, of: int) -> Callable[[int], None]:
    def tell(done: int) -> None:
        if done % 5 == 0 or done == of:
            sys.stdout.write(f"\r{kind}: {done} of {of} kills ")
            sys.stdout.flush()

    return tell


if __name__ == "__main__":
    raise SystemExit(main())
