"""A stick visits a box: what HQ has acknowledged is read first, then the journal goes on the
stick, then what the stick brought goes into the journal, and that goes on the stick as well.

Pulled out at any moment it has harmed nothing, and the next visit goes on. Blocks: it works beside
the counter, and gives every piece to whom the box's two logs belong (`BoxEnd`).
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from daemon.entropy import Entropy
from daemon.errors import LinkError, StoreError
from daemon.sync.blocked import BlockedCards, CardBooks, Facts
from daemon.sync.courier import Await, Courier, Send, Standing
from daemon.sync.mailroom import Mail, Mailroom
from daemon.sync.ports import Keeper
from daemon.sync.stick import FILE_BYTES, StickError
from daemon.sync.stick_export import Exported, Exporter, Progress
from daemon.sync.stick_folder import Shelf
from daemon.sync.stick_import import Importer


class BoxEnd(Protocol):
    """Where the box's two logs are. `standing`, `take` wait until it is between two messages."""

    def standing(self) -> Standing: ...

    def lacks(self) -> tuple[str, ...]:
        """Return the contents that the log has named and that are not here."""

    def take(self, mail: Mail) -> None: ...


class Alone:
    """The BoxEnd of a courier that nobody else drives: of a command, of a simulated box."""

    def __init__(self, courier: Courier, send: Callable[[Send], None] | None = None) -> None:
        """`send`: takes what would go out on a line; None: there is no line."""
        self._courier = courier
        self._send = send

    def standing(self) -> Standing:
        self._work()
        return self._courier.standing()

    def lacks(self) -> tuple[str, ...]:
        return ()  # it is the running box that knows what its screens play

    def take(self, mail: Mail) -> None:
        self._courier.carried(mail)
        self._work()

    def _work(self) -> None:
        self._courier.wake()
        while self._courier.pending:
            todo = self._courier.step()
            while todo:
                match todo.pop(0):
                    case Await(outcome, of):
                        todo += self._courier.settled(outcome.result(), of)
                        self._courier.wake()
                    case Send() as sent if self._send is not None:
                        self._send(sent)
                    case _:
                        pass


class RefusedSaid(msgspec.Struct, frozen=True):
    file: str
    fault: str
    why: str


class Visited(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a visit. Field names are a promise to outsiders."""

    box: str
    entries: int  # on the stick now, above HQ's mark
    fresh: int  # of them, not on it before
    left: int  # that found no room on it
    files: int
    hq_mark: int  # the last entry of this chain that HQ has, as far as is known now
    applied: int  # messages of HQ that this visit brought
    blocked: int  # cards
    contents: int  # films, pictures, long packs that are whole now
    others: int  # files for other boxes
    refused: tuple[RefusedSaid, ...] = ()
    trouble: str = ""  # why it did not come to its end, and what to do

    @property
    def ok(self) -> bool:
        return not (self.trouble or self.refused or self.left)


class Visit:
    """One stick at one box."""

    def __init__(
        self,
        store: Keeper,
        shelf: Shelf,
        end: BoxEnd,
        mailroom: Mailroom,
        *,
        cards: tuple[Facts, CardBooks],
        hq_key: bytes,
        entropy: Entropy,
        at: str,
        progress: Progress,
        part_bytes: int = FILE_BYTES,
    ) -> None:
        """`at`: the time, for people."""
        chain = store.chain
        self._chain = chain
        self._end = end
        self._at = at
        self._progress = progress
        self._exporter = Exporter(
            store, shelf, hq_key=hq_key, entropy=entropy, part_bytes=part_bytes
        )
        self._importer = Importer(
            shelf,
            chain,
            hq_key=hq_key,
            device_key=store.device_public,
            device_seed=store.device_seed,
            mailroom=mailroom,
            blocked=BlockedCards(*cards, chain.epoch),
        )
        self._before = 0
        self._contents = 0
        self._done = Exported(0, 0, 0)

    def both(self) -> Visited:
        """Do all of it: what plugging in does."""
        return self._told(self._both)

    def export(self) -> Visited:
        """Write the journal to the stick; of what is on it only HQ's answers are read."""
        return self._told(self._out)

    def receive(self) -> Visited:
        """Take what the stick has for this box; write nothing to it."""
        return self._told(self._in)

    def _both(self) -> None:
        self._out()
        n = self._end.standing().hello.down.n
        self._bring()
        if self._end.standing().hello.down.n > n:
            self._write()  # HQ shall hear what was applied

    def _out(self) -> None:
        self._begin()
        self._exporter.clean()
        self._write()

    def _in(self) -> None:
        self._begin()
        self._bring()

    def _bring(self) -> None:
        self._importer.messages(self._end.take)
        self._contents += self._importer.contents(self._end.lacks(), self._end.take)

    def _begin(self) -> None:
        standing = self._end.standing()
        self._before = standing.hello.down.n
        self._importer.look(standing.hello.incarnation)
        self._importer.answers(self._end.take)

    def _write(self) -> None:
        done = self._exporter.write(self._end.standing(), self._at, self._progress)
        fresh = self._done.fresh + done.fresh
        self._done = Exported(done.entries, fresh, done.files, done.left)

    def _told(self, work: Callable[[], None]) -> Visited:
        trouble = ""
        try:
            work()
        except (LinkError, StoreError, StickError) as error:
            trouble = str(error)
        standing, importer, done = self._end.standing(), self._importer, self._done
        return Visited(
            box=self._chain.box,
            entries=done.entries,
            fresh=done.fresh,
            left=done.left,
            files=done.files,
            hq_mark=standing.marks.get(self._chain.epoch, 0),
            applied=max(0, standing.hello.down.n - self._before),
            blocked=importer.cards,
            contents=self._contents,
            others=importer.others,
            refused=tuple(RefusedSaid(one.name, one.fault, one.why) for one in importer.refused),
            trouble=trouble,
        )
