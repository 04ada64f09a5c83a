"""Units and amounts in words: yuan for what is money, a rule and its period for a limit."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.ledger.ids import parse_entry_id
from daemon.ledger.kinds import RIGHT, ROOM, Unit, claim_unit, coupon_unit
from daemon.ledger.limits import FOREVER, HOME, ONCE, VALUE
from hq.answers import yuan

TIMES = "times:"
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        Unit.FEN: "money, yuan",
        Unit.POINT: "points (积分)",
        Unit.GROWTH: "growth (成长值)",
        Unit.REWARD: "rewards owed (返现), yuan",
        Unit.PRINCIPAL: "stored value, principal (本金), yuan",
        Unit.BONUS: "stored value, bonus (赠送金), yuan",
        Unit.PIECE: "pieces (件)",
        Unit.RETURNABLE: "pieces sold that may still come back",
        VALUE: "room on cards for stored value (储值额度), yuan",
        HOME: "members whose limits the shop opens",
    }
)
_MONEY = (Unit.FEN, Unit.REWARD, Unit.PRINCIPAL, Unit.BONUS, VALUE)
_SPANS: Mapping[str, str] = MappingProxyType({"W": "week", "Q": "quarter", "H": "half-year"})


def name_of(unit: str) -> str:
    """Return what a unit counts, in words; a unit of newer software as it is written."""
    known = _NAMES.get(unit)
    if known is not None:
        return known
    if unit.startswith(claim := claim_unit("")):
        return f"owed back (待扣): {name_of(unit.removeprefix(claim))}"
    if unit.startswith(coupon := coupon_unit("")):
        return f"coupons {unit.removeprefix(coupon)}"
    if unit.startswith(RIGHT):
        rule, _, period = unit.removeprefix(RIGHT).partition(":")
        return f"right to {rule}, {period_of(period)}"
    if unit.startswith(ROOM):
        rule, _, period = unit.removeprefix(ROOM).rpartition(":")
        often = f"how often {rule.removeprefix(TIMES)} may be given"
        room = often if rule.startswith(TIMES) else f"what {rule} may still give"
        return f"{room}, {period_of(period)}"
    return unit


def amount_of(unit: str, amount: int) -> str:
    """Return an amount of a unit as a figure: money in yuan."""
    money = unit in _MONEY or (
        unit.startswith(claim := claim_unit("")) and unit.removeprefix(claim) in _MONEY
    )
    return yuan(amount) if money else str(amount)


def period_of(period: str) -> str:
    """Return a period of a limit in words: day, week, month, quarter, half year or year."""
    if period in (FOREVER, ONCE):
        return "once" if period == ONCE else "at any time"
    if parse_entry_id(period) is not None:
        return f"since {period}"
    parts = period.split("-")
    if len(parts) == 2 and parts[1][:1] in _SPANS:
        return f"{_SPANS[parts[1][0]]} {parts[1][1:]} of {parts[0]}"
    spans = {1: "year", 2: "month", 3: "day"}
    return f"{spans.get(len(parts), 'period')} {period}"
