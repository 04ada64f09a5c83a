"""What must hold after every step: headquarters' marks, books and cases, boxes' books and marks."""

from collections import Counter
from dataclasses import dataclass, field

from daemon.ledger.kinds import Kind
from daemon.ledger.records import ZERO_HASH
from daemon.ledger.views import Stored
from daemon.sync.protocol import Fork
from hq import pool
from hq.db import Db
from hq.store import OWN_BOX, Office
from tests.ledger.witnesses import Broken
from tests.simulation.box import Box
from tests.simulation.witness import Witness

Account = tuple[str, str, str, str]
"""Holder, account, unit, lot."""

NOT_BOOKED = ("invariant", "unknown")


@dataclass(slots=True)
class Known:
    """What was seen of one chain at headquarters."""

    box: str
    epoch: int
    path: list[str] = field(default_factory=list)  # hashes under the mark
    booked: int = 0


class HqWatch:
    """Looks at headquarters' database after every step."""

    def __init__(self, witness: Witness) -> None:
        self.witness = witness
        self.chains: dict[int, Known] = {}
        self.books: dict[Account, int] = {}
        self.cases: Counter[str] = Counter()  # what headquarters wrote and asks people for
        self.expected: set[str] = set()  # kinds of cases that the faults so far explain
        self.poisoned: set[str] = set()  # hashes that must not be booked
        self._unheard: set[int] = set()  # chains that have to confirm the restore that was last
        self._work = 0
        self._changes = -1

    def restored(self, office: Office) -> int:
        """Another database stands there: forget what was seen and look at all of it."""
        rows = office.db.execute("SELECT box, epoch, mark FROM chain WHERE box = ?", (OWN_BOX,))
        lost = self.witness.hq_restored({f"{box}.{epoch}": mark for box, epoch, mark in rows})
        self.chains, self.books, self._work, self._changes = {}, {}, 0, -1
        self._unheard = {
            row[0]
            for row in office.db.execute(
                "SELECT id FROM chain WHERE box <> ? AND mark > 0 AND closed IS NULL", (OWN_BOX,)
            )
        }
        return lost

    def restarted(self) -> None:
        """Another connection counts its own changes."""
        self._changes = -1

    def begin(self, office: Office) -> None:
        """Hear of what headquarters granted before any box could take it."""
        self._own_logs(office.db)

    def look(self, office: Office) -> None:
        """Check what has changed. Raises Broken."""
        db = office.db
        if db.written == self._changes:
            return
        self._changes = db.written
        rows = db.execute(
            "SELECT id, box, epoch, mark, mark_hash, booked, booked_hash FROM chain"
            " WHERE box <> ? ORDER BY id",
            (OWN_BOX,),
        ).fetchall()
        for chain, box, epoch, mark, mark_hash, _, _ in rows:
            known = self.chains.setdefault(chain, Known(box, epoch))
            self._mark(db, chain, known, mark, mark_hash)
        self._lead()
        self._own_logs(db)
        for chain, _, _, _, _, booked, booked_hash in rows:
            self._booked(db, self.chains[chain], booked, booked_hash)
        self._balances(db)
        self._cases(db)
        self._pool(office)
        if not self.witness.checker.hq_open and pool.is_open(office):
            self.cases["pool closed until all had confirmed"] += 1
            self.witness.checker.open_again("headquarters")

    def _pool(self, office: Office) -> None:
        """After a restore nothing is granted before every open chain has told what it had."""
        if not self._unheard:
            return
        rows = office.db.execute("SELECT id, confirmed, closed FROM chain").fetchall()
        heard = {row[0] for row in rows if row[1] >= office.incarnation or row[2] is not None}
        self._unheard -= heard | {one for one in self._unheard if self._replaced(one)}
        if self._unheard and pool.is_open(office):
            known = self.chains[min(self._unheard)]
            raise Broken(
                1, "the pool", f"it is open, and {known.box}.{known.epoch} was not heard of"
            )

    def _replaced(self, chain: int) -> bool:
        """Tell whether a chain has handed everything over: it has nothing more to say."""
        path = self.chains[chain].path
        return bool(path) and self.witness.facts[path[-1]].entry.kind == Kind.EPOCH_CLOSED

    # -- one check each --------------------------------------------------------------------------

    def _own_logs(self, db: Db) -> None:
        for chain, epoch, mark in db.execute(
            "SELECT id, epoch, mark FROM chain WHERE box = ? ORDER BY epoch", (OWN_BOX,)
        ).fetchall():
            known = self.chains.setdefault(chain, Known(OWN_BOX, epoch))
            rows = db.execute(
                "SELECT seq, hash, data FROM entry WHERE chain = ? AND seq > ? ORDER BY seq",
                (chain, known.booked),
            ).fetchall()
            for seq, found, data in rows:
                name = f"{OWN_BOX}.{epoch}"
                if seq > self.witness.hq_has(name):
                    self.witness.hq_saw(name, Stored(seq, found.hex(), bytes(data)))
                self._add(found.hex())
                entry = self.witness.facts[found.hex()].entry
                way = "adopted" if entry.id.startswith("adopted:") else ""
                self.cases[f"HQ books {way or entry.kind}"] += 1
            known.booked = mark

    def _mark(self, db: Db, chain: int, known: Known, mark: int, mark_hash: str) -> None:
        """The mark is the longest linked run in the store, and never goes back."""
        where = f"{known.box}.{known.epoch}"
        path = known.path
        if mark < len(path):
            raise Broken(8, where, f"the mark goes back from {len(path)} to {mark}")
        rows = db.execute(
            "SELECT seq, hash, prev, data FROM entry WHERE chain = ? AND seq > ?"
            " ORDER BY seq, rowid",
            (chain, len(path)),
        ).fetchall()
        before = path[-1] if path else None
        for seq, found, prev, data in rows:
            if seq == len(path) + 1 and (before is None or prev.hex() == before):
                before = found.hex()
                fact = self.witness.facts.get(before)
                if fact is None or fact.data != bytes(data):
                    raise Broken(8, where, f"entry {seq} was never committed by a box")
                path.append(before)
        if mark != len(path) or mark_hash != (path[-1] if path else ZERO_HASH):
            raise Broken(8, where, f"mark {mark}, the stored entries link up to {len(path)}")

    def _booked(self, db: Db, known: Known, booked: int, found: str) -> None:
        where = f"{known.box}.{known.epoch}"
        if booked < known.booked or booked > len(known.path):
            raise Broken(9, where, f"booked {booked} after {known.booked}, mark {len(known.path)}")
        if booked and known.path[booked - 1] != found:
            raise Broken(9, where, f"booked entry {booked} of another history")
        for one in known.path[known.booked : booked]:
            row = db.execute(
                "SELECT kind FROM work WHERE hash = ? AND kind IN ('invariant', 'unknown')", (one,)
            ).fetchone()
            if row is None:
                self._add(one)
        known.booked = booked

    def _add(self, found: str) -> None:
        """Headquarters books an entry as its box wrote it."""
        from daemon.ledger.codec import decode

        fact = self.witness.facts[found]
        entry = fact.entry if fact.log.copy == 0 and not self.witness.forked else decode(fact.data)
        for posting in entry.postings:
            place = (posting.holder, posting.account, posting.unit, posting.lot)
            self.books[place] = self.books.get(place, 0) + posting.amount

    def _balances(self, db: Db) -> None:
        rows = db.execute("SELECT holder, account, unit, lot, amount FROM balance").fetchall()
        found = {row[:4]: row[4] for row in rows if row[4]}
        wanted = {place: amount for place, amount in self.books.items() if amount}
        if found != wanted:
            differ = sorted(place for place in found.keys() | wanted.keys()
                            if found.get(place) != wanted.get(place))  # fmt: skip
            place = differ[0]
            what = f"{place}: {found.get(place, 0)}, its entries say {wanted.get(place, 0)}"
            raise Broken(9, "headquarters' books", what)

    def _cases(self, db: Db) -> None:
        """Nobody is called for nothing."""
        rows = db.execute(
            "SELECT id, kind, box, epoch, seq, hash, what FROM work WHERE id > ? ORDER BY id",
            (self._work,),
        ).fetchall()
        for number, kind, box, epoch, seq, found, what in rows:
            self._work = number
            self.cases[f"case: {kind}"] += 1
            explained = kind in self.expected
            if kind in NOT_BOOKED:
                explained = found in self.poisoned
            if not explained:
                raise Broken(10, f"{box}.{epoch}:{seq}", f"a case that nothing explains: {what}")

    def _lead(self) -> None:
        """Say which history of a forked chain headquarters follows."""
        for chain in self.witness.forked:
            for known in self.chains.values():
                if f"{known.box}.{known.epoch}" == chain:
                    self.witness.leads(chain, known.path)


def look_at_box(box: Box, office: Office, marks: dict[int, Known], witness: Witness) -> None:
    """A box's hand, its down mark and what it believes of headquarters are folds of the logs."""
    store, chain = box.store, box.store.chain
    if box.looked is not store.head:
        box.looked = store.head
        _look_at_books(box, witness)
    if box.courier.hq_mark > store.head.seq:
        raise Broken(8, str(chain), "the box believes more than it wrote")
    if box.courier.incarnation == office.incarnation and box.courier.fork is not Fork.CLOSED:
        for known in marks.values():
            ours = (known.box, known.epoch) == (chain.box, chain.epoch)
            if ours and box.courier.hq_mark > len(known.path):
                raise Broken(8, str(chain), "the box believes more than is stored")
    for slip in sorted(box.slips):
        if slip not in witness.facts:
            raise Broken(9, str(chain), "a paper was given out for no entry")
    box.slips.clear()


def _look_at_books(box: Box, witness: Witness) -> None:
    store, chain = box.store, box.store.chain
    log = box.logs[chain.epoch]
    if log.copy == 0 and not witness.forked:
        held = {(one.account, one.unit, one.lot): one.amount for one in store.books.holding()}
        balances = witness.checker.balances
        for key, amount in held.items():
            wanted = balances.get((log.name, *key), 0)
            if amount != wanted:
                raise Broken(9, str(chain), f"books {amount} of {key}, the entries say {wanted}")
    down = store.books.down_mark(chain.epoch)
    seen = witness.checker._logs[log.name].down
    if (0 if down is None else down.n) != seen:
        raise Broken(7, str(chain), f"down mark {down}, its entries say {seen}")
