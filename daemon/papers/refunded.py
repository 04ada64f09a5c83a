"""储值退款单 of stored value that was paid back."""

from daemon.display.facts import SlipFacts
from daemon.display.refunded import refund_slip
from daemon.ledger.bodies import ValueRefunded
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body = entry.body
    assert isinstance(body, ValueRefunded), f"{entry.kind} pays no value back"
    facts = SlipFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_of(sources, body.member, "", entry),
        tender_names=sources.tenders,
    )
    return refund_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
