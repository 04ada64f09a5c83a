"""When a chain ends and the next epoch begins. Pure.

A chain never goes on over a medium that was restored, or on other hardware: whatever left the box
since then would be taken twice.
"""

from typing import Literal

from daemon.ledger.bodies import EpochOpened
from daemon.ledger.records import Head
from daemon.ledger.views import Watermark

FORKED_FACT = "forked"  # in local.db: the epoch of which HQ has another entry than this box
RESTORED_FACT = "restored"  # in local.db: the epoch that came out of a backup and has to end
SALVAGED_FACT = "salvaged"  # in local.db: the epoch of which only a part could be read, or proved
MACHINE_FACT = "machine"  # in local.db: an epoch, and where a restore let it go on
KNOWN_FACT = "known_epoch"  # in local.db: the highest epoch that a backup told of

Reason = Literal["new", "restore", "salvage", "fork", "hardware", "replacement"]


def rolled_back(mark: Watermark, epoch: int, head: Head) -> bool:
    """Tell whether the books have seen more than the journal holds now."""
    return (mark.epoch, mark.seq) > (epoch, head.seq)


def reason_to_end(
    opened: EpochOpened,
    *,
    device_key: str,
    hardware: str,
    lost: bool,
    acknowledged: Reason | None,
    salvaged: bool = False,
    closed: bool = False,
) -> Reason | None:
    """Return why the chain that `opened` began must end here; None: it goes on.

    `lost`: the books were ahead of the journal, or it came out of a backup. `acknowledged`: what
    HQ's mark says. `salvaged`: the journal was damaged. `closed`: it ended by itself and left
    everything to the next.
    """
    if salvaged:
        return "salvage"
    if lost:
        return "restore"
    if acknowledged is not None:
        return acknowledged
    if closed:
        return "replacement"
    if opened.device_key != device_key:
        return "hardware"
    if is_other(hardware, opened.hardware):
        return "hardware"
    return None


def is_other(now: str, then: str) -> bool:
    """Tell whether a machine is another one; what one of the two did not tell says nothing."""
    known = _parts(then)
    return any(number != known.get(part, number) for part, number in _parts(now).items())


def _parts(hardware: str) -> dict[str, str]:
    """Return the numbers that a machine tells of itself, by what they are of ("": it is one)."""
    told = (one.partition(":") for one in hardware.split())
    return {part if colon else "": number or part for part, colon, number in told}
