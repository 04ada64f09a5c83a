"""积分兑换单 of a redemption, 礼品签收单 of what was handed over."""

from daemon.display.gifts import GiftFacts, gift_slip
from daemon.ledger.bodies import HandedOver, PointsRedeemed
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_on_paper


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body, books = entry.body, sources.store.books
    assert isinstance(body, PointsRedeemed | HandedOver), f"{entry.kind} gives nothing"
    row = books.member(body.member)
    assert row is not None, f"{wanted.about} gives to nobody"
    product = books.product(body.sku) if body.sku else None
    facts = GiftFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_on_paper(sources, row, entry),
        names={} if product is None else {body.sku: product.name},
    )
    return gift_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
