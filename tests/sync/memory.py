"""A box's store in memory, for the protocol's tests: same names as the real one, no disk.

What a crash keeps is what the real store keeps: the journal and members' keys; of the rest of
local.db a crash may take anything.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random

from daemon import seal
from daemon.clock import ClockState, Reading
from daemon.ledger import machine
from daemon.ledger.bodies import (
    BoxStarted,
    DownApplied,
    DownRefused,
    EpochOpened,
)
from daemon.ledger.codec import decode, down_body, down_message, encode, hash_of
from daemon.ledger.kinds import Kind
from daemon.ledger.local import Acknowledged, Letter
from daemon.ledger.messages import Pack
from daemon.ledger.posting import check
from daemon.ledger.records import ZERO_HASH, At, Chain, Draft, Head, Posting
from daemon.ledger.sealing import seal_draft
from daemon.ledger.stamp import stamp
from daemon.ledger.views import (
    DownMark,
    Durable,
    Joined,
    LotRow,
    MemberRow,
    Outcome,
    PackRow,
    Problem,
    Refused,
    Stored,
)

EAST_8 = timezone(timedelta(hours=8))


class SeededEntropy:
    """Random bytes that come again with the seed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def draw(self, length: int) -> bytes:
        return self._random.randbytes(length)


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.mono_ms = 1_000
        self._wall = datetime(2026, 3, 6, 9, 0, tzinfo=EAST_8)

    def read(self) -> Reading:
        wall = self._wall + timedelta(milliseconds=self.mono_ms)
        return Reading("boot0001", self.mono_ms, wall, ClockState.SYNCED)

    def move(self, ms: int) -> None:
        self.mono_ms += ms

    def set_back(self, by: timedelta) -> None:
        self._wall -= by


class TickingClock(HandClock):
    """A clock that moves a millisecond with every look: HQ's times are never equal."""

    def read(self) -> Reading:
        self.mono_ms += 1
        return super().read()


@dataclass
class MemoryLocal:
    """local.db without a disk."""

    keys: dict[str, bytes] = field(default_factory=dict)
    letters: dict[tuple[int, int], Letter] = field(default_factory=dict)
    acks: dict[int, Acknowledged] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    def put_member_key(self, card: str, *, key: bytes, phone_digest: bytes | None) -> None:
        self.keys[card] = key

    def member_key(self, card: str) -> bytes | None:
        return self.keys.get(card)

    def kept_key(self, card: str) -> tuple[bytes, bytes | None] | None:
        key = self.keys.get(card)
        return None if key is None else (key, None)

    def keys_to_ship(self, cards: Iterable[str]) -> dict[str, bytes]:
        return {card: self.keys[card] for card in cards if card in self.keys}

    def is_erased(self, card: str) -> bool:
        return False

    def put_letter(self, letter: Letter) -> None:
        self.letters[letter.epoch, letter.n] = letter

    def letter(self, epoch: int, n: int) -> Letter | None:
        return self.letters.get((epoch, n))

    def drop_letters(self, epoch: int, *, up_to: int) -> None:
        self.letters = {k: v for k, v in self.letters.items() if k[0] != epoch or k[1] > up_to}

    def put_acknowledged(self, ack: Acknowledged) -> None:
        self.acks[ack.epoch] = ack

    def acknowledged(self, epoch: int) -> Acknowledged | None:
        return self.acks.get(epoch)

    def fact(self, name: str) -> str | None:
        return self.facts.get(name)

    def put_fact(self, name: str, value: str) -> None:
        self.facts[name] = value

    def drop_fact(self, name: str) -> None:
        self.facts.pop(name, None)

    def forget(self) -> None:
        """Lose what may be lost."""
        self.letters.clear()
        self.acks.clear()


class MemoryBooks:
    """The few things of the books that sync asks for."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        self.in_force = ("", 0)
        self.marks: dict[int, DownMark] = {}
        self.packs: dict[tuple[str, int], PackRow] = {}
        self.cards: dict[str, str] = {}  # number to status, as a test says
        self.balances: dict[tuple[str, str, str, str], int] = {}

    def down_mark(self, epoch: int) -> DownMark | None:
        return self.marks.get(epoch)

    def card_status(self, card: str) -> str:
        return self.cards.get(card, "")

    def pack(self, name: str, version: int) -> PackRow | None:
        return self.packs.get((name, version))

    def active_pack(self) -> PackRow | None:
        return self.packs.get(self.in_force)

    def lots(self, account: str, unit: str) -> list[LotRow]:
        return [
            LotRow(lot, name, of, amount, "2026-01-01T00:00:00+08:00", None, "")
            for (name, of, lot, holder), amount in sorted(self.balances.items())
            if (name, of, holder) == (account, unit, self.holder) and lot and amount > 0
        ]

    def held(self, account: str, unit: str, lot: str) -> int:
        return self.balances.get((account, unit, lot, self.holder), 0)

    def held_by(self, chain: Chain, account: str, unit: str, lot: str) -> int:
        return self.balances.get((account, unit, lot, str(chain)), 0)

    def member(self, member: str) -> MemberRow | None:
        return None

    def business_date(self) -> str | None:
        return "2026-03-06"

    def open_date(self) -> str | None:
        return self.business_date()

    def move(self, postings: tuple[Posting, ...]) -> None:
        for posting in postings:
            key = (posting.account, posting.unit, posting.lot, posting.holder)
            self.balances[key] = self.balances.get(key, 0) + posting.amount


class MemoryLedger:
    """One box's chain. `history` counts how often each (source, id) was written: at most once."""

    def __init__(self, box: str, random: Random, *, epoch: int = 1) -> None:
        self.seed = random.randbytes(seal.SEED_BYTES)
        self.chain = Chain(box, epoch)
        self.clock = HandClock()
        self.books = self.purses = MemoryBooks(str(self.chain))
        self.local = MemoryLocal()
        self.entries: list[Stored] = []
        self._asked: dict[tuple[str, str], Durable] = {}
        body = EpochOpened(random.randbytes(8).hex(), "new", self.device_public.hex(), "board-1")
        self.commit(machine.epoch_opened(self.at(), body, epoch=epoch))

    @property
    def head(self) -> Head:
        last = self.entries[-1] if self.entries else None
        return Head(0, ZERO_HASH) if last is None else Head(last.seq, last.hash)

    @property
    def device_public(self) -> bytes:
        return seal.public_key(self.seed)

    @property
    def device_seed(self) -> bytes:
        return self.seed

    @property
    def phone_key(self) -> bytes:
        return self.seed

    @property
    def recovery(self) -> bytes:
        return self.seed[:16]

    def at(self) -> At:
        return stamp(self.clock.read(), closing_hour=0, not_before=None)

    def sign(self, domain: str, payload: bytes) -> bytes:
        return seal.sign(self.seed, domain, payload)

    def submit(self, draft: Draft) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(self.commit(draft))
        return future

    def commit(self, draft: Draft) -> Outcome:
        known = self._asked.get((draft.source, draft.id))
        if known is not None:
            same = known.entry.kind is draft.kind and known.entry.body == draft.body
            again = Durable(known.entry, known.hash, again=True)
            return again if same else Refused((Problem("another content"),))
        head = self.head
        entry = seal_draft(draft, self.chain, seq=head.seq + 1, prev=head.hash)
        held = self.books.balances
        problems = check(
            entry.postings,
            self.chain,
            lambda account, unit, lot: held.get((account, unit, lot, str(self.chain)), 0),
        )
        if problems:
            return Refused(tuple(problems))
        data = encode(entry)
        self.entries.append(Stored(entry.seq, hash_of(data), data))
        durable = Durable(entry, hash_of(data))
        self._asked[draft.source, draft.id] = durable
        self.books.move(entry.postings)
        self._fold(self.entries[-1])
        return durable

    def find(self, source: str, name: str) -> Durable | None:
        return self._asked.get((source, name))

    def read(self, epoch: int, first: int, limit: int) -> list[Stored]:
        if epoch != self.chain.epoch:
            return []
        return self.entries[max(0, first - 1) : max(0, first - 1) + limit]

    def joined(self, epoch: int, first: int, limit: int) -> Joined | None:
        run = self.read(epoch, first, limit)
        if not run:
            return None
        before = self.entries[first - 2].hash if first > 1 else ""
        text = b"\n".join(one.data for one in run)
        return Joined(first, run[-1].seq, before, run[-1].hash, text)

    def chains(self) -> list[tuple[Chain, Head]]:
        return [(self.chain, self.head)]

    def sell(self, name: str, postings: tuple[Posting, ...] = ()) -> None:
        """Append something, as the counter would."""
        at = self.at()
        body = BoxStarted(name, "0" * 64)
        draft = Draft(
            "till", name, Kind.BOX_STARTED, at, machine.BY_BOX, None, None, body, postings
        )
        assert isinstance(self.commit(draft), Durable)

    def _fold(self, stored: Stored) -> None:
        body = decode(stored.data).body
        if not isinstance(body, DownApplied | DownRefused):
            return
        text = body.message.encode()
        mark = self.books.marks.get(self.chain.epoch, DownMark(0, ZERO_HASH))
        assert body.n == mark.n + 1, "messages are applied in order, each once"
        self.books.marks[self.chain.epoch] = DownMark(body.n, hash_of(text))
        if isinstance(body, DownApplied):
            message = down_body(down_message(text))
            if isinstance(message, Pack):
                ref = machine.pack_of(message.document)
                row = PackRow(ref.id, ref.version, ref.hash, message.document)
                self.books.packs[ref.id, ref.version] = row


@dataclass(frozen=True)
class QuietBox:
    """What a box without devices says of itself."""

    pack: None = None
    devices: Mapping[str, "NoDevice"] = field(default_factory=dict)


@dataclass(frozen=True)
class NoDevice:
    kind: str
    state: str
