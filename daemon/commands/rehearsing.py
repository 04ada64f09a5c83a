"""`memberbox rehearse`: whether this release can take over what the one before it wrote.

The package asks it before the new release runs. Everything is tried on copies: whatever comes of
it, the state directory is as it was, and the old release can go on.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from daemon.commands.answer import Answer, Exit
from daemon.config import Config
from daemon.errors import StoreError
from daemon.ledger import bookfile, journal, local
from daemon.ledger.medium import Medium, Settings, rehearse

ROOM_FACTOR = 2  # the copy, and what bringing it up to date writes beside it

# local.db holds keys: its copy is made in memory, and never touches the disk
_FILES: Sequence[tuple[str, Settings, bool]] = (
    (journal.FILE, journal.SETTINGS, False),
    (bookfile.FILE, bookfile.SETTINGS, False),
    (local.FILE, local.SETTINGS, True),
)


def try_takeover(config: Config) -> Answer:
    """Try every file that is there; say each one's versions, or the first thing that is wrong."""
    state = config.state_dir
    files: dict[str, dict[str, int]] = {}
    lines = []
    for name, settings, in_memory in _FILES:
        path = state / name
        if not path.is_file():
            continue
        scratch = None if in_memory else state / f"{name}.rehearsal"
        try:
            _make_sure_of_room(path, in_memory=in_memory)
            before, after = rehearse(Medium(), path, settings, scratch)
        except StoreError as error:
            return Answer(Exit.NO, {"ok": False, "error": str(error)}, (str(error),))
        files[name] = {"before": before, "after": after}
        lines.append(f"{name}: {_told(before, after)}")
    if not files:
        lines.append(f"{state} holds no books yet: nothing to take over")
    return Answer(Exit.YES, {"ok": True, "files": files}, lines)


def _make_sure_of_room(path: Path, *, in_memory: bool) -> None:
    need, free = path.stat().st_size * ROOM_FACTOR, shutil.disk_usage(path.parent).free
    if not in_memory and free < need:
        raise StoreError(
            path.name,
            doing="trying the new release on a copy of it",
            found=f"{free // 1_000_000} MB are free, {need // 1_000_000} MB are needed",
            fix="Make room on the disk of the state directory, then install again.",
            retry=True,
        )


def _told(before: int, after: int) -> str:
    return "as this release writes it" if before == after else f"version {before} becomes {after}"
