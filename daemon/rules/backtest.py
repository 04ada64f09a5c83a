"""A candidate pack over a shop's own past: totals only, no member by name, flat memory.

Each sale is settled once more with the same goods, card, time and money. Better or worse is by what
the customer paid, then by points. Sales that the candidate refuses are counted, not summed.
"""

from dataclasses import dataclass, field

from daemon.ledger.bodies import Applied, Sale
from daemon.ledger.records import Entry
from daemon.rules.counts import Counts
from daemon.rules.engine import Engine
from daemon.rules.history import Past, retold
from daemon.rules.types import Refusal, Settlement

ANONYMOUS = "anonymous"
NO_LEVEL = "member"  # of a member that has no level


@dataclass(slots=True)
class Sums:
    """Of the sales of one level: as they were, and as they would be."""

    sales: int = 0
    paid_then_fen: int = 0
    paid_now_fen: int = 0
    off_then_fen: int = 0
    off_now_fen: int = 0
    points_then: int = 0
    points_now: int = 0
    reward_now_fen: int = 0
    better: int = 0
    worse: int = 0


@dataclass(slots=True)
class RuleSums:
    """How often a rule applied, and what came of it: money off in fen, or points."""

    what: str
    times_then: int = 0
    times_now: int = 0
    result_then: int = 0
    result_now: int = 0


@dataclass(slots=True)
class Backtest:
    """The totals so far."""

    levels: dict[str, Sums] = field(default_factory=dict)
    rules: dict[str, RuleSums] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    sales: int = 0
    counts: Counts = field(default_factory=Counts)  # what the candidate's own limits count

    def add(self, past: Past, entry: Entry, engine: Engine) -> None:
        """Settle a sale once more and add both to the totals; other entries say nothing."""
        sale = entry.body
        if not isinstance(sale, Sale):
            return
        self.sales += 1
        found = retold(past, entry, sale, engine, counts=self.counts)
        if isinstance(found, Refusal):
            self.refused[found.code] = self.refused.get(found.code, 0) + 1
            return
        for use in found.uses:
            self.counts.add(sale.member, use.what, day=entry.at.wall[:10], amount=use.amount)
        member = past.members.get(sale.member)
        level = ANONYMOUS if not sale.member else (member.level if member else "") or NO_LEVEL
        self._sum(self.levels.setdefault(level, Sums()), sale, found)
        self._trace(sale.applied, now=False)
        self._trace(found.applied, now=True)

    def _sum(self, sums: Sums, sale: Sale, found: Settlement) -> None:
        sums.sales += 1
        sums.paid_then_fen += sale.pay_fen
        sums.paid_now_fen += found.pay_fen
        sums.off_then_fen += sale.list_fen - sale.bill_fen
        sums.off_now_fen += found.quote.saved_fen
        sums.points_then += sale.points
        sums.points_now += found.points_in_all
        sums.reward_now_fen += found.reward_fen
        then = (-sale.pay_fen, sale.points)
        now = (-found.pay_fen, found.points_in_all)
        sums.better += now > then
        sums.worse += now < then

    def _trace(self, applied: tuple[Applied, ...], *, now: bool) -> None:
        for one in applied:
            result = one.base - one.result if one.what == "price" else one.result
            sums = self.rules.setdefault(one.rule, RuleSums(one.what))
            if now:
                sums.times_now += 1
                sums.result_now += result
            else:
                sums.times_then += 1
                sums.result_then += result
