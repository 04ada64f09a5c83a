"""Prices set by hand and guards: what the desk may do, and which sales earn nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from daemon.ledger.bodies import Applied
from daemon.rules.occasions import Asking
from daemon.rules.rounding import yuan
from daemon.rules.types import Basket, BasketLine, QuotedLine, Refusal

if TYPE_CHECKING:
    from daemon.rules.models_desk import Guard, ManualPrice

ByHand = Callable[
    [Sequence[BasketLine], Sequence[QuotedLine]],
    tuple[tuple[QuotedLine, ...], tuple[Applied, ...], Refusal | None],
]
# what is counted beside rules; no id of a rule begins so
SALES = "@sales"  # what a guard counts: earning sales of a card
STAFF = "@staff"  # what a quota counts: fen at list price of an employee's card


def compile_manual(rules: Sequence[ManualPrice]) -> ByHand:
    """Return the function that gives lines priced by hand their list price, rule and trace."""

    def by_hand(
        keyed: Sequence[BasketLine], lines: Sequence[QuotedLine]
    ) -> tuple[tuple[QuotedLine, ...], tuple[Applied, ...], Refusal | None]:
        manual = {line.n: line for line in keyed if line.manual is not None}
        if not manual:
            return tuple(lines), (), None
        done, applied = [], []
        for line in lines:
            asked = manual.get(line.n)
            if asked is not None:
                rule = _allowed(rules, asked)
                if isinstance(rule, Refusal):
                    return tuple(lines), (), rule
                listed = (asked.product.price_fen or 0) * asked.qty
                applied.append(Applied(rule, "manual", listed, line.paid_fen))
                done.append(replace(line, list_fen=listed, rule=rule))
            else:
                done.append(line)
        return tuple(done), tuple(applied), None

    return by_hand


def _allowed(rules: Sequence[ManualPrice], line: BasketLine) -> str | Refusal:
    assert line.manual is not None, "a line that nobody priced by hand"
    asked, price = line.amount_fen, line.product.price_fen
    mine = [rule for rule in rules if rule.role == line.manual.role]
    if not mine or asked is None or price is None:
        return Refusal("not_allowed", f"{line.manual.role} may set no price by hand here.", {})
    fitting = [rule for rule in mine if line.manual.reason in rule.reasons]
    if not fitting:
        said = ", ".join(sorted({reason for rule in mine for reason in rule.reasons}))
        why = f"{line.manual.reason or 'no reason'} is no reason here. Use one of {said}."
        return Refusal("not_allowed", why, {})
    listed = price * line.qty
    most = max(rule.max_off for rule in fitting)
    lowest = -(-listed * (10_000 - most) // 10_000)
    if not lowest <= asked <= listed:
        why = f"{line.manual.role} may set {yuan(lowest)} to {yuan(listed)}, not {yuan(asked)}."
        return Refusal("not_allowed", why, {"x": yuan(asked), "min": yuan(lowest)})
    return next(rule.id for rule in fitting if rule.max_off == most)


def guarded(guard: Guard | None, basket: Basket, asking: Asking) -> str:
    """Return which guard this sale is beyond the limit of; "" for none."""
    member = basket.member
    if guard is None or member is None:
        return ""
    if member.kind == "staff" and not guard.staff_card_earns:
        return "staff_card"
    if basket.staff and member.staff == basket.staff and not guard.own_sale_earns:
        return "own_sale"
    most = guard.earning_sales_per_day
    return "sales_per_day" if most is not None and asking.did(SALES, "day") >= most else ""
