"""What a settled sale says in its entry: lines, trace, lots, and what limits count of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from daemon.ledger.bodies import Applied, ByHand, NewLot, SaleLine, Use
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import Product
from daemon.rules.desk_rules import SALES, STAFF
from daemon.rules.earning import Earned, points_by_line, times_of
from daemon.rules.measuring import GOODS_PIECES, GOODS_SPEND, of_sale
from daemon.rules.types import QuotedLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.rules.price_rules import Fit
    from daemon.rules.rewards import Rewarded
    from daemon.rules.spending import Spent
    from daemon.rules.tenders import Paid
    from daemon.rules.types import Basket, BasketLine, Quote

SOURCE_SALE = "sale"


class Watching(Protocol):
    """What of a sale's rules says what is counted."""

    @property
    def watched(self) -> frozenset[str]: ...
    @property
    def level_goods(self) -> Fit | None: ...


ROUNDING_RULE = "cash"  # the id under which a trace names cash rounding
EARNED = ("points", "growth", "reward", "factor")  # what settle finds anew


def sale_lines(lines: Sequence[QuotedLine], earned: Earned, basket: Basket) -> tuple[SaleLine, ...]:
    """Return the lines as sold, each with its part of the points and who priced it by hand."""
    by_line = points_by_line(earned, lines)
    hands = {line.n: _by_hand(line) for line in basket.lines if line.manual is not None}
    return tuple(
        [
            SaleLine(
                n,
                line.product.sku,
                line.product.short or line.product.name,
                line.qty,
                line.list_fen,
                line.paid_fen,
                line.cls,
                by_line[n - 1],
                line.rule,
                line.code,
                hands.get(line.n) if hands else None,
            )
            for n, line in enumerate(lines, start=1)
        ]
    )


def quoted(line: SaleLine, product: Product | None) -> QuotedLine:
    """Return a line that was sold as the rules had it; goods that are no more keep their class."""
    goods = product or Product(line.sku, line.name, cls=line.cls)
    return QuotedLine(
        line.n, goods, line.qty, line.list_fen, line.paid_fen, line.cls, line.rule, line.code
    )


def _by_hand(line: BasketLine) -> ByHand:
    assert line.manual is not None, "a line that nobody priced by hand"
    said = line.manual
    return ByHand(line.amount_fen or 0, said.role, said.reason, said.staff)


def applied(quote: Quote, trace: Sequence[Applied], paid: Paid) -> tuple[Applied, ...]:
    """Return the trace: prices as quoted, then what settling found."""
    priced = [one for one in quote.applied if one.what not in EARNED]
    if paid.rounding_fen:
        open_fen = paid.pay_fen + paid.rounding_fen
        return (*priced, *trace, Applied(ROUNDING_RULE, "rounding", open_fen, paid.pay_fen))
    return (*priced, *trace)


def lots(n: int, points: int, hq: int) -> tuple[NewLot, ...]:
    """Return the lot of the points, the n-th of the entry; `hq`: headquarters' part of them."""
    return (NewLot(n, Unit.POINT, SOURCE_SALE, hq_part=hq),) if points else ()


def uses(
    rules: Watching, quote: Quote, spent: Spent, earned: Earned, rewarded: Rewarded
) -> tuple[Use, ...]:
    """Return what limits count of this sale, of a member."""
    watched = rules.watched
    member = quote.basket.member
    if member is None:
        return ()
    uses: list[Use] = []
    if watched:
        counted = [*quote.uses, *spent.uses, *rewarded.uses]
        gave = [one for one in earned.applied if one.what != "factor"]
        counted += [(one.rule, one.result) for one in gave]
        counted += [(times_of(one.rule), 1) for one in gave]
        counted += [(SALES, 1)] if earned.points else []
        counted += [(STAFF, quote.list_fen)] if member.kind == "staff" else []
        levels = of_sale(quote.bill_fen, earned.points + _given(rewarded), earned.growth)
        counted += [one for one in levels if one[1]]
        uses = [Use(what, amount) for what, amount in counted if what in watched]
    promos, fit = {what for what, _ in quote.uses}, rules.level_goods
    for n, line in enumerate(quote.lines, start=1):
        limit = line.product.limit
        if limit is not None and limit.per != "receipt" and line.rule:
            uses.append(Use(f"sku:{line.product.sku}", line.qty, n))
        if watched and line.rule:
            applied_rules = [rule for rule in line.rule.split("+") if rule in watched]
            uses += [Use(rule, line.qty, n) for rule in applied_rules if rule not in promos]
        if fit is not None and fit(*goods_of(line)):
            by_line = ((GOODS_SPEND, line.paid_fen), (GOODS_PIECES, line.qty))
            uses += [Use(what, n_of, n) for what, n_of in by_line if n_of and what in watched]
    return tuple(uses)


def goods_of(line: QuotedLine) -> tuple[str, str, str, str, str]:
    """Return what a rule's goods are looked up by."""
    product = line.product
    return product.sku, product.category, product.brand, product.department, line.cls


def claimed_uses(watched: frozenset[str], bill_fen: int, earned: Earned) -> tuple[Use, ...]:
    """Return what levels count of a sale that was claimed later."""
    counts = of_sale(bill_fen, earned.points, earned.growth)
    return tuple(Use(what, amount) for what, amount in counts if amount and what in watched)


def _given(rewarded: Rewarded) -> int:
    """Return the points that a sale gives beside those of its lines."""
    return sum(one.value for one in rewarded.given if one.payout == "points")
