"""Reports that the service menu prints: of today or this month, from the journal as it stands."""

from daemon.counter.flows.service import MONTH
from daemon.display.reports import (
    AlertFacts,
    ReportFacts,
    alerts_slip,
    guides_slip,
    hours_slip,
    top_slip,
)
from daemon.ledger import daybook
from daemon.paper import Paper
from daemon.papers import x
from daemon.papers.sources import Sources, Wanted, weighed
from daemon.stocktold import told


def paper(sources: Sources, wanted: Wanted) -> Paper:
    """`about` is the report and its period: `guides:month`."""
    which, _, period = wanted.about.partition(":")
    desk, books = sources.desk, sources.store.books
    today = books.business_date() or desk.at().business_date
    if which == "today":
        return x.today(sources, wanted)
    if which == "alerts":
        alerts = AlertFacts(desk.now(), told(sources.store, desk.engine().house(), today))
        return alerts_slip(alerts, sources.shop, wanted.columns)
    since = f"{today[:7]}-01" if period == MONTH else today
    report = daybook.report(sources.store, since)
    names = {no: staff.name for no in report.staff if (staff := desk.staff(no)) is not None}
    facts = ReportFacts(desk.now(), since, today, report, names, weighed(sources, report.goods))
    make = {"guides": guides_slip, "top": top_slip, "hours": hours_slip}[which]
    return make(facts, sources.shop, wanted.columns)
