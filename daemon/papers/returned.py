"""退货单 of a return, 整单作废单 of a void."""

from daemon.display.returned import ReturnFacts, return_slip
from daemon.ledger.bodies import Returned
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of, weighed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body = entry.body
    assert isinstance(body, Returned), f"{entry.kind} brings nothing back"
    facts = ReturnFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_of(sources, body.member, body.card, entry),
        tender_names=sources.tenders,
        weighed=weighed(sources, [line.sku for line in body.lines]),
    )
    return return_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
