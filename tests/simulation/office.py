"""Headquarters of the simulation: the real code over SQLite, which may stop at any commit."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hq import restoring
from hq.headquarters import Headquarters
from hq.intake import Arrival, Outgoing
from hq.store import Office, create
from tests.simulation.box import Fuse, HqCrash
from tests.simulation.clocks import Dice, HqClock
from tests.simulation.clocks import World as Time


@dataclass(frozen=True, slots=True)
class FusedOffice(Office):
    """An office whose process may stop just before or just after any commit."""

    fuse: Fuse = field(default_factory=Fuse)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.fuse.burn(after=False)
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")
        self.fuse.burn(after=True)


class Centre:
    """The process that serves, and its disk."""

    def __init__(self, folder: Path, time: Time, dice: Dice) -> None:
        self.folder = folder
        self.clock = HqClock(time)
        self._dice = dice
        self._time = time
        self.fuse = Fuse(HqCrash)
        self._backups = 0
        self.start()

    def start(self) -> None:
        self.fuse.set(0, after=False)
        made = create(self.folder, clock=self.clock, entropy=self._dice)
        self.office = FusedOffice(
            made.folder, made.db, made.seed, made.clock, made.entropy, self.fuse
        )
        self.hq = Headquarters(self.office)

    def crash(self) -> list[Outgoing]:
        """Stop and start; return what it says first."""
        self.office.close()
        self.start()
        return self.hq.started(self._time.ms)

    def back_up(self) -> Path:
        self._backups += 1
        folder = self.folder.with_name(f"backup-{self._backups}")
        restoring.back_up(self.office, folder)
        return folder

    def restore(self, backup: Path) -> None:
        """The disk is gone; what comes back is a backup, which begins the next incarnation."""
        self.office.close()
        shutil.rmtree(self.folder)
        restoring.put_back(backup, self.folder)
        self._time.ms += 2_000  # nobody is faster
        self.start()
        restoring.raise_incarnation(self.office)

    def turn(self, arrivals: Sequence[Arrival]) -> tuple[list[Outgoing], list[str]]:
        """Take what came, work, and return what goes out and what was refused. Raises HqCrash."""
        drained = self.hq.take(arrivals, mono_ms=self._time.ms)
        self.hq.work()
        refused = [f"{one.topic}: {one.why}" for one in drained.refusals]
        return [*drained.answers, *self.hq.posts(self._time.ms)], refused
