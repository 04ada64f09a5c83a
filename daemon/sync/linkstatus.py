"""How the link stands, in words for a person. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from daemon.sync.protocol import Fork

_FORKS: Mapping[Fork, str] = MappingProxyType(
    {
        Fork.HASH: "headquarters has another entry at its mark",
        Fork.ROLLED_BACK: "headquarters has more of this chain than this box",
        Fork.NACK: "headquarters has another entry of a number of ours",
        Fork.CLOSED: "headquarters gave it up for lost and granted anew what it held",
    }
)


class SyncStatus(msgspec.Struct, frozen=True):
    connected: bool  # HQ answers us
    hq_mark: int  # the last entry of this chain that HQ has
    hq_age_s: float | None  # since HQ's last acknowledgement; None: never
    forked: bool  # this chain is not the one that HQ knows: it may take nothing more
    incarnation: int
    reason: str  # what is wrong, for a person; empty when nothing is


class Line(msgspec.Struct, frozen=True):
    """The line as the link sees it. `up`: the broker lets us in; `connected`: HQ answers."""

    up: bool
    connected: bool
    known: bool  # HQ has ever answered this box
    why: str  # the last connection ended, or none is made


def reason(fork: Fork | None, trouble: str, line: Line, fetching: str) -> str:
    """Return what is wrong, and what to do where a person has to; "" when nothing is."""
    if fork is not None:
        return f"this box's chain is forked: {_FORKS[fork]}. Call the technician."
    if not line.up:
        return line.why
    if line.connected:
        return trouble or fetching
    if not line.known:
        return "headquarters has never answered this box; is the token of [hq] right?"
    return "headquarters does not answer; everything is kept and goes later"
