"""Goods that nobody had listed when they were sold: what they earn once headquarters names them.

The receipt is looked at as a whole, as it was sold, with the goods that are named now and without
those that nobody has named yet: steps are full or not by the whole, floored once. What comes of it
stands on the lines that were named, so that their return takes it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from daemon.rules.rounding import split

if TYPE_CHECKING:
    from daemon.ledger.bodies import Applied
    from daemon.ledger.messages import Product
    from daemon.rules.occasions import Asking
    from daemon.rules.sale_rules import SaleRules
    from daemon.rules.types import QuotedLine

LATER = "later"  # what a pack says of such goods


class Bought(msgspec.Struct, frozen=True):
    """A receipt as it was sold. `unnamed`: places (from 0) of lines that nobody has named."""

    lines: Sequence[QuotedLine]
    bill_fen: int
    money: Sequence[tuple[str, int]]
    unnamed: frozenset[int]
    asking: Asking


class Named(msgspec.Struct, frozen=True):
    """What the named lines earn beside what the receipt has earned. `lines`: place -> points."""

    points: int
    growth: int
    reward_fen: int
    lines: Mapping[int, int]
    applied: tuple[Applied, ...]


def named(rules: SaleRules, bought: Bought, goods: Mapping[int, Product]) -> Named:
    """Return what lines (by place) earn now that their goods are known."""
    known = {place: product for place, product in goods.items() if place in bought.unnamed}
    lines = [
        _numbered(line, place, known.get(place)) for place, line in enumerate(bought.lines, start=0)
    ]
    quiet = bought.unnamed - known.keys()
    before, after = (
        rules.earn(lines, bought.bill_fen, bought.money, silent, bought.asking)
        for silent in (bought.unnamed, frozenset(quiet))
    )
    points = max(0, after.points - before.points)
    places = sorted(known)
    parts = split(points, [lines[place].paid_fen for place in places]) if places else []
    return Named(
        points,
        max(0, after.growth - before.growth),
        max(0, after.reward_fen - before.reward_fen),
        dict(zip(places, parts, strict=True)),
        tuple(one for one in after.applied if one not in before.applied),
    )


def _numbered(line: QuotedLine, place: int, product: Product | None) -> QuotedLine:
    """Return the line by its place: a promo gives several lines one number."""
    if product is None:
        return replace(line, n=place)
    return replace(line, n=place, product=product, cls=product.cls)
