"""A numbered list, for a clerk without a display."""

from daemon.display.listing import listing_slip
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted


def paper(sources: Sources, wanted: Wanted) -> Paper:
    assert wanted.listing is not None, "a list without rows"
    return listing_slip(wanted.listing, sources.shop.language, wanted.columns)
