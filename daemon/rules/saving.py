"""What member prices would have saved on a sale that let its buyer in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from daemon.rules.engine import Engine
    from daemon.rules.types import MemberFacts, Settlement


def saved_of(engine: Engine, sold: Settlement, member: MemberFacts) -> int:
    """Return how much less the same goods would have cost this member then; never below 0."""
    basket = replace(sold.quote.basket, member=member)
    return max(0, sold.quote.bill_fen - engine.quote(basket).bill_fen)
