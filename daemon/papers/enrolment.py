"""入会登记单 of an enrolment."""

from daemon.display.enrolment import enrolment_slip
from daemon.display.facts import EnrolmentFacts
from daemon.ledger.bodies import MemberEnrolled
from daemon.ledger.ids import id_of
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, code_of, committed, member_on_paper


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    body, books = entry.body, sources.store.books
    assert isinstance(body, MemberEnrolled), f"{entry.kind} is no enrolment"
    row = books.member(id_of(entry))
    assert row is not None, f"{id_of(entry)} enrolled nobody"
    names = {item.sku: books.product(item.sku) for item in body.welcome}
    facts = EnrolmentFacts(
        member=member_on_paper(sources, row, entry),
        hash=digest,
        qr=code_of(sources, entry, digest),
        names={sku: one.name if one else sku for sku, one in names.items()},
        tender_names=sources.tenders,
    )
    return enrolment_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
