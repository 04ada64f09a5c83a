"""会员查询单 of a member, as the books stand."""

from daemon.display.facts import InquiryFacts
from daemon.display.inquiry import inquiry_slip
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, member_on_paper


def paper(sources: Sources, wanted: Wanted) -> Paper:
    row = sources.store.books.member(wanted.about)
    assert row is not None, f"an inquiry about {wanted.about}, whom nobody knows"
    desk = sources.desk
    facts = InquiryFacts(member_on_paper(sources, row, None), desk.now(), desk.by().operator)
    return inquiry_slip(facts, sources.shop, wanted.columns)
