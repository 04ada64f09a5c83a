"""Which lot is spent first, and what may be spent at all. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

from daemon.clock import moment
from daemon.ledger.bodies import Advance, Claim, LotPart, NewLot
from daemon.ledger.ids import lot_id
from daemon.ledger.kinds import Unit
from daemon.ledger.views import LotRow

LENT = "advance"  # source of points that stood above the holding

_NEVER = datetime.max.replace(tzinfo=timezone.utc)


def available(lots: Iterable[LotRow], at: datetime) -> list[LotRow]:
    """Return the lots that may be spent at `at`, in spending order.

    `at` is the lower bound of now: what is due by it is not spendable any more.
    """
    return spend_order(lot for lot in lots if lot.amount > 0 and not ended(lot.expires, at))


def spend_order(lots: Iterable[LotRow]) -> list[LotRow]:
    """Return the lots that lapse first at the front, then the oldest, then by id."""
    return sorted(lots, key=_order)


def take(lots: Sequence[LotRow], amount: int) -> list[tuple[LotRow, int]]:
    """Return what to take from which lot, front first, so that it makes `amount`.

    The parts make less than `amount` when the lots do not hold it.
    """
    assert amount >= 0, "an amount taken is counted upwards"
    parts = []
    for lot in lots:
        part = min(lot.amount, amount)
        if part > 0:
            parts.append((lot, part))
            amount -= part
    return parts


def lent(advance: Advance, entry: str) -> tuple[NewLot, Claim]:
    """Return the lot that an entry lent, and the claim that stands for it."""
    lot = NewLot(advance.n, Unit.POINT, LENT, amount=advance.amount)
    stands = LotPart(Unit.POINT, lot_id(entry, advance.n), advance.amount)
    return lot, Claim(advance.claim, Unit.POINT, advance.amount, (stands,))


def ended(expires: str | None, at: datetime) -> bool:
    """Tell whether a lot that ends then (None: never) has ended at `at`."""
    return expires is not None and moment(expires, timezone.utc) <= at


def _order(lot: LotRow) -> tuple[datetime, datetime, str]:
    lapses = _NEVER if lot.expires is None else moment(lot.expires, timezone.utc)
    return lapses, moment(lot.granted, timezone.utc), lot.lot
