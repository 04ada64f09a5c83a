"""A visit (到店): a member was served and bought nothing. Pure.

Its id is the member and the day: whoever comes back within a day is here once.
"""

from daemon.ledger.acts.moves import Member, Refusal, Request, Stamp
from daemon.ledger.bodies_member import VisitNoted
from daemon.ledger.kinds import Kind
from daemon.ledger.records import At, By, Draft

SOURCE = "visit"


class VisitRequest(Request, frozen=True, kw_only=True):
    member: str = ""
    card: str = ""


def note(member: str, card: str, at: At, by: By) -> Draft:
    """Return that somebody was here; a second time on one day is no other entry."""
    body = VisitNoted(member, card)
    name = f"{member}@{at.business_date}"
    return Draft(SOURCE, name, Kind.VISIT_NOTED, at, by, None, None, body, ())


def visit(request: VisitRequest, member: Member, stamp: Stamp) -> Draft | Refusal:
    """Return the visit of whom a request names."""
    if not member.id:
        return Refusal("card_not_ours", "name a member, or a card of this chain")
    body = VisitNoted(member.id, request.card)
    kind = Kind.VISIT_NOTED
    return Draft(stamp.source, stamp.id, kind, stamp.at, stamp.by, None, None, body, ())
