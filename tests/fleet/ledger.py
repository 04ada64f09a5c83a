"""A journal in memory that a thousand fit one process: real entries, signed and chained, no books.

What a sale says comes from the rules once for each of a few baskets; each entry has its own place,
id and time. Messages of headquarters are applied as `tests/sync/memory.py` does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from random import Random

import msgspec

from daemon import seal
from daemon.clock import Clock, SystemClock
from daemon.ledger.bodies import DownApplied, Sale
from daemon.ledger.codec import canonical, down_body, down_message, encode, hash_of
from daemon.ledger.messages import PackActivate
from daemon.ledger.records import Draft
from daemon.ledger.sealing import seal_draft
from daemon.ledger.signed import DOMAIN_HEAD
from daemon.ledger.stamp import stamp
from daemon.ledger.views import Durable, Outcome, Stored
from daemon.sync.wire import PackHeld
from tests.bench.sales import Till
from tests.sync.memory import MemoryLedger, NoDevice

BASKETS = 40  # of two lines, by as many members
EAST_8 = timezone(timedelta(hours=8))


def baskets() -> Sequence[Draft]:
    till = Till(2, "fleet")
    return [till.draft(n) for n in range(1, BASKETS + 1)]


@dataclass(frozen=True)
class BoxIs:
    """What a box without devices says of itself."""

    pack: PackHeld | None
    devices: Mapping[str, NoDevice] = field(default_factory=dict)


class LightLedger(MemoryLedger):
    """One box's chain and what it has sold."""

    def __init__(self, box: str, seed: int, drafts: Sequence[Draft]) -> None:
        super().__init__(box, Random(seed))
        self._drafts = drafts
        self._wall: Clock = SystemClock(EAST_8)
        self.sold = 0
        self.sold_fen = 0
        self.said = BoxIs(None)
        self.pen = self.seed  # what batches are signed with

    def sell_one(self) -> int:
        """Append a sale; return its number in the chain."""
        self.sold += 1
        draft = self._drafts[(self.sold + len(self.chain.box)) % len(self._drafts)]
        at = stamp(self._wall.read(), closing_hour=0, not_before=None)
        name = hash_of(f"{self.chain} {self.sold}".encode())[:32]
        made = msgspec.structs.replace(draft, id=name, at=at)
        head = self.head
        entry = seal_draft(made, self.chain, seq=head.seq + 1, prev=head.hash)
        assert isinstance(entry.body, Sale)
        self.sold_fen += entry.body.pay_fen
        self._append(encode(entry))
        return entry.seq

    def poison(self) -> None:
        """Append an entry that is well made and means nothing to anybody."""
        self.sell_one()
        last = self.entries.pop()
        self.sold_fen -= _paid(last.data)
        strange = msgspec.json.decode(last.data)
        strange["kind"] = "sale.imagined"
        self._append(canonical(strange))

    def commit(self, draft: Draft) -> Outcome:
        outcome = super().commit(draft)
        if isinstance(outcome, Durable) and isinstance(outcome.entry.body, DownApplied):
            told = down_body(down_message(outcome.entry.body.message.encode()))
            if isinstance(told, PackActivate):
                self.said = BoxIs(PackHeld(told.id, told.version))
        return outcome

    def sign(self, domain: str, payload: bytes) -> bytes:
        return seal.sign(self.pen if domain == DOMAIN_HEAD else self.seed, domain, payload)

    def _append(self, data: bytes) -> None:
        self.entries.append(Stored(self.head.seq + 1, hash_of(data), data))


def _paid(data: bytes) -> int:
    paid = msgspec.json.decode(data)["body"]["pay_fen"]
    assert isinstance(paid, int)
    return paid
