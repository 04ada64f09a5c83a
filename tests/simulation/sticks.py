"""Sticks that are carried between shops and headquarters: real folders, real files, real visits.

One stick serves all shops. What it was after each journey is kept, as an agent's drawer does. A
visit may end in the middle of any call to the medium, at a box and at headquarters.
"""

import errno
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType

from daemon.errors import LinkError
from daemon.sync.courier import Send
from daemon.sync.stick_folder import Calls, StickFolder, made_on
from daemon.sync.stick_visit import Alone, Visit
from hq.stick import Collector, Deliverer
from tests.simulation.box import Box, HqCrash
from tests.simulation.plan import Event
from tests.simulation.world import UP, World

Deed = Callable[[World, Box, Event], None]
PART_BYTES = 100 * 1024  # so that a journal of the template is more than one file
CALLS = 12  # to the medium, of a visit that is cut off: two files, as a rule
KEPT = 4  # older states of the stick
AT = "2026-03-06T20:00:00.000+08:00"
ROUNDS = 2


class Pulled(Calls):
    """A medium that is gone, full, or worn out from the n-th call on; 0: it is well."""

    FAULTS = (errno.ENODEV, errno.ENOSPC, errno.EIO)

    def __init__(self, calls: int, fault: int) -> None:
        self._left = calls or 1 << 60
        self._fault = self.FAULTS[fault % len(self.FAULTS)]
        self._short = bool(fault & 8)  # a write is taken in half before it fails

    @property
    def gone(self) -> bool:
        return self._left <= 0

    def create(self, path: Path) -> int:
        self._call()
        return super().create(path)

    def write(self, fd: int, data: bytes) -> int:
        if self._left == 1 and self._short:
            super().write(fd, data[: len(data) // 2])
        self._call()
        return super().write(fd, data)

    def sync(self, fd: int) -> None:
        self._call()

    def rename(self, old: Path, new: Path) -> None:
        self._call()
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self._call()
        super().remove(path)

    def read_back(self, path: Path) -> bytes:
        self._call()
        return super().read_back(path)

    def _call(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise OSError(self._fault, os.strerror(self._fault))


def stick(world: World, box: Box, event: Event) -> None:
    """The newest stick goes to a box, perhaps to a second one, and perhaps to headquarters."""
    root = _newest(world)
    calls = event.a % CALLS + 1 if event.a % 2 else 0
    at_hq = event.b % 3 == 0
    if event.b % 4:
        visit(world, box, root, Pulled(0 if at_hq else calls, event.b))
    if event.b % 5 == 0:
        other = world.live[event.a % len(world.live)]
        world.guarded(other, partial(visit, world, other, root, Pulled(0, 0)))
        world.count("two boxes on one stick" if other.name != box.name else "stick twice")
    if event.a % 4:
        at_headquarters(world, root, Pulled(calls if at_hq else 0, event.b))
    _keep(world, root)
    world.count("stick")


def old_stick(world: World, box: Box, event: Event) -> None:
    """A stick turns up that lay in a drawer; it is not the newest, and does not become it."""
    if not world.sticks:
        return
    old = world.folder / "drawer"
    shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(world.sticks[event.a % len(world.sticks)], old)
    world.count("old stick")
    if event.b % 2:
        visit(world, box, old, Pulled(0, 0))
    else:
        at_headquarters(world, old, Pulled(0, 0))


def around(world: World, box: Box, event: Event) -> None:
    """The agent goes to every shop and to headquarters, and again."""
    root = _newest(world)
    for _ in range(ROUNDS):
        for one in world.live:
            world.guarded(one, partial(visit, world, one, root, Pulled(0, 0)))
        at_headquarters(world, root, Pulled(0, 0))
    _keep(world, root)
    world.count("stick around all shops")


def visit(world: World, box: Box, root: Path, calls: Pulled) -> None:
    """Plug it in at a box, as daemon/sticks.py does. Raises Crash."""
    world.say(f"a stick is plugged into box {box.name}")
    store = box.store

    def send(sent: Send) -> None:
        if box.online:
            done = world.broker.post(world.random, UP, box.name, sent.topic, sent.payload)
            world.seen.update(done)

    try:
        shelf = made_on(root, world.office.public)
    except LinkError:
        return
    seen = Visit(
        store,
        StickFolder(shelf.path, calls),
        Alone(box.courier, send),
        box.mailroom,
        cards=(store.local, store.books),
        hq_key=world.office.public,
        entropy=box.dice,
        at=AT,
        progress=lambda done, of: None,
        part_bytes=PART_BYTES,
    ).both()
    for one in seen.refused:
        world.count(f"stick file refused: {one.fault}")
    if any(one.fault == "old" for one in seen.refused):
        world.count("old-epoch stick")
    if calls.gone:
        assert seen.trouble, "a person hears that it did not come to its end"
        world.count("stick pulled at a box")
    world.say(f"... {seen.fresh} entries fresh, {seen.applied} messages; {seen.trouble or 'done'}")


def at_headquarters(world: World, root: Path, calls: Pulled) -> None:
    """`memberbox-hq stick import` and `export`."""
    world.say("a stick is plugged in at headquarters")
    shelf = StickFolder(made_on(root, world.office.public).path, calls)
    try:
        found = Collector(world.office, world.centre.hq).collect(shelf, lambda done, of: None)
        for one in found.refused:
            world.count(f"stick file refused at HQ: {one.fault}")
            world.say(f"headquarters refuses {one.file}: {one.why}")
        world.watch.look(world.office)
        writer = Deliverer(world.office, part_bytes=PART_BYTES)
        writer.deliver(shelf, writer.boxes(), lambda done, of: None)
    except LinkError:
        world.count("stick pulled at HQ")
    except HqCrash:
        world.say("headquarters stops while the stick is in")
        world.count("HQ crash at a commit")
        world.crash_hq()
    world.watch.look(world.office)


def _newest(world: World) -> Path:
    """Return the stick as it is now."""
    root = world.folder / "stick"
    root.mkdir(exist_ok=True)
    return root


def _keep(world: World, root: Path) -> None:
    """Remember the stick as it is after this journey."""
    world.journeys += 1
    copy = world.folder / f"stick-{world.journeys}"
    shutil.copytree(root, copy)
    world.sticks.append(copy)
    for gone in world.sticks[:-KEPT]:
        with suppress(FileNotFoundError):
            shutil.rmtree(gone)
    del world.sticks[:-KEPT]


STICKS: Mapping[str, Deed] = MappingProxyType(
    {"stick": stick, "old stick": old_stick, "stick around": around}
)
