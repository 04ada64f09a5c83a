"""日结单(Z) of a closed day."""

from daemon.display.day import day_slip
from daemon.display.facts import DayFacts
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    facts = DayFacts(digest, sources.tenders)
    return day_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
