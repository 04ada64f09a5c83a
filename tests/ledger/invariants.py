"""The invariants of the books over every entry that was ever committed, also on lost media.

A checker takes W, entry by entry in the order of their commits (any order that keeps each log's
own and lets a gift come before it is taken), and says at once which rule broke and where. The
numbers are those of the specification. It knows no rule of the trade and asks no store. What no
single entry shows stands in witnesses.py.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from daemon.ledger.bodies import ChainClosed, DownApplied, DownRefused, EpochClosed, Sale
from daemon.ledger.codec import decode
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.posting import GONE_ACCOUNTS
from daemon.ledger.records import Entry, Posting
from daemon.ledger.views import Stored
from daemon.rules.limited import NO_LIMITS, Limits
from tests.ledger.witnesses import Broken, Days, Issues, Returns

TRANSIT = "transit:"
HQ = "hq"
LAPSES = ("lapsed",)  # kinds that take what is due

Place = tuple[str, str, str, str]
"""Holder, account, unit, lot."""

Part = tuple[str, str]
"""Unit and lot: what stays the same while it changes hands."""


@dataclass(slots=True)
class _Log:
    """What is known of one log: its last number, its down log, whether it ended."""

    last: int = 0
    incarnation: int = 0
    down: int = 0
    closed: bool = False
    asked: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class _Life:
    """What became of one lot, over all holders."""

    granted: int = 0
    taken: int = 0
    restored: int = 0
    root: str = ""  # a lot of a write-off stands for this older one


class Checker:
    """Feed it entries; it raises Broken at the first that breaks a rule.

    `limits`, `floor_points`: of the pack under which the entries were made.
    """

    def __init__(self, limits: Limits = NO_LIMITS, floor_points: int = 0) -> None:
        self._floor_points = floor_points
        self._lent: set[str] = set()  # claims that stand for points above a holding
        self.issues = Issues(limits)
        self.balances: dict[Place, int] = {}
        self._logs: dict[str, _Log] = {}
        self._lives: dict[Part, _Life] = {}
        self._roots: dict[str, str] = {}
        self._written_off: dict[Part, int] = {}
        self._expires: dict[str, str] = {}
        self._returns = Returns()
        self._days = Days()

    def add(self, entry: Entry) -> None:
        where = id_of(entry)
        owner = HQ if entry.box == HQ else f"{entry.box}.{entry.epoch}"
        log = self._logs.setdefault(f"{entry.box}.{entry.epoch}", _Log())
        self._numbered(entry, log, where)
        self._sums(entry, where)
        self._hands(entry, owner, where)
        self._write_off(entry, where)
        self._post(entry, where)
        self._lots(entry, where)
        self._advance(entry, owner, where)
        self._down(entry, log, where)
        self.issues.add(entry)
        self._returns.add(entry)
        self._days.add(entry)
        log.closed = isinstance(entry.body, EpochClosed)

    def settled(self) -> None:
        """After faults stopped and everything arrived: nothing is on its way (10)."""
        for (holder, account, _, lot), amount in self.balances.items():
            if holder.startswith(TRANSIT) and amount:
                raise Broken(10, holder, f"{amount} of {account} {lot} is still on its way")

    def held_by(self, holder: str) -> dict[tuple[str, str, str], int]:
        """Return what a holder has: (account, unit, lot) to amount, without zeros."""
        return {key[1:]: n for key, n in self.balances.items() if key[0] == holder and n}

    def life(self, unit: str, lot: str) -> tuple[int, int, int]:
        """Return granted, taken, restored of a lot."""
        life = self._lives.get((unit, lot), _Life())
        return life.granted, life.taken, life.restored

    # -- one rule each ---------------------------------------------------------------------------

    def _numbered(self, entry: Entry, log: _Log, where: str) -> None:
        if entry.seq != log.last + 1:
            raise Broken(8, where, f"follows {log.last}")
        if log.closed:
            raise Broken(8, where, "its chain was closed before it")
        log.last = entry.seq
        if (entry.source, entry.id) in log.asked:
            raise Broken(9, where, f"{entry.source} {entry.id} was committed before")
        log.asked.add((entry.source, entry.id))

    def _sums(self, entry: Entry, where: str) -> None:
        sums: dict[str, int] = {}
        for posting in entry.postings:
            sums[posting.unit] = sums.get(posting.unit, 0) + posting.amount
        for unit, amount in sums.items():
            if amount:
                raise Broken(3, where, f"postings in {unit} sum to {amount}")

    def _hands(self, entry: Entry, owner: str, where: str) -> None:
        for posting in entry.postings:
            if posting.holder == owner:
                continue
            if not posting.holder.startswith(TRANSIT):
                raise Broken(2, where, f"posts on {posting.holder}, which is not its own hand")
            ours = posting.holder == f"{TRANSIT}{owner}"
            if posting.amount < 0 and not ours:
                raise Broken(2, where, f"takes from {posting.holder}")
            if posting.amount > 0 and ours:
                raise Broken(2, where, f"puts on its own way: {posting.holder}")

    def _write_off(self, entry: Entry, where: str) -> None:
        """A closed chain's lots live on as new ones of headquarters, each as large as it was."""
        if isinstance(entry.body, ChainClosed):
            granted = {one.lot: one.amount for one in entry.postings if one.lot}
            for lost in entry.body.lots:
                new = f"{where}:{lost.n}"
                if granted.pop(new, None) != lost.amount:
                    raise Broken(4, where, f"{new} stands for {lost.amount} of {lost.lot}")
                root = self._roots.get(lost.lot, lost.lot)
                self._roots[new] = root
                part = (lost.unit, root)
                self._written_off[part] = self._written_off.get(part, 0) + lost.amount

    def _lots(self, entry: Entry, where: str) -> None:
        """Each lot is granted once, by its own entry; what comes back was taken before."""
        flows: dict[Part, int] = {}
        for posting in entry.postings:
            if posting.lot:
                part = (posting.unit, posting.lot)
                flows[part] = flows.get(part, 0) + posting.amount
        for (unit, lot), amount in flows.items():
            own = lot.startswith(f"{where}:")
            self._flow(entry, where, (unit, lot), amount, own=own)

    def _flow(self, entry: Entry, where: str, part: Part, amount: int, *, own: bool) -> None:
        life = self._lives.setdefault(part, _Life())
        if own and amount > 0:
            life.granted += amount
        elif amount > 0:
            if life.granted == 0:  # goods with a serial number are a lot by their number
                life.granted += amount
                if ":" in part[1]:
                    raise Broken(3, where, f"{amount} of {part} comes from nowhere")
                return
            life.restored += amount
            if life.restored > life.taken:
                raise Broken(3, where, f"{life.restored} of {part} came back, {life.taken} went")
        elif amount < 0:
            life.taken -= amount
            self._lived(entry, where, part)
        root = self._roots.get(part[1], part[1])
        self._root(where, (part[0], root))

    def _root(self, where: str, root: Part) -> None:
        """Of a lot and all that stands for it no more is taken than was granted or written off."""
        lives = [self._lives.get((root[0], root[1]), _Life())]
        off = self._written_off.get(root, 0)
        if off:
            lives += [
                self._lives.get((root[0], new), _Life())
                for new, old in self._roots.items()
                if old == root[1]
            ]
        taken = sum(life.taken - life.restored for life in lives)
        if taken > lives[0].granted + off:
            raise Broken(4, where, f"{taken} of {root} taken, {lives[0].granted} + {off} granted")

    def _lived(self, entry: Entry, where: str, part: Part) -> None:
        due = self._expires.get(part[1])
        # What a chain that was given up had on its way is a loss also when it has lapsed meanwhile.
        spends = entry.kind.value.rpartition(".")[2] not in LAPSES
        spends = spends and entry.kind is not Kind.HOLDING_TAKEN
        if due and spends and _moment(entry.at.wall) >= _moment(due):
            raise Broken(11, where, f"takes of {part}, which lapsed at {due}")

    def _post(self, entry: Entry, where: str) -> None:
        for lot in getattr(entry.body, "lots", ()):
            if getattr(lot, "n", 0) and getattr(lot, "expires", None):
                self._expires[f"{where}:{lot.n}"] = lot.expires
        for posting in _takes_last(entry.postings):
            place = (posting.holder, posting.account, posting.unit, posting.lot)
            amount = self.balances.get(place, 0) + posting.amount
            self.balances[place] = amount
            if posting.lot and amount < 0:
                raise Broken(1, where, f"{place} is {amount}")
        for posting in entry.postings:  # as the whole entry leaves it
            place = (posting.holder, posting.account, posting.unit, posting.lot)
            if posting.unit.startswith("claim:") and posting.lot and self.balances[place] > 0:
                self._one_holder(place, where)

    def _advance(self, entry: Entry, owner: str, where: str) -> None:
        """What is lent is owed whole, and what a shop's hand has lent a member has an end."""
        sale = entry.body
        if not isinstance(sale, Sale) or (lent := sale.advance) is None:
            return
        account, claim = f"claim:{sale.member}", f"{where}:{lent.claim}"
        self._lent.add(claim)
        if self.balances.get((owner, account, "claim:point", claim), 0) != lent.amount:
            raise Broken(6, where, f"{lent.amount} points are lent, and not owed as {claim}")
        if self.life("point", f"{where}:{lent.n}")[0] != lent.amount:
            raise Broken(3, where, f"{lent.amount} points are lent of another lot")
        owed = sum(
            amount
            for (holder, of, _, lot), amount in self.balances.items()
            if (holder, of) == (owner, account) and lot in self._lent
        )
        if owed > self._floor_points:
            raise Broken(6, where, f"{owed} points are lent, {self._floor_points} may be")

    def _one_holder(self, place: Place, where: str) -> None:
        others = [
            key[0]
            for key, amount in self.balances.items()
            if amount > 0 and key[1:] == place[1:] and key[0] != place[0]
        ]
        if others:
            raise Broken(6, where, f"claim {place} is also held by {others}")

    def _down(self, entry: Entry, log: _Log, where: str) -> None:
        if not isinstance(entry.body, DownApplied | DownRefused):
            return
        body = entry.body
        if body.n != log.down + 1:
            raise Broken(7, where, f"message {body.n} after message {log.down}")
        if body.incarnation < log.incarnation:
            raise Broken(7, where, f"message of incarnation {body.incarnation}, an old one")
        log.down, log.incarnation = body.n, body.incarnation


def check(history: Iterable[Entry], *, floor_points: int = 0) -> Checker:
    """Return the checker after all of W; raises Broken."""
    checker = Checker(floor_points=floor_points)
    for entry in history:
        checker.add(entry)
    return checker


def fold(entries: Iterable[Entry]) -> dict[Place, int]:
    """Return every balance that is not zero: what books must say (9)."""
    balances: dict[Place, int] = {}
    for entry in entries:
        for posting in entry.postings:
            place = (posting.holder, posting.account, posting.unit, posting.lot)
            balances[place] = balances.get(place, 0) + posting.amount
    return {place: amount for place, amount in balances.items() if amount}


def check_books(books: Mapping[Place, int], entries: Iterable[Entry]) -> None:
    """The books are the fold of the entries up to their mark (9)."""
    wanted, found = fold(entries), {place: n for place, n in books.items() if n}
    for place in sorted(wanted.keys() | found.keys()):
        if wanted.get(place, 0) != found.get(place, 0):
            what = f"{place}: books {found.get(place, 0)}, journal {wanted.get(place, 0)}"
            raise Broken(9, "books", what)


def check_mark(mark: int, mark_hash: str, stored: Mapping[int, list[tuple[str, str]]]) -> None:
    """The mark is the longest linked prefix: `stored` has (hash, prev) of each number (8)."""
    before, reached = "", 0
    while ways := [one for one in stored.get(reached + 1, []) if not before or one[1] == before]:
        before, reached = ways[0][0], reached + 1
    if (mark, mark_hash) != (reached, before or mark_hash):
        raise Broken(8, "headquarters", f"mark {mark}, the stored entries link up to {reached}")


def check_acknowledged(mark: int, mark_hash: str, read: Callable[[int], Stored | None]) -> None:
    """What headquarters acknowledged stands in the journal with the same hash (8)."""
    stored = read(mark) if mark else None
    if mark and (stored is None or stored.hash != mark_hash):
        raise Broken(8, "acknowledgement", f"entry {mark} is not the one that was acknowledged")


def check_exposure(shown: Mapping[str, int], missing: Iterable[Entry], known: set[str]) -> None:
    """What a lost chain took of lots that headquarters knew was shown as exposure (4)."""
    for unit, amount in taken_of(missing, known).items():
        if amount > shown.get(unit, 0):
            raise Broken(4, "exposure", f"{amount} {unit} lost, {shown.get(unit, 0)} shown")


def taken_of(entries: Iterable[Entry], known: set[str]) -> Counter[str]:
    """Return what entries of a chain took of these lots, by unit."""
    taken: Counter[str] = Counter()
    for entry in entries:
        for posting in entry.postings:
            own = posting.holder == f"{entry.box}.{entry.epoch}"
            if own and posting.lot in known and not posting.account.startswith(GONE_ACCOUNTS):
                taken[posting.unit] -= posting.amount
    return taken


def entries_of(stored: Iterable[Stored]) -> list[Entry]:
    return [decode(one.data) for one in stored]


def _takes_last(postings: Iterable[Posting]) -> list[Posting]:
    """An entry is one event: what it brings counts before what it takes."""
    return sorted(postings, key=lambda posting: -posting.amount)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.astimezone()
