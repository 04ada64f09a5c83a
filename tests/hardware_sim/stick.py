"""The USB stick: a folder that is there or not, like a mount point that udisks makes."""

import shutil
from pathlib import Path

FAULTS = {"unplug": "pulled out", "clear": "put in"}


class Stick:
    """DIR/stick while inserted; what is on it waits in DIR/stick.out while it is not."""

    kind = "stick"
    faults = FAULTS

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.path = name, str(folder)
        self._inside, self._outside = folder, folder.with_name(folder.name + ".out")

    @property
    def plugged(self) -> bool:
        return self._inside.is_dir()

    @property
    def active_faults(self) -> list[str]:
        return []

    def start(self) -> None:
        """A bench starts with the stick out; what an earlier bench left on it stays on it."""
        self.insert(inserted=False)

    def stop(self) -> None:
        """The stick stays as it is: what is on it is for people to look at."""

    def fault(self, name: str) -> None:
        """Pull it out (unplug) or put it in (clear)."""
        self.insert(inserted=name == "clear")

    def insert(self, *, inserted: bool) -> None:
        """Put it in or pull it out; files that someone laid into its place are on it, too."""
        here, there = self._inside, self._outside
        if not inserted:
            here, there = there, here
        here.mkdir(exist_ok=True)
        if not there.is_dir():
            return
        for item in sorted(there.iterdir()):
            target = here / item.name
            if target.is_dir() and item.is_dir():
                shutil.copytree(item, target, dirs_exist_ok=True)
                shutil.rmtree(item)
            else:
                item.replace(target)
        shutil.rmtree(there)
