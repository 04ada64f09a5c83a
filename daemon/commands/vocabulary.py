"""Words that a config may use and other rooms know: drivers and device profiles."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from daemon.config import Vocabulary
from daemon.drivers.profiles import load_profile, profile_names
from daemon.drivers.registry import DRIVERS
from daemon.drivers.resources import SHAPES, parse_port
from daemon.errors import DeviceError
from daemon.events import DeviceKind

SHARE_VARIABLE = "MEMBERBOX_SHARE"


def share_dir() -> Path:
    """Return where shared data (packs, device profiles) lies.

    $MEMBERBOX_SHARE, else <prefix>/share/memberbox, else config/ of an editable install. What an
    editable install copied into its prefix is as old as that install, so its checkout comes first.
    """
    named = os.environ.get(SHARE_VARIABLE)
    if named:
        return Path(named)
    checkout = Path(__file__).parents[2]
    if (checkout / "pyproject.toml").is_file():
        return checkout / "config"
    return Path(sys.prefix) / "share" / "memberbox"


def vocabulary() -> Vocabulary:
    """Return the drivers of every kind, the profiles of every driver, and what ports they take."""
    drivers = {
        kind.value: tuple(name for name, made in DRIVERS.items() if kind in made.kinds)
        for kind in DeviceKind
    }
    return Vocabulary(drivers=drivers, profiles=_profiles(share_dir()), port_forms=_port_forms)


def _profiles(share: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {driver: [] for driver in DRIVERS}
    for name in profile_names(share):
        with suppress(DeviceError):  # a broken profile is named when a device asks for it
            found[str(load_profile(share, name).__struct_config__.tag)].append(name)
    return {driver: tuple(names) for driver, names in found.items()}


def _port_forms(driver: str, port: str) -> str | None:
    """Return the forms of port that the driver takes, where port is none of them."""
    made = DRIVERS.get(driver)
    if made is None or not port:
        return None
    try:
        parse_port(port, made.ports)
    except ValueError:
        return " or ".join(SHAPES[kind] for kind in made.ports)
    return None
