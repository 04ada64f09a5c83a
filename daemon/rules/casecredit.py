"""A sale that nobody owned becomes a member's, on the books of a case: its points are his."""

from datetime import datetime

from msgspec import structs
from msgspec.structs import replace

from daemon.ledger.kinds import Unit
from daemon.rules.caseholder import Did, Holder
from daemon.rules.caseworld import Sold, World
from daemon.rules.earning import Earned, points_by_line
from daemon.rules.sale_cases import grant
from daemon.rules.settled import claimed_uses
from daemon.rules.types import MemberFacts


def credit(
    world: World, sold: Sold, holder: Holder, facts: MemberFacts, at: datetime
) -> tuple[int, Earned]:
    """Grant what the sale would have earned for who stood so; return (points gained, earned)."""
    settled = sold.settlement
    sold_at = settled.quote.basket.at
    earned = world.engine.sale.claim(settled, facts, sold_at)
    parts = points_by_line(earned, settled.quote.lines)
    uses = claimed_uses(world.engine.sale.watched, settled.quote.bill_fen, earned)
    sold.settlement = replace(
        settled,
        uses=(*settled.uses, *uses),
        points=earned.points,
        growth=earned.growth,
        lines=tuple(
            structs.replace(line, points=part)
            for line, part in zip(settled.lines, parts, strict=True)
        ),
    )
    sold.claimed, sold.holder = True, holder
    holder.did += [Did(one.what, sold_at.date(), one.amount) for one in uses]
    gained = grant(sold, Unit.POINT, earned.points, at, "sale")
    holder.growth += earned.growth
    return gained, earned
