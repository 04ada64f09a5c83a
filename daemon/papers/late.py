"""补积分单 of a receipt that earned late."""

from daemon.display.facts import SlipFacts
from daemon.display.late import late_slip
from daemon.ledger.bodies import SaleClaimed
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body = entry.body
    assert isinstance(body, SaleClaimed), f"{entry.kind} claims no sale"
    member = member_of(sources, body.member, body.card, entry)
    facts = SlipFacts(digest, code_of(sources, entry, digest), member)
    return late_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
