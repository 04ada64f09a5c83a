"""Make the books anew from the journal, with the box stopped."""

from contextlib import closing
from pathlib import Path

from daemon.errors import StoreError
from daemon.ledger import journal
from daemon.ledger.bookfile import Progress, no_progress
from daemon.ledger.codec import CodecError, envelope
from daemon.ledger.crew import SPAN_ENTRIES, Crew, crew_size
from daemon.ledger.files import Files
from daemon.ledger.journal import Journal
from daemon.ledger.medium import Medium
from daemon.ledger.statelock import StateLock


def rebuild(
    state_dir: Path,
    *,
    progress: Progress = no_progress,
    processes: int | None = None,
    span_entries: int = SPAN_ENTRIES,
) -> int:
    """Return how many entries were booked. `processes`: None, as many as are of use.

    Raises StoreError: a box runs, nothing to read.
    """
    path = state_dir / journal.FILE
    with closing(Crew(processes or crew_size(path))) as crew:  # before any database is opened
        lock = StateLock(state_dir)
        try:
            files = Files(state_dir, _box(state_dir), Medium(), when="rebuild")
            try:
                files.keep_what_the_books_knew()
                files.books.discard()  # its room is needed
                files.books.make(
                    path, files.chains(), crew=crew, progress=progress, span_entries=span_entries
                )
                crew.close()  # who closes the journal last leaves no log beside it
                made = files.books.mark.no
                files.books.load(progress=lambda rest: progress(made + rest))
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
