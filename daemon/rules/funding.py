"""Who pays for what a rule gives: headquarters' part, floored; the rest is the shop's. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from daemon.ledger.bodies import Applied

if TYPE_CHECKING:
    from daemon.rules.vocabulary import Funded

WHOLE = 10_000

Shares = Mapping[str, int]  # rule -> basis points that headquarters pays; the shop's rules: none


def hq_part(rule: Funded, amount: int) -> int:
    """Return how much of an amount headquarters pays for."""
    return amount * hq_share(rule) // WHOLE


def hq_share(rule: Funded) -> int:
    """Return headquarters' share in basis points."""
    return WHOLE if rule.fund == "hq" else rule.hq_share or 0


def compile_shares(rules: Iterable[tuple[str, Funded]]) -> Shares:
    """Return the rules that headquarters pays for, wholly or in part; empty: the shop pays all."""
    return {name: hq_share(rule) for name, rule in rules if hq_share(rule)}


def hq_part_of(shares: Shares, applied: Iterable[Applied], what: str) -> int:
    """Return how much of what rules gave (points, reward) headquarters pays for."""
    given = [one for one in applied if one.what == what]
    return sum(one.result * shares.get(one.rule, 0) // WHOLE for one in given)
