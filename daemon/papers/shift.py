"""交班单 of a hand-over."""

from daemon.display.facts import ShiftFacts
from daemon.display.shift import shift_slip
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    since = ""
    if entry.re is not None:
        since = committed(sources, entry.re)[0].at.wall[:16].replace("T", " ")
    facts = ShiftFacts(digest, since, sources.tenders)
    return shift_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
