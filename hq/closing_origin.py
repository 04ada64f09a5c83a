"""Who took the money for a lot, or gave it: the shop that has to pay when another honours it.

It stands in the lot's name, which is its entry's. A lot that came in the place of another (a return
after its end, a chain that was given up) is still that of the first; headquarters' own lots, what
it imported too, are headquarters'.
"""

from dataclasses import dataclass

from daemon.ledger.acts.shares import part_of
from daemon.ledger.bodies import ChainClosed, LostLot, NewLot
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.records import Entry
from hq.store import OWN_BOX, Office

KEPT_MAX = 50_000  # lots remembered of one count: 10 MB
STEPS_MAX = 20  # from a lot to the first that it stands for; a chain is given up once
COUPON = "coupon:"


@dataclass(frozen=True, slots=True)
class Origin:
    """`box`: who granted it. Of its `whole` amount headquarters pays for `hq`."""

    box: str
    hq: int = 0
    whole: int = 0

    def hq_share(self, unit: str, worth_fen: int) -> int:
        """Return what headquarters bears of money's worth: floored, as the pack's rules say it."""
        if not self.hq:
            return 0
        if not self.whole:  # a coupon whose worth its rule says: what it paid is its worth
            return min(self.hq, worth_fen) if unit.startswith(COUPON) else 0
        return part_of(worth_fen, done=self.hq, whole=self.whole)


class Origins:
    """Finds them, and remembers."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._known: dict[str, Origin] = {}

    def of(self, lot: str) -> Origin:
        """Return where a lot comes from; of a lot that nobody can read: its name alone."""
        known = self._known.get(lot)
        if known is None:
            if len(self._known) >= KEPT_MAX:
                self._known.clear()
            known = self._known[lot] = self._found(lot)
        return known

    def _found(self, lot: str) -> Origin:
        for _ in range(STEPS_MAX):
            name, _, number = lot.rpartition(":")
            place = parse_entry_id(name)
            if place is None or not number.isdecimal():
                return Origin(OWN_BOX)
            entry, n = self._entry(name), int(number)
            match _granted(entry, n):
                case LostLot(lot=old):
                    lot = old
                case NewLot(topup=topup) if topup and topup != name:
                    first = parse_entry_id(topup)
                    return Origin(OWN_BOX if first is None else first[0].box)
                case NewLot() as new:
                    return Origin(place[0].box, new.hq_part, _whole(entry, new, lot))
                case None:
                    return Origin(place[0].box)
        return Origin(OWN_BOX)

    def _entry(self, name: str) -> Entry | None:
        place = parse_entry_id(name)
        assert place is not None, "the name of a lot was taken apart already"
        row = self._office.db.execute(
            "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
            " WHERE c.box = ? AND c.epoch = ? AND e.seq = ? ORDER BY e.rowid LIMIT 1",
            (place[0].box, place[0].epoch, place[1]),
        ).fetchone()
        if row is None:
            return None
        try:
            return decode(bytes(row[0]))
        except CodecError:
            return None


def _granted(entry: Entry | None, n: int) -> NewLot | LostLot | None:
    if entry is None:
        return None
    if isinstance(entry.body, ChainClosed):
        return next((one for one in entry.body.lots if one.n == n), None)
    lots: tuple[NewLot, ...] = getattr(entry.body, "lots", ())
    return next((one for one in lots if one.n == n), None)


def _whole(entry: Entry | None, new: NewLot, lot: str) -> int:
    """Return the amount of a new lot; of a coupon, its worth."""
    if new.unit.startswith(COUPON):
        return new.value_fen
    if new.amount or entry is None:
        return new.amount
    return sum(one.amount for one in entry.postings if one.lot == lot and one.amount > 0)
