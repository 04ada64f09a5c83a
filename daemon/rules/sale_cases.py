"""The events of a case that move goods, evaluated on the books of the case."""

from types import MappingProxyType

from daemon.ledger.kinds import Unit
from daemon.rules.caseanswer import TENDERS, answer, keyed, moved, refused
from daemon.rules.casefile_sale import SaleEvent
from daemon.rules.casewords import CaseError
from daemon.rules.caseworld import Answer, Sold, World
from daemon.rules.types import Basket, BasketLine, Refusal

_STATUS_CODES = MappingProxyType({"lost": "card_lost", "frozen": "frozen", "closed": "not_allowed"})


def sale(world: World, place: int, event: SaleEvent) -> Answer:
    """Sell the lines."""
    holder = None
    if event.member is not None:
        holder = world.holder(event.member)
        if holder is None:
            return refused("not_allowed", f"{event.member} is no member")
        blocked = _STATUS_CODES.get(holder.facts.status)
        if blocked is not None:
            return refused(blocked, f"the card of {event.member} is {holder.facts.status}")
    lines = tuple(
        _line(world, n, sku=line.sku, qty=line.qty, price=line.price, place=place)
        for n, line in enumerate(event.lines, start=1)
    )
    facts = None if holder is None else holder.facts
    quote = world.engine.quote(Basket(lines, facts, event.at))
    settled = world.engine.settle(quote, keyed(event.tenders, place), TENDERS)
    if isinstance(settled, Refusal):
        return refused(settled.code, settled.why)
    if holder is not None and settled.points:
        holder.grant(Unit.POINT, settled.points, event.at, "sale")
    world.sold[place] = Sold(settled, anonymous=holder is None)
    told = answer(
        pay=settled.pay_fen,
        points=settled.points,
        tenders=settled.tenders,
        stock=moved(world, [(line.sku, -line.qty) for line in settled.lines]),
        trace=settled.applied,
    )
    told |= {"bill": quote.bill_fen, "discount": quote.saved_fen, "growth": settled.growth}
    return told | {"level": None if facts is None else facts.level or None}


def _line(world: World, n: int, *, sku: str, qty: int, price: int | None, place: int) -> BasketLine:
    product = world.products.get(sku)
    path = f"events[{place}].lines[{n - 1}].sku"
    if product is None:
        raise CaseError(f"{path}: no product {sku}; the case lists {', '.join(world.products)}")
    if price is None and product.price_fen is None:
        raise CaseError(f"{path}: {sku} has no price; give the line one")
    return BasketLine(n, product, qty, None if price is None else price * qty)
