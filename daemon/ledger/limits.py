"""Limits across shops as holdings: what may still be issued lies in one hand, as money does. Pure.

A right (once per person, a birthday) or the room under a cap (so many points a month) is a unit of
its own for each rule and period. The member's home opens it, whole, in the entry that first issues
under it; every issue takes its part in its own entry. Another shop gets the unit as it gets points:
it asks headquarters, which asks the holder. Who has none refuses, or (the pack accepts that)
issues at its own risk, which the entry says. docs/decisions/0008-limits-are-opened-at-home.md.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.kinds import Unit, right_unit, room_unit
from daemon.ledger.lots import take
from daemon.ledger.posting import HQ
from daemon.ledger.records import Chain, Entry, Posting
from daemon.ledger.views import LotRow, Stored

LOTS_FROM = 4000  # of an entry's lots: those of rights; no body grants so many of its own
LOTS_MAX = 90  # of rights in one entry: an entry has 4096 lots, and a receipt less rules
FOREVER = "always"  # the period of what has none
ONCE = "once"  # the period of a right that a person has once
VALUE = room_unit("value", FOREVER)  # what a card may still be topped up by, under the law's cap
ALWAYS = "0001-01-01"  # the first day of what has no period
HOME = right_unit("home", FOREVER)  # whoever holds it opens the limits of a member of HQ's

NEW, REPLACED = "new", "replacement"  # reasons of epoch.opened
NEVER = "9999-12-31"  # of a chain whose beginning cannot be read: it opens nothing

_OWN = "@"
_PURSES = (accounts.principal(""), accounts.bonus(""))


class Draw(msgspec.Struct, frozen=True):
    """An issue under a limit; below 0: a return gives it back. `starts`: the period's first day."""

    unit: str
    amount: int
    most: int
    starts: str


class Hand(msgspec.Struct, frozen=True):
    """What this chain has of one member's rights, and what it may do without."""

    lots: Callable[[str, str], Sequence[LotRow]]  # account, unit
    may_open: Callable[[Draw], bool]
    risks: bool  # an issue is made also without the right
    at_risk: Callable[[str], int] = lambda unit: 0  # what was, and has not come back


class Lineage(msgspec.Struct, frozen=True):
    """The chains of this box that follow each other by planned replacement, this one last.

    `since`: the first business date of the oldest, where it followed a loss; "" where it was new.
    """

    chains: tuple[Chain, ...]
    since: str = ""


class Home(msgspec.Struct, frozen=True):
    """What a box knows of the limits of whose home it is.

    `lots`: of this chain, by account and unit; `posted`: of an account without lots, of any chain
    of this box. `alone`: a box without headquarters, which is everybody's home.
    """

    lineage: Lineage
    lots: Callable[[str, str], Sequence[LotRow]]
    posted: Callable[[Chain, str, str], int]
    alone: bool = False

    def may_open(self, member: str, draw: Draw) -> bool:
        """Tell whether this box opens a member's limit, and has not before."""
        if self._posted(accounts.limit(member), draw.unit):
            return False
        if self.alone:
            return True
        home = bool(self.lots(accounts.right(member), HOME))
        return is_home(member, self.lineage, draw.starts, holds_home=home)

    def hand(self, member: str, *, risks: bool) -> Hand:
        """Return what there is to issue from."""

        def at_risk(unit: str) -> int:
            return max(0, -self._posted(accounts.risked(member), unit))

        return Hand(self.lots, lambda draw: self.may_open(member, draw), risks, at_risk)

    def _posted(self, account: str, unit: str) -> int:
        return sum(self.posted(chain, account, unit) for chain in self.lineage.chains)


def lineage_of(
    chain: Chain, read: Callable[[int, int, int], Sequence[Stored]], *, back: bool = True
) -> Lineage:
    """Return the chains that this one follows by planned replacement, the oldest first.

    `read`: the entries of an epoch, from a number on, so many. `back` False: this chain alone.
    """
    chains = [chain]
    while True:
        first = _first(read(chains[0].epoch, 1, 1))
        body = None if first is None else first.body
        if first is None or not isinstance(body, EpochOpened):
            return Lineage(tuple(chains), NEVER)
        if body.reason != REPLACED or not back:
            return Lineage(tuple(chains), "" if body.reason == NEW else first.at.business_date)
        chains.insert(0, Chain(chain.box, body.parent_epoch))


def is_home(member: str, lineage: Lineage, starts: str, *, holds_home: bool) -> bool:
    """Tell whether these chains open a member's limit of a period, and nobody else does.

    A chain that follows a loss does not know what the lost one opened: it opens what begins later.
    """
    place = parse_entry_id(member)
    if place is None or place[0].box == HQ:
        ours = holds_home
    else:
        ours = place[0].box == lineage.chains[-1].box
        if place[0] in lineage.chains:
            return True
    return ours and (not lineage.since or starts > lineage.since)


def postings(member: str, draws: Iterable[Draw], hand: Hand) -> tuple[Posting, ...] | str:
    """Return what the issues move; a text: the unit of which there is not enough."""
    moved: list[Posting] = []
    lot = LOTS_FROM
    for draw in _summed(draws):
        if draw.amount < 0:
            moved += _given_back(member, draw, hand)
            continue
        missing = draw.amount
        for row, part in take(_in_order(hand.lots(accounts.right(member), draw.unit)), missing):
            moved += _taken(member, draw.unit, row.lot, part)
            missing -= part
        if missing and hand.may_open(draw):
            moved += _opened(member, draw, min(missing, draw.most), f"#{lot}")
            missing -= min(missing, draw.most)
            lot += 1
        if missing and not hand.risks:
            return draw.unit
        if missing:
            moved += risked(member, draw.unit, missing, f"#{lot}")
            lot += 1
    assert lot <= LOTS_FROM + LOTS_MAX, "an entry has too many limits"
    return tuple(moved)


def value_moved(member: str, delta: int, most: int, hand: Hand) -> tuple[Posting, ...] | str:
    """Return what a change of a member's stored value moves of the room under his card's cap.

    Value that comes takes room; value that goes gives it back, to the hand that lets it go: what of
    it another shop had drawn for is room anew. `most`: the cap less what lay here before, below 0
    where a return or headquarters had brought more than the cap.
    """
    draw = Draw(VALUE, delta, max(0, most), ALWAYS)
    if delta > 0:
        return postings(member, [draw], hand)
    back = -delta
    if hand.may_open(draw):
        whole = most + back
        return opened(member, VALUE, whole, f"#{LOTS_FROM}") if whole > 0 else ()
    lots = hand.lots(accounts.drawn(member), VALUE)
    moved = _given_back(member, draw, hand)
    back -= min(back, sum(row.amount for row in lots))
    if back:
        lot = f"#{LOTS_FROM + 1}"
        moved.append(Posting(_OWN, accounts.right(member), VALUE, lot, back))
        moved.append(Posting(_OWN, accounts.FREED, VALUE, "", -back))
    return tuple(moved)


def value_here(member: str, lots: Callable[[str, str], Sequence[LotRow]]) -> int:
    """Return what of a member's stored value lies in this hand."""
    purses = (accounts.principal(member), Unit.PRINCIPAL), (accounts.bonus(member), Unit.BONUS)
    return sum(lot.amount for purse in purses for lot in lots(*purse))


def value_changed(moved: Iterable[Posting]) -> dict[str, int]:
    """Return by how much an entry changes whose stored value; what only changes hands does not."""
    changed: dict[str, int] = {}
    for one in moved:
        if one.lot and one.unit in (Unit.PRINCIPAL, Unit.BONUS) and one.account.startswith(_PURSES):
            member = one.account.partition(":")[2]
            changed[member] = changed.get(member, 0) + one.amount
    return {member: delta for member, delta in changed.items() if delta}


def opened(member: str, unit: str, most: int, lot: str) -> tuple[Posting, ...]:
    """Return the postings that open a right whole, in lot `lot`."""
    return (
        Posting(_OWN, accounts.right(member), unit, lot, most),
        Posting(_OWN, accounts.limit(member), unit, "", -most),
    )


def risked(member: str, unit: str, amount: int, lot: str) -> tuple[Posting, ...]:
    """Return the postings of an issue that no right in hand stands for."""
    return (
        Posting(_OWN, accounts.drawn(member), unit, lot, amount),
        Posting(_OWN, accounts.risked(member), unit, "", -amount),
    )


def _first(page: Sequence[Stored]) -> Entry | None:
    try:
        return decode(page[0].data) if page else None
    except CodecError:
        return None


def _summed(draws: Iterable[Draw]) -> list[Draw]:
    sums: dict[str, Draw] = {}
    for draw in draws:
        known = sums.get(draw.unit)
        amount = draw.amount if known is None else known.amount + draw.amount
        sums[draw.unit] = msgspec.structs.replace(draw, amount=amount)
    return [draw for draw in sums.values() if draw.amount]


def _in_order(lots: Sequence[LotRow]) -> list[LotRow]:
    return sorted(lots, key=lambda row: row.lot)


def _taken(member: str, unit: str, lot: str, part: int) -> list[Posting]:
    return [
        Posting(_OWN, accounts.right(member), unit, lot, -part),
        Posting(_OWN, accounts.drawn(member), unit, lot, part),
    ]


def _opened(member: str, draw: Draw, issued: int, lot: str) -> list[Posting]:
    right, other = opened(member, draw.unit, draw.most, lot)
    rest = msgspec.structs.replace(right, amount=draw.most - issued)
    issue = Posting(_OWN, accounts.drawn(member), draw.unit, lot, issued)
    return [one for one in (rest, issue, other) if one.amount]


def _given_back(member: str, draw: Draw, hand: Hand) -> list[Posting]:
    """What another shop issued is given back there; here it stays drawn.

    What no right stood for ends first: it leaves no right behind.
    """
    rows, back = _in_order(hand.lots(accounts.drawn(member), draw.unit)), -draw.amount
    lots = {row.lot: row.amount for row in rows}
    moved = []
    for row, part in take(rows[::-1], min(back, hand.at_risk(draw.unit))):
        back -= part
        lots[row.lot] -= part
        moved.append(Posting(_OWN, accounts.drawn(member), draw.unit, row.lot, -part))
        moved.append(Posting(_OWN, accounts.risked(member), draw.unit, "", part))
    left = [msgspec.structs.replace(row, amount=lots[row.lot]) for row in rows]
    for row, part in take(left, back):
        moved.append(Posting(_OWN, accounts.drawn(member), draw.unit, row.lot, -part))
        moved.append(Posting(_OWN, accounts.right(member), draw.unit, row.lot, part))
    return moved
