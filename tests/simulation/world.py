"""Many boxes, a broker, headquarters, sticks and clocks in one process, under one seed.

Nothing here waits and nothing is random but by the seed. After every step the checkers look.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from daemon.errors import StoreError
from daemon.sync.wire import WireError
from hq.intake import Arrival, Outgoing
from hq.store import Office
from tests.simulation.box import Box, Crash, HqCrash
from tests.simulation.checks import HqWatch, look_at_box
from tests.simulation.clocks import Dice
from tests.simulation.clocks import World as Time
from tests.simulation.office import Centre
from tests.simulation.template import FLOOR, limits
from tests.simulation.witness import Witness

UP, DOWN = "up", "down"


@dataclass(slots=True)
class Faults:
    """How bad the carrier is, in parts of a hundred; delays in steps."""

    lose: int = 0
    repeat: int = 0
    delay_max: int = 0


@dataclass(frozen=True, slots=True)
class Parcel:
    due: int
    order: int
    way: str
    box: str
    topic: str
    payload: bytes


@dataclass(slots=True)
class Broker:
    """Carries parcels, badly. `cut`: boxes it does not reach until a step; "" is headquarters."""

    faults: Faults = field(default_factory=Faults)
    parcels: list[Parcel] = field(default_factory=list)
    cut: dict[str, int] = field(default_factory=dict)
    step: int = 0
    order: int = 0

    def post(self, random: Random, way: str, box: str, topic: str, payload: bytes) -> Counter[str]:
        """Take a parcel; return what became of it."""
        said: Counter[str] = Counter()
        if self.cut.get(box, 0) > self.step or self.cut.get("", 0) > self.step:
            said["partition"] += 1
            return said
        if random.randrange(100) < self.faults.lose:
            said["loss"] += 1
            return said
        copies = 1
        if random.randrange(100) < self.faults.repeat:
            copies = 2
            said["repeat"] += 1
        for _ in range(copies):
            self.order += 1
            late = random.randint(0, self.faults.delay_max)
            said["delay"] += late > 0
            due = self.step + 1 + late
            if any(one.due > due and one.box == box and one.way == way for one in self.parcels):
                said["reorder"] += 1
            self.parcels.append(Parcel(due, self.order, way, box, topic, payload))
        return said

    def due(self) -> list[Parcel]:
        self.step += 1
        due = [one for one in self.parcels if one.due <= self.step]
        self.parcels = [one for one in self.parcels if one.due > self.step]
        return sorted(due, key=lambda one: (one.due, one.order))

    def drop(self, *, box: str = "", way: str = "") -> None:
        """A connection has gone with all that was on it."""
        self.parcels = [
            one for one in self.parcels if (box and one.box != box) or (way and one.way != way)
        ]


@dataclass(frozen=True, slots=True)
class Closed:
    """A chain that was given up: up to which entry HQ knew it, and what it had shown to be lost."""

    chain: str
    mark: int
    shown: dict[str, int]
    known: set[str]  # the lots


class World:
    """Everything. `seen` counts faults and what the system did about them."""

    def __init__(self, seed: int, folder: Path, template: Path, boxes: int) -> None:
        self.folder = folder
        self.time = Time()
        self.dice = Dice(Random(seed))
        self.witness = Witness(limits(), FLOOR)
        self.watch = HqWatch(self.witness)
        self.broker = Broker()
        self.seen: Counter[str] = Counter()
        self.said: list[str] = []
        self._ids = 0
        self.backups = 0
        self.published = 1  # the newest number that a pack ever had
        self.hq_backups: list[Path] = []
        self.sticks: list[Path] = []  # the stick after each of its last journeys
        self.journeys = 0
        self.closed: list[Closed] = []
        self.time.ms = 3_600_000  # the template is an hour old
        shutil.copytree(template / "hq", folder / "hq")
        self.centre = Centre(folder / "hq", self.time, self.dice)
        self.watch.begin(self.office)
        self.boxes: list[Box] = []
        for number in range(1, boxes + 1):
            name = f"{number:04d}"
            shutil.copytree(template / name, folder / name)
            self.boxes.append(self.new_box(name, folder / name))
        self.watch.look(self.office)

    @property
    def office(self) -> Office:
        return self.centre.office

    @property
    def random(self) -> Random:
        return self.dice.random

    @property
    def live(self) -> list[Box]:
        return [box for box in self.boxes if not box.gone]

    def new_box(self, name: str, folder: Path, like: Box | None = None) -> Box:
        return Box(
            name,
            folder,
            time=self.time,
            dice=self.dice,
            witness=self.witness,
            hq_key=self.office.public,
            token="",
            like=like,
        )

    def retire(self, box: Box) -> None:
        """A medium leaves the world, with what only it holds."""
        self.disconnect(box)
        self.say(f"a box {box.name} is taken out of service at {box.store.chain}:"
                 f"{box.store.head.seq}")  # fmt: skip
        box.leave()

    def restore_hq(self, backup: Path) -> None:
        """The disk of headquarters burns; a backup comes back, in a new incarnation."""
        self.broker.drop(way=DOWN)
        self.watch.expected.add("restore")  # a chain that has not confirmed it is told nothing
        self.centre.restore(backup)
        lost = self.watch.restored(self.office)
        self.count("HQ restore")
        self.say(f"headquarters is restored; {lost} entries of its own are lost")
        self.watch.look(self.office)

    def new_id(self) -> str:
        self._ids += 1
        return f"r{self._ids}"

    def say(self, what: str) -> None:
        self.said.append(f"{self.time.ms / 1000:8.1f} s  {what}")

    def count(self, *what: str) -> None:
        self.seen.update(what)

    # -- what may happen -------------------------------------------------------------------------

    def connect(self, box: Box) -> None:
        """The broker knows one client of a name: a second one throws the first out."""
        for other in self.live:
            if other.name == box.name and other.online:
                self.disconnect(other)
        box.connect()

    def disconnect(self, box: Box) -> None:
        self.broker.drop(box=box.name)
        if box.online:
            box.disconnect()

    def crash_box(self, box: Box, *, power: bool = False) -> None:
        self.broker.drop(box=box.name)
        before = box.store.chain
        box.crash(power=power)
        self.began(box, str(before))

    def put_back(self, box: Box, image: Path, why: str) -> None:
        """The box starts on another state of its medium."""
        self.broker.drop(box=box.name)
        before = str(box.store.chain)
        box.reopen(image)
        self.say(f"box {box.name}: {why}; goes on as {box.store.chain}:{box.store.head.seq}")
        self.began(box, before)

    def began(self, box: Box, before: str) -> None:
        """A box has started; its chain may be another than before."""
        chain = box.store.chain
        if str(chain) != before:
            # What had paid there for goods that came back elsewhere may have been in its hand.
            self.watch.expected |= {"ended", "restore"}
            self.count("next epoch")
            self.say(f"box {box.name}: chain {before} has ended, {chain} begins")
        if any(len(logs) > 1 for logs in self.witness.logs.values()):
            self.watch.expected |= {"branch", "duplicate"}

    def crash_hq(self) -> None:
        """It dies with all that it has not committed; carriers forget what it had not taken."""
        self.broker.drop(way=DOWN)
        outgoing = self.centre.crash()
        self.watch.restarted()
        self.watch.look(self.office)
        self._send_down(outgoing)

    def pass_time(self, ms: int) -> None:
        self.time.ms += ms
        for box in self.live:
            self._guarded(box, box.tick)

    def step(self, work: int = 6) -> None:
        """Deliver what is due, let everybody work a little, and check."""
        due = self.broker.due()
        arrivals = []
        for parcel in due:
            if parcel.way == UP:
                arrivals.append(Arrival(parcel.topic, parcel.payload))
            else:
                self._deliver(parcel)
        self.hq_turn(arrivals)
        for box in self.live:
            self._guarded(box, partial(self._work, box, work))
        self.check()

    def hq_turn(self, arrivals: list[Arrival]) -> None:
        try:
            outgoing, refused = self.centre.turn(arrivals)
        except HqCrash:
            self._hq_stopped()
            return
        for why in refused:
            self.count("refused at HQ")
            self.say(f"headquarters refuses {why}")
        self.watch.look(self.office)
        self._send_down(outgoing)

    def calm(self) -> None:
        """Stop all faults."""
        self.broker.faults, self.broker.cut = Faults(), {}
        self.centre.fuse.set(0, after=False)
        for box in self.live:
            box.fuse.set(0, after=False)
            box.medium.left = 0

    def check(self) -> None:
        for box in self.live:
            look_at_box(box, self.office, self.watch.chains, self.witness)

    # -- inside ----------------------------------------------------------------------------------

    def _work(self, box: Box, steps: int) -> None:
        for sent in box.work(steps):
            done = self.broker.post(self.random, UP, box.name, sent.topic, sent.payload)
            self.seen.update(done)

    def _guarded(self, box: Box, do: Callable[[], None]) -> None:
        try:
            do()
        except Crash:
            self.count("crash between commit and what follows" if box.fuse.after
                       else "crash just before a commit")  # fmt: skip
            self.say(f"box {box.name} stops in the middle of its work")
            self.crash_box(box)
        except HqCrash:
            self._hq_stopped()
        except StoreError as error:
            self.count("the disk failed in the middle")
            self.say(f"box {box.name} cannot go on: {error}")

    def _hq_stopped(self) -> None:
        self.say("headquarters stops in the middle of its work")
        self.count("HQ crash at a commit")
        self.crash_hq()

    def guarded(self, box: Box, do: Callable[[], None]) -> None:
        self._guarded(box, do)

    def _deliver(self, parcel: Parcel) -> None:
        for box in self.live:
            if box.name == parcel.box and box.online:
                self._guarded(box, partial(self.hand, box, parcel.topic, parcel.payload))

    def hand(self, box: Box, topic: str, payload: bytes, *, carried: bool = False) -> None:
        """Let a box read what has come for it, by whatever carrier."""
        try:
            mail = box.mailroom.open(topic, payload)
            if carried:
                box.courier.carried(mail)
            else:
                box.courier.received(mail)
        except WireError as error:
            self.count("refused at a box")
            self.say(f"box {box.name} refuses {topic}: {error}")
        except StoreError as error:
            self.say(f"box {box.name} cannot keep it now: {error}")

    def _send_down(self, outgoing: list[Outgoing]) -> None:
        for one in outgoing:
            box = one.topic.split("/")[1]
            self.seen.update(self.broker.post(self.random, DOWN, box, one.topic, one.payload))

    def close(self) -> None:
        for box in self.live:
            box.stop()
        self.office.close()
