"""A box of the simulation: the real store, books, courier, mailroom and acts on its own medium.

A crash keeps the files as they lie at that moment and opens them again. `Fuse` lets it come just
before or just after any commit of the journal.
"""

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from daemon import seal
from daemon.actfacts import Facts
from daemon.acts import Acts
from daemon.ledger import journal, machine
from daemon.ledger.records import Draft, Head, PackRef
from daemon.ledger.store import Store
from daemon.ledger.views import Durable, Outcome
from daemon.limiting import Limiting
from daemon.sync.courier import Courier, Send
from daemon.sync.mailroom import Mailroom
from daemon.sync.saying import Identity
from daemon.sync.shipping import Shipping
from tests.ledger.faulty import FaultyMedium
from tests.simulation.clocks import BoxClock, Dice
from tests.simulation.clocks import World as Time
from tests.simulation.names import Log
from tests.simulation.witness import Witness
from tests.sync.memory import QuietBox
from tests.sync.steps import work

FILES = (journal.FILE, "books.db", "local.db")
CLOSING_HOUR = 4


class Crash(Exception):
    """The machine stops here."""


class HqCrash(Exception):
    """Headquarters' process, or a command there, stops here."""


class Fuse:
    """Burns with every commit; at its end the machine stops."""

    def __init__(self, stops: type[Exception] = Crash) -> None:
        self.left = 0
        self.after = False
        self._stops = stops

    def set(self, commits: int, *, after: bool) -> None:
        self.left, self.after = commits, after

    def burn(self, *, after: bool) -> None:
        if self.left and self.after == after:
            self.left -= 1
            if not self.left:
                raise self._stops


class SteppedStore(Store):
    """The store with one thread to look at: whoever submits also commits."""

    fuse: Fuse | None = None
    hear: Callable[[Durable], None] | None = None

    def commit(self, draft: Draft) -> Outcome:
        if self.fuse is None:
            return super().commit(draft)
        self.fuse.burn(after=False)
        outcome = super().commit(draft)
        self.fuse.burn(after=True)
        if isinstance(outcome, Durable) and not outcome.again and self.hear is not None:
            self.hear(outcome)
        return outcome

    def submit(self, draft: Draft) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(self.commit(draft))
        return future


class Box:
    """One machine with one medium. Two boxes of one name are a box and its copy."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        time: Time,
        dice: Dice,
        witness: Witness,
        hq_key: bytes,
        token: str,
        like: "Box | None" = None,
    ) -> None:
        """`like`: the box of which this one's medium is a copy."""
        self.name = name
        self.clock = BoxClock(time)
        self.dice = dice
        self.witness = witness
        self.hardware: str = "board-1" if like is None else like.hardware
        self.medium = FaultyMedium()
        self.fuse = Fuse()
        self.logs: dict[int, Log] = {}  # by epoch: the history that this medium holds
        if like is not None:
            self.logs = dict(like.logs)
            last = max(self.logs)
            self.logs[last] = witness.fork(self.logs[last], len(self.logs[last].hashes))
        self.online = False
        self.gone = False  # destroyed, or taken out of service
        self.slips: set[str] = set()  # hashes of what papers were given out for
        self.sales: list[str] = []
        self.topups: list[str] = []
        self.asked: list[str] = []  # questions whose sale is not over
        self.to_buy: list[tuple[str, int]] = []  # sales that have heard: card and points
        self.images: list[Path] = []  # copies of the medium, the oldest first
        self.backups: list[Path] = []  # files
        self._hq_key = hq_key
        self._identity = Identity(hq_key, token, "simulated")
        self._folder = folder
        self.looked: Head | None = None  # the head when the checkers looked last
        self._activated: Head | None = None
        self._woken: Head | None = None
        self._starts = 0
        self._running = False
        self.open(folder)

    # -- the machine's life ----------------------------------------------------------------------

    def open(self, folder: Path) -> None:
        """Start on the files of a folder. Raises StoreError."""
        self.folder = folder
        self.online = False
        self.asked, self.to_buy = [], []
        self.fuse.set(0, after=False)
        self.medium.left = 0
        opened = SteppedStore.open(
            folder,
            self.name,
            clock=self.clock,
            entropy=self.dice,
            closing_hour=CLOSING_HOUR,
            software="simulated",
            hardware=self.hardware,
            medium=self.medium,
        )
        assert isinstance(opened, SteppedStore), "open() makes what it is called on"
        self.store: SteppedStore = opened
        self._running = True
        self.looked = self._activated = self._woken = None
        self._catch_up()
        self.store.fuse, self.store.hear = self.fuse, self._durable
        self._assemble()

    def image(self) -> Path:
        """Copy the files as they lie now: what a crash leaves, what a copied card holds."""
        copy = self.next_folder()
        copy_medium(self.folder, copy)
        return copy

    def next_folder(self) -> Path:
        self._starts += 1
        return self._folder.with_name(f"{self._folder.name}-{self._starts}")

    def stop(self) -> None:
        """Stop the process; whatever it still writes lies on a medium that nobody reads again."""
        if self._running:
            self._running = False
            self.store.fuse = None
            self.store.close()

    def leave(self) -> None:
        """Take the machine out of service, with its medium."""
        self.stop()
        shutil.rmtree(self.folder)
        self.gone, self.online = True, False

    def reopen(self, image: Path) -> None:
        """Go on, on another image of the medium; the present one is lost."""
        self.stop()
        shutil.rmtree(self.folder)
        self.open(image)

    def crash(self, *, power: bool = False) -> None:
        """Stop at once and start again on what is on the disk."""
        image = self.image()
        if power:
            self.clock.boot(trusted=self.dice.random.random() < 0.5)
        self.reopen(image)

    # -- the link --------------------------------------------------------------------------------

    def connect(self) -> None:
        self.courier.new_session()
        self.online = True
        self.courier.connected()

    def disconnect(self) -> None:
        self.online = False
        self.courier.disconnected()

    def work(self, steps: int) -> list[Send]:
        """Do some steps; return what goes out. Raises Crash."""
        return work(self, steps)

    def tick(self) -> None:
        """A second or so has passed. Raises Crash."""
        if self._woken is not self.store.head:
            self._woken = self.store.head
            self.courier.wake()
        self.courier.tick()
        self.courier.questions.passed()
        self._activate()

    @property
    def forked(self) -> bool:
        return self.courier.fork is not None

    # -- inside ----------------------------------------------------------------------------------

    def _assemble(self) -> None:
        store = self.store
        self.courier = Courier(
            store,
            identity=self._identity,
            entropy=self.dice,
            clock=self.clock,
            status=QuietBox,
            on_time=self.clock.tell,
            judge=lambda body: "",
        )
        self.mailroom = Mailroom(
            self.name,
            hq_key=self._hq_key,
            unseal=partial(seal.unseal, store.device_seed),
            phone_key=store.phone_key,
            keys=store.local,
        )
        self.shipping = Shipping(store, hq_key=self._hq_key)
        limiting = Limiting(store, alone=False)
        self.facts = Facts(
            store, self.clock, self.dice, closing_hour=CLOSING_HOUR, limiting=limiting
        )
        self.acts = Acts(self.facts)

    def _durable(self, durable: Durable) -> None:
        entry = durable.entry
        stored = self.store.read(entry.epoch, entry.seq, 1)[0]
        self.witness.saw(self.logs[entry.epoch], stored)

    def _catch_up(self) -> None:
        """Let W hear of what was durable before the crash, and of a history that went back."""
        chains = self.store.chains()
        for chain, head in chains:
            log = self._kept(chain.epoch, head.seq)
            common = self._common(chain.epoch, head.seq, [] if log is None else log.hashes)
            if log is None or common == 0:
                log = self.logs[chain.epoch] = self.witness.log(self.name, chain.epoch)
            elif common < len(log.hashes) and (chain == self.store.chain or common < head.seq):
                log = self.logs[chain.epoch] = self.witness.fork(log, common)
            log.kin = self.logs
            for stored in self.store.read(chain.epoch, common + 1, 1 << 20):
                self.witness.saw(log, stored)
        for epoch in [one for one in self.logs if one > chains[-1][0].epoch]:
            del self.logs[epoch]
        self.logs[self.store.chain.epoch].kin = self.logs
        self.sales = [one for one in self.sales if one.startswith(f"{self.store.chain}:")]
        self.topups = [one for one in self.topups if one.startswith(f"{self.store.chain}:")]

    def _kept(self, epoch: int, head: int) -> Log | None:
        """Return the history of W that this medium holds: the last one, or one that it had before
        and that an older image has brought back."""
        last = self.logs.get(epoch)
        if last is None:
            return None
        best, shared = last, self._common(epoch, head, last.hashes)
        for log in self.witness.logs[f"{self.name}.{epoch}"]:
            common = self._common(epoch, head, log.hashes)
            if common > shared:
                best, shared = log, common
        if best is not last:
            best = self.logs[epoch] = self.witness.fork(best, shared)
        return best

    def _common(self, epoch: int, head: int, hashes: list[str]) -> int:
        """Return up to where the journal and a history of W are the same."""
        upto = min(head, len(hashes))
        while upto:
            found = self.store.read(epoch, upto, 1)
            if found and found[0].hash == hashes[upto - 1]:
                break
            upto -= 1
        return upto

    def _activate(self) -> None:
        """Put the pack in force that headquarters asks for, as daemon/activation.py does."""
        if self._activated is self.store.head:
            return
        self._activated = self.store.head
        books = self.store.books
        wanted, active = books.wanted_pack(), books.active_pack()
        if wanted is None or (active is not None and active.hash == wanted.hash):
            return
        row = books.pack(wanted.id, wanted.version)
        if row is not None and row.hash == wanted.hash:
            ref = PackRef(row.id, row.version, row.hash)
            name = f"{wanted.epoch}:{wanted.n}"
            self.store.commit(machine.pack_activated(self.facts.at(), ref, request=name))
            self.courier.wake()


def copy_medium(source: Path, target: Path) -> None:
    """Copy the databases with their logs, and the keys."""
    target.mkdir()
    for name in FILES:
        for suffix in ("", "-wal"):
            path = source / f"{name}{suffix}"
            if path.exists():
                shutil.copyfile(path, target / path.name)
    shutil.copytree(source / "keys", target / "keys")
