"""缴款单 for the mall's till."""

from daemon.display.mall import mall_bill_slip
from daemon.ledger.bodies import MallBilled
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed, member_of


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, _ = committed(sources, wanted.about)
    assert isinstance(entry.body, MallBilled), f"{entry.kind} is no bill for the mall"
    sale = entry.body.sale
    member = member_of(sources, sale.member, sale.card, entry)
    return mall_bill_slip(entry, member, sources.shop, wanted.columns, wanted.copy)
