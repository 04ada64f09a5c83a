"""Invariants that no single entry shows: returns over all shops (5), days that were closed (11),
what is issued under limits (6), what every carrier brings about (10), keys of the erased (11).

The numbers are those of the specification; invariants.py holds the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from daemon.ledger.bodies import ChainClosed, DayClosed, Exchange, Returned, Sale, SaleLine
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Unit, is_limit
from daemon.ledger.limits import VALUE
from daemon.ledger.records import Entry
from daemon.rules.limited import NO_LIMITS, Limits

STORED = (Unit.PRINCIPAL.value, Unit.BONUS.value)  # units, and the accounts of members for them
Right = tuple[str, str]
"""Member and unit."""

Dump = Mapping[str, Sequence[tuple[object, ...]]]
"""Rows by table, as they are compared byte by byte."""

Effect = tuple[tuple[str, int], ...]


class Broken(AssertionError):
    """An invariant does not hold. `rule` is its number in the specification."""

    def __init__(self, rule: int, where: str, what: str) -> None:
        super().__init__(f"invariant {rule} at {where}: {what}")
        self.rule = rule


@dataclass(slots=True)
class _Bill:
    """A sale, as far as its returns are judged by it."""

    alike: str  # the same for every sale of the same goods, prices and tenders
    sold: dict[int, int]
    pay_fen: int | None = None  # of a sale
    back: dict[int, int] = field(default_factory=dict)
    effect: dict[str, int] = field(default_factory=dict)
    exchanged: bool = False  # then what came back also paid for something


class Returns:
    """Nothing comes back that was not sold, and how often it came in parts changes nothing."""

    def __init__(self) -> None:
        self._bills: dict[str, _Bill] = {}
        self._seen: dict[tuple[str, tuple[tuple[int, int], ...]], tuple[Effect, str]] = {}

    def add(self, entry: Entry) -> None:
        where = id_of(entry)
        match entry.body:
            case Sale() as sale:
                paid = tuple((one.code, one.amount_fen) for one in sale.tenders)
                spent = tuple((one.unit, one.amount, one.worth_fen) for one in sale.spent)
                said = (sale.lines, paid, spent, sale.points, sale.growth, sale.rounding_fen)
                self._sold(where, sale.lines, hash_of(canonical(said)), sale.pay_fen)
            case Exchange() as swap:
                self._came(where, entry.re, {one.n: one.qty for one in swap.back})
                self._bill(where, entry.re).exchanged = True
                self._sold(where, swap.lines, where)
            case Returned() as back:
                self._came(where, entry.re, {one.n: one.qty for one in back.lines})
                self._judge(where, self._bill(where, entry.re), back, entry)
            case _:
                return

    def _sold(
        self, where: str, lines: Iterable[SaleLine], alike: str, pay_fen: int | None = None
    ) -> None:
        self._bills[where] = _Bill(alike, {line.n: line.qty for line in lines}, pay_fen)

    def _bill(self, where: str, sale: str | None) -> _Bill:
        if sale is None or sale not in self._bills:
            raise Broken(5, where, f"gives goods back of {sale}, which nobody sold")
        return self._bills[sale]

    def _came(self, where: str, sale: str | None, quantities: Mapping[int, int]) -> None:
        bill = self._bill(where, sale)
        for n, qty in quantities.items():
            bill.back[n] = bill.back.get(n, 0) + qty
            if bill.back[n] > bill.sold.get(n, 0):
                what = f"{bill.back[n]} of line {n} of {sale} are back, {bill.sold.get(n, 0)} sold"
                raise Broken(5, where, what)

    def _judge(self, where: str, bill: _Bill, back: Returned, entry: Entry) -> None:
        for name, amount in _effect(back, entry):
            bill.effect[name] = bill.effect.get(name, 0) + amount
        if bill.exchanged:
            return
        if bill.back == bill.sold and bill.pay_fen not in (None, bill.effect["pay"]):
            what = f"all is back of {bill.pay_fen} fen, and {bill.effect['pay']} were given"
            raise Broken(5, where, what)
        net = tuple(sorted((name, amount) for name, amount in bill.effect.items() if amount))
        reached = (bill.alike, tuple(sorted(bill.back.items())))
        other, first = self._seen.setdefault(reached, (net, where))
        if other != net:
            raise Broken(5, where, f"in all {net}; {first} came to the same goods by {other}")


def _effect(back: Returned, entry: Entry) -> list[tuple[str, int]]:
    """What a return undoes: money, what was spent, what was earned (in a lot, as a claim, or out of
    what came back at the same moment)."""
    offset: Counter[str] = Counter()
    for posting in entry.postings:
        if posting.account == f"settled:{posting.unit}":
            offset[posting.unit] += posting.amount
    for one in back.settled:  # older claims, which this return does not undo
        offset[one.unit] -= one.amount
    return [
        ("pay", back.pay_fen),
        *((f"tender:{one.code}", one.amount_fen) for one in back.tenders),
        *((f"restored:{one.unit}", one.amount) for one in back.restored),
        *((f"earned:{one.unit}", one.amount) for one in back.taken_back),
        *((f"earned:{one.unit}", one.amount) for one in back.claims),
        *((f"earned:{unit}", amount) for unit, amount in offset.items()),
        ("growth", back.growth),
    ]


class Days:
    """A day that was closed never changes: nothing is booked on it, or before it, any more."""

    def __init__(self) -> None:
        self._closed: dict[str, str] = {}

    def add(self, entry: Entry) -> None:
        closed = self._closed.get(entry.box, "")
        ends = entry.body.business_date if isinstance(entry.body, DayClosed) else ""
        if closed and (ends or entry.at.business_date) <= closed:
            raise Broken(11, id_of(entry), f"of {entry.at.business_date}; {closed} was closed")
        self._closed[entry.box] = max(closed, ends)


class Issues:
    """Nothing is issued beyond its limit and the risk that was recorded, in all shops together.

    `limits`: of the pack that is in force, so that what entries count is judged too.
    """

    def __init__(self, limits: Limits = NO_LIMITS) -> None:
        self._limits = limits
        self._opened: dict[Right, int] = {}
        self._allowed: Counter[Right] = Counter()  # at own risk, or written off with a chain
        self._drawn: Counter[Right] = Counter()
        self._counted: Counter[Right] = Counter()
        self._on_cards: Counter[str] = (
            Counter()
        )  # of a member: value and room, less what is at risk
        self.exempt: set[Right] = set()  # that two histories of one chain have opened

    def allow(self, member: str, unit: str, amount: int) -> None:
        """So much more may be issued; of value, so much more of it, and room, may there be."""
        if unit in STORED:
            self._on_cards[member] -= amount
            return
        self._allowed[member, unit] += amount
        self._on_cards[member] -= amount if unit == VALUE else 0

    def add(self, entry: Entry) -> None:
        where = id_of(entry)
        ours = [one for one in entry.postings if is_limit(one.unit)]
        for one in ours:
            room, _, member = one.account.partition(":")
            right = (member, one.unit)
            if room == "limit" and one.amount < 0:
                if right in self._opened and right not in self.exempt:
                    raise Broken(6, where, f"opens {one.unit} of {member} again")
                self._opened[right] = -one.amount
            elif room == "drawn":
                self._drawn[right] += one.amount
            elif room == "risked":
                self._allowed[right] -= one.amount
            elif room == "freed":
                whose = next(p for p in ours if p.unit == one.unit and p.lot and p.amount > 0)
                self._allowed[whose.account.partition(":")[2], one.unit] -= one.amount
        if isinstance(entry.body, ChainClosed):
            for lost in entry.body.lots:
                if is_limit(lost.unit) or lost.unit in STORED:  # it lies in the lost hand too
                    self.allow(lost.account.partition(":")[2], lost.unit, lost.amount)
        for one in ours:
            right = (one.account.partition(":")[2], one.unit)
            self._within(where, right, self._drawn[right], self._opened.get(right, 0))
        self._cards(entry, where)
        self._count(entry, where)

    def _cards(self, entry: Entry, where: str) -> None:
        """Value and room for it are one card's cap together, once somebody has opened the room."""
        changed = set()
        for one in entry.postings:
            purse, _, member = one.account.partition(":")
            stored = one.unit in STORED and purse in STORED
            if stored or (one.unit == VALUE and purse in ("right", "risked")):
                self._on_cards[member] += one.amount
                changed.add(member)
        for member in changed:
            there, most, right = self._on_cards[member], self._limits.value, (member, VALUE)
            judged = right in self._opened and right not in self.exempt
            if judged and most is not None and there > most:
                what = f"{there} fen of value, and room for it, are on the card of {member}"
                raise Broken(6, where, f"{what}; it may have {most}")

    def _count(self, entry: Entry, where: str) -> None:
        member = getattr(entry.body, "member", "")
        for use in getattr(entry.body, "uses", ()):
            for limit in self._limits.of.get(use.what, ()):
                day = date.fromisoformat(use.day or entry.at.wall[: len("2026-03-06")])
                right = (member, limit.unit(day))
                self._counted[right] += use.amount
                most = max(limit.most, self._opened.get(right, 0))
                self._within(where, right, self._counted[right], most)

    def _within(self, where: str, right: Right, issued: int, most: int) -> None:
        if issued > most + self._allowed[right] and right not in self.exempt:
            what = f"{issued} of {right[1]} issued to {right[0]}, {most} + {self._allowed[right]}"
            raise Broken(6, where, what)


def check_same(one: Dump, other: Dump, *, ways: str) -> None:
    """The same entries, brought by other carriers in another order, make the same state (10)."""
    for table in sorted(one.keys() | other.keys()):
        mine, theirs = one.get(table, ()), other.get(table, ())
        if list(mine) != list(theirs):
            differ = [row for row in mine if row not in theirs]
            differ += [row for row in theirs if row not in mine]
            raise Broken(10, table, f"{ways} differ: {differ[:3]}")


def check_reached(marks: Mapping[str, int], heads: Mapping[str, int]) -> None:
    """When faults have stopped every mark reaches its head, whatever one entry says (10)."""
    for chain, head in heads.items():
        if marks.get(chain, 0) != head:
            raise Broken(10, chain, f"mark {marks.get(chain, 0)}, its head is {head}")


def check_forgotten(erased: Iterable[str], places: Mapping[str, Iterable[str]]) -> None:
    """After an erasure reached all, nobody has a key of the member (11).

    `places`: whose keys, by card or member, each place holds.
    """
    gone = set(erased)
    for place, held in places.items():
        left = gone & set(held)
        if left:
            raise Broken(11, place, f"keys of {sorted(left)}, who were erased")
