"""日结单(Z) of a closed day."""

from datetime import datetime

from daemon.display.day import day_slip
from daemon.display.facts import DayFacts
from daemon.ledger.ids import entry_id
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed
from daemon.status import Status

DAY_S = 86_400
ALONE_DAYS_MAX = 3  # then what a lost card would cost is worth a warning (docs/OPERATIONS.md)


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    status = sources.desk.status
    alone = None if status is None else alone_days(status(), _age_s(sources))
    facts = DayFacts(digest, sources.tenders, alone)
    return day_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)


def alone_days(status: Status, age_s: float) -> int | None:
    """Return for how long the box alone has had its books; None: not long, or there is a copy.

    `age_s`: of the books themselves, for a box that headquarters has never heard.
    """
    if status.second_copy is not None:
        return None
    days = int((age_s if status.hq_age_s is None else status.hq_age_s) // DAY_S)
    return days if days >= ALONE_DAYS_MAX else None


def _age_s(sources: Sources) -> float:
    first, _ = committed(sources, entry_id(sources.store.chain, 1))
    began = datetime.fromisoformat(first.at.wall)
    return (sources.desk.now() - began).total_seconds()
