"""Who was served and leaves without an entry was here all the same (到店未购). Pure.

A sale, a top-up or any other entry tells of its member itself; a visit is noted of who goes away,
gives up his basket, or makes room for the next card.
"""

from daemon.counter.effects import Note
from daemon.counter.moves import Here
from daemon.counter.shop import Known
from daemon.counter.states import (
    Asking,
    Committing,
    Consulting,
    Inquiry,
    Keying,
    MuchCash,
    PriceLookup,
    Reference,
    Refused,
    State,
    Told,
    Total,
)
from daemon.ledger.acts import visit


def left(before: State, after: State, here: Here) -> tuple[Note, ...]:
    """Return the visit of who is not served any more; none where an entry was made, or is."""
    if isinstance(before, Committing) or isinstance(after, Committing):
        return ()
    was, now = served(before), served(after)
    if was is None or (now is not None and now.facts.id == was.facts.id):
        return ()
    shop = here.shop
    return (Note(visit.note(was.facts.id, was.facts.card, shop.at(), shop.by())),)


def served(state: State) -> Known | None:
    """Return the member who stands at the counter; None: nobody, or nobody knows who."""
    match state:
        case Inquiry(member=member):
            return member
        case Keying(cart=cart):
            return cart.member
        case Reference(total=total) | MuchCash(total=total):
            return served(total)
        case Asking(given=given):
            return served(given.desk)
        case Total(below=below) | Refused(below=below) | Told(below=below):
            return served(below)
        case PriceLookup(below=below) | Consulting(below=below):
            return served(below)
        case _:
            return None
