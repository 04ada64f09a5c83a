"""A backlog is read in order: its next part is read while the last one is packed and sent."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from daemon.errors import StoreError
from daemon.ledger.views import Joined

Read = Callable[[int, int, int], Joined | None]


class ReadAhead:
    """One part ahead of whoever reads in order. Owned by one thread; it has another one while
    there is something to read ahead, and only then."""

    def __init__(self, read: Read) -> None:
        """`read` is called in either thread."""
        self._read = read
        self._reader: ThreadPoolExecutor | None = None
        self._ahead: tuple[int, int, Future[Joined | None]] | None = None  # epoch, first

    def joined(self, epoch: int, first: int, limit: int, *, until: int) -> Joined | None:
        """Return up to `limit` entries from number `first`, and start to read the ones after them.

        Nothing beyond `until` is read ahead: the last entry that the caller knows to be durable.
        Raises StoreError.
        """
        found = self._taken(epoch, first, limit) or self._read(epoch, first, limit)
        if found is not None and (more := min(limit, until - found.last)) > 0:
            self._start(epoch, found.last + 1, more)
        elif self._reader is not None:
            self._reader.shutdown(wait=False)
            self._reader = None
        return found

    def _start(self, epoch: int, first: int, limit: int) -> None:
        reader = self._reader = self._reader or ThreadPoolExecutor(1, "ahead")
        try:
            self._ahead = epoch, first, reader.submit(self._read, epoch, first, limit)
        except RuntimeError:  # no thread to be had: it is read when it is wanted
            self._reader = None

    def _taken(self, epoch: int, first: int, limit: int) -> Joined | None:
        """Return what was read ahead, when it is what is wanted now; None: read it."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return None
        if ahead[:2] != (epoch, first):
            ahead[2].cancel()
            return None
        try:
            found = ahead[2].result()
        except StoreError:  # of then; now may be better
            return None
        return found if found is not None and found.last < first + limit else None
