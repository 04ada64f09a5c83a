"""What an entry does to members' balances, in the words of a statement. Pure.

Each movement is what one account gained in one hand, by what became of it: the other postings of
the same lot say that. The movements of an entry on an account are exactly its postings' sum.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import msgspec

from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import Entry, Posting
from hq.memberlist import shop_of


class What(StrEnum):
    EARNED = "earned"  # granted: by a sale, a top-up, an enrolment, an event
    TAKEN_BACK = "taken_back"  # what goods that came back had earned
    SPENT = "spent"  # or, above 0, restored by a return
    LAPSED = "lapsed"
    ADJUSTED = "adjusted"  # by hand: points.adjusted, points.voided, grant.voided
    FROZEN = "frozen"  # or let go again
    CLAIMED = "claimed"  # went to what was owed back (待扣)
    TRANSFERRED = "transferred"  # from or to another member
    REFUNDED = "refunded"
    LOST = "lost"  # granted anew for a lost chain's
    MOVED = "moved"  # between hands: over all shops it is nothing


class Movement(msgspec.Struct, frozen=True):
    member: str  # as the account names him
    shop: str  # whose hand
    what: What
    amount: int


ROOMS: Mapping[str, str] = MappingProxyType(
    {
        Unit.POINT.value: "points:",
        Unit.PRINCIPAL.value: "principal:",
        Unit.BONUS.value: "bonus:",
        Unit.REWARD.value: "reward:",
        Unit.GROWTH.value: "growth:",
    }
)
"""The accounts that a statement of a unit is about."""

_BECAME: Mapping[str, What] = MappingProxyType(
    {
        "spent": What.SPENT,
        "lapsed": What.LAPSED,
        "settled": What.CLAIMED,
        "frozen": What.FROZEN,
        "refunded": What.REFUNDED,
        "pending": What.EARNED,
    }
)
_BY_HAND = frozenset((Kind.POINTS_ADJUSTED, Kind.POINTS_VOIDED, Kind.GRANT_VOIDED))
_GRANTS = ("issued", "loss")  # the other side of a new lot: it has none


def movements(entry: Entry, unit: str) -> list[Movement]:
    """Return what the entry does to the accounts of a unit, by account, hand and word."""
    sums: dict[tuple[str, str, What], int] = {}
    for lot in _by_lot(entry.postings, unit):
        for member, shop, what, amount in _of_lot(entry.kind, lot, ROOMS[unit]):
            key = (member, shop, what)
            sums[key] = sums.get(key, 0) + amount
    return [Movement(*key, amount) for key, amount in sums.items() if amount]


def _by_lot(postings: Sequence[Posting], unit: str) -> list[list[Posting]]:
    lots: dict[str, list[Posting]] = {}
    for posting in postings:
        if posting.unit == unit:
            lots.setdefault(posting.lot, []).append(posting)
    return list(lots.values())


def _of_lot(kind: Kind, lot: Sequence[Posting], room: str) -> Iterator[tuple[str, str, What, int]]:
    """Yield (member, shop, what, amount) of one lot: first what left or came from elsewhere, then
    what went between hands, and what is left was granted."""
    mine: dict[tuple[str, str], int] = {}
    others: list[tuple[What, int]] = []
    for posting in lot:
        head, _, name = posting.account.partition(":")
        if posting.account.startswith(room):
            key = (name, shop_of(posting.holder))
            mine[key] = mine.get(key, 0) + posting.amount
        elif head not in _GRANTS:
            others.append((_became(kind, head), posting.amount))
    for what, amount in others:
        rest = amount
        for key, left in mine.items():
            part = _opposite(left, rest)
            if part:
                mine[key] -= part
                rest += part
                yield (*key, what, part)
    members = {name for name, _ in mine}
    for (name, shop), left in mine.items():
        given = sum(amount for key, amount in mine.items() if key != (name, shop))
        between = _opposite(left, given)
        if between:
            yield name, shop, What.MOVED if len(members) == 1 else What.TRANSFERRED, between
        if left - between:
            yield name, shop, _granted(kind), left - between


def _opposite(left: int, other: int) -> int:
    """Return how much of `left` stands against `other`, which is of the other sign or is none."""
    if left > 0 > other:
        return min(left, -other)
    return max(left, -other) if left < 0 < other else 0


def _became(kind: Kind, head: str) -> What:
    if head == "voided":
        return What.ADJUSTED if kind in _BY_HAND else What.TAKEN_BACK
    return _BECAME.get(head, What.ADJUSTED)


def _granted(kind: Kind) -> What:
    if kind is Kind.CHAIN_CLOSED:
        return What.LOST
    return What.ADJUSTED if kind in _BY_HAND else What.EARNED
