"""How far long work has come: a bar on stderr for people, nothing for scripts."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]
"""Told how much of how much is done."""


def silent(done: int, of: int) -> None:
    """Tell nobody."""


@contextmanager
def bar(what: str, *, shown: bool = True) -> Iterator[Progress]:
    """Give a Progress that draws a bar while stderr is a terminal."""
    if not shown or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console  # heavy, and scripts do without
    from rich.progress import Progress as Bars

    with Bars(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=None)
        yield lambda done, of: bars.update(task, completed=done, total=of)
