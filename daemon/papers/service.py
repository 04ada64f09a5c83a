"""Papers of the service menu."""

from daemon.display.facts import ServiceFacts
from daemon.display.service import service_slip
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted
from daemon.release import VERSION


def paper(sources: Sources, wanted: Wanted) -> Paper:
    """`about` is the topic; the test print carries a code to try a scanner with."""
    desk, listing = sources.desk, wanted.listing
    facts = ServiceFacts(
        topic=wanted.about,
        at=desk.now(),
        box=sources.shop.box,
        software=VERSION,
        rows=() if listing is None else listing.rows,
        qr=f"memberbox {sources.shop.box}" if wanted.about == "test" else "",
    )
    return service_slip(facts, sources.shop, wanted.columns)
