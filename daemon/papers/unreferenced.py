"""退货单 of goods that came back without a receipt."""

from daemon.display.facts import SlipFacts
from daemon.display.unreferenced import unreferenced_slip
from daemon.ledger.bodies import ReturnUnreferenced
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of, weighed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body = entry.body
    assert isinstance(body, ReturnUnreferenced), f"{entry.kind} has its receipt"
    row = sources.store.books.member(body.member) if body.member else None
    facts = SlipFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_of(sources, body.member, "" if row is None else row.card, entry),
        tender_names=sources.tenders,
        weighed=weighed(sources, [line.sku for line in body.lines]),
    )
    return unreferenced_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
