"""Make the books anew from the journal, with the box stopped."""

from pathlib import Path

from daemon.errors import StoreError
from daemon.ledger import journal
from daemon.ledger.bookfile import Progress, no_progress
from daemon.ledger.codec import CodecError, envelope
from daemon.ledger.files import Files
from daemon.ledger.journal import Journal
from daemon.ledger.medium import Medium
from daemon.ledger.statelock import StateLock


def rebuild(state_dir: Path, *, progress: Progress = no_progress) -> int:
    """Return how many entries were booked. Raises StoreError: a box runs, nothing to read."""
    lock = StateLock(state_dir)
    try:
        files = Files(state_dir, _box(state_dir), Medium(), when="rebuild")
        try:
            files.books.discard()
            files.books.load(progress=progress)
            return files.books.mark.no
        finally:
            files.close()
    finally:
        lock.release()


def _box(state_dir: Path) -> str:
    """Return whose journal it is, from its first entry."""
    opened = Journal(state_dir / journal.FILE, Medium(), readonly=True)
    try:
        epochs = opened.epochs()
        first = opened.read(epochs[0], 1, 1) if epochs else []
        if first:
            return envelope(first[0].data).box
    except CodecError:
        pass
    finally:
        opened.close()
    raise StoreError(
        journal.FILE,
        doing="making the books",
        found="the journal has no first entry that can be read",
        fix="Check the state directory; run verify.",
        retry=False,
    )
