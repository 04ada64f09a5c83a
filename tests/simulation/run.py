"""A history, from its plan to the moment when everything has arrived."""

import gc
import logging
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from hq.restoring import waiting_for
from tests.simulation import faults, operators, sticks, trade, visits
from tests.simulation.box import Box
from tests.simulation.ending import check_end
from tests.simulation.plan import Event, Plan
from tests.simulation.template import make
from tests.simulation.world import Faults, World

MEMORY = Path("/dev/shm")  # a disk in memory, where there is one
PACES_MS = (200, 600, 1500)  # between two events
HEAL_STEPS = 240
AGREED_STEPS = 3  # a box that idles says so: there is always something on its way
STUCK_STEPS = 60  # then minutes pass, and an operator looks why
DEEDS = {
    **trade.TRADES,
    **visits.VISITS,
    **faults.FAULTS_DONE,
    **operators.OPERATORS,
    **sticks.STICKS,
}


@dataclass(slots=True)
class Told:
    """What came of a history."""

    seen: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    broken: str = ""  # which check failed; empty when all held
    rule: str = ""


class Bench:
    """A folder in memory with the templates; made once for any number of histories."""

    def __init__(self) -> None:
        where = str(MEMORY) if MEMORY.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(prefix="memberbox-sim-", dir=where))
        self._made: set[int] = set()
        logging.disable(logging.CRITICAL)  # a box in trouble says so many times
        gc.disable()  # what a history leaves is thrown away before the next
        gc.freeze()  # and what was there before it is not looked at again

    def template(self, boxes: int) -> Path:
        path = self.folder / f"template-{boxes}"
        if boxes not in self._made:
            path.mkdir()
            make(path, boxes)
            self._made.add(boxes)
        return path

    def close(self) -> None:
        logging.disable(logging.NOTSET)
        gc.unfreeze()
        gc.enable()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, plan: Plan, events: Sequence[Event] | None = None) -> Told:
        """Live through a history; return what came of it."""
        gc.collect()
        template = self.template(plan.boxes)
        folder = self.folder / "world"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        told = Told()
        world = World(plan.seed, folder, template, plan.boxes)
        told.seen, told.said = world.seen, world.said
        try:
            live(world, plan, plan.events if events is None else events)
        except Exception as error:
            told.broken = f"{type(error).__name__}: {str(error) or _place(error)}"
            told.rule = _rule(error)
        finally:
            world.close()
        return told


def live(world: World, plan: Plan, events: Sequence[Event]) -> None:
    """Let the events happen, one after the other, then heal, and look. Raises whatever broke."""
    lose, repeat, delay = plan.faults
    world.broker.faults = Faults(lose, repeat, delay)
    for event in events:
        world.dice.random = Random(event.salt)
        happen(world, event)
        world.pass_time(world.random.randrange(world.random.choice(PACES_MS)))
        world.step()
        after(world)
    world.dice.random = Random(plan.seed)
    heal(world)
    check_end(world)


def happen(world: World, event: Event) -> None:
    box = world.live[event.box % len(world.live)]
    deed = DEEDS[event.kind]
    world.guarded(box, partial(deed, world, box, event))


def after(world: World) -> None:
    for box in world.live:
        world.guarded(box, partial(trade.go_on, world, box))


def heal(world: World) -> None:
    """Stop all faults; restart what is forked; go on until everybody agrees."""
    world.say("all faults stop")
    world.calm()
    for twin in twins(world):
        meet(world, twin)
    agreed = 0
    for step in range(HEAL_STEPS):
        for box in world.live:
            if box.forked:
                restart_forked(world, box)
            if not box.online:
                world.connect(box)
        world.pass_time(250 if step < STUCK_STEPS else 20_000)  # some things take minutes
        world.step(work=40)
        after(world)
        if step % STUCK_STEPS == STUCK_STEPS - 1:
            operators.open_the_pool(world)
        agreed = 0 if apart(world) else agreed + 1
        if agreed and (not world.broker.parcels or agreed == AGREED_STEPS):
            return
    raise AssertionError(f"the sides do not agree: {'; '.join(apart(world))}")


def restart_forked(world: World, box: Box) -> None:
    """The technician comes: the next start begins the next epoch."""
    world.count(f"fork found: {box.courier.fork}")
    world.say(f"box {box.name} is started again: its chain is forked ({box.courier.fork})")
    world.crash_box(box)


def twins(world: World) -> list[Box]:
    """Return the second of each two boxes of one name."""
    names: set[str] = set()
    found = []
    for box in world.live:
        if box.name in names:
            found.append(box)
        names.add(box.name)
    return found


def meet(world: World, twin: Box) -> None:
    """Both serve in turn until headquarters has seen both; then one is taken out of service."""
    first = next(box for box in world.live if box.name == twin.name)
    for box in (first, twin, first, twin):
        if box.forked:
            restart_forked(world, box)
        world.connect(box)
        for _ in range(12):
            world.pass_time(250)
            world.step(work=40)
    world.retire(twin)


def apart(world: World) -> list[str]:
    """Return where the sides do not agree yet."""
    db = world.office.db
    directory = int(world.office.meta("directory"))
    found = []
    for box in world.live:
        chain, head = box.store.chain, box.store.head
        row = db.execute(
            "SELECT mark, booked, applied, down_seq, told FROM chain WHERE box = ? AND epoch = ?",
            (chain.box, chain.epoch),
        ).fetchone()
        if row is None:
            found.append(f"{chain} is unknown")
            continue
        mark, booked, applied, down_seq, told = row
        if not mark == booked == head.seq == box.courier.hq_mark:
            found.append(f"{chain}: mark {mark}, booked {booked}, head {head.seq},"
                         f" believed {box.courier.hq_mark}")  # fmt: skip
        if applied != down_seq or told != directory:
            found.append(f"{chain}: applied {applied} of {down_seq}, told {told} of {directory}")
        if box.store.head.seq == 0 or box.courier.trouble:
            found.append(f"{chain}: {box.courier.trouble}")
        found += unshipped(world, box)
    if db.execute("SELECT 1 FROM ask WHERE outcome IS NULL").fetchone() is not None:
        found.append("a question waits")
    if world.office.fact("pool_closed"):
        found.append(f"the pool waits for {' '.join(waiting_for(world.office))}")
    return found


def unshipped(world: World, box: Box) -> list[str]:
    """Return the older chains of a box of which headquarters does not have every entry."""
    found = []
    for chain, head in box.store.chains()[:-1]:
        query = (
            "SELECT lower(hex(e.hash)) FROM entry AS e JOIN chain AS c ON c.id = e.chain"
            " WHERE c.box = ? AND c.epoch = ?"
        )
        there = {row[0] for row in world.office.db.execute(query, (chain.box, chain.epoch))}
        missing = [
            found for found in box.logs[chain.epoch].hashes[: head.seq] if found not in there
        ]
        if missing:
            found.append(f"{chain}: {len(missing)} entries of an ended chain have not come")
    return found


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}: {frame.line}"


def _rule(error: Exception) -> str:
    """Return what kind of failure it is: the same kind is the same failure when it is shrunk."""
    rule = getattr(error, "rule", None)
    return type(error).__name__ + (f" {rule}" if rule is not None else "")
