"""How a member stood when something was sold: what was written since is taken back. Pure.

A late receipt earns what it would have earned with the card: a level that came after it counts for
nothing, and a card that was blocked then earns nothing. What headquarters alone has changed since
is not known by its day, and is left as it stands.
"""

from msgspec.structs import replace

from daemon.counter.actbooks import ActBooks
from daemon.ledger.bodies import CardChanged, LevelChanged
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from daemon.rules.types import MemberFacts

CHANGES_MAX = 50  # of one member within the days in which a receipt may be claimed
ACTIVE = "active"


def as_of(facts: MemberFacts, sale: Entry, books: ActBooks) -> MemberFacts:
    """Return the member as he stood at a sale of this chain."""

    def changed(entry: Entry) -> bool:
        body = entry.body
        if entry.seq <= sale.seq:
            return False
        if isinstance(body, LevelChanged):
            return body.member == facts.id
        return isinstance(body, CardChanged) and body.card == facts.card

    for entry in books.find(changed, most=CHANGES_MAX):  # the newest first
        facts = _before(facts, entry)
    return facts


def _before(facts: MemberFacts, entry: Entry) -> MemberFacts:
    match entry.body:
        case LevelChanged(before=level):
            return replace(facts, level=level)
        case CardChanged():
            was_frozen = entry.kind is Kind.CARD_UNFROZEN
            return replace(facts, status="frozen" if was_frozen else ACTIVE)
        case _:
            return facts
