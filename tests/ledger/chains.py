"""Boxes and headquarters without a disk, a wire or a thread, for simulations of the books.

The rules are the real ones: groups seal and check a box's entries, headquarters books, releases and
gives up chains with its own code over a database in memory.
"""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

import msgspec

from daemon.clock import ClockState, Reading
from daemon.ledger import accounts, machine, moves
from daemon.ledger.acts import returning
from daemon.ledger.acts.bill import bill_of
from daemon.ledger.acts.moves import Member as Buyer
from daemon.ledger.acts.moves import Refusal, Stamp
from daemon.ledger.bodies import (
    DownApplied,
    EpochClosed,
    EpochOpened,
    HoldingReleased,
    MemberErased,
    Sale,
)
from daemon.ledger.codec import decode, down_body, down_message
from daemon.ledger.forgetting import forget
from daemon.ledger.group import Group, Slot
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import MemberSnapshot, Tombstones
from daemon.ledger.profiles import Person, lock_profile
from daemon.ledger.records import ZERO_HASH, At, Chain, Draft, Entry, Head
from daemon.ledger.stamp import stamp
from daemon.ledger.views import Durable, Held, LotRow, Outcome, Refused
from hq import downlog, writeoff
from hq.booking import Booking
from hq.intake import advance
from hq.members import Member, write_member
from hq.ownlog import append
from hq.sqlite import Sqlite
from hq.store import OWN_BOX, Office, ensure_chain
from tests.ledger.invariants import Checker
from tests.ledger.keyshelf import Keys
from tests.ledger.shop import CLERK, sale, spend

KEY = b"one key for every member here..."
EAST = timezone(timedelta(hours=8))


class Minutes:
    """A clock that moves a minute with every look."""

    def __init__(self) -> None:
        self.minutes = 0

    def read(self) -> Reading:
        self.minutes += 1
        wall = datetime(2026, 3, 6, 9, 0, tzinfo=EAST) + timedelta(minutes=self.minutes)
        return Reading("boot", self.minutes * 60_000, wall, ClockState.SYNCED)


class Dice:
    def __init__(self, random: Random) -> None:
        self._random = random

    def draw(self, length: int) -> bytes:
        return self._random.randbytes(length)


class Till:
    """One box: its journal is a list. `spare` is what a second medium would remember."""

    def __init__(self, name: str, clock: Minutes, tell: Callable[[Entry], None]) -> None:
        self.name = name
        self.epoch = 0
        self.journal: list[tuple[Entry, str, bytes]] = []
        self.sold = 0
        self.holding: dict[tuple[str, str, str], int] = {}
        self.applied = 0
        self.keys = Keys()
        self.backup: set[str] = set()  # the keys in the last backup
        self._asked: dict[tuple[str, str], tuple[Entry, str]] = {}
        self._before = Head(0, ZERO_HASH)
        self._clock = clock
        self._tell = tell
        self._begin("new", Head(0, ZERO_HASH), 0)

    @property
    def chain(self) -> Chain:
        return Chain(self.name, self.epoch)

    @property
    def head(self) -> Head:
        last = self.journal[-1]
        if last[0].epoch != self.epoch:
            return Head(0, last[1])
        return Head(last[0].seq, last[1])

    def at(self) -> At:
        return stamp(self._clock.read(), closing_hour=4, not_before=None)

    def find(self, source: str, name: str) -> tuple[Entry, str] | None:
        return self._asked.get((source, name))

    def held(self, account: str, unit: str, lot: str) -> int:
        return self.holding.get((account, unit, lot), 0)

    def commit(self, draft: Draft) -> Outcome:
        slot = Slot()
        group = Group(self.chain, self._before, "", self)
        group.add(draft, slot)
        for one in group.sealed:
            self._before = group.head
            self.journal.append((one.entry, one.stored.hash, one.stored.data))
            self._tell(one.entry)
            self._book(one.entry, one.stored.hash)
            one.resolve()
        return slot.result()

    def lots(self, account: str, unit: str) -> list[LotRow]:
        return [
            LotRow(lot, account, unit, amount, "", None, "")
            for (name, of, lot), amount in sorted(self.holding.items())
            if (name, of) == (account, unit) and amount
        ]

    def lose(self, keep: int) -> None:
        """The medium came back as it was `keep` entries ago, or earlier: the chain ends."""
        before = [one for one in self.journal if one[0].epoch < self.epoch]
        here = [one for one in self.journal if one[0].epoch == self.epoch][: max(1, keep)]
        self.journal = before + here
        self._asked = {(one.source, one.id): (one, found) for one, found, _ in self.journal}
        last = here[-1]
        self.keys.restored(set(self.backup))
        self._begin("restore", Head(last[0].seq, last[1]), self.epoch)

    def replace(self) -> None:
        """A planned replacement: everything goes to the heir, which takes it over."""
        heir = Chain(self.name, self.epoch + 1)
        held = [
            Held(*key, amount)
            for key, amount in self.holding.items()
            if amount > 0 and moves.goes_along(key[0], key[2])
        ]
        head = self.head
        parts = moves.handed_over(self.at(), heir=heir, head_seq=head.seq, holding=iter(held))
        for draft in parts:
            assert isinstance(self.commit(draft), Durable)
        gone = [one[0] for one in self.journal if one[0].epoch == self.epoch]
        assert not any(amount > 0 for (_, _, lot), amount in self.holding.items() if lot)
        self._begin("replacement", self.head, self.epoch)
        assert isinstance(gone[-1].body, EpochClosed)
        for sent in gone[gone[-1].body.first - 1 : -1] if gone[-1].body.first else []:
            draft = moves.taken(self.at(), sent, sent_id=id_of(sent), chain=self.chain)
            assert isinstance(self.commit(draft), Durable)

    def _begin(self, reason: str, parent: Head, parent_epoch: int) -> None:
        self.epoch = parent_epoch + 1
        self.holding = {}
        self.applied = 0
        self._before = Head(0, parent.hash)
        body = EpochOpened(
            "0" * 16, reason, "aa" * 32, "", parent_epoch, parent.seq,  # type: ignore[arg-type]
            "" if parent_epoch == 0 else parent.hash,
        )  # fmt: skip
        opened = self.commit(machine.epoch_opened(self.at(), body, epoch=self.epoch))
        assert isinstance(opened, Durable)

    def _book(self, entry: Entry, found: str) -> None:
        forget(self.keys, entry)  # type: ignore[arg-type]  # the part of Local that it needs
        self._asked[entry.source, entry.id] = (entry, found)
        if entry.source.startswith("down:") and not isinstance(entry.body, HoldingReleased):
            self.applied += 1
        for posting in entry.postings:
            if posting.holder == str(self.chain):
                key = (posting.account, posting.unit, posting.lot)
                self.holding[key] = self.holding.get(key, 0) + posting.amount


class World:
    """Some boxes and headquarters; every entry goes through the checker as it is committed."""

    def __init__(self, seed: int, *, boxes: int) -> None:
        self.random = Random(seed)
        self.checker = Checker()
        self.entries: list[Entry] = []
        self.members: list[str] = []
        self.erased: set[str] = set()  # cards
        self.clock = Minutes()
        self._hq_seen = 0
        db = Sqlite(sqlite3.connect(":memory:", isolation_level=None), "memory")
        self.office = Office(Path(), db, bytes(32), self.clock, Dice(self.random))
        db.execute("INSERT INTO meta VALUES ('incarnation', '1'), ('directory', '0')")
        ensure_chain(db, OWN_BOX, 1)
        self.booking = Booking(self.office)
        self.tills = [Till(f"{n:04d}", self.clock, self._tell) for n in range(1, boxes + 1)]
        for number in range(3):
            home = self.random.choice(self.tills).name
            self.enrol(f"hq.1:{900 + number}", home)

    def enrol(self, member: str, home: str) -> None:
        snapshot = MemberSnapshot(member, f"88{member[5:]}", "active", "registered", "2026-01-01")
        profile = lock_profile(Person(name=member), card=snapshot.card, key=KEY, nonce=bytes(24))
        snapshot = msgspec.structs.replace(snapshot, profile=profile)
        with self.office.transaction():
            write_member(self.office, Member(snapshot, KEY), chain=0, home=home, reference=None)
        self.members.append(member)

    def move_home(self, member: str, home: str) -> None:
        with self.office.transaction():
            query = "UPDATE member SET home = ? WHERE id = ?"
            self.office.db.execute(query, (home, member))
            self.office.touch_directory()

    def grant(self, member: str, amount: int) -> None:
        """Headquarters grants points into its own hand, as an import does."""
        from daemon.ledger.bodies import Consent, MemberEnrolled, NewLot, Profile
        from daemon.ledger.kinds import Kind
        from daemon.ledger.records import Posting

        account, office = accounts.points(member), self.office
        body = MemberEnrolled(
            "88", "import", "2026-01-01", None, Consent("", False), Profile("", ""),
            lots=(NewLot(1, "point", "opening"),),
        )  # fmt: skip
        with office.transaction():
            entry = append(
                office,
                Kind.MEMBER_ENROLLED,
                request=f"grant:{self.clock.minutes}",
                body=body,
                postings=[
                    Posting("hq", account, "point", "#1", amount),
                    Posting("hq", accounts.ISSUED_POINTS, "point", "", -amount),
                ],
            )
            row = (f"{entry}:1", account, "point", office.now(), None, "opening", "", "")
            office.db.execute("INSERT INTO lot VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            office.touch_directory()
        self.look_at_hq()

    def ship(self, till: Till, count: int) -> None:
        """Bring the next entries of every chain of the box to headquarters."""
        db = self.office.db
        epochs = sorted({entry.epoch for entry, _, _ in till.journal})
        with self.office.transaction():
            for epoch in epochs:
                chain = ensure_chain(db, till.name, epoch)
                query = "SELECT mark FROM chain WHERE id = ?"
                mark = db.execute(query, (chain,)).fetchone()[0]
                rows = [
                    (chain, entry.seq, bytes.fromhex(found), bytes.fromhex(entry.prev), data)
                    for entry, found, data in till.journal
                    if entry.epoch == epoch and mark < entry.seq <= mark + count
                ]
                insert = "INSERT INTO entry (chain, seq, hash, prev, data) VALUES (?, ?, ?, ?, ?)"
                db.executemany(insert, rows)
                advance(db, chain)

    def work(self) -> None:
        while self.booking.turn() + downlog.write(self.office):
            pass
        self.look_at_hq()

    def receive(self, till: Till, count: int) -> None:
        """The box answers the next messages of its log, some of them with a refusal."""
        rows = self.office.db.execute(
            "SELECT d.text, d.signature FROM down AS d JOIN chain AS c ON c.id = d.chain"
            " WHERE c.box = ? AND c.epoch = ? AND d.n > ? ORDER BY d.n LIMIT ?",
            (till.name, till.epoch, till.applied, count),
        ).fetchall()
        for text, signature in rows:
            data, at = text.encode(), till.at()
            told = down_body(down_message(data))
            if isinstance(told, MemberSnapshot) and told.profile and self._key_of(told.id):
                till.keys.put(told.card)  # it rides beside the message
            if isinstance(told, Tombstones) or self.random.randrange(5):
                draft = machine.down_draft(at, message=data, signature=signature, chain=till.chain)
            else:
                draft = machine.down_refused(at, message=data, signature=signature, why="no")
            assert isinstance(till.commit(draft), Durable)
            again = till.commit(draft)
            assert isinstance(again, Durable) and again.again

    def release(self, till: Till, member: str, asked: int) -> None:
        """Headquarters asked the box for a part of what it holds."""
        lots = till.lots(accounts.points(member), "point")
        draft = moves.released(
            till.at(), member=member, to="hq", asked=asked, lots=lots,
            request=f"{self.clock.minutes}", source="down:release",
        )  # fmt: skip
        assert isinstance(till.commit(draft), Durable)

    def sell(self, till: Till, member: str) -> None:
        till.sold += 1
        name = f"s{till.epoch}-{till.sold}"
        points = self.random.choice((0, 7, 30))  # few, so that sales are alike
        draft = sale(name, lines=1 + till.sold % 2, points=points, member=member, when=till.at())
        assert isinstance(till.commit(draft), Durable)

    def spend(self, till: Till, member: str) -> None:
        """Take some of any lot ever heard of; what this box does not hold is refused."""
        known = sorted({lot for _, unit, lot in till.holding if unit == "point" and lot})
        old = sorted({p.lot for e, _, _ in till.journal for p in e.postings if p.unit == "point"})
        lots = [lot for lot in known + old if lot]
        if not lots:
            return
        till.sold += 1
        lot, amount = self.random.choice(lots), self.random.randint(1, 40)
        held = till.held(accounts.points(member), "point", lot)
        draft = spend(f"t{till.epoch}-{till.sold}", lot, amount, member=member)
        outcome = till.commit(draft)
        assert isinstance(outcome, Durable if held >= amount else Refused), outcome

    def give_back(self, till: Till) -> None:
        """Some of what some sale of this box sold comes back, or is refused."""
        sales = [one for one, _, _ in till.journal if isinstance(one.body, Sale) and one.body.lines]
        if not sales:
            return
        entry = self.random.choice(sales)
        bill = bill_of(entry)
        assert bill is not None
        asked = [
            returning.BackAsked(line.n, 1) for line in bill.lines if self.random.randrange(3)
        ] or [returning.BackAsked(bill.lines[0].n, 1)]
        till.sold += 1
        name = f"r{till.epoch}-{till.sold}"
        request = returning.ReturnRequest(id=name, sale=bill.entry, lines=tuple(asked))
        at = till.at()
        stamp_ = Stamp("api", name, at, CLERK, None, datetime.fromisoformat(at.wall))
        lots = tuple(
            lot
            for account, unit in (
                (accounts.points(bill.member), "point"),
                (accounts.claim(bill.member), "claim:point"),
            )
            for lot in till.lots(account, unit)
        )
        buyer = Buyer(bill.member, bill.card, "active", "registered", lots)
        draft = returning.give_back(request, bill, buyer, till.held, stamp_)
        if not isinstance(draft, Refusal):
            assert isinstance(till.commit(draft), Durable)

    def erase(self, till: Till, member: str) -> None:
        """A member asks this box to be forgotten; once."""
        body = MemberErased(member, (f"88{member[5:]}",), "asked")
        draft = Draft(
            "api", f"erase:{member}", Kind.MEMBER_ERASED, till.at(), CLERK, None, None, body, ()
        )
        assert isinstance(till.commit(draft), Durable)
        self.erased.add(body.cards[0])

    def _key_of(self, member: str) -> bool:
        query = "SELECT key FROM member WHERE id = ?"
        return self.office.db.execute(query, (member,)).fetchone()[0] is not None

    def give_up(self, till: Till, epoch: int) -> writeoff.Exposure:
        shown = writeoff.write_off(self.office, Chain(till.name, epoch))
        self.look_at_hq()
        return shown

    def look_at_hq(self) -> None:
        """Check what headquarters wrote into its own log."""
        rows = self.office.db.execute(
            "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
            " WHERE c.box = 'hq' AND e.seq > ? ORDER BY e.seq",
            (self._hq_seen,),
        ).fetchall()
        for (data,) in rows:
            self._hq_seen += 1
            self._tell(decode(bytes(data)))

    def heal(self) -> None:
        """Everything arrives and is answered."""
        for _ in range(6):
            for till in self.tills:
                self.ship(till, 10_000)
            self.work()
            for till in self.tills:
                self.receive(till, 10_000)

    def _tell(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.checker.add(entry)

    def messages_applied(self, till: Till) -> int:
        return sum(
            isinstance(entry.body, DownApplied)
            for entry, _, _ in till.journal
            if entry.epoch == till.epoch
        )
