"""Invariants that no single entry shows: returns over all shops (5), days that were closed (11),
what every carrier brings about (10), keys of members who were erased (11).

The numbers are those of the specification; invariants.py holds the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from daemon.ledger.bodies import DayClosed, Exchange, Returned, Sale, SaleLine
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.ids import id_of
from daemon.ledger.records import Entry

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
