"""Drafts that move a part of a balance out of this chain's hand, and into it. Pure.

A move is two entries through transit: the giver's (here: holding.released) and the receiver's one.
Only the receiver takes from its transit, so that a part is never in two hands. spec/ledger.md.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from daemon.ledger.bodies import Body, EpochClosed, HoldingReleased, HoldingTaken
from daemon.ledger.kinds import Kind
from daemon.ledger.lots import take
from daemon.ledger.posting import transit
from daemon.ledger.records import At, By, Chain, Draft, Entry, Posting
from daemon.ledger.views import Held, LotRow

HANDED_PER_ENTRY = 1000  # two postings each; an entry stays below 300 KB
SOURCE_MOVE = "handover"
GOES_ALONG = ("stock:", "cash:", "growth:")  # without a lot, and yet somebody's or somewhere

_OWN = "@"
_BY_BOX = By("box", "system")
_BY_HQ = By("hq", "system")


def released(
    at: At,
    *,
    member: str,
    to: str,
    asked: int,
    lots: Sequence[LotRow],
    request: str,
    source: str,
    message: int = 0,
) -> Draft:
    """Return the draft that lets go of min(asked, held) of a member's lots, front first.

    `lots` are those of one account and unit in the order in which they shall go (lots.py).
    Nothing to let go of is an answer too: an entry without postings, which says what was asked.
    """
    moved = _sent(
        (Held(lot.account, lot.unit, lot.lot, amount) for lot, amount in take(lots, asked)), to
    )
    body = HoldingReleased(member, to, asked=asked, message=message)
    return Draft(source, request, Kind.HOLDING_RELEASED, at, _BY_HQ, None, None, body, moved)


def handed_over(
    at: At,
    *,
    heir: Chain,
    head_seq: int,
    holding: Iterator[Held],
    done: int = 0,
    first: int = 0,
) -> Iterator[Draft]:
    """Yield the drafts that move a whole holding to the heir, and last the one that ends the chain.

    `head_seq` is the chain's last entry before them. `done` of them were committed before it was
    cut off, the first as entry number `first`.
    """
    while chunk := list(islice(holding, HANDED_PER_ENTRY)):
        done += 1
        first = first or head_seq + 1
        body = HoldingReleased("", str(heir))
        moved = _sent(iter(chunk), str(heir))
        yield _own(at, Kind.HOLDING_RELEASED, body, handed(heir, done), moved)
    yield _own(at, Kind.EPOCH_CLOSED, EpochClosed(str(heir), first), f"{heir}", ())


def handed(heir: Chain, part: int) -> str:
    """Return the id of the entry that hands part 1, 2, 3 ... over to the heir."""
    return f"{heir}:{part}"


def taken(at: At, sent: Entry, *, sent_id: str, chain: Chain) -> Draft:
    """Return the draft by which `chain` takes what another log sent to it."""
    own_transit = transit(str(chain))
    moved = tuple(
        Posting(holder, posting.account, posting.unit, posting.lot, amount)
        for posting in sent.postings
        if posting.holder == own_transit
        for holder, amount in ((own_transit, -posting.amount), (_OWN, posting.amount))
    )
    return _own(at, Kind.HOLDING_TAKEN, HoldingTaken(sent_id), f"taken:{sent_id}", moved)


def goes_along(account: str, lot: str) -> bool:
    """Tell whether a positive balance is a thing in the hand, not the other side of an account."""
    return bool(lot) or account.startswith(GOES_ALONG)


def _sent(parts: Iterator[Held], to: str) -> tuple[Posting, ...]:
    return tuple(
        Posting(holder, part.account, part.unit, part.lot, amount)
        for part in parts
        for holder, amount in ((_OWN, -part.amount), (transit(to), part.amount))
    )


def _own(at: At, kind: Kind, body: Body, name: str, moved: tuple[Posting, ...]) -> Draft:
    return Draft(SOURCE_MOVE, name, kind, at, _BY_BOX, None, None, body, moved)
