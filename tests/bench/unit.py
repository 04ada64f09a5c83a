"""A measured box runs as its unit starts it."""

import os
import shlex

from tests.stage import ROOT

UNIT = ROOT / "systemd/memberbox.service"
MARK = "Environment="


def unit_sets() -> dict[str, str]:
    """Return the environment that the unit of the box sets; its own paths are left out."""
    lines = [line for line in UNIT.read_text().splitlines() if line.startswith(MARK)]
    words = [word for line in lines for word in shlex.split(line.removeprefix(MARK))]
    told = dict(word.split("=", 1) for word in words)
    return {name: said for name, said in told.items() if "/" not in said}


def unit_environment() -> dict[str, str]:
    """Return our environment with what the unit sets."""
    return {**os.environ, **unit_sets()}
