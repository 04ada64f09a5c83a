"""积分核对单: the cards whose points the yearly check will take."""

from datetime import date

from daemon.display.facts import PointsCheckFacts
from daemon.display.points_check import points_check_slip
from daemon.ledger import accounts
from daemon.ledger.profiles import TAIL_DIGITS
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted


def paper(sources: Sources, wanted: Wanted) -> Paper:
    desk, books = sources.desk, sources.store.books
    on: date | None = None
    rows: list[tuple[str, int]] = []
    prefix = accounts.points("")
    holders = {one.account for one in books.holding() if one.account.startswith(prefix)}
    for account in holders:
        row = books.member(account.removeprefix(prefix))
        if row is None:
            continue
        known = desk.known(row)
        check, points = desk.year_check(known.facts), known.shown.points
        if check is not None and check.clears and points:
            on = check.on
            rows.append((row.card[-TAIL_DIGITS:], points))
    facts = PointsCheckFacts(desk.now(), desk.by().operator, on, tuple(sorted(rows)))
    return points_check_slip(facts, sources.shop, wanted.columns)
