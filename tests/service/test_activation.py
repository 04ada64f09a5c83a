"""Which pack applies on the box: activated in its time, rolled back, refused in words."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from daemon import seal
from daemon.activation import Activation
from daemon.desk import Desk
from daemon.ledger import machine
from daemon.ledger.messages import Pack, PackActivate
from daemon.ledger.records import At, PackRef
from daemon.ledger.stamp import stamp
from daemon.ledger.store import Store
from daemon.ledger.views import Durable
from daemon.packs import Packs
from daemon.rules.document import sign
from daemon.rules.engine import NO_PACK, Engine
from tests.ledger.shop import MORNING, Watch, message, open_store
from tests.rules.shop import changed
from tests.service.test_packs import HQ, HQ_SEED, signed_unchecked

assert seal.public_key(HQ_SEED) == HQ


class Counter:
    """What Activation asks of a desk."""

    def __init__(self, store: Store, clock: Watch) -> None:
        self._store = store
        self._clock = clock
        self.rules = NO_PACK
        self.older: Callable[[PackRef], Engine | None] | None = None

    def use(self, engine: Engine) -> None:
        self.rules = engine

    def engine(self) -> Engine:
        return self.rules

    def now(self) -> datetime:
        return self._clock.wall

    def at(self) -> At:
        return stamp(self._clock.read(), closing_hour=4, not_before=self._store.books.open_date())


class Box:
    """A store, its packs, and who activates them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Watch(MORNING)
        self._n = 0
        self._open()

    def _open(self) -> None:
        self.store = open_store(self.folder, clock=self.clock)
        self.counter = Counter(self.store, self.clock)
        self.packs = Packs(self.store, HQ)
        self.activation = Activation(self.store, cast("Desk", self.counter), self.packs)

    async def again(self) -> None:
        await self.packs.stop()
        self.store.close()
        self._open()
        await self.activation.begin()

    def told(self, document: str, start: str | None = None) -> None:
        """Headquarters sends a pack, and asks for it."""
        self._down("pack", Pack(document))
        self.asked(document, start)

    def asked(self, document: str, start: str | None = None) -> None:
        ref = machine.pack_of(document)
        self._down("pack.activate", PackActivate(ref.id, ref.version, ref.hash, start))

    def _down(self, kind: str, body: object) -> None:
        self._n += 1
        data = message(kind, body, n=self._n)
        draft = machine.down_draft(
            self.counter.at(), message=data, signature="", chain=self.store.chain
        )
        assert isinstance(self.store.commit(draft), Durable)

    async def beats(self) -> int:
        """Let time do what it does; return the version that applies then (0: none)."""
        self.activation.due()
        await self.packs.heard()
        self.activation.due()
        await asyncio.to_thread(self.store.commit, self._nothing())
        row, ref = self.store.books.active_pack(), self.counter.rules.ref
        if row is not None and (ref is None or ref.hash != row.hash):
            self.activation.load()  # as app does when the activation is durable
        ref = self.counter.rules.ref
        return 0 if ref is None else ref.version

    def _nothing(self):
        """An entry behind what was submitted: once it is durable, that is."""
        self._n += 1
        return machine.clock_set(self.counter.at(), offset_ms=self._n, by="ntp")

    async def stop(self) -> None:
        await self.packs.stop()
        self.store.close()


def signed(version: int, **sections: object) -> str:
    return sign(changed(version=version, **sections), HQ_SEED)


def played(folder: Path, play: Callable[[Box], object]) -> None:
    async def all_of_it() -> None:
        box = Box(folder)
        try:
            await play(box)  # type: ignore[misc]
        finally:
            await box.stop()

    asyncio.run(all_of_it())


def test_a_pack_applies_from_its_time_on_and_back_again_also_over_a_restart(tmp_path: Path) -> None:
    async def play(box: Box) -> None:
        box.told(signed(7))
        assert await box.beats() == 7
        later = (MORNING + timedelta(hours=1)).isoformat()
        box.told(signed(8), later)
        assert await box.beats() == 7, "asked for, not yet due"
        box.clock.wall += timedelta(minutes=59, seconds=59)
        assert await box.beats() == 7
        box.clock.wall += timedelta(seconds=1)
        assert await box.beats() == 8
        await box.again()
        assert box.counter.rules.ref is not None and box.counter.rules.ref.version == 8
        box.asked(signed(7))
        assert await box.beats() == 7, "rolled back"
        await box.again()
        assert box.counter.rules.ref is not None and box.counter.rules.ref.version == 7
        assert box.activation.note == ""

    played(tmp_path, play)


def test_a_pack_waits_for_its_own_beginning(tmp_path: Path) -> None:
    async def play(box: Box) -> None:
        begins = MORNING + timedelta(days=1)
        box.told(signed(8, effective={"starts": begins.isoformat()}))
        assert await box.beats() == 0
        assert "waits until" in box.activation.note
        box.clock.wall = begins
        assert await box.beats() == 8

    played(tmp_path, play)


@pytest.mark.parametrize("why", ["models", "over"])
def test_a_refused_pack_leaves_the_old_one_in_force_and_says_why(tmp_path: Path, why: str) -> None:
    async def play(box: Box) -> None:
        box.told(signed(7))
        assert await box.beats() == 7
        if why == "models":
            bad = signed_unchecked(version=8, prices=[{"id": "x", "take": "nothing"}])
        else:
            span = {"starts": "2025-01-01T00:00:00+08:00", "ends": MORNING.isoformat()}
            bad = signed(8, effective=span)
        box.told(bad)
        assert await box.beats() == 7
        assert "v8 is refused" in box.activation.note
        assert ("prices[0]" in box.activation.note) == (why == "models")
        assert ("it ended at" in box.activation.note) == (why == "over")
        await box.again()
        assert box.counter.rules.ref is not None and box.counter.rules.ref.version == 7

    played(tmp_path, play)


def test_an_older_pack_is_compiled_for_the_entries_that_it_made(tmp_path: Path) -> None:
    async def play(box: Box) -> None:
        box.told(signed(7))
        assert await box.beats() == 7
        seven = box.counter.rules.ref
        box.told(signed(8, earn=[]))
        assert await box.beats() == 8
        assert box.counter.older is not None and seven is not None
        older = box.counter.older(seven)
        assert older is not None and older.ref == seven
        assert json.loads(changed())["earn"], "the old one earns, the new one does not"

    played(tmp_path, play)
