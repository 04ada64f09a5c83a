"""Reports that the service menu prints: of today or this month, from the journal as it stands."""

from collections.abc import Iterable, Mapping
from datetime import date

from daemon.counter.flows.service import MONTH
from daemon.display.reports import (
    AlertFacts,
    DueFacts,
    DueOnPaper,
    ReportFacts,
    alerts_slip,
    due_slip,
    guides_slip,
    hours_slip,
    top_slip,
)
from daemon.ledger import daybook
from daemon.paper import Paper
from daemon.papers import x
from daemon.papers.sources import Sources, Wanted, weighed
from daemon.reminding import STORE, DueRow, due_rows
from daemon.stocktold import told


def paper(sources: Sources, wanted: Wanted) -> Paper:
    """`about` is the report and its period: `guides:month`."""
    which, _, period = wanted.about.partition(":")
    desk, books = sources.desk, sources.store.books
    today = books.business_date() or desk.at().business_date
    if which == "today":
        return x.today(sources, wanted)
    if which == "due":
        day, calendar = date.fromisoformat(today), desk.engine().account().calendar
        festivals = {one.id: one.name for one in (() if calendar is None else calendar.festivals)}
        listed = due_rows(desk.books(), desk.engine(), day, day)
        due = DueFacts(desk.now(), _at_shop(listed, festivals))
        return due_slip(due, sources.shop, wanted.columns)
    if which == "alerts":
        alerts = AlertFacts(desk.now(), told(sources.store, desk.engine().house(), today))
        return alerts_slip(alerts, sources.shop, wanted.columns)
    since = f"{today[:7]}-01" if period == MONTH else today
    report = daybook.report(sources.store, since)
    names = {no: staff.name for no in report.staff if (staff := desk.staff(no)) is not None}
    facts = ReportFacts(desk.now(), since, today, report, names, weighed(sources, report.goods))
    make = {"guides": guides_slip, "top": top_slip, "hours": hours_slip}[which]
    return make(facts, sources.shop, wanted.columns)


def _at_shop(listed: Iterable[DueRow], festivals: Mapping[str, str]) -> tuple[DueOnPaper, ...]:
    """Return what the shop itself has to do of a due list."""
    return tuple(
        DueOnPaper(
            one.name if one.tail in one.name else f"{one.name} {one.tail}",
            one.phone,
            festivals.get(one.why, one.why),
            one.day,
            one.text,
        )
        for one in listed
        if STORE in one.to or one.task
    )
