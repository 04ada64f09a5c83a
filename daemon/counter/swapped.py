"""The goods that go out in an exchange (换货), priced against those that come back. Pure.

An even swap carries prices, points and commission of the old lines on, whatever day it is: nothing
moves but stock. Else the new goods are priced as of now, and what paid for the old ones pays on.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from daemon.counter.basket import with_line
from daemon.counter.moves import Here
from daemon.counter.selling import basket_of
from daemon.counter.shop import Known
from daemon.counter.sold import commissions
from daemon.counter.states import Cart
from daemon.ledger.acts.bill import Bill
from daemon.ledger.acts.exchange import carry
from daemon.ledger.acts.returning import Back, clawed_back, earned_of
from daemon.ledger.bodies import Commission, SaleLine, Tender
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import Product
from daemon.rules.earning import Earned
from daemon.rules.engine import Engine
from daemon.rules.settled import sale_lines
from daemon.rules.spending import COUPON, POINTS
from daemon.rules.tenders import BONUS, PRINCIPAL
from daemon.rules.types import BasketLine, Quote, Refusal, Settlement

# As what a pack's earning rules know value that paid before.
_CODES: Mapping[str, str] = MappingProxyType(
    {Unit.PRINCIPAL: PRINCIPAL, Unit.BONUS: BONUS, Unit.POINT: POINTS}
)


class Swap(msgspec.Struct, frozen=True):
    """What comes back of which bill, by whom, and what goes out for it; one piece a line."""

    bill: Bill
    back: Back
    goods: tuple[BasketLine, ...]
    member: Known | None
    engine: Engine


class Out(msgspec.Struct, frozen=True):
    """What goes out as the entry will say it. `due_fen`: to pay; below zero: paid back."""

    lines: tuple[SaleLine, ...]
    due_fen: int
    points: int = 0
    growth: int = 0
    commission: tuple[Commission, ...] = ()
    rounding_fen: int = 0  # of the old goods, carried on with their price


def out_of(swap: Swap, tenders: Sequence[Tender], here: Here) -> Out | Refusal:
    """Return what goes out, the difference being paid with these tenders (none: nothing yet)."""
    return _even(swap, here) or _anew(swap, tenders, here)


def _even(swap: Swap, here: Here) -> Out | None:
    """Return the goods in place of the old lines; None: they are not worth the same."""
    bill, change = swap.bill, swap.back.change
    waiting = _merged(swap.goods)
    places = {line.n: place for place, line in enumerate(bill.lines)}
    lines: list[SaleLine] = []
    for old, qty in swap.back.quantities:
        sold = here.shop.product(old.sku) if old.sku else None
        new = next((one for one in waiting if one.qty == qty and _alike(one, sold)), None)
        if new is None:
            return None
        waiting.remove(new)
        goods, points = change.goods[places[old.n]], change.points[places[old.n]]
        name = new.product.short or new.product.name
        listed = old.list_fen * qty // old.qty
        sku, n = new.product.sku, len(lines) + 1
        lines.append(SaleLine(n, sku, name, qty, listed, goods, old.cls, points, old.rule))
    if waiting:
        return None
    earned = sum(one.amount for one in earned_of(bill, change) if one.unit == Unit.POINT)
    commission = clawed_back(bill, change)
    return Out(tuple(lines), 0, earned, change.growth, commission, change.rounding_fen)


def _anew(swap: Swap, tenders: Sequence[Tender], here: Here) -> Out | Refusal:
    cart = Cart(member=swap.member)
    for line in swap.goods:
        cart = with_line(cart, line)
    engine, basket = swap.engine, basket_of(cart, here)
    quote = engine.quote(basket)
    if quote.refusal is not None:
        return quote.refusal
    carried = carry(swap.bill, swap.back.change, quote.bill_fen)
    went_back = sum(swap.back.change.goods) - swap.back.change.rounding_fen
    money = (*carried.money, *tenders)
    value = [
        Tender(_CODES.get(one.unit, COUPON), one.worth_fen)
        for one in carried.spent
        if one.worth_fen
    ]
    settled = Settlement(quote, (), (*money, *value), 0, quote.bill_fen, 0, 0, (), ())
    earned = Earned(0, 0, 0, (), ())
    if basket.member is not None:
        earned = engine.sale.claim(settled, basket.member, basket.at)
    return Out(
        sale_lines(quote.lines, earned, basket),
        quote.bill_fen - went_back,
        earned.points,
        earned.growth,
        _commission(quote, engine, here),
    )


def _commission(quote: Quote, engine: Engine, here: Here) -> tuple[Commission, ...]:
    rules, basket = engine.sale, quote.basket
    if rules.share is None:
        return ()
    asking = rules.asking(basket, rules.standing(basket.member, basket.at))
    guides = here.guides or here.shop.default_guides()
    return commissions(rules.share(quote.lines, basket.staff, asking), guides)


def _merged(goods: Sequence[BasketLine]) -> list[BasketLine]:
    """Return one line for each product that was named: alike pieces count together."""
    merged: dict[str, BasketLine] = {}
    for line in goods:
        before = merged.get(line.product.sku)
        qty = line.qty if before is None else before.qty + line.qty
        merged[line.product.sku] = replace(line, qty=qty)
    return list(merged.values())


def _alike(new: BasketLine, old: Product | None) -> bool:
    """Tell whether goods are of one group (a shade, a scent) at the same price."""
    if old is None or new.amount_fen is not None:
        return False
    mine, other = (one.exchange_group or f"={one.sku}" for one in (new.product, old))
    return (mine, new.product.price_fen) == (other, old.price_fen)
