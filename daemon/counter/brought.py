"""Commission on what is no goods: cards that were sold, stored value that was paid in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.counter.sold import commissions
from daemon.rules.occasions import Asking

if TYPE_CHECKING:
    from daemon.counter.moves import Here
    from daemon.ledger.bodies import Commission
    from daemon.rules.engine import Engine
    from daemon.rules.types import MemberFacts


def commission(
    engine: Engine, base: str, fen: int, member: MemberFacts | None, here: Here
) -> tuple[Commission, ...]:
    """Return whose commission of a fee or a top-up is what. `base`: fees, topups."""
    guides = here.guides or here.shop.default_guides()
    staff = guides[0].staff if guides else here.shop.by().operator
    shares = engine.account().brought(base, fen, staff, Asking(here.now(), member))
    return commissions(shares, guides)
