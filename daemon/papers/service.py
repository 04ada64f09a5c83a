"""Papers of the service menu."""

from daemon.display.facts import ServiceFacts
from daemon.display.service import service_slip
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted
from daemon.release import VERSION
from daemon.servicing import NETWORK


def paper(sources: Sources, wanted: Wanted) -> Paper:
    """`about` is the topic. A test print carries a code to try a scanner with; the network's is for
    a technician's phone, which sends it on."""
    desk = sources.desk
    rows = () if wanted.listing is None else wanted.listing.rows
    named = f"memberbox {sources.shop.box}"
    codes = {"test": named, NETWORK: "\n".join([named, *(row.text for row in rows)])}
    facts = ServiceFacts(
        topic=wanted.about,
        at=desk.now(),
        box=sources.shop.box,
        software=VERSION,
        rows=rows,
        qr=codes.get(wanted.about, ""),
    )
    return service_slip(facts, sources.shop, wanted.columns)
