"""Slips of card service."""

from daemon.display.cards import card_slip
from daemon.display.facts import SlipFacts
from daemon.ledger.bodies import CardChanged, CardReplaced
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body = entry.body
    assert isinstance(body, CardChanged | CardReplaced), f"{entry.kind} is of no card"
    facts = SlipFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_of(sources, body.member, body.card, entry),
        tender_names=sources.tenders,
    )
    return card_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
