"""The story of a fleet: birth, selling, a new pack, an outage of headquarters, and the return.

Real processes: mosquitto, PostgreSQL, `memberbox-hq serve`, boxes in processes of their own. Three
boxes are bad: one signs with a foreign key, one writes entries that mean nothing, the card of one
was copied when it was new.
"""

import json
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from hq import packs
from hq.registry import issue_token
from hq.report import cases
from hq.store import Office, create, open_office
from tests.brokers import Broker
from tests.fleet.checking import differences, doubled_sales
from tests.fleet.crew import Fleet, FleetError, middle_and_worst
from tests.fleet.meters import Cost, cost
from tests.fleet.worker import Crew, Held, Said
from tests.hq.serving import ROOT, Serving, ask_hq
from tests.postgres import Server

PACK = ROOT / "config" / "packs" / "zhenzi.json"
VERSION = 70  # of the pack that is rolled out; above the one in the file
HANDLES = 20_000  # of one process: a connection takes one; what systems allow without asking
SEEDS_APART = 1_000_000  # between the boxes of two processes


class Plan(msgspec.Struct, frozen=True):
    """How much of everything. `each`: sales of a box, `pile`: those while headquarters is away."""

    boxes: int
    processes: int = 2
    each: int = 10
    over_s: float = 30.0
    away_s: float = 20.0
    pile: int = 400
    at_once: int | None = None  # boxes that headquarters lets send; None: as it is built
    patience_s: float = 1_800.0


class Phase(msgspec.Struct, frozen=True):
    """What one part of the story took. Processor seconds; `again`: entries that went up twice."""

    name: str
    took_s: float
    entries: int
    per_s: float
    ack_p50_ms: float
    ack_p99_ms: float
    batches_at_once: int
    again: int
    hq_s: float
    store_s: float
    broker_s: float


class Story(msgspec.Struct):
    """What came of it."""

    boxes: int = 0
    phases: list[Phase] = msgspec.field(default_factory=list)
    online: int = 0  # the most
    pilot_s: float = 0.0
    rollout_s: float = 0.0
    drain_s: float = 0.0  # until everything was acknowledged
    booked_s: float = 0.0  # and booked, after that
    entries: int = 0
    memory_mb: dict[str, float] = msgspec.field(default_factory=dict)
    progress: object = None  # of the pack, as `memberbox-hq pack list` says it
    refused: list[str] = msgspec.field(default_factory=list)  # with the reason
    forked: dict[str, str] = msgspec.field(default_factory=dict)
    cases: dict[str, int] = msgspec.field(default_factory=dict)  # on the work list, by what
    wrong: list[str] = msgspec.field(default_factory=list)


class Stage:
    """Broker, store, headquarters and the fleet of one story."""

    def __init__(self, folder: Path, plan: Plan, broker: Broker, store: Server) -> None:
        self.folder, self.plan = folder, plan
        self.broker, self.store = broker, store
        self.hq = folder / "hq"
        office = create(self.hq, self.store.database())
        self.key = office.public.hex()
        office.close()
        self.log = folder / "hq.log"
        more = () if plan.at_once is None else ("--boxes-at-once", str(plan.at_once))
        self.serving = Serving(self.hq, self.broker.address, *more, log=self.log)
        self.names = [f"{n:04d}" for n in range(1, plan.boxes + 1)]
        self.forger, self.poisoned, self.copied = self.names[:3]
        self.fleet = Fleet(folder, self._crews())

    def _crews(self) -> list[Crew]:
        office = open_office(self.hq)
        tokens = {name: issue_token(office, name) for name in self.names}
        office.close()
        return [
            Crew(
                self.key,
                SEEDS_APART * at,
                {name: tokens[name] for name in self.names[at :: self.plan.processes]},
                (self.forger,),
                (self.poisoned,),
            )
            for at in range(self.plan.processes)
        ]

    @contextmanager
    def office(self) -> Iterator[Office]:
        found = open_office(self.hq)
        try:
            yield found
        finally:
            found.close()

    def costs(self) -> Mapping[str, Cost]:
        """Return what the three servers have cost since they began."""
        pids = {"hq": self.serving.pid, "store": self.store.pid, "broker": self.broker.pid}
        return {name: cost(pid) for name, pid in pids.items() if pid is not None}

    def close(self) -> None:
        self.fleet.close()
        self.serving.kill()


class Teller:
    """Plays the story on a stage, and writes down what it took."""

    def __init__(self, stage: Stage, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._fleet, self._plan = stage.fleet, stage.plan
        self._say = say
        self.story = Story(boxes=stage.plan.boxes)

    def tell(self) -> Story:
        """Play all of it. Raises FleetError when it does not come to its end."""
        self._stage.serving.start()
        self._birth()
        self._selling()
        self._roll_out()
        self._outage()
        self._settle()
        return self.story

    def _birth(self) -> None:
        with self._phase("birth"):
            broker = self._stage.broker
            self._fleet.tell("go", host=broker.host, port=broker.port)
            self._wait_level()

    def _selling(self) -> None:
        with self._phase("selling"):
            self._fleet.tell("sell", each=self._plan.each, over_s=self._plan.over_s)
            self._wait_level()
        self._fleet.tell("twin", box=self._stage.copied)
        _, said = self._fleet.wait(
            lambda now: self._stage.copied in now.forked, "fork", self._plan.patience_s
        )
        self.story.forked = said.forked

    def _roll_out(self) -> None:
        """A tenth gets the pack first, then all; whoever is forked takes nothing any more."""
        stage = self._stage
        pilot = stage.names[3 : 3 + max(1, len(stage.names) // 10)]
        text = json.dumps(json.loads(PACK.read_text()) | {"version": VERSION})
        with self._phase("roll-out"):
            with stage.office() as office:
                packs.put_channel(office, "pilot", pilot)
                packs.publish(office, text, to="pilot")
            self.story.pilot_s = self._wait_pack(len(pilot))
            with stage.office() as office:
                packs.publish(office, text)
            # Not the forger, whose chain never began, nor the copied one.
            self.story.rollout_s = self._wait_pack(len(stage.names) - 2)
        self.story.progress = ask_hq(stage.hq, "pack", "list")["packs"]

    def _outage(self) -> None:
        stage, plan = self._stage, self._plan
        self._say(f"headquarters and its broker are away for {plan.away_s:.0f} s")
        stage.serving.kill()
        stage.broker.kill()
        began = time.monotonic()
        self._fleet.tell("pile", each=plan.pile)
        time.sleep(max(0.0, plan.away_s - (time.monotonic() - began)))
        stage.broker.start()
        with self._phase("return"):
            stage.serving.start()
            self.story.drain_s = self._wait_level()

    def _settle(self) -> None:
        stage, story = self._stage, self.story
        began = time.monotonic()
        while not self._booked():
            if time.monotonic() - began > self._plan.patience_s:
                raise FleetError("headquarters does not book what it has")
            time.sleep(0.2)
        story.booked_s = time.monotonic() - began
        self._weigh(self._fleet.look("phase"))
        held = self._fleet.end()
        refused = sorted(set(stage.log.read_text().splitlines()))
        story.refused = [line for line in refused if line.startswith("refused")]
        with stage.office() as office:
            forger = held.pop(stage.forger)
            story.wrong = differences(office, held | {stage.forger: Held(0, "0" * 64, 0)})
            story.wrong += doubled_sales(office)
            story.cases = dict(
                Counter(f"{one.box} {one.kind}: {one.what}" for one in cases(office))
            )
            story.entries = sum(one.seq for one in held.values())
            assert forger.seq > 1, "it has tried"

    # -- inside ----------------------------------------------------------------------------------

    def _wait_level(self) -> float:
        """Wait until all boxes but the bad ones have said everything."""

        def good(said: Said) -> bool:
            self.story.online = max(self.story.online, said.online)
            bad = len(said.forked) + 1  # the forger's entries are never taken
            return not said.selling and said.online >= said.boxes and said.level >= said.boxes - bad

        return self._fleet.wait(good, "agreement", self._plan.patience_s)[0]

    def _wait_pack(self, shops: int) -> float:
        """Wait until that many have the pack that they shall have, as headquarters says."""
        began = time.monotonic()
        while True:
            with self._stage.office() as office:
                known = packs.progress(packs.rolled_out(office))
            found = [one for one in known if one.pack == f"zhenzi {VERSION}"]
            if found and found[0].have >= shops:
                return time.monotonic() - began
            if time.monotonic() - began > self._plan.patience_s:
                raise FleetError(f"the pack does not arrive: {found}")
            time.sleep(0.2)

    def _booked(self) -> bool:
        with self._stage.office() as office:
            row = office.db.execute("SELECT count(*) FROM chain WHERE booked < mark").fetchone()
        return int(row[0]) == 0

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        before, stored = self._fleet.look("phase"), self._stored()
        costs, began = self._stage.costs(), time.monotonic()
        yield
        took = time.monotonic() - began
        after, now = self._fleet.look("phase"), self._stage.costs()
        entries = self._stored() - stored
        spent = {name: one.since(costs.get(name)) for name, one in now.items()}
        p50, p99 = middle_and_worst(after.ages_ms)
        phase = Phase(
            name,
            took,
            entries,
            entries / took,
            p50,
            p99,
            after.peak,
            max(0, after.shipped - before.shipped - entries),
            spent["hq"],
            spent["store"],
            spent["broker"],
        )
        self.story.phases.append(phase)
        self._weigh(after)
        self._say(str(phase))

    def _stored(self) -> int:
        with self._stage.office() as office:
            row = office.db.execute("SELECT sum(mark) FROM chain WHERE box <> 'hq'").fetchone()
        return int(row[0] or 0)

    def _weigh(self, said: Said) -> None:
        weights = {name: one.resident_mb for name, one in self._stage.costs().items()}
        weights["boxes"] = said.resident_mb
        known = self.story.memory_mb
        for name, mb in weights.items():
            known[name] = max(known.get(name, 0.0), mb)


def play(folder: Path, plan: Plan, say: Callable[[str], None] = lambda _: None) -> Story:
    """Play the story below a folder of a disk. Raises FleetError when it does not end well."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, HANDLES)), hard))
    broker, store = Broker("mosquitto", folder / "broker"), Server(fsync=True, disk=folder)
    with broker, store:
        stage = Stage(folder, plan, broker, store)
        try:
            return Teller(stage, say).tell()
        finally:
            stage.close()
