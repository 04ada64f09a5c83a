"""Factors on what a sale earns: member days, birthdays, levels. Integers, in percent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from daemon.rules.occasions import Asking, compile_when

if TYPE_CHECKING:
    from daemon.rules.models_sale import Factors

# (what the rule gives, the rule's id, who asks) -> (times the factors, ids of those used)
Times = Callable[[int, str, Asking], tuple[int, tuple[str, ...]]]


def compile_factors(factors: Factors | None) -> Times | None:
    """Return the function that multiplies; None: the pack has no factors."""
    if factors is None or not factors.rules:
        return None
    compiled = [
        (one.id, one.percent, frozenset(one.rules), compile_when(one.when)) for one in factors.rules
    ]
    largest_only, most = factors.combine == "max", factors.most_percent

    def times(plain: int, rule: str, asking: Asking) -> tuple[int, tuple[str, ...]]:
        live = [
            (percent, name)
            for name, percent, rules, holds in compiled
            if (not rules or rule in rules) and holds(asking)
        ]
        if not live:
            return plain, ()
        if largest_only:
            live = [min(live, key=lambda one: (-one[0], one[1]))]
        share, whole = 1, 1
        for percent, _ in live:
            share, whole = share * percent, whole * 100
        if most is not None and share * 100 > most * whole:
            share, whole = most, 100
        return plain * share // whole, tuple(sorted(name for _, name in live))

    return times
