"""储值充值凭证 of a top-up, and the slip of its reversal."""

from daemon.display.topup import TopUpFacts, topup_slips
from daemon.ledger.bodies import TopUp, TopUpVoided
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_on_paper


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body = entry.body
    assert isinstance(body, TopUp | TopUpVoided), f"{entry.kind} is no top-up"
    row = sources.store.books.member(body.member)
    assert row is not None, f"{wanted.about} is a top-up of nobody"
    facts = TopUpFacts(
        hash=digest,
        qr=code_of(sources, entry, digest),
        member=member_on_paper(sources, row, entry),
        tender_names=sources.tenders,
    )
    return topup_slips(entry, facts, sources.shop, wanted.columns, wanted.copy)
