"""商场对账表 of a day that is closed."""

from daemon.display.facts import MallDayFacts
from daemon.display.mall import mall_day_slip
from daemon.ledger.bodies import DayClosed
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, _ = committed(sources, wanted.about)
    assert isinstance(entry.body, DayClosed), f"{entry.kind} closes no day"
    date = entry.body.business_date
    facts = MallDayFacts(date, tuple(sources.store.mall.of_day(date)))
    return mall_day_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
