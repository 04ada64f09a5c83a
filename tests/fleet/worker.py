"""Some hundred boxes in one process. Orders come as lines of JSON on stdin, each gets one back.

{"do": "go", "host": "127.0.0.1", "port": 1883}     connect, now and for ever again
{"do": "sell", "each": 10, "over_s": 30}            sales of each box, spread over that time
{"do": "pile", "each": 400}                         sales of each box, at once
{"do": "twin", "box": "0007"}                       its card was copied when new: the copy sells
{"do": "look"}                                      where they stand
{"do": "phase"}                                     the same with all figures; measure anew
{"do": "end"}                                       what each box has, and goodbye
"""

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from random import Random

import msgspec

from daemon import seal
from tests.fleet.box import Box
from tests.fleet.ledger import LightLedger, baskets
from tests.fleet.meters import resident_mb

TICKS = 10  # a second; each ticks a tenth of the boxes
PILE_AT_ONCE = 20  # sales of a box before the others and the lines have their turn
FORGED = 1  # the seed of a key that no box has
POISON_EVERY = 50  # of a poisoned box's sales one means nothing


class Crew(msgspec.Struct, frozen=True):
    """Who is in this process. `forgers` and `poisoned` are up to no good."""

    hq_key: str
    seed: int
    tokens: dict[str, str]  # by box
    forgers: tuple[str, ...] = ()
    poisoned: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True):
    """Where the boxes of a process stand. `ages_ms`: of entries until they were acknowledged.

    Ages and memory are told at the end of a phase only: with 200,000 entries, or a gigabyte, a
    look would cost more than what is looked at.
    """

    boxes: int
    online: int
    level: int  # everything of theirs is at headquarters
    selling: bool  # sales that were ordered are still to come
    in_flight: int  # batches
    peak: int  # of them, at one look
    shipped: int  # entries in batches since the start, again is twice
    made: int  # entries
    packs: dict[str, int]
    forked: dict[str, str]
    ages_ms: list[float] = []
    resident_mb: float = 0.0


class Held(msgspec.Struct, frozen=True):
    """What a box has at the end."""

    seq: int
    hash: str
    fen: int


class Worker:
    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._drafts = baskets()
        self._boxes: list[Box] = []
        self._replaced: dict[str, Held] = {}  # what boxes had whose copy sells now
        self._tasks: set[asyncio.Task[None]] = set()
        self._peak = 0

    async def serve(self) -> None:
        """Take orders until the end."""
        self._boxes += [self._new(name) for name in self._crew.tokens]
        self._start(self._tick())
        lines = await _stdin()
        while order := await lines.readline():
            said = await self._obey(json.loads(order))
            sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
            sys.stdout.flush()

    async def _obey(self, order: dict[str, object]) -> object:
        match order:
            case {"do": "go", "host": str(host), "port": int(port)}:
                for box in self._boxes:
                    box.go(host, port)
            case {"do": "sell", "each": int(each), "over_s": float(over_s)}:
                self._start(self._sell(each, over_s))
            case {"do": "pile", "each": int(each)}:
                for at in range(0, each, PILE_AT_ONCE):
                    for box in self._boxes:
                        for _ in range(min(PILE_AT_ONCE, each - at)):
                            self._sell_one(box)
                    await asyncio.sleep(0)
            case {"do": "twin", "box": str(name)} if name in self._crew.tokens:
                self._copy(name)
            case {"do": "phase"}:
                return self._measured()
            case {"do": "end"}:
                return {box.name: held(box) for box in self._boxes} | self._replaced
        return self._said()

    def _new(self, name: str) -> Box:
        crew = self._crew
        seed = crew.seed + list(crew.tokens).index(name)
        ledger = LightLedger(name, seed, self._drafts)
        if name in crew.forgers:
            ledger.pen = Random(FORGED).randbytes(seal.SEED_BYTES)
        return Box(ledger, seed=seed, hq_key=bytes.fromhex(crew.hq_key), token=crew.tokens[name])

    def _copy(self, name: str) -> None:
        at = next(at for at, box in enumerate(self._boxes) if box.name == name)
        first = self._boxes[at]
        self._replaced[name] = held(first)
        copy = self._boxes[at] = self._new(name)
        copy.ledger.sell_one()
        first.hand_over(copy)

    async def _sell(self, each: int, over_s: float) -> None:
        pause = over_s / max(1, each * len(self._boxes))
        loop = asyncio.get_running_loop()
        due = loop.time()
        for _ in range(each):
            for box in self._boxes:
                self._sell_one(box)
                due += pause
                await asyncio.sleep(max(0.0, due - loop.time()))

    def _sell_one(self, box: Box) -> None:
        if box.name in self._crew.poisoned and box.ledger.sold % POISON_EVERY == 0:
            box.ledger.poison()
        box.sell()

    async def _tick(self) -> None:
        turn = 0
        while True:
            await asyncio.sleep(1 / TICKS)
            for box in self._boxes[turn % TICKS :: TICKS]:
                box.tick()
            turn += 1
            self._peak = max(self._peak, sum(box.in_flight for box in self._boxes))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            task.print_stack(file=sys.stderr)
            raise SystemExit(f"a fault in the fleet: {task.exception()!r}")

    def _said(self) -> Said:
        boxes = self._boxes
        known = [box.ledger.said.pack for box in boxes]
        packs = [f"{pack.id} {pack.version}" for pack in known if pack is not None]
        return Said(
            len(boxes),
            sum(box.online for box in boxes),
            sum(box.level for box in boxes),
            len(self._tasks) > 1,
            sum(box.in_flight for box in boxes),
            self._peak,
            sum(box.shipped for box in boxes if box.name not in self._crew.forgers),
            sum(box.ledger.head.seq for box in boxes),
            {pack: packs.count(pack) for pack in set(packs)},
            {box.name: str(box.courier.fork) for box in boxes if box.courier.fork is not None},
        )

    def _measured(self) -> Said:
        ages = [1000 * age for box in self._boxes for age in box.ages]
        said = msgspec.structs.replace(self._said(), ages_ms=ages, resident_mb=resident_mb())
        for box in self._boxes:
            box.ages.clear()
        self._peak = 0
        return said


def held(box: Box) -> Held:
    return Held(box.ledger.head.seq, box.ledger.head.hash, box.ledger.sold_fen)


async def _stdin() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    asyncio.run(Worker(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Crew)).serve())
