"""Which lots pay: stored value, points as money, coupons. Pure.

What lapses first is spent first. Principal and bonus share a payment by the pack's order, by
default pro rata; what the law lets a member have back does not depend on it (refund.py).
"""

from collections.abc import Sequence
from datetime import datetime

from daemon.ledger.acts.moves import COUPON, POINTS, STORED_VALUE, Member, Refusal
from daemon.ledger.acts.shares import largest_remainder
from daemon.ledger.bodies import LotPart, Taken
from daemon.ledger.kinds import Unit, coupon_unit
from daemon.ledger.lots import available, spend_order, take
from daemon.ledger.views import LotRow


def spendable(member: Member, unit: str, now: datetime) -> list[LotRow]:
    """Return the lots that may be spent, the first to be spent in front."""
    return available(member.purse(unit), now)


def points_parts(member: Member, amount: int, now: datetime) -> list[LotPart] | Refusal:
    """Return which lots give `amount` points."""
    lots = spendable(member, Unit.POINT, now)
    have = sum(lot.amount for lot in lots)
    if have < amount:
        return Refusal("not_enough_points", f"{amount} points are needed, {have} may be spent here")
    return [LotPart(Unit.POINT, lot.lot, part) for lot, part in take(lots, amount)]


def value_taken(
    member: Member, fen: int, now: datetime, *, order: str, list_fen: int
) -> list[Taken] | Refusal:
    """Return which lots pay `fen`; `list_fen`: list price of the goods that they pay for."""
    principal = spendable(member, Unit.PRINCIPAL, now)
    bonus = spendable(member, Unit.BONUS, now)
    have = _sum(principal), _sum(bonus)
    if sum(have) < fen:
        short = fen - sum(have)
        return Refusal(
            "not_enough_value", f"{sum(have)} fen may be spent here, {short} are missing"
        )
    of_bonus = _of_bonus(fen, *have, order=order)
    parts = [*take(principal, fen - of_bonus), *take(bonus, of_bonus)]
    listed = largest_remainder(list_fen, [part for _, part in parts])
    return [
        Taken(STORED_VALUE, lot.unit, lot.lot, part, worth_fen=part, list_fen=at_list)
        for (lot, part), at_list in zip(parts, listed, strict=True)
    ]


def points_taken(
    member: Member, amount: int, worth_fen: int, now: datetime
) -> list[Taken] | Refusal:
    """Return which lots give the points that pay `worth_fen`."""
    parts = points_parts(member, amount, now)
    if isinstance(parts, Refusal):
        return parts
    worth = largest_remainder(worth_fen, [part.amount for part in parts])
    return [
        Taken(POINTS, part.unit, part.lot, part.amount, worth_fen=fen)
        for part, fen in zip(parts, worth, strict=True)
    ]


def coupon_taken(
    member: Member, coupon: str, worth_fen: int, now: datetime, used: Sequence[Taken]
) -> Taken | Refusal:
    """Return the coupon of a kind that lapses first and is not used by this sale already."""
    unit = coupon_unit(coupon)
    for lot in spend_order(spendable(member, unit, now)):
        if lot.amount > sum(one.amount for one in used if one.lot == lot.lot):
            return Taken(COUPON, unit, lot.lot, 1, worth_fen=worth_fen)
    return Refusal("coupon_unknown", f"member {member.id} has no coupon {coupon} to use here")


def _of_bonus(fen: int, principal: int, bonus: int, *, order: str) -> int:
    match order:
        case "bonus_first":
            return min(fen, bonus)
        case "principal_first":
            return max(0, fen - principal)
        case _:
            return largest_remainder(fen, [principal, bonus])[1]


def _sum(lots: Sequence[LotRow]) -> int:
    return sum(lot.amount for lot in lots)
