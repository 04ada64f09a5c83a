"""积分对账单 of one member, of the year that goes on, as the books stand."""

from daemon.display.statement import PointsRow, StatementFacts, statement_slip
from daemon.ledger import accounts
from daemon.ledger.ids import entry_id
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Chain
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed, member_on_paper

MONTH_DAY = slice(5, 10)  # of 2026-03-06


def paper(sources: Sources, wanted: Wanted) -> Paper:
    row = sources.store.books.member(wanted.about)
    assert row is not None, f"a statement of {wanted.about}, whom nobody knows"
    desk, account = sources.desk, accounts.points(row.id)
    year = desk.now().year
    rows = tuple(
        _row(sources, name, amount)
        for name, amount in sources.store.purses.history(account, Unit.POINT, f"{year}-01-01")
    )
    held = sources.store.books.balance(account, Unit.POINT)
    facts = StatementFacts(
        at=desk.now(),
        operator=desk.by().operator,
        member=member_on_paper(sources, row, None),
        year=year,
        opening=held - sum(one.points for one in rows),
        rows=rows,
    )
    return statement_slip(facts, sources.shop, wanted.columns)


def _row(sources: Sources, name: str, points: int) -> PointsRow:
    entry, _ = committed(sources, name)
    assert entry_id(Chain(entry.box, entry.epoch), entry.seq) == name, "the books name entries"
    return PointsRow(entry.at.business_date[MONTH_DAY], entry.kind.value, entry.seq, points)
