"""A box writes its journal onto a stick: everything above HQ's mark, in parts that stand alone.

Each part holds a hello and batches, so headquarters takes any of them in any order. A part that is
there already and is whole is left; a short one at the end is written anew, longer; what HQ has is
removed last. So a stick that was pulled half-way goes on where it was, and one that is plugged in
twice is not written to.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from daemon import vault
from daemon.entropy import Entropy
from daemon.sync.batch import BATCH_BYTES_MAX, BatchError, BatchFault, Header, parse_batch
from daemon.sync.courier import Standing
from daemon.sync.ports import Keeper
from daemon.sync.shipping import Shipping
from daemon.sync.stick import (
    FILE_BYTES,
    NUMBER_MAX,
    Frame,
    Head,
    Kind,
    Name,
    StickError,
    address,
    parse_name,
    read_file,
    read_head,
    seal_file,
)
from daemon.sync.stick_folder import NEW, Shelf
from daemon.sync.wire import VERSION, Hello, WireError, parse_letter, read_hello

OVERHEAD_BYTES = 16 * 1024  # of a part: header, head, hello, signature; 20 bytes for each 64 KiB

Progress = Callable[[int, int], None]
"""Told how many entries of how many are done."""


class Exported(msgspec.Struct, frozen=True):
    """What is on the stick now. `entries`: above HQ's mark; `fresh` of them were not on it."""

    entries: int
    fresh: int
    files: int
    left: int = 0  # that found no room


class Run(msgspec.Struct, frozen=True):
    """Consecutive entries of one chain in a part."""

    first: int
    last: int
    hash: str


class Part(msgspec.Struct, frozen=True):
    """A part on the stick that is whole and ours."""

    name: str
    bytes: int
    hello: Hello
    runs: Mapping[int, Run]  # by epoch


class Exporter:
    """Writes for one box. Blocks; the counter knows nothing of it."""

    def __init__(
        self,
        store: Keeper,
        shelf: Shelf,
        *,
        hq_key: bytes,
        entropy: Entropy,
        part_bytes: int = FILE_BYTES,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._hq_key = hq_key
        self._entropy = entropy
        self._part_bytes = part_bytes
        self._address = address(store.device_public)
        self._shipping = Shipping(store, hq_key=hq_key)

    def clean(self) -> None:
        """Remove what an interrupted visit of ours has left."""
        for name in self._shelf.names():
            ours = parse_name(name.removesuffix(NEW))
            if name.endswith(NEW) and ours is not None and self._is_ours(ours):
                self._shelf.remove(name)

    def write(self, standing: Standing, at: str, progress: Progress) -> Exported:
        """Bring the stick up to the chains of `standing`. Raises LinkError.

        A stick without room keeps what went on it; `left` says how much did not.
        """
        parts, stale = self._parts(standing.hello)
        wanted = {one.epoch: one.last for one in standing.hello.chains}
        wanted = {epoch: last for epoch, last in wanted.items() if epoch in standing.marks}
        total = _rest(wanted, standing.marks)
        kept, done = self._kept(parts, standing)
        before = _rest(wanted, done)
        saying = [] if before else _saying(parts, kept, standing.hello)
        for name in (*stale, *(one.name for one in parts if one not in (*kept, *saying))):
            self._shelf.remove(name)  # what is in it HQ has, or a kept one has, too
        if saying:
            progress(total, total)
            return Exported(total, 0, len({one.name for one in (*kept, *saying)}))
        whole = [one for one in kept if one.bytes >= self._part_bytes // 2]
        source = _Source(self._shipping, wanted, self._kept(whole, standing)[1])
        written = self._write(standing, at, source, lambda rest: progress(total - rest, total))
        over = [one for one in kept if one not in whole and _gain(one, source.done) <= 0]
        for one in over:
            self._shelf.remove(one.name)
        left = min(before, _rest(wanted, source.done))
        return Exported(total - left, before - left, len(kept) - len(over) + written, left)

    def parts(self) -> list[Part]:
        """Return the parts of this box on the stick."""
        return self._parts(None)[0]

    def _parts(self, hello: Hello | None) -> tuple[list[Part], list[str]]:
        """Return our parts, and the names of those that are worth nothing."""
        good, bad = [], []
        for name in self._shelf.names():
            parsed = parse_name(name)
            if parsed is None or not self._is_ours(parsed):
                continue
            part = self._part(name)
            if part is None or (hello is not None and part.hello.incarnation != hello.incarnation):
                bad.append(name)
            else:
                good.append(part)
        return good, bad

    def _is_ours(self, name: Name) -> bool:
        return name.address == self._address and name.way == "up"

    def _part(self, name: str) -> Part | None:
        hello: Hello | None = None
        runs: dict[int, Run] = {}
        try:
            with self._shelf.open(name) as file:
                for frame in read_file(file, self._store.recovery):
                    if frame.kind == Kind.HEAD and not self._is_to_hq(frame):
                        return None
                    if frame.kind == Kind.LETTER:
                        hello = read_hello(parse_letter(frame.content))
                    if frame.kind == Kind.BATCH:
                        _add(runs, parse_batch(frame.content).header)
                        time.sleep(0)  # the counter first
        except (StickError, WireError, BatchError):
            return None
        return None if hello is None else Part(name, self._shelf.size(name), hello, runs)

    def _is_to_hq(self, frame: Frame) -> bool:
        return read_head(frame).receiver == self._hq_key.hex()

    def _kept(self, parts: Sequence[Part], standing: Standing) -> tuple[list[Part], dict[int, int]]:
        """Return the parts that bring HQ on from its mark, and how far they do."""
        done = dict(standing.marks)
        kept: list[Part] = []
        rest = [one for one in parts if self._is_true(one)]
        while True:
            best = max(rest, key=lambda one: _gain(one, done), default=None)
            if best is None or _gain(best, done) <= 0:
                break
            rest.remove(best)
            kept.append(best)
            for epoch, run in best.runs.items():
                done[epoch] = max(done[epoch], run.last)
        return kept, done

    def _is_true(self, part: Part) -> bool:
        """Whether the journal has the entries with which the part's runs end."""
        for epoch, run in part.runs.items():
            stored = self._store.read(epoch, run.last, 1)
            if not stored or (stored[0].seq, stored[0].hash) != (run.last, run.hash):
                return False
        return True

    def _write(
        self, standing: Standing, at: str, source: "_Source", progress: Callable[[int], None]
    ) -> int:
        """Write what the source has; return how many parts. One at least: it says hello."""
        written = 0
        while source.more() or not written:
            budget = min(self._part_bytes, self._shelf.room()) - OVERHEAD_BYTES
            if budget < (BATCH_BYTES_MAX if source.more() else 0):
                break
            name = str(Name(self._address, self._free_number(), "up"))
            batches = source.take(budget, progress)
            self._shelf.put(name, self._file(standing, at, batches))
            source.settle()
            written += 1
        return written

    def _file(self, standing: Standing, at: str, batches: Iterator[bytes]) -> Iterator[bytes]:
        hello = standing.hello
        head = Head(
            VERSION,
            "up",
            hello.box,
            hello.down.epoch,
            hello.incarnation,
            hello.device_key,
            self._hq_key.hex(),
            at,
        )

        def frames() -> Iterator[Frame]:
            yield Frame(Kind.LETTER, standing.letter)
            for batch in batches:
                yield Frame(Kind.BATCH, batch)
                time.sleep(0)  # the counter first

        return seal_file(
            head,
            frames(),
            sign=self._store.sign,
            key=self._store.recovery,
            nonce=self._entropy.draw(vault.PREFIX_BYTES),
        )

    def _free_number(self) -> int:
        taken = {parse_name(name.removesuffix(NEW)) for name in self._shelf.names()}
        numbers = {one.number for one in taken if one is not None and self._is_ours(one)}
        return next(n for n in range(1, NUMBER_MAX + 1) if n not in numbers)


class _Source:
    """Batches above the marks, the oldest chain first; what a part did not take comes again."""

    def __init__(
        self, shipping: Shipping, wanted: Mapping[int, int], done: Mapping[int, int]
    ) -> None:
        self._shipping = shipping
        self._wanted = wanted
        self.done = dict(done)  # what stands in parts that are on the stick
        self._ahead: dict[int, int] = {}
        self._waiting: tuple[int, int, bytes] | None = None

    def more(self) -> bool:
        """Whether there is something that is not on the stick."""
        self._ahead = dict(self.done)
        return self._next() is not None

    def take(self, budget: int, progress: Callable[[int], None]) -> Iterator[bytes]:
        """Yield batches up to `budget` bytes, at least one."""
        self._ahead = dict(self.done)
        size = 0
        while (got := self._next()) is not None:
            epoch, last, payload = got
            size += len(payload)
            if size > budget and size > len(payload):
                self._waiting = got
                return
            self._waiting = None
            self._ahead[epoch] = last
            yield payload
            progress(_rest(self._wanted, self._ahead))

    def settle(self) -> None:
        """What was taken is on the stick."""
        self.done = self._ahead

    def _next(self) -> tuple[int, int, bytes] | None:
        if self._waiting is not None:
            return self._waiting
        for epoch in sorted(self._wanted):
            first, last = self._ahead[epoch] + 1, self._wanted[epoch]
            if first <= last:
                packed = self._shipping.pack(epoch, first=first, last=last)
                if packed is not None:
                    return epoch, packed[1], packed[0]
        return None


def _add(runs: dict[int, Run], header: Header) -> None:
    """Note a batch. Raises BatchError: within a part the batches of a chain follow each other."""
    known = runs.get(header.epoch)
    if known is not None and header.first != known.last + 1:
        raise BatchError(BatchFault.RANGE, f"{header.first} after {known.last}")
    first = header.first if known is None else known.first
    runs[header.epoch] = Run(first, header.last, header.head_hash)


def _gain(part: Part, done: Mapping[int, int]) -> int:
    """Return how many entries a part brings beyond `done`; -1: it leaves a gap, or knows a chain
    that is not wanted."""
    gain = 0
    for epoch, run in part.runs.items():
        if epoch not in done or run.first > done[epoch] + 1:
            return -1
        gain += max(0, run.last - done[epoch])
    return gain


def _saying(parts: Sequence[Part], kept: Sequence[Part], hello: Hello) -> list[Part]:
    """Return a part that says hello as it is now, a kept one first; none says so: nothing."""
    said = [one for one in (*kept, *parts) if _essence(one.hello) == _essence(hello)]
    return said[:1]


def _rest(wanted: Mapping[int, int], done: Mapping[int, int]) -> int:
    return sum(max(0, last - done[epoch]) for epoch, last in wanted.items())


def _essence(hello: Hello) -> tuple[object, ...]:
    """Return what HQ has to hear of a hello; devices and pack are told by the next."""
    return hello.chains, hello.down, hello.incarnation, hello.device_key, bool(hello.token)
