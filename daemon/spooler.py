"""The print spool: a slip waits here until its printer has taken it, for days if need be.

A job is marked unsure before its first byte leaves, and sent or confirmed when the printer has it
all; so whatever ends us in between, what comes again is marked 补打. Nothing waits for a printer.
Slips of committed entries are kept in local.db; an inquiry is worth nothing later and is not.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from daemon.counter.effects import DOCUMENTS, DocumentKind, Listing
from daemon.display.facts import Copy
from daemon.drivers.kinds import PrintUnsure, ReceiptPrinter
from daemon.errors import DeviceError
from daemon.ledger.local import Job, JobState, Local
from daemon.paper import Cut, Paper

AGAIN_AFTER_S = 5.0  # a printer that is away is tried again this often, and at once when it is back
JOBS_MAX = 2000  # a week of a busy shop without a printer; older slips can be reprinted by number
DONE_JOBS_KEPT = 2000  # of slips that are on paper: what a technician asks about
FORGET_EVERY = 200  # slips: a box may run for years without a start, where the older ones go too

BOOT_FACT = "spool.boot"
AGAIN = 2  # the n of a job that is 补打 from the start

_KEPT = frozenset(DOCUMENTS.values())  # of entries; what is of now is worth nothing later
# Reads a day, a month or all members: beside the loop, for the next customer is there already.
_LONG = frozenset(
    {DocumentKind.REPORT, DocumentKind.POINTS_CHECK, DocumentKind.X, DocumentKind.STOCK_LEVELS}
)

_log = logging.getLogger("memberbox.spooler")


class Slip(msgspec.Struct, frozen=True):
    """What is to be printed: a document of an entry, of a member, or of now."""

    kind: DocumentKind
    about: str  # the entry's id, or the member's
    copy: Copy = Copy.FIRST
    job: int | None = None  # its row in local.db
    listing: Listing | None = None
    training: bool = False


Render = Callable[[Slip, int], Paper]  # slip, columns


class Spooler:
    """Prints slips one after another on one printer."""

    def __init__(
        self,
        printer: ReceiptPrinter | None,
        name: str,
        local: Local,
        render: Render,
        *,
        same_boot: bool,
    ) -> None:
        self._printer = printer
        self._name = name
        self._local = local
        self._render = render
        self._same_boot = same_boot
        self._paused_fact = f"spool.paused.{name}"
        self._paused = local.fact(self._paused_fact) is not None
        self._waiting: deque[Slip] = deque(self._left_over())
        self._printed = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def paused(self) -> bool:
        """Whether a person has said stop. Cover and paper pause a printer too, by themselves."""
        return self._paused

    def pause(self) -> None:
        """Begin no slip until `resume`, not even after a restart; the one under way is ended."""
        self._paused = True
        self._local.put_fact(self._paused_fact, "by a person")

    def resume(self) -> None:
        self._paused = False
        self._local.drop_fact(self._paused_fact)
        self._wake.set()

    def start(self) -> None:
        if self._printer is not None:
            self._task = asyncio.get_running_loop().create_task(self._work(self._printer))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def add_late(self, kind: DocumentKind, about: str) -> None:
        """Put a slip that an earlier run may or may not have printed."""
        self.add(kind, about, Copy.FIRST if self._same_boot else Copy.UNSURE)

    def add(
        self,
        kind: DocumentKind,
        about: str,
        copy: Copy = Copy.FIRST,
        listing: Listing | None = None,
        *,
        training: bool = False,
    ) -> None:
        """Put a slip at the end; the oldest gives way when there are far too many."""
        if self._printer is None:
            return
        job = None
        if kind in _KEPT and not training:
            n = 1 if copy is Copy.FIRST else AGAIN
            job = self._local.queue_job(about, kind.value, device=self._name, n=n).job
        if len(self._waiting) >= JOBS_MAX:
            self._give_up(self._waiting[1])  # the first one may be in the printer
            del self._waiting[1]
        self._waiting.append(Slip(kind, about, copy, job, listing, training))
        self._wake.set()

    def nudge(self) -> None:
        """The printer's state has changed: try now."""
        self._wake.set()

    async def _work(self, printer: ReceiptPrinter) -> None:
        while True:
            while self._waiting and not self._paused:
                if not await self._print(printer, self._waiting[0]):
                    break
                self._waiting.popleft()
            self._wake.clear()
            try:
                async with asyncio.timeout(self._look_again_s()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _print(self, printer: ReceiptPrinter, slip: Slip) -> bool:
        """Print one slip; return whether it is done with."""
        try:
            if slip.kind in _LONG:
                paper = await asyncio.to_thread(self._render, slip, printer.columns)
            else:
                paper = self._render(slip, printer.columns)
        except Exception:  # a bug, or an entry that salvage could not save: the next slips print
            _log.exception("the slip of %s cannot be made, and is not printed", slip.about)
            self._drop(slip)
            return True
        if slip.copy is Copy.UNSURE:  # a torn slip may hang out of the printer: cut it off first
            paper = (Cut(), *paper)
        self._done(slip, JobState.UNSURE)
        try:
            printed = await printer.print(paper)
        except PrintUnsure:
            self._waiting[0] = replace(slip, copy=Copy.UNSURE)
            return False
        except DeviceError:
            if slip.copy is not Copy.UNSURE:
                self._done(slip, JobState.QUEUED)
            return False
        self._done(slip, JobState(printed.value))
        self._printed += 1
        if self._printed % FORGET_EVERY == 0:
            self._local.drop_done_jobs(keep=DONE_JOBS_KEPT)
        return True

    def _done(self, slip: Slip, state: JobState) -> None:
        if slip.job is not None:
            self._local.set_job(slip.job, state)

    def _give_up(self, slip: Slip) -> None:
        _log.warning("the slip of %s is not printed: too many wait", slip.about)
        self._drop(slip)

    def _drop(self, slip: Slip) -> None:
        if slip.job is not None:
            self._local.drop_job(slip.job)

    def _look_again_s(self) -> float | None:
        return AGAIN_AFTER_S if self._waiting and not self._paused else None

    def _left_over(self) -> list[Slip]:
        """Return what an earlier run left. After a power cut no state of then can be trusted."""
        self._local.drop_done_jobs(keep=DONE_JOBS_KEPT)
        return [
            Slip(DocumentKind(row.kind), row.entry, self._copy_of(row), row.job)
            for row in self._local.open_jobs()
            if row.device == self._name
        ]

    def _copy_of(self, row: Job) -> Copy:
        if not self._same_boot or row.state is not JobState.QUEUED:
            return Copy.UNSURE
        return Copy.REPRINT if row.n == AGAIN else Copy.FIRST


def same_boot(local: Local, boot: str) -> bool:
    """Return whether the machine has run since the last start: only then the states hold."""
    same = local.fact(BOOT_FACT) == boot
    local.put_fact(BOOT_FACT, boot)
    return same
