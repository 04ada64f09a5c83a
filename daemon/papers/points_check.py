"""积分核对单: the cards whose points the yearly check will take."""

from daemon.display.facts import PointsCheckFacts
from daemon.display.points_check import points_check_slip
from daemon.ledger.profiles import TAIL_DIGITS
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted
from daemon.pointscheck import checked


def paper(sources: Sources, wanted: Wanted) -> Paper:
    desk = sources.desk
    losing = [one for one in checked(sources.store, desk) if one.clears]
    facts = PointsCheckFacts(
        desk.now(),
        desk.by().operator,
        losing[0].on if losing else None,
        tuple((one.card[-TAIL_DIGITS:], one.points) for one in losing),
    )
    return points_check_slip(facts, sources.shop, wanted.columns)
