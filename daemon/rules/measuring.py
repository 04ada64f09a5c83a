"""What levels measure, as counts of days: named in entries, summed over a window. Pure.

An entry counts only what the pack's levels look at, beside what limits count (watched.py); so a
return gives its part back, and what a level is worth is a sum that anybody can make again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daemon.rules.models_level import Levels, Metric

SPEND, VISITS, EARNED, GROWTH = "@spend", "@visits", "@earned", "@growth"
GOODS_SPEND, GOODS_PIECES = "@goods", "@pieces"  # of the goods that levels name, by line
TOPUP = "@topup:"  # and the amount in fen: the largest is asked, so each stands for itself

Row = tuple[str, str, int]  # day (2026-03-06), what, how much


def looked_at(levels: Levels | None) -> frozenset[str]:
    """Return what the pack's levels measure; growth and points of ever are balances."""
    if levels is None:
        return frozenset()
    needs = {metric for level in levels.list for metric in level.needs}
    counts: dict[str, Metric] = {
        SPEND: "spend",
        VISITS: "visits",
        EARNED: "earned_points",
        TOPUP: "max_single_topup",
        GOODS_SPEND: "goods_spend",
        GOODS_PIECES: "goods_pieces",
    }
    if levels.window is not None:
        counts[GROWTH] = "growth"
    return frozenset(what for what, metric in counts.items() if metric in needs)


def of_sale(bill_fen: int, points: int, growth: int) -> Iterator[tuple[str, int]]:
    """Yield what a sale counts."""
    yield SPEND, bill_fen
    yield VISITS, 1
    yield EARNED, points
    yield GROWTH, growth


def of_topup(amount_fen: int, points: int, growth: int) -> Iterator[tuple[str, int]]:
    """Yield what a top-up counts."""
    yield f"{TOPUP}{amount_fen}", 1
    yield EARNED, points
    yield GROWTH, growth


def of_grant(points: int, growth: int) -> Iterator[tuple[str, int]]:
    """Yield what points and growth for anything else count."""
    yield EARNED, points
    yield GROWTH, growth


def counted(looked: frozenset[str], counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return of the counts what levels look at, without what is nothing."""
    return [(what, n) for what, n in counts if n and (what in looked or _kind(what) in looked)]


def measures(
    rows: Iterable[Row], *, since: str, until: str, growth: int | None, points: int
) -> dict[Metric, int]:
    """Return what levels compare, of days from `since` (empty: ever) to `until`, both included.

    `growth`: the balance, where it counts for ever; None: that of the window.
    """
    sums: dict[str, int] = {}
    for day, what, amount in rows:
        if since <= day <= until:
            sums[what] = sums.get(what, 0) + amount
    topups = [
        int(what.removeprefix(TOPUP))
        for what, times in sums.items()
        if what.startswith(TOPUP) and times > 0
    ]
    return {
        "earned_points": sums.get(EARNED, 0),
        "spend": sums.get(SPEND, 0),
        "visits": sums.get(VISITS, 0),
        "growth": sums.get(GROWTH, 0) if growth is None else growth,
        "max_single_topup": max(topups, default=0),
        "points": points,
        "goods_spend": sums.get(GOODS_SPEND, 0),
        "goods_pieces": sums.get(GOODS_PIECES, 0),
    }


def _kind(what: str) -> str:
    return TOPUP if what.startswith(TOPUP) else what
