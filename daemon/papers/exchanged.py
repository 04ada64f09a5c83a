"""换货单 of an exchange."""

from daemon.display.exchanged import exchange_slip
from daemon.display.facts import SlipFacts
from daemon.ledger.bodies import Exchange
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of, weighed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body = entry.body
    assert isinstance(body, Exchange), f"{entry.kind} exchanges nothing"
    skus = [*(back.sku for back in body.back), *(line.sku for line in body.lines)]
    facts = SlipFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_of(sources, body.member, body.card, entry),
        tender_names=sources.tenders,
        weighed=weighed(sources, skus),
    )
    return exchange_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
