"""A backlog is read in order: its next part is read while the last one is packed and sent."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from daemon.errors import StoreError
from daemon.ledger.views import Joined

Read = Callable[[int, int, int], Joined | None]
_Span = tuple[int, int, int]  # epoch, first, limit


class ReadAhead:
    """One part ahead of whoever reads in order, at most. Safe to call from any thread."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._reader = ThreadPoolExecutor(1, "ahead")  # its thread starts with the first backlog
        self._span: _Span = (0, 0, 0)
        self._ahead: Future[Joined | None] | None = None

    def joined(self, epoch: int, first: int, limit: int, *, until: int) -> Joined | None:
        """Return up to `limit` entries from number `first`, and start to read the ones after them.

        Nothing beyond `until` is read ahead: the last entry that the caller knows to be durable.
        Raises StoreError.
        """
        with self._lock:
            found = self._taken((epoch, first, limit)) or self._read(epoch, first, limit)
            if found is not None:
                self._start((epoch, found.last + 1, min(limit, until - found.last)))
        return found

    def close(self) -> None:
        """Stop; what is being read is finished first."""
        self._reader.shutdown()

    def _start(self, span: _Span) -> None:
        if span[2] > 0:
            self._span, self._ahead = span, self._reader.submit(self._read, *span)

    def _taken(self, span: _Span) -> Joined | None:
        """Return what was read ahead, when it is just what is wanted now; None: read it."""
        ahead, self._ahead = self._ahead, None
        if ahead is None or self._span != span:
            return None
        try:
            found = ahead.result()
        except StoreError:  # of then; now may be better
            return None
        return found if found is not None and found.last == span[1] + span[2] - 1 else None
