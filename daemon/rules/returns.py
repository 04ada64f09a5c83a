"""What returned goods undo: a function of the returned quantities alone, in all.

A return posts the difference of two such states, so any sequence of partial returns equals one
full return, and a full return nets zero. Money goes back to the tenders it came from, in their
shares; cash rounding stays with what comes back last. A coupon is single: it comes back when all
that it paid came back; until then its share is not paid out. What a reward was given for is looked
at again: what is left must still reach its step.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec.structs import replace

from daemon.ledger.acts.bill import counted_back
from daemon.rules.periods import later, span
from daemon.rules.price_rules import fits
from daemon.rules.rounding import apportion
from daemon.rules.sale_rules import SaleRules
from daemon.rules.spending import COUPON, POINTS
from daemon.rules.types import Given, QuotedLine, Refusal, Settlement, Share

NOT_MONEY = (COUPON, POINTS)


class Undone(msgspec.Struct, frozen=True):
    """All that the returned quantities have undone so far; amounts are 0 or more."""

    goods_fen: int  # what was paid for them
    tenders: tuple[int, ...]  # to each tender of the sale, in its order
    points: int  # earned, to be taken back
    points_restored: int  # spent, to be given back
    growth: int
    reward_fen: int
    coupons: tuple[str, ...]  # ids of used coupons that are whole again
    kept: tuple[Given, ...]  # rewards that what is left still reaches
    shares: tuple[Share, ...]  # commissions on what is left
    uses: tuple[int, ...] = ()  # of what limits counted, in the sale's order

    def money(self, sold: Settlement) -> int:
        """Return what is paid back in money and stored value."""
        return sum(
            part
            for part, tender in zip(self.tenders, sold.tenders, strict=True)
            if tender.code not in NOT_MONEY
        )


def undone(rules: SaleRules, sold: Settlement, returned: Mapping[int, int]) -> Undone:
    """Return what these quantities (by line number, 1 is the first) undo of a sale."""
    goods, points = 0, 0
    for line in sold.lines:
        qty = returned.get(line.n, 0)
        goods += line.paid_fen * qty // line.qty
        points += line.points * qty // line.qty
    bill, whole = sold.quote.bill_fen, _is_whole(sold, returned)
    back = sold.pay_fen if whole else min(goods, sold.pay_fen)
    parts = apportion(back, [tender.amount_fen for tender in sold.tenders])
    of_points = zip(parts, sold.tenders, strict=True)
    spent = [(part, one.amount_fen) for part, one in of_points if one.code == POINTS]
    again = {
        one.reference
        for part, one in zip(parts, sold.tenders, strict=True)
        if one.code == COUPON and part == one.amount_fen
    }
    paid = {tender.reference for tender in sold.tenders if tender.code == COUPON}
    lines = _left(sold, returned)
    return Undone(
        goods,
        tuple(parts),
        points,
        sum(sold.points_spent * part // amount for part, amount in spent),
        sold.growth if whole else _share(sold.growth, goods, bill),
        sold.reward_fen if whole else _share(sold.reward_fen, goods, bill),
        tuple(
            one.id for one in sold.coupons_used if one.id in again or (whole and one.id not in paid)
        ),
        _kept(rules, sold, lines, parts),
        _shares(rules, sold, lines),
        _uses(sold, returned, goods),
    )


def refused(
    rules: SaleRules, sold: Settlement, asked: Mapping[int, int], *, at: datetime
) -> Refusal | None:
    """Return why the goods may not come back at this time, whatever came back before."""
    reversal, sale_at = rules.reversal, sold.quote.basket.at
    if reversal is None:
        return None
    if reversal.within is not None and at >= later(sale_at, span(reversal.within)):
        why = f"goods come back within {reversal.within}; this sale was on {sale_at.date()}."
        return Refusal("window_closed", why, {"date": sale_at.date().isoformat()})
    stays = reversal.not_returnable
    if stays is None:
        return None
    fit = fits(stays)
    for n, line in enumerate(sold.quote.lines, start=1):
        product = line.product
        if asked.get(n, 0) and fit(
            product.sku, product.category, product.brand, product.department, line.cls
        ):
            why = f"{product.sku} is not taken back."
            return Refusal("not_returnable", why, {"sku": product.sku})
    return None


def _uses(sold: Settlement, returned: Mapping[int, int], goods: int) -> tuple[int, ...]:
    done, whole = goods, sold.quote.bill_fen
    if not whole:  # gifts: pieces stand for their price
        done, whole = sum(returned.values()), sum(line.qty for line in sold.lines)
    return tuple(
        counted_back(one, sold.lines, returned, done=done, whole=whole) for one in sold.uses
    )


def _is_whole(sold: Settlement, returned: Mapping[int, int]) -> bool:
    return all(returned.get(line.n, 0) == line.qty for line in sold.lines)


def _share(amount: int, goods: int, bill: int) -> int:
    return amount * goods // bill if bill else 0


def _left(sold: Settlement, returned: Mapping[int, int]) -> list[QuotedLine]:
    """Return the lines as they are when the quantities are gone."""
    left = []
    for n, line in enumerate(sold.quote.lines, start=1):
        qty = returned.get(n, 0)
        if qty < line.qty:
            gone = line.paid_fen * qty // line.qty
            left.append(replace(line, qty=line.qty - qty, paid_fen=line.paid_fen - gone))
    return left


def _kept(
    rules: SaleRules, sold: Settlement, lines: list[QuotedLine], parts: list[int]
) -> tuple[Given, ...]:
    if rules.reward is None or not sold.given:
        return ()
    basket = sold.quote.basket
    asking = rules.asking(basket, rules.standing(basket.member, basket.at))
    money = [
        (tender.code, tender.amount_fen - part)
        for tender, part in zip(sold.tenders, parts, strict=True)
    ]
    bill = sum(line.paid_fen for line in lines)
    return rules.reward(lines, bill, money, asking).given


def _shares(rules: SaleRules, sold: Settlement, lines: list[QuotedLine]) -> tuple[Share, ...]:
    if rules.share is None or not sold.commissions:
        return ()
    basket = sold.quote.basket
    asking = rules.asking(basket, rules.standing(basket.member, basket.at))
    return rules.share(lines, basket.staff, asking)
