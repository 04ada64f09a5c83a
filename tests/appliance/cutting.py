"""A disk under provisioning whose power goes between two steps, as a card's does.

What was written and not flushed may be gone, cut short or there; what was renamed may not have
been, until its folder was flushed. Which of it is drawn by whoever cuts.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from daemon.commands.provision_disk import RealDisk


class PowerCut(BaseException):
    """The machine is off: nothing catches this."""


@dataclass
class CutDisk(RealDisk):
    """Cuts after `steps` steps; `lost(n)` draws one of n fates for what was not flushed.

    The real disk below is not flushed: this is the one that forgets.
    """

    steps: int = -1  # never
    lost: Callable[[int], int] = lambda n: 0
    done: list[str] = field(default_factory=list)
    _loose: dict[int, Path] = field(default_factory=dict)  # by inode: written, not flushed
    _renamed: list[tuple[Path, Path, bytes | None]] = field(default_factory=list)

    def make_folder(self, path: Path, mode: int) -> None:
        super().make_folder(path, mode)
        self._step(f"folder {path.name}")

    def write(self, path: Path, data: bytes, mode: int) -> None:
        super().write(path, data, mode)
        self._loose[path.stat().st_ino] = path
        self._step(f"write {path.name}")

    def flush(self, path: Path) -> None:
        self._loose.pop(path.stat().st_ino, None)
        self._step(f"flush {path.name}")

    def rename(self, old: Path, new: Path) -> None:
        before = new.read_bytes() if new.exists() else None
        super().rename(old, new)
        self._renamed.append((old, new, before))
        if new.stat().st_ino in self._loose:
            self._loose[new.stat().st_ino] = new
        self._step(f"rename {new.name}")

    def flush_folder(self, path: Path) -> None:
        self._renamed = [one for one in self._renamed if one[1].parent != path]
        self._step(f"flush folder {path.name}")

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._step(f"remove {path.name}")

    def _step(self, what: str) -> None:
        self.done.append(what)
        if len(self.done) == self.steps:
            self._cut()
            raise PowerCut(what)

    def _cut(self) -> None:
        for path in self._loose.values():
            size = path.stat().st_size
            os.truncate(path, (0, size // 2, size)[self.lost(3)])
        kept: set[Path] = set()
        for old, new, before in reversed(self._renamed):
            if new in kept or not self.lost(2):  # two file systems flush in any order
                kept.add(new)
                continue
            new.rename(old)
            if before is not None:
                new.write_bytes(before)
