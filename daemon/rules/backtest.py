"""A candidate pack over a shop's own past: totals only, no member by name, flat memory.

Each sale is settled once more with the same goods, card, time and money. Better or worse is by what
the customer paid, then by points. Sales that the candidate refuses are counted, not summed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.ledger.bodies import Applied, Sale
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Entry
from daemon.rules.counts import Counts
from daemon.rules.engine import Engine
from daemon.rules.history import Past, retold
from daemon.rules.types import Refusal, Settlement

if TYPE_CHECKING:
    from daemon.rules.models_offers import Offset

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
    given_then_fen: int = 0  # vouchers and money rewards for later
    given_now_fen: int = 0
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
        sums.given_then_fen += _given_then(sale)
        sums.given_now_fen += _given_now(found)
        then = (-sale.pay_fen, sale.points)
        now = (-found.pay_fen, found.points_in_all)
        sums.better += now > then
        sums.worse += now < then

    def liability(self, offsets: "Sequence[Offset]") -> tuple[int, int]:
        """Return what these sales leave owed to members, in fen: as it was, and as it would be.

        Points count as what they would pay of a bill under the candidate, none without offsets.
        """
        sums = self.levels.values()
        then = sum(one.points_then for one in sums), sum(one.given_then_fen for one in sums)
        now = sum(one.points_now for one in sums), sum(one.given_now_fen for one in sums)
        return _owed(*then, offsets), _owed(*now, offsets)

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


def _owed(points: int, given_fen: int, offsets: "Sequence[Offset]") -> int:
    return given_fen + max((points * one.value_fen // one.block for one in offsets), default=0)


def _given_then(sale: Sale) -> int:
    """Return the worth of what a sale gave for later: vouchers by their face, money rewards."""
    return sum(
        lot.amount if lot.unit == Unit.REWARD else lot.value_fen * lot.amount for lot in sale.lots
    )


def _given_now(found: Settlement) -> int:
    given = sum(one.value for one in found.given if one.payout in ("coupon", "reward"))
    return found.reward_fen + given
