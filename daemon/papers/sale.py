"""销售小票 of a sale."""

from daemon.display.facts import SaleFacts
from daemon.display.receipt import sale_receipt
from daemon.ledger.bodies import Sale
from daemon.ledger.messages import Product
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of, weighed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    sale = entry.body
    assert isinstance(sale, Sale), f"{entry.kind} is no sale"
    books = sources.store.books
    engine = None if entry.pack is None else sources.desk.engine_of(entry.pack)
    facts = SaleFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_of(sources, sale.member, sale.card, entry),
        tender_names=sources.tenders,
        weighed=weighed(sources, (line.sku for line in sale.lines)),
        goods={one.sku: _name(books.product(one.sku), one.sku) for one in sale.gifts},
        offer=not sale.member and sources.desk.may_join(sale.pay_fen),
        lines=None if engine is None else frozenset(engine.house().receipt),
    )
    return sale_receipt(entry, facts, sources.shop, wanted.columns, wanted.copy)


def _name(product: Product | None, sku: str) -> str:
    return sku if product is None else product.short or product.name
