"""What lapses, as entries: one for each member, unit and due time. Pure.

A lapse holds when it was due; its business date is that of the day it is written, so that a late
one never changes a day that is closed. It waits for a clock that is trusted.
"""

from collections.abc import Iterable
from datetime import datetime

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Moves, Stamp
from daemon.ledger.bodies import LotPart, Moved
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.lots import available
from daemon.ledger.machine import BY_BOX, SOURCE_BOX
from daemon.ledger.posting import Balance
from daemon.ledger.records import At, Draft, PackRef
from daemon.ledger.views import LotRow

LAPSING = ("points:", "frozen:", "bonus:", "coupons:", "principal:", "waiting:")
"""Accounts whose lots end; a principal lot of a registered card has no end."""


def lapses(
    rows: Iterable[LotRow], at: At, pack: PackRef | None, balance: Balance, now: datetime
) -> list[Draft]:
    """Return the lapses of all lots that are due at `now`, the earliest due first."""
    due: dict[tuple[str, str, str], list[LotRow]] = {}
    for row in rows:
        if row.amount > 0 and row.expires is not None and not available([row], now):
            due.setdefault((row.expires, _member(row.account), row.unit), []).append(row)
    order = sorted(due, key=lambda key: (datetime.fromisoformat(key[0]), key))
    return [_lapse(key, due[key], at, pack, balance) for key in order]


def _lapse(
    key: tuple[str, str, str], rows: list[LotRow], at: At, pack: PackRef | None, balance: Balance
) -> Draft:
    due, member, unit = key
    moves = Moves(balance)
    parts = []
    for row in rows:
        if unit == Unit.PIECE:  # nothing had been granted: a promise ends
            moves.move(row.account, unit, -row.amount, row.lot)
            moves.move(accounts.PROMISED, unit, row.amount)
        else:
            moves.take(row.account, unit, row.amount, row.lot, to=accounts.lapsed(unit))
        if unit == Unit.PRINCIPAL:
            moves.move(accounts.OWED_VALUE, Unit.FEN, row.amount)
            moves.move(accounts.KEPT_VALUE, Unit.FEN, -row.amount)
        parts.append(LotPart(unit, row.lot, row.amount))
    amount = sum(part.amount for part in parts)
    body = Moved(member, unit, amount, tuple(parts), due)
    name = f"lapse:{member}:{unit}:{due}:{at.boot}:{at.mono_ms}"
    stamp = Stamp(SOURCE_BOX, name, at, BY_BOX, pack, datetime.fromisoformat(due))
    return moves.draft(stamp, _kind(unit), body)


def _kind(unit: str) -> Kind:
    if unit == Unit.POINT:
        return Kind.POINTS_LAPSED
    if unit in (Unit.PRINCIPAL, Unit.BONUS):
        return Kind.VALUE_LAPSED
    if unit == Unit.PIECE:
        return Kind.ENTITLEMENT_LAPSED
    return Kind.COUPON_LAPSED


def _member(account: str) -> str:
    return account.partition(":")[2]
