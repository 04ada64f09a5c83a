"""A stick in memory, and its visits in the simulated world.

    stick = MemoryShelf()
    visit(world.boxes["0001"], stick)          # plugged in at a shop: a Visited
    collect(world, stick)                      # at headquarters: memberbox-hq stick import
    deliver(world, stick, ["0001", "0002"])    # memberbox-hq stick export --boxes
    stick.copy()                               # an agent's older stick, a lost one, a clone

The files are `stick.files`, name to bytes; take some away, change a byte, mix those of two sticks.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from daemon.entropy import Entropy
from daemon.sync.stick import FILE_BYTES
from daemon.sync.stick_folder import Shelf
from daemon.sync.stick_visit import Alone, Visit, Visited
from daemon.vault import Readable
from hq.stick import Collected, Collector, Delivered, Deliverer
from tests.sync.world import Box, World

ROOMY_BYTES = 1 << 40
AT = "2026-03-06T20:00:00.000+08:00"


class MemoryShelf:
    """A Shelf of a dict. `writes`: the names that were written, in order."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.writes: list[str] = []
        self.room_bytes = ROOMY_BYTES

    def copy(self) -> "MemoryShelf":
        return MemoryShelf(self.files)

    def names(self) -> list[str]:
        return sorted(self.files)

    @contextmanager
    def open(self, name: str) -> Iterator[Readable]:
        yield io.BytesIO(self.files[name])

    def size(self, name: str) -> int:
        return len(self.files[name])

    def room(self) -> int:
        return self.room_bytes - sum(map(len, self.files.values()))

    def put(self, name: str, chunks: Iterable[bytes]) -> int:
        self.files[name] = b"".join(chunks)
        self.writes.append(name)
        return len(self.files[name])

    def remove(self, name: str) -> None:
        del self.files[name]


def visiting(box: Box, shelf: Shelf, *, entropy: Entropy, part_bytes: int) -> Visit:
    ledger = box.ledger
    return Visit(
        ledger,
        shelf,
        Alone(box.courier),
        box.mailroom,
        cards=(ledger.local, ledger.books),
        hq_key=box.hq_key,
        entropy=entropy,
        at=AT,
        progress=lambda done, of: None,
        part_bytes=part_bytes,
    )


def visit(box: Box, shelf: Shelf, part_bytes: int = FILE_BYTES) -> Visited:
    """Plug a stick in at a box."""
    return visiting(box, shelf, entropy=box.entropy, part_bytes=part_bytes).both()


def collect(world: World, shelf: Shelf) -> Collected:
    """Plug a stick in at headquarters: take in what boxes wrote."""
    return Collector(world.office, world.hq).collect(shelf, lambda done, of: None)


def deliver(
    world: World, shelf: Shelf, boxes: Sequence[str] = (), part_bytes: int = FILE_BYTES
) -> list[Delivered]:
    """Write what boxes shall know; without names for all whose device is known."""
    writer = Deliverer(world.office, part_bytes=part_bytes)
    return writer.deliver(shelf, boxes or writer.boxes(), lambda done, of: None)
