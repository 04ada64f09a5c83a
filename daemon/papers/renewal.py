"""续会单 of a renewal."""

from daemon.display.facts import SlipFacts
from daemon.display.renewal import renewal_slip
from daemon.ledger.bodies import MemberRenewed
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body, books = entry.body, sources.store.books
    assert isinstance(body, MemberRenewed), f"{entry.kind} renews nothing"
    names = {item.sku: books.product(item.sku) for item in body.welcome}
    facts = SlipFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_of(sources, body.member, body.card, entry),
        tender_names=sources.tenders,
        names={sku: one.name if one else sku for sku, one in names.items()},
    )
    return renewal_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
