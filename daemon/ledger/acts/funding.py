"""Who pays for what an entry gives, written on its lots. Pure."""

from collections.abc import Sequence

from msgspec.structs import replace

from daemon.ledger.bodies import NewLot
from daemon.ledger.kinds import Unit


def funded(lots: Sequence[NewLot], hq_part: int, unit: str = Unit.POINT) -> tuple[NewLot, ...]:
    """Return the lots, the first of the unit with headquarters' part of it."""
    if not hq_part:
        return tuple(lots)
    first = next(lot.n for lot in lots if lot.unit == unit)
    return tuple(replace(lot, hq_part=hq_part) if lot.n == first else lot for lot in lots)
