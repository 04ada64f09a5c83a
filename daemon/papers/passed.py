"""积分转赠单 of points that were passed on."""

from daemon.display.facts import SlipFacts
from daemon.display.passed import passed_slip
from daemon.ledger.bodies import PointsTransferred
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_of


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body = entry.body
    assert isinstance(body, PointsTransferred), f"{entry.kind} passes nothing on"
    facts = SlipFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_of(sources, body.member, "", entry),
        other=member_of(sources, body.to, "", entry),
    )
    return passed_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
