"""One headquarters, some boxes and a carrier that loses, delays, repeats and reorders. Seeded.

The real courier, mailroom and headquarters; only the pipe, the box's store and the clocks are in
memory. After every step the checkers look at what must always hold.
"""

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from daemon import seal
from daemon.ledger import accounts
from daemon.ledger.codec import envelope, hash_of
from daemon.ledger.records import Posting
from daemon.sync.courier import Courier, Send
from daemon.sync.mailroom import Mailroom
from daemon.sync.saying import Identity
from daemon.sync.wire import WireError
from hq.admission import BOXES_AT_ONCE
from hq.headquarters import Headquarters
from hq.intake import Arrival
from hq.registry import issue_token
from hq.restoring import put_back, raise_incarnation
from hq.store import Office, create
from tests.sync.memory import MemoryLedger, QuietBox, SeededEntropy, TickingClock
from tests.sync.steps import work

UP, DOWN = "up", "down"


@dataclass(frozen=True)
class Faults:
    """How bad the carrier is, in parts of a hundred; delays in steps."""

    lose: int = 0
    repeat: int = 0
    delay_max: int = 0


@dataclass(frozen=True)
class Parcel:
    due: int
    order: int
    way: str
    box: str
    topic: str
    payload: bytes


class Box:
    """A box's courier over its store; a crash makes a new courier over the same store."""

    def __init__(self, name: str, random: Random, *, hq_key: bytes, token: str) -> None:
        self.name = name
        self.ledger = MemoryLedger(name, random)
        self._identity = Identity(hq_key, token, "simulated")
        self.entropy = SeededEntropy(random)
        self.hq_key = hq_key
        self.online = False
        self.sold = 0
        self.start()

    def start(self) -> None:
        """Start, after a crash or for the first time."""
        ledger = self.ledger
        self.online = False
        self.courier = Courier(
            ledger,
            identity=self._identity,
            entropy=self.entropy,
            clock=ledger.clock,
            status=QuietBox,
        )
        self.mailroom = Mailroom(
            self.name,
            hq_key=self._identity.hq_key,
            unseal=partial(seal.unseal, ledger.seed),
            phone_key=bytes(32),
            keys=ledger.local,
        )

    def connect(self) -> None:
        self.courier.new_session()
        self.online = True
        self.courier.connected()

    def disconnect(self) -> None:
        self.online = False
        self.courier.disconnected()

    def sell(self) -> None:
        self.sold += 1
        self.ledger.sell(f"{self.name}-{self.sold}")
        self.courier.wake()

    def spend(self, member: str, amount: int) -> None:
        """Take points of a member, as a sale that they pay does."""
        rest, postings = amount, []
        for lot in self.ledger.books.lots(accounts.points(member), "point"):
            part = min(rest, lot.amount)
            rest -= part
            postings.append(Posting("@", lot.account, "point", lot.lot, -part))
            postings.append(Posting("@", accounts.spent("point"), "point", lot.lot, part))
        assert rest == 0, "the test spends what is there"
        self.sell_for(*postings)

    def sell_for(self, *postings: Posting) -> None:
        """Append an entry with these postings, as the counter would."""
        self.sold += 1
        self.ledger.sell(f"{self.name}-{self.sold}", postings)
        self.courier.wake()

    def work(self, steps: int) -> list[Send]:
        """Do some steps; return what goes out."""
        return work(self, steps)


class World:
    """Everything, and the checkers."""

    def __init__(
        self, seed: int, folder: Path, *, boxes: int, boxes_at_once: int = BOXES_AT_ONCE
    ) -> None:
        self.random = Random(seed)
        self.folder = folder
        self._boxes_at_once = boxes_at_once
        self.faults = Faults()
        self.parcels: list[Parcel] = []
        self.now = 0
        self._order = 0
        self._clock = TickingClock()
        self.office = self._opened()
        self.hq = self._begun()
        self.boxes = {}
        for number in range(1, boxes + 1):
            name = f"{number:04d}"
            token = issue_token(self.office, name)
            key = self.office.public
            self.boxes[name] = Box(name, self.random, hq_key=key, token=token)
        self.marks: dict[str, int] = {}
        self.given_up: set[str] = set()  # boxes whose chain HQ has closed

    def _opened(self) -> Office:
        return create(self.folder, clock=self._clock, entropy=SeededEntropy(self.random))

    def _begun(self) -> Headquarters:
        return Headquarters(self.office, boxes_at_once=self._boxes_at_once)

    # -- what may happen -------------------------------------------------------------------------

    def crash_box(self, box: Box) -> None:
        self.parcels = [parcel for parcel in self.parcels if parcel.box != box.name]
        box.ledger.local.forget()
        box.start()

    def crash_hq(self) -> None:
        """It dies with everything it has not committed; carriers forget what it had not taken."""
        self.parcels = [parcel for parcel in self.parcels if parcel.way == DOWN]
        self.office.close()
        self.office = self._opened()
        self.hq = self._begun()
        for outgoing in self.hq.started(self._clock.mono_ms):
            self._post(DOWN, outgoing.topic.split("/")[1], outgoing.topic, outgoing.payload)

    def restore_hq(self, backup: Path) -> None:
        """Its disk burns; what comes back is a backup, which begins the next incarnation."""
        self.parcels = [parcel for parcel in self.parcels if parcel.way == DOWN]
        self.office.close()
        shutil.rmtree(self.folder)
        put_back(backup, self.folder)
        self._clock.move(60_000)  # nobody is faster
        self.office = self._opened()
        raise_incarnation(self.office)
        self.hq = self._begun()
        self.marks = {}

    def pass_time(self, ms: int) -> None:
        self._clock.move(ms)
        for box in self.boxes.values():
            box.ledger.clock.move(ms)
            box.courier.tick()
            box.courier.questions.passed()

    def step(self, work: int = 4) -> None:
        """Deliver what is due, let everybody work a little, and check."""
        self.now += 1
        due = [parcel for parcel in self.parcels if parcel.due <= self.now]
        self.parcels = [parcel for parcel in self.parcels if parcel.due > self.now]
        due.sort(key=lambda parcel: (parcel.due, parcel.order))
        arrivals = [Arrival(one.topic, one.payload) for one in due if one.way == UP]
        for parcel in due:
            if parcel.way == DOWN:
                self._deliver(parcel)
        drained = self.hq.take(arrivals, mono_ms=self._clock.mono_ms)
        assert not drained.refusals, drained.refusals
        self.hq.work()
        for outgoing in [*drained.answers, *self.hq.posts(self._clock.mono_ms)]:
            self._post(DOWN, outgoing.topic.split("/")[1], outgoing.topic, outgoing.payload)
        for box in self.boxes.values():
            for sent in box.work(work):
                self._post(UP, box.name, sent.topic, sent.payload)
        self.check()

    def _deliver(self, parcel: Parcel) -> None:
        box = self.boxes[parcel.box]
        if box.online:
            box.courier.received(box.mailroom.open(parcel.topic, parcel.payload))
            box.courier.wake()  # it may have written the day's anchor

    def _post(self, way: str, box: str, topic: str, payload: bytes) -> None:
        roll = self.random.randrange(100)
        if roll < self.faults.lose:
            return
        copies = 2 if self.random.randrange(100) < self.faults.repeat else 1
        for _ in range(copies):
            self._order += 1
            due = self.now + 1 + self.random.randint(0, self.faults.delay_max)
            self.parcels.append(Parcel(due, self._order, way, box, topic, payload))

    # -- what must hold --------------------------------------------------------------------------

    def check(self) -> None:
        """The mark is the longest linked prefix of what is stored, and every box agrees."""
        for name, box in self.boxes.items():
            row = self.office.db.execute(
                "SELECT id, mark, mark_hash FROM chain WHERE box = ? AND epoch = 1", (name,)
            ).fetchone()
            if row is None:
                assert box.courier.hq_mark == 0 or self.office.incarnation > 1
                continue
            chain, mark, mark_hash = row
            assert mark >= self.marks.get(name, 0), "the mark goes back"
            self._check_prefix(chain, box, mark, mark_hash)
            self.marks[name] = mark
            if box.courier.incarnation == self.office.incarnation:  # else it has not heard yet
                assert box.courier.hq_mark <= mark, "the box believes more than is stored"
            assert box.courier.fork is None or name in self.given_up

    def _check_prefix(self, chain: int, box: Box, mark: int, mark_hash: str) -> None:
        known = self.marks.get(box.name, 0)
        rows = self.office.db.execute(
            "SELECT seq, hash, data FROM entry WHERE chain = ? AND seq BETWEEN ? AND ?"
            " ORDER BY seq",
            (chain, known + 1, mark),
        ).fetchall()
        assert [row[0] for row in rows] == list(range(known + 1, mark + 1)), "a gap, or a double"
        for seq, found, data in rows:
            assert bytes(data) == box.ledger.entries[seq - 1].data
            assert found.hex() == hash_of(bytes(data))
        if mark:
            assert mark_hash == box.ledger.entries[mark - 1].hash
            following = self.office.db.execute(
                "SELECT data FROM entry WHERE chain = ? AND seq = ?", (chain, mark + 1)
            ).fetchall()
            assert all(envelope(bytes(row[0])).prev != mark_hash for row in following)

    def converged(self) -> bool:
        """Whether everything that was said has arrived, both ways."""
        for name, box in self.boxes.items():
            row = self.office.db.execute(
                "SELECT mark, booked, down_seq, applied, told FROM chain WHERE box = ?", (name,)
            ).fetchone()
            if row is None:
                return False
            mark, booked, down_seq, applied, told = row
            whole = mark == booked == box.ledger.head.seq == box.courier.hq_mark
            if not whole or applied != down_seq or told != int(self.office.meta("directory")):
                return False
        return True

    def heal(self, *, steps_max: int = 4000) -> None:
        """Stop all faults and go on until both sides agree."""
        self.faults = Faults()
        for _ in range(steps_max):
            for box in self.boxes.values():
                if not box.online:
                    box.connect()
            self.pass_time(250)
            self.step(work=40)
            if self.converged() and not self.parcels:
                return
        raise AssertionError("the two sides do not agree")

    def check_end(self) -> None:
        """Nothing is on its way, nothing is doubled, the books of both sides are the same."""
        db = self.office.db
        on_its_way = db.execute(
            "SELECT account, amount FROM balance WHERE holder LIKE 'transit:%' AND amount <> 0"
        ).fetchall()
        assert on_its_way == []
        assert db.execute("SELECT * FROM work").fetchall() == []
        for name, box in self.boxes.items():
            held = {
                key[:3]: amount
                for key, amount in box.ledger.books.balances.items()
                if amount and key[3] == str(box.ledger.chain)
            }
            rows = db.execute(
                "SELECT account, unit, lot, amount FROM balance WHERE holder = ? AND amount <> 0",
                (str(box.ledger.chain),),
            )
            assert {row[:3]: row[3] for row in rows} == held
            kinds = [envelope(stored.data).kind for stored in box.ledger.entries]
            assert kinds.count("anchor") == 1, "one acknowledgement of a day is kept"
            total = db.execute(
                "SELECT count(*) FROM entry e JOIN chain c ON c.id = e.chain WHERE c.box = ?",
                (name,),
            ).fetchone()[0]
            assert total == box.ledger.head.seq
        sums = db.execute(
            "SELECT unit, sum(amount) FROM balance WHERE holder <> ? GROUP BY unit", ("",)
        ).fetchall()
        assert all(amount == 0 for _, amount in sums), sums


def must_refuse(box: Box, topic: str, payload: bytes) -> None:
    """Assert that a box's mailroom does not take this."""
    try:
        box.mailroom.open(topic, payload)
    except WireError:
        return
    raise AssertionError(f"{box.name} took what was not for it")
