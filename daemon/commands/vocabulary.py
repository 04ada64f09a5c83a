"""Words that a config may use and other rooms know: drivers and device profiles."""

import os
import sys
from pathlib import Path

from daemon.config import Vocabulary
from daemon.drivers.registry import DRIVERS
from daemon.events import DeviceKind

SHARE_VARIABLE = "MEMBERBOX_SHARE"


def share_dir() -> Path:
    """Return where shared data (packs, device profiles) lies.

    $MEMBERBOX_SHARE, else <prefix>/share/memberbox, else config/ of an editable install.
    """
    named = os.environ.get(SHARE_VARIABLE)
    if named:
        return Path(named)
    installed = Path(sys.prefix) / "share" / "memberbox"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "config"


def vocabulary() -> Vocabulary:
    """Return the drivers of every kind and the names of the device profiles."""
    profiles = sorted(path.stem for path in (share_dir() / "devices").glob("*.toml"))
    drivers = {
        kind.value: tuple(name for name, made in DRIVERS.items() if kind in made.kinds)
        for kind in DeviceKind
    }
    return Vocabulary(drivers=drivers, profiles=tuple(profiles))
