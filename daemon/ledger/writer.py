"""The writer: drafts in, durable entries out, one commit at a time.

Whoever has the turn writes what waits, as one group: the caller of commit() itself, so that no
thread has to wake up in between, or the writer's thread for those who only submit. The thread
also does what is not for the commit path: checkpoints, saving the books, finding out what became
of a commit that failed.

A commit ends in one of three ways: durable; refused, and it is certain that nothing was written;
or unknown. Then nothing more is written until the journal was closed, opened and made durable
as it stands, and the answer is read from it. Nothing is ever tried again blindly.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from daemon.errors import StoreError
from daemon.ledger.bookfile import BookFile
from daemon.ledger.group import Group, Known, Slot, Waiter
from daemon.ledger.journal import Journal
from daemon.ledger.medium import MediumFault, store_error
from daemon.ledger.records import Chain, Draft, Head
from daemon.ledger.views import Durable, Outcome, Problem, Refused

GROUP_MAX = 64  # drafts in one commit: 16 clients of the local API, with room
WAITING_MAX = 1024  # drafts not yet looked at; a counter has one, an API throttles before
LOG_BYTES = 1 << 20  # of entries before a checkpoint: 500 sales, 2.4 MB of log
SIFT_AFTER_S = 5.0  # of quiet before keys are read into memory: a start has better things to do
SIFT_PAUSE_S = 0.02  # between two looks at them: a million are read in a minute, beside sales
CHECK_AGAIN_S = 0.05  # after a look at a journal that does not open; doubles up to the next
CHECK_AGAIN_MAX_S = 2.0

OK = "ok"
CHECKING = "checking"  # a commit failed and what became of it is being read
STOPPING = "the box is stopping"
FAILED = "failed"  # the journal cannot be read now; it is tried again

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


_Asked = tuple[Draft, Waiter]


class Writer:
    def __init__(
        self,
        journal: Journal,
        books: BookFile,
        known: Known,
        *,
        chain: Chain,
        head: Head,
        date: str,
    ) -> None:
        """Start the thread. `date` is the last business date, "" when there is none."""
        self.chain = chain
        self.head = head
        self._date = date
        self._journal = journal
        self._books = books
        self._known = known
        self._turn = threading.Lock()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._waiting: deque[_Asked] = deque()
        self._doubt: Group | None = None
        self._since_s: float | None = None  # since when a group is being written or read back
        self._log_bytes = 0
        self._save_due = False
        self._state = OK
        self._on_state: tuple[Callable[[str], None], ...] = ()
        self._on_durable: tuple[Callable[[Durable], None], ...] = ()
        self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
        self._thread.start()

    def submit(self, draft: Draft) -> Future[Outcome]:
        """Hand a draft to the writer's thread; the future's result is the outcome."""
        future: Future[Outcome] = Future()
        self._enter(draft, future)
        self._wake.set()
        return future

    def commit(self, draft: Draft) -> Outcome:
        """Commit a draft and return the outcome; waits while it is unknown."""
        slot = Slot()
        self._enter(draft, slot)
        while slot.outcome is None and self._doubt is None:
            with self._turn:
                if slot.outcome is None:
                    self._serve()
        if self._doubt is not None or self._waiting or self._due():
            self._wake.set()
        return slot.result()

    def subscribe(self, callback: Callable[[Durable], None]) -> None:
        """Call back after each entry is durable, in order, from whoever wrote it.

        The callback must be short and must not commit: it runs in the writer's turn.
        """
        self._on_durable = (*self._on_durable, callback)

    def on_state(self, callback: Callable[[str], None]) -> None:
        """Call back when the state becomes ok, checking or failed."""
        self._on_state = (*self._on_state, callback)

    @property
    def alive(self) -> bool:
        """Tell whether the thread runs: the watchdog's question."""
        return self._thread.is_alive()

    @property
    def stuck_s(self) -> float:
        """Return for how long the same group has been written: seconds, 0 at rest.

        A commit that failed and is looked up again and again is not stuck: it is said, and waits.
        """
        since_s = self._since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def stop(self) -> None:
        """Write what waits and end the thread. Later drafts are refused."""
        self._stop.set()
        self._wake.set()
        self._thread.join()
        self._refuse_waiting(STOPPING)
        if self._doubt is not None:
            for one in self._doubt.waiters():
                one.leave(_unknown(self._journal.path.name))

    def _enter(self, draft: Draft, waiter: Waiter) -> None:
        if len(self._waiting) >= WAITING_MAX:
            _refuse(waiter, f"{WAITING_MAX} others wait already; try again")
            return
        self._waiting.append((draft, waiter))
        if self._stop.is_set():
            self._refuse_waiting(STOPPING)

    def _run(self) -> None:
        pause_s: float | None = SIFT_AFTER_S
        try:
            while not self._stop.is_set():
                if not self._wake.wait(pause_s):
                    pause_s = None if self._books.sift() else SIFT_PAUSE_S
                    continue
                pause_s = pause_s or SIFT_AFTER_S  # what came meanwhile may not fit in
                self._wake.clear()
                self._find_out()
                while self._waiting and self._doubt is None:
                    with self._turn:
                        self._serve()
                self._housekeep()
        except BaseException:
            self._say(FAILED)
            raise

    def _find_out(self) -> None:
        """Look at the journal until it says what became of the group in doubt."""
        group = self._doubt
        pause_s = CHECK_AGAIN_S
        while group is not None:
            with self._turn:
                self._since_s = time.monotonic()
                settled = self._settle(group)
                self._since_s = None
                if settled:
                    return
            if self._stop.wait(pause_s):
                return
            pause_s = min(2 * pause_s, CHECK_AGAIN_MAX_S)

    def _serve(self) -> None:
        """Write one group of what waits. Hold the turn."""
        self._since_s = time.monotonic()
        try:
            self._write()
        finally:
            self._since_s = None

    def _write(self) -> None:
        if self._doubt is not None:
            return
        group = self._gather()
        if not group.sealed:
            return
        trouble = self._journal.write(self.chain.epoch, [one.stored for one in group.sealed])
        if trouble is None:
            self._publish(group)
        elif trouble.certain:
            what = str(store_error(self._journal.path, "committing", trouble.error))
            problem = Problem(what, passing=True)
            for one in group.waiters():
                one.refuse(problem)
        else:
            _log.error("%s", store_error(self._journal.path, "committing", trouble.error))
            self._doubt = group
            self._wake.set()
            self._say(CHECKING)

    def _gather(self) -> Group:
        group = Group(self.chain, self.head, self._date, self._known)
        taken = 0
        while self._waiting and taken < GROUP_MAX:
            draft, waiter = self._waiting.popleft()
            taken += 1
            if not waiter.set_running_or_notify_cancel():
                continue  # the caller gave up before anything was written
            try:
                group.add(draft, waiter)
            except StoreError as error:
                waiter.set_result(Refused((Problem(str(error), passing=True),)))
        return group

    def _publish(self, group: Group) -> None:
        """The group is durable: show it to readers, then tell those who wait."""
        crowded = self._books.follow(group.booked)
        self.head = group.head
        self._date = group.business_date
        self._log_bytes += group.length_bytes
        for one in group.sealed:
            one.resolve()
            for callback in self._on_durable:
                _call(callback, one.outcome)
        for late in group.turned_away:
            late.resolve()
        if crowded:
            self._save_due |= self._books.tidy()

    def _settle(self, group: Group) -> bool:
        """Read from the journal what became of the group; False: it cannot be read now."""
        try:
            self._journal.reopen()
            head = self._journal.head(self.chain.epoch)
        except StoreError as error:
            _log.error("%s", error)
            self._say(FAILED)
            self._refuse_waiting(str(error))
            return False
        self._doubt = None
        if head == group.head:
            self._publish(group)
        else:
            before = group.before if group.before.seq else None
            assert head == before, f"a commit left {head}: neither all of it nor nothing"
            what = f"{self._journal.path.name}: the disk failed; nothing was written"
            problem = Problem(what, passing=True)
            for one in group.waiters():
                one.refuse(problem)
        self._say(OK)
        return True

    def _housekeep(self) -> None:
        """What keeps the files small, off the commit path.

        The first checkpoint runs beside the writer and does the work. The second, in the writer's
        turn, finds little left; after it the log is overwritten in place, which costs half as
        much as letting it grow.
        """
        try:
            if self._log_bytes >= LOG_BYTES:
                self._log_bytes = 0
                self._journal.checkpoint()
                with self._turn:
                    self._journal.checkpoint()
            if self._save_due:
                self._save_due = False
                self._books.save()
        except (StoreError, MediumFault) as error:
            _log.error("ledger: %s", error)  # the next batch tries again

    def _due(self) -> bool:
        return self._save_due or self._log_bytes >= LOG_BYTES

    def _refuse_waiting(self, what: str) -> None:
        while self._waiting:
            _refuse(self._waiting.popleft()[1], what)

    def _say(self, state: str) -> None:
        if state != self._state:
            self._state = state
            for callback in self._on_state:
                _call(callback, state)


def _refuse(waiter: Waiter, what: str) -> None:
    if waiter.set_running_or_notify_cancel():
        waiter.set_result(Refused((Problem(what, passing=True),)))


def _unknown(where: str) -> StoreError:
    return StoreError(
        where,
        doing="committing",
        found="the disk failed, and what became of the entry is not known yet",
        fix="Start the box again: the same request then gets its answer.",
        retry=True,
    )


def _call(callback: Callable[[_T], None], value: _T) -> None:
    """Call a subscriber; one that fails is a bug of its own and must not stop the journal."""
    try:
        callback(value)
    except Exception:
        _log.exception("ledger: a subscriber failed")
