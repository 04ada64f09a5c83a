"""kill -9 in mid-flow of all that a chain's headquarters is made of: `make soak-cluster KILLS=100`.

Half of the kills fall on a NATS cluster of three whose JetStream feeds the workers, half on
mosquitto with a shared subscription. Two boxes sell as fast as their disks take it; points are
granted meanwhile; at random instants one process of them all is killed: a broker, a worker, the
booking, PostgreSQL with all its processes, a box. The end is soak-broker's: every sale is stored
once, every point held once, both journals agree.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hq.store import open_office
from tests.hq.serving import COMMAND, ROOT
from tests.soak.broker import (
    DEAD_S,
    GIVE_EVERY,
    HOMES,
    PATIENCE_S,
    PAUSE_S,
    STORE,
    Chain,
    Process,
    Result,
    SoakError,
    Victim,
    add,
    boxes_at,
    held,
    progress_of,
    say,
    settle,
    wait,
)

WORKERS = 3
KINDS = ("nats", "mosquitto")


class Running:
    """A `memberbox-hq` command that runs until it is told to end."""

    def __init__(self, hq: Path, *words: str, log: Path) -> None:
        self._command = [*COMMAND, "--dir", str(hq), *words]
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def end(self) -> int:
        """Ask it to end as systemd does; return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE_S)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        return self._log.read_text()


@dataclass(slots=True)
class Figures:
    """What a run moved, and how fast what had piled up went."""

    sent: int = 0  # entries in the journals of the boxes
    stored: int = 0  # entries at headquarters
    backlog: int = 0  # sold and not stored when the last of the dead came back
    drained_s: float = 0.0
    by_worker: list[int] = field(default_factory=list)  # of those that lived at the end


class Cluster(Chain):
    """A chain whose headquarters is workers, a booking process and a PostgreSQL."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.workers: list[Running] = []
        super().__init__(folder, f"{kind} and postgresql")

    def headquarters(self) -> list[tuple[str, Process]]:
        mqtt = [word for one in self.brokers for word in ("--mqtt", one.address)]
        nats = [word for one in self.brokers for word in ("--nats", one.nats)]
        where = mqtt if len(self.brokers) == 1 else nats
        logs = self.hq.parent
        self.workers = [
            Running(self.hq, "intake", *where, log=logs / f"worker{at}.log")
            for at in range(WORKERS)
        ]
        booking = Running(self.hq, "book", *mqtt, log=logs / "booking.log")
        return [("booking", booking), *(("worker", one) for one in self.workers)]

    def victims(self) -> list[Victim]:
        assert self.store is not None
        rows = [one for one in super().victims() if one.name != STORE]
        return [*rows, Victim(STORE, self.store.kill_9, self.store.start)]

    def sold(self) -> dict[str, int]:
        return {one.box: len(one.sold) for one in self.sellers}

    def lacks(self, sold: dict[str, int]) -> int:
        """How many of these sales headquarters cannot have; a box's own entries come on top."""
        found = boxes_at(self.hq)
        marks = {box: found[box].mark if box in found else 0 for box in sold}
        return sum(max(0, count - marks[box]) for box, count in sold.items())


def run(
    folder: Path,
    kind: str,
    kills: int,
    choose: Callable[[list[Victim]], Victim],
    *,
    chance: random.Random,
    dead_s: tuple[float, float] = DEAD_S,
    meanwhile: Callable[[Cluster, Victim], None] = lambda _chain, _victim: None,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Result, Figures]:
    """Kill in mid-flow; return what was found out. Raises SoakError.

    `meanwhile`: what is looked at before the corpse is replaced.
    """
    result = Result()
    chain = Cluster(folder, kind)
    try:
        before = {card: held(chain.hq, card) for card in HOMES.values()}
        chain.start()
        wait(lambda: all(one.sold for one in chain.sellers), "both boxes to sell")
        wait(lambda: chain.lacks(dict.fromkeys(chain.sold(), 1)) == 0, "the first entries")
        for number in range(kills):
            time.sleep(chance.uniform(*PAUSE_S))
            victim = choose(chain.victims())
            victim.kill()
            result.kills[victim.name] = result.kills.get(victim.name, 0) + 1
            time.sleep(chance.uniform(*dead_s))
            if number % GIVE_EVERY == 0 and victim.name != STORE:  # else nobody could write it
                chain.give(chance)
            meanwhile(chain, victim)
            victim.start()
            progress(number + 1)
        figures = _drain(chain)
        settle(chain, before, result)
        _count(chain, figures, result)
    finally:
        chain.close()
    return result, figures


def _drain(chain: Cluster) -> Figures:
    """Wait until all that was sold by now is stored; boxes go on selling meanwhile."""
    sold, began = chain.sold(), time.monotonic()
    figures = Figures(backlog=chain.lacks(sold))
    wait(lambda: chain.lacks(sold) == 0, "the backlog to drain")
    figures.drained_s = time.monotonic() - began
    return figures


def _count(chain: Cluster, figures: Figures, result: Result) -> None:
    """Let the workers say what they stored, and count what is there."""
    for worker in chain.workers:
        if worker.end() != 0:
            result.wrong.append(f"a worker ended badly: {worker.said[-500:]}")
        words = worker.said.strip().splitlines()[-1].split()
        figures.by_worker.append(int(words[0]) if words[0].isdecimal() else 0)
    office = open_office(chain.hq)
    try:
        query = "SELECT count(*), count(DISTINCT (chain, seq)) FROM entry"
        figures.stored, once = office.db.execute(query).fetchone()
        marks = "SELECT coalesce(sum(mark), 0) FROM chain WHERE box <> 'hq'"
        (figures.sent,) = office.db.execute(marks).fetchone()  # each is its box's head: settle()
        own = "SELECT count(*) FROM entry AS e JOIN chain AS c ON c.id = e.chain WHERE c.box = 'hq'"
        figures.stored -= office.db.execute(own).fetchone()[0]
        once -= office.db.execute(own).fetchone()[0]
    finally:
        office.close()
    if not figures.sent == figures.stored == once:
        result.wrong.append(f"{figures.sent} sent, {figures.stored} stored, {once} numbers")


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make soak-cluster", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="0: a fresh one")
    asked = parser.parse_args(words)
    seed = asked.seed or random.SystemRandom().randrange(1, 2**31)
    total = Result()
    for at, kind in enumerate(KINDS):
        share = asked.kills // len(KINDS) + (at < asked.kills % len(KINDS))
        chance = random.Random(seed + at)
        with tempfile.TemporaryDirectory(prefix="soak-cluster-") as folder:
            try:
                result, figures = run(
                    Path(folder),
                    kind,
                    share,
                    chance.choice,
                    chance=chance,
                    progress=progress_of(kind, share),
                )
            except (SoakError, FileNotFoundError) as error:
                sys.stdout.write(f"\nsoak-cluster: {error} (seed {seed})\n")
                return 1
        add(total, result)
        sys.stdout.write(
            f"\n{kind}: {figures.sent} entries sent, {figures.stored} stored; after the last kill"
            f" {figures.backlog} waited, drained in {figures.drained_s:.1f} s; the workers that"
            f" lived to the end had stored {figures.by_worker} of them\n"
        )
    say(total, "soak-cluster", seed)
    return 0 if total.good else 1


if __name__ == "__main__":
    raise SystemExit(main())
