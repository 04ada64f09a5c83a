"""Goods that nobody had listed when they were sold (未建档, `unlisted: later`): what they earn now.

Headquarters has sent the product whose code was scanned then: each sale of it that waits earns by
the rules that sold it, once.
"""

from collections.abc import Callable
from datetime import datetime

from daemon.actfacts import Facts
from daemon.counter.asof import as_of
from daemon.ledger.acts.bill import Bill
from daemon.ledger.acts.listed import ListedRequest, listed
from daemon.ledger.acts.moves import Refusal, Stamp
from daemon.ledger.bodies import Sale, Use
from daemon.ledger.codec import down_body, down_message
from daemon.ledger.ids import id_of
from daemon.ledger.machine import BY_BOX, SOURCE_BOX
from daemon.ledger.messages import Product, Products
from daemon.ledger.records import Draft, Entry
from daemon.rules.engine import Engine
from daemon.rules.later import Bought, Named, named
from daemon.rules.measuring import counted, of_grant
from daemon.rules.occasions import Asking
from daemon.rules.settled import quoted
from daemon.rules.types import MemberFacts

Waiting = tuple[Product, str, tuple[int, ...]]
"""A product, a sale that waits for it, and the numbers of its lines."""


def waiting(facts: Facts, message: str) -> list[Waiting]:
    """Return which sales wait for the goods of a message, and have not earned by them yet."""
    body = down_body(down_message(message.encode()))
    if not isinstance(body, Products):
        return []
    return [
        (product, sale, lines)
        for product in body.upsert
        if product.barcode
        for sale, lines in facts.store.waits.unlisted(product.barcode).items()
        if facts.store.find(SOURCE_BOX, _name(sale, product)) is None
    ]


def earned(
    facts: Facts, engine: Engine, one: Waiting, member: Callable[[str], MemberFacts | None]
) -> Draft | None:
    """Return what a sale earns by its goods; `engine`: of the pack that sold them."""
    product, name, lines = one
    entry, bill = facts.entry(name), facts.bill(name)
    if entry is None or isinstance(bill, Refusal) or not isinstance(entry.body, Sale):
        return None
    known = member(entry.body.member)
    if known is None:
        return None
    bought = _bought(facts, engine, entry, bill, as_of(known, entry, facts))
    places = {n - 1: product for n in lines}
    if bought is None:
        return None
    found = named(engine.sale, bought, places)
    draft = listed(
        _request(entry, product, found, engine.lot_ends(facts.now(), known.joined), engine),
        bill,
        facts.member(known.id),
        facts.balance,
        Stamp(SOURCE_BOX, _name(name, product), facts.at(), BY_BOX, entry.pack, facts.now()),
    )
    return None if isinstance(draft, Refusal) else draft


def _bought(
    facts: Facts, engine: Engine, entry: Entry, bill: Bill, member: MemberFacts
) -> Bought | None:
    """Return the receipt as it was sold; None: it earned nothing, and its goods earn nothing."""
    sale = entry.body
    assert isinstance(sale, Sale), "only a sale sells"
    at = datetime.fromisoformat(entry.at.wall)
    standing = engine.sale.standing(member, at)
    guard = engine.sale.guard
    if not standing.earns or (sale.frozen and guard is not None and guard.beyond == "nothing"):
        return None
    done = {n for n, line in enumerate(bill.lines, 1) if line.points and not sale.lines[n - 1].sku}
    products = facts.store.books.product
    lines = [quoted(line, products(line.sku) if line.sku else None) for line in sale.lines]
    unnamed = frozenset(one.n - 1 for one in sale.later if one.n not in done)
    money = [(one.code, one.amount_fen) for one in sale.tenders]
    asking = Asking(at, member, standing.member_prices, holidays=engine.sale.holidays)
    return Bought(lines, sale.bill_fen, money, unnamed, asking)


def _request(
    entry: Entry, product: Product, found: Named, expires: str | None, engine: Engine
) -> ListedRequest:
    sale = entry.body
    assert isinstance(sale, Sale), "only a sale sells"
    counts = counted(engine.sale.watched, of_grant(found.points, found.growth))
    return ListedRequest(
        id=_name(id_of(entry), product),
        source=SOURCE_BOX,
        sale=id_of(entry),
        sku=product.sku,
        lines=tuple(found.lines.get(place, 0) for place in range(len(sale.lines))),
        growth=found.growth,
        reward_fen=found.reward_fen,
        expires=expires,
        frozen=sale.frozen,
        uses=tuple(Use(what, amount) for what, amount in counts),
    )


def _name(sale: str, product: Product) -> str:
    """Return the id of the request: a code of a sale is listed once."""
    return f"listed:{sale}:{product.barcode}"
