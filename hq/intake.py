"""Intake: what boxes send is verified, stored, and only then acknowledged. Nothing is booked here.

A drain takes everything that has arrived, stores it in one durable transaction, and then says what
to answer. The mark of a chain is the longest run of linked entries in the store, never the number
of the last message, so that batches may come twice, late, in any order and by several carriers. An
entry is stored whatever it means; what it means is booking's to find out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from daemon import seal
from daemon.errors import SealError
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.codec import CodecError, decode
from daemon.sync import batch as batches
from daemon.sync.batch import Batch, BatchError, BrokenLink
from daemon.sync.wire import (
    TOPICS,
    Ask,
    Hello,
    Nack,
    Want,
    WireError,
    check_letter,
    down,
    is_box,
    parse_letter,
    read_ask,
    read_hello,
    read_state,
    read_want,
)
from hq.db import Db
from hq.erasing import is_erased
from hq.inflow import ENTRY, Offer, Way, load, rows_of
from hq.letters import Letters
from hq.members import try_key
from hq.presence import carried, heard, seen, told
from hq.registry import admit, keys_of
from hq.restoring import confirming
from hq.store import OWN_BOX, Case, Office, ensure_chain, open_case

KEYS_PER_MEMBER_MAX = 4  # keys are not signed: a stranger on the line may add wrong ones


@dataclass(frozen=True, slots=True)
class Arrival:
    topic: str
    payload: bytes
    live: bool = True  # it came over a line; a stick says nothing of who is online


@dataclass(frozen=True, slots=True)
class Outgoing:
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Greeting:
    """A box has told how far it has applied its down log."""

    box: str
    epoch: int
    n: int
    session: str = ""  # of its line; a stick has none
    offered: tuple[tuple[int, int], ...] = ()  # (epoch, last) of each chain that it has


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that came and was not taken. For the log; the box sends again or is no box."""

    topic: str
    why: str


@dataclass(slots=True)
class Drained:
    """What came of one drain."""

    answers: list[Outgoing] = field(default_factory=list)
    greetings: list[Greeting] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)  # signed by the boxes they name
    offers: list[Hello] = field(default_factory=list)  # with a TLS key that wants to be signed
    wants: list[Want] = field(default_factory=list)  # like these
    stored: int = 0  # entries that were not there before


@dataclass(slots=True)
class _Turn:
    """One drain on its way."""

    drained: Drained = field(default_factory=Drained)
    answer: dict[tuple[str, int], None] = field(default_factory=dict)  # chains, in order
    nacks: list[Nack] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)  # batches that wait to be stored together
    ways: dict[tuple[str, int], Way] = field(default_factory=dict)  # of their chains
    keys: dict[str, list[bytes]] = field(default_factory=dict)  # of their boxes

    def refuse(self, topic: str, error: Exception) -> None:
        self.drained.refusals.append(Refusal(topic, str(error)))


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What a batch brought that was not there. `strays`: below the mark, so not on its way."""

    hashes: frozenset[str]
    strays: list[tuple[int, str]]


class Intake:
    """Takes what boxes send. One thread at a time."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._letters = Letters(office)

    def drain(self, arrivals: Sequence[Arrival]) -> Drained:
        """Store everything in `arrivals` durably and return the answers."""
        turn, letters, db = _Turn(), self._letters, self._office.db
        with db.storing({_named(arrival.topic) for arrival in arrivals}):
            letters.keep_time()
            for arrival in arrivals:
                try:
                    self._take(arrival, turn)
                except (WireError, BatchError) as error:
                    turn.refuse(arrival.topic, error)
            self._load(turn)
            letters.stored_on(db.durability())
        told = [(box, letters.ack(box, epoch)) for box, epoch in turn.answer]
        closed = [nack for box, epoch in turn.answer for nack in letters.given_up(box, epoch)]
        told += [(nack.box, letters.sealed(nack)) for nack in (*turn.nacks, *closed)]
        turn.drained.answers += [Outgoing(down(box, "ack"), letter) for box, letter in told]
        return turn.drained

    def acknowledge(self, boxes: Sequence[str]) -> list[Outgoing]:
        """Return acknowledgements of the newest chain of each box (after a start)."""
        query = "SELECT max(epoch) FROM chain WHERE box = ?"
        newest = [(box, self._office.db.execute(query, (box,)).fetchone()[0]) for box in boxes]
        return [
            Outgoing(down(box, "ack"), self._letters.ack(box, epoch))
            for box, epoch in newest
            if epoch is not None
        ]

    def _take(self, arrival: Arrival, turn: _Turn) -> None:
        parts = arrival.topic.split("/")
        if len(parts) != 4 or parts[0] != TOPICS or parts[2] != "up" or not is_box(parts[1]):
            raise WireError("no topic of ours")
        box, what = parts[1], parts[3]
        if box == OWN_BOX:
            raise WireError("that name is headquarters' own")
        if what == "journal":
            self._offer(box, arrival, turn)
            return
        self._load(turn)  # what came before counts before
        if what == "hello":
            self._hello(box, arrival.payload, turn)
        elif what == "state":
            self._state(box, arrival.payload, turn)
        elif what == "ask":
            turn.drained.asks.append(self._ask(box, arrival.payload))
        elif what == "want":
            turn.drained.wants.append(self._want(box, arrival.payload))
        else:
            raise WireError(f"{what} is nothing that a box says")

    def _hello(self, box: str, payload: bytes, turn: _Turn) -> None:
        letter = parse_letter(payload)
        hello = read_hello(letter)
        if hello.box != box:
            raise WireError(f"a hello of {hello.box} under the name {box}")
        check_letter(letter, bytes.fromhex(hello.device_key))
        admit(self._office, hello)
        (seen if hello.session else carried)(self._office, hello)
        for offer in hello.chains:
            if 1 <= offer.epoch <= batches.EPOCH_MAX:
                ensure_chain(self._office.db, box, offer.epoch)
                turn.answer[box, offer.epoch] = None
        if hello.tls_key:
            turn.drained.offers.append(hello)
        confirming(self._office, hello)  # also a chain that is heard of for the first time
        if hello.session:
            turn.nacks += self._letters.followed(box, hello.down.epoch)
        offered = tuple((offer.epoch, offer.last) for offer in hello.chains)
        told = Greeting(box, hello.down.epoch, hello.down.n, hello.session, offered)
        turn.drained.greetings.append(told)

    def _state(self, box: str, payload: bytes, turn: _Turn) -> None:
        letter = parse_letter(payload)
        state = read_state(letter)
        self._check_by_box(box, lambda key: check_letter(letter, key))
        if state.box != box:
            raise WireError(f"a state of {state.box} under the name {box}")
        told(self._office, state)
        if state.online:
            query = "SELECT max(epoch) FROM chain WHERE box = ?"
            epoch = self._office.db.execute(query, (box,)).fetchone()[0]
            if epoch is not None:
                turn.answer[box, epoch] = None

    def _ask(self, box: str, payload: bytes) -> Ask:
        letter = parse_letter(payload)
        ask = read_ask(letter)
        self._check_by_box(box, lambda key: check_letter(letter, key))
        if ask.box != box:
            raise WireError(f"a question of {ask.box} under the name {box}")
        heard(self._office, box)
        return ask

    def _want(self, box: str, payload: bytes) -> Want:
        letter = parse_letter(payload)
        want = read_want(letter)
        self._check_by_box(box, lambda key: check_letter(letter, key))
        if want.box != box:
            raise WireError(f"a wish of {want.box} under the name {box}")
        return want

    def _check_by_box(self, box: str, check: Callable[[bytes], None]) -> None:
        """Raise WireError unless one of the box's device keys satisfies the check."""
        _check_by_one(box, keys_of(self._office, box), check)

    def _offer(self, box: str, arrival: Arrival, turn: _Turn) -> None:
        """Let a batch wait for those that come with it, once its box has signed it."""
        header = batches.parse_header(arrival.payload)
        if header.box != box:
            raise WireError(f"a batch of {header.box} under the name {box}")
        if box not in turn.keys:
            turn.keys[box] = keys_of(self._office, box)
        _check_by_one(box, turn.keys[box], lambda key: batches.check_signature(header, key))
        place = (box, header.epoch)
        if place not in turn.answer:
            turn.answer[place] = None
            if arrival.live:
                heard(self._office, box)
        if place not in turn.ways:
            chain = ensure_chain(self._office.db, *place)
            query = "SELECT id, mark, mark_hash, top FROM chain WHERE id = ?"
            turn.ways[place] = Way(*self._office.db.execute(query, (chain,)).fetchone())
        turn.offers.append(Offer(arrival.topic, arrival.payload, header, turn.ways[place]))

    def _load(self, turn: _Turn) -> None:
        """Store the batches that wait: all that go straight on at once, then the others."""
        if not turn.offers:
            return
        loaded = load(self._office.db, turn.offers)
        turn.drained.stored += loaded.stored
        for batch, first in loaded.taken:
            self._look_at(batch, first)
        for offer, fault in loaded.faulty:
            self._faulty(offer, fault, turn)
        for offer in loaded.left:
            try:
                batch = batches.parse_batch(offer.payload)
                hashes = batches.check_links(batch)
            except BatchError as error:
                self._faulty(offer, error, turn)
                continue
            branch = self._store(offer.way.chain, batch, hashes, turn)
            if branch is not None:
                place = (batch.header.box, batch.header.epoch)
                turn.nacks.append(self._letters.nack(*place, *branch, "branch"))
        turn.offers, turn.ways, turn.keys = [], {}, {}

    def _faulty(self, offer: Offer, fault: BatchError, turn: _Turn) -> None:
        turn.refuse(offer.topic, fault)
        if isinstance(fault, BrokenLink):
            # Signed by the box, changed on its way: the box compares with its journal.
            place = (offer.header.box, offer.header.epoch, fault.seq, fault.hash_found)
            turn.nacks.append(self._letters.nack(*place, "damaged"))

    def _store(
        self, chain: int, batch: Batch, hashes: list[str], turn: _Turn
    ) -> tuple[int, str] | None:
        """Store what is new; return (number, hash) of the first entry that is a second one."""
        header, db = batch.header, self._office.db
        fresh = self._merge(chain, batch, hashes)
        turn.drained.stored += len(fresh.hashes)
        strays = [*fresh.strays, *advance(db, chain)]
        self._look_at(batch, hashes[0])
        for seq, found in strays[:1]:
            what = f"a second entry {header.box}.{header.epoch}:{seq}"
            self._case(header.box, header.epoch, (seq, found), "branch", what)
        ours = [stray for stray in strays if stray[1] in fresh.hashes]
        return ours[0] if ours else None

    def _merge(self, chain: int, batch: Batch, hashes: list[str]) -> _Fresh:
        """Store the entries that are not there yet, next to what is there."""
        header, db = batch.header, self._office.db
        mark = db.execute("SELECT mark FROM chain WHERE id = ?", (chain,)).fetchone()[0]
        known = {
            bytes(row[0]).hex()
            for row in db.execute(
                "SELECT hash FROM entry WHERE chain = ? AND seq BETWEEN ? AND ?",
                (chain, header.first, header.last),
            )
        }
        indexes = [i for i, found in enumerate(hashes) if found not in known]
        db.merge(ENTRY, rows_of(chain, batch, hashes, indexes))
        db.execute("UPDATE chain SET top = greatest(top, ?) WHERE id = ?", (header.last, chain))
        fresh = [(header.first + i, hashes[i]) for i in indexes]
        return _Fresh(
            frozenset(found for _, found in fresh), [one for one in fresh if one[0] <= mark]
        )

    def _look_at(self, batch: Batch, first: str) -> None:
        if batch.header.first == 1:
            self._check_first(batch, first)
        self._keep_keys(batch)

    def _check_first(self, batch: Batch, found: str) -> None:
        """A chain starts with epoch.opened that names its device; another start is a case."""
        header, first = batch.header, (1, found)
        try:
            body = decode(batch.entries[0]).body
        except CodecError as error:
            self._case(header.box, header.epoch, first, "unknown", str(error))
            return
        if not isinstance(body, EpochOpened):
            what = "the first entry of a chain is epoch.opened"
            self._case(header.box, header.epoch, first, "invariant", what)
            return
        if bytes.fromhex(body.device_key) not in keys_of(self._office, header.box):
            what = "epoch.opened names a device key that no token was given for"
            self._case(header.box, header.epoch, first, "device", what)

    def _keep_keys(self, batch: Batch) -> None:
        """Keep the keys that came beside these entries; booking finds out which one fits."""
        header, db = batch.header, self._office.db
        for sealed in batch.header.keys:
            chain, _, seq = sealed.member.rpartition(":")
            if chain != f"{header.box}.{header.epoch}" or not seq.isdecimal():
                continue
            if is_erased(db, sealed.member):
                continue
            try:
                key = seal.unseal(self._office.seed, batches.unbase64(sealed.sealed))
            except SealError:
                continue
            query = "SELECT count(*) FROM carried_key WHERE member = ?"
            if db.execute(query, (sealed.member,)).fetchone()[0] < KEYS_PER_MEMBER_MAX:
                row = (sealed.member, key)
                db.execute("INSERT INTO carried_key VALUES (?, ?) ON CONFLICT DO NOTHING", row)
                try_key(self._office, sealed.member, key)

    def _case(self, box: str, epoch: int, entry: tuple[int, str], kind: str, what: str) -> None:
        open_case(self._office, Case(box, epoch, kind, what, entry[0], entry[1]))


def _named(topic: str) -> str:
    """Return the box that a topic names; what is no topic of ours is refused later."""
    return topic.partition("/")[2].partition("/")[0]


def _check_by_one(box: str, keys: Sequence[bytes], check: Callable[[bytes], None]) -> None:
    """Raise WireError unless one of a box's keys satisfies the check."""
    for key in keys:
        try:
            check(key)
        except (WireError, BatchError):
            continue
        return
    raise WireError(f"not signed by a device of {box} that headquarters knows")


def advance(db: Db, chain: int) -> list[tuple[int, str]]:
    """Move the mark of a chain over every entry that links to it; the first stored one leads.

    Returns number and hash of entries that can never be under the mark: another stands there.
    """
    row = db.execute("SELECT mark, mark_hash FROM chain WHERE id = ?", (chain,)).fetchone()
    mark, before = int(row[0]), bytes.fromhex(row[1])
    start = mark
    strays: list[tuple[int, str]] = []
    for seq, found, prev in db.execute(
        "SELECT seq, hash, prev FROM entry WHERE chain = ? AND seq > ? ORDER BY seq, rowid",
        (chain, mark),
    ):
        if seq > mark + 1:
            break
        if seq == mark + 1 and (prev == before or seq == 1):
            mark, before = seq, found
        else:
            strays.append((seq, found.hex()))
    if mark > start:
        db.execute(
            "UPDATE chain SET mark = ?, mark_hash = ? WHERE id = ?", (mark, before.hex(), chain)
        )
    return strays
