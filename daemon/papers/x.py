"""交班单(X) of the shift that goes on, and the same figures of today."""

from daemon.display.day import x_slip
from daemon.display.facts import XFacts
from daemon.ledger import daybook
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    store, shift = sources.store, sources.store.books.open_shift()
    since = ""
    if shift is not None:
        since = committed(sources, shift.opened)[0].at.wall[:16].replace("T", " ")
    facts = XFacts(
        totals=daybook.x_totals(store),
        at=sources.desk.now(),
        operator="" if shift is None else shift.operator,
        since=since,
        tender_names=sources.tenders,
    )
    return x_slip(facts, sources.shop, wanted.columns)


def today(sources: Sources, wanted: Wanted) -> Paper:
    """Return the figures of the business date that goes on."""
    date = sources.store.books.business_date() or sources.desk.at().business_date
    facts = XFacts(
        totals=daybook.z_totals(sources.store, date)[0],
        at=sources.desk.now(),
        operator=sources.desk.by().operator,
        today=date,
        tender_names=sources.tenders,
    )
    return x_slip(facts, sources.shop, wanted.columns)
