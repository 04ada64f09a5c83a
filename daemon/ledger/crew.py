"""Processes that share a long reading of the journal: one a core, each a span at a time.

They are forked, so that a worker costs no start and no memory of its own for what its parent has
loaded. Therefore a crew is made before any database is opened, and only by a process without other
threads (the commands, not the running box, which does not even import what a crew needs);
everybody else works alone.
"""

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from daemon.ledger.records import Chain, Head

if TYPE_CHECKING:
    from concurrent.futures import Future

SPAN_ENTRIES = 2_000  # a worker's part: 25 ms of work, 0.5 MB of rows on their way back
AHEAD = 2  # spans given to each worker before the first is asked for
WORTH_BYTES = 16 << 20  # a shorter journal is read sooner than a crew is made

_Made = TypeVar("_Made")


class CrewLost(Exception):
    """A worker ended in the middle: the machine ran out of memory, or the disk failed under it."""


class Span(msgspec.Struct, frozen=True):
    """Entries `first` to `last` of an epoch."""

    epoch: int
    first: int
    last: int


def spans(chains: Iterable[tuple[Chain, Head]], *, length: int = SPAN_ENTRIES) -> Iterator[Span]:
    """Yield spans that make the chains, in order."""
    for chain, head in chains:
        for first in range(1, head.seq + 1, length):
            yield Span(chain.epoch, first, min(first + length - 1, head.seq))


def crew_size(journal: Path) -> int:
    """Return how many processes may read a journal."""
    try:
        short = journal.stat().st_size < WORTH_BYTES
    except OSError:
        short = True
    if short or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


class Crew:
    """`size` 1: no process but the caller's. Leave it with close()."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._pool = None
        if size > 1:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            self._pool = ProcessPoolExecutor(
                size, mp_context=get_context("fork"), initializer=_begin_work
            )
            self._pool.submit(os.getpid).result()  # all are forked with the first piece of work

    def each(
        self, work: Callable[[Span], _Made], parts: Iterable[Span], *, ahead: int = AHEAD
    ) -> Iterator[_Made]:
        """Begin, and yield what `work` makes of each part, in order; `ahead` parts a worker are
        given out at once. Raises what `work` raises, and CrewLost.

        `work` must be a function of a module, or a partial of one, and what it makes plain data.
        """
        waiting = iter(parts)
        if self._pool is None:
            return map(work, waiting)
        coming = deque(self._pool.submit(work, part) for part in islice(waiting, ahead * self.size))
        return self._in_order(work, coming, waiting)

    def _in_order(
        self, work: Callable[[Span], _Made], coming: "deque[Future[_Made]]", waiting: Iterator[Span]
    ) -> Iterator[_Made]:
        from concurrent.futures import BrokenExecutor

        assert self._pool is not None
        try:
            while coming:
                made = coming.popleft().result()
                for part in islice(waiting, 1):
                    coming.append(self._pool.submit(work, part))
                yield made
        except BrokenExecutor as error:
            raise CrewLost(str(error)) from error
        finally:
            for future in coming:
                future.cancel()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def _begin_work() -> None:
    """An interrupt at the terminal reaches every process: one of them answers. What a worker makes
    has no cycles and is gone with its part: to look for some takes a sixth of its time."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """End when the parent was killed: nobody would take what this process makes."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
