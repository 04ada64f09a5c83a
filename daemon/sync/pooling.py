"""Walks the journal for what goes to headquarters' pool: a page in a step, an entry at its end."""

from daemon.ledger.codec import CodecError, decode
from daemon.ledger.records import At, Draft
from daemon.ledger.views import Outcome, Refused
from daemon.sync.ports import Ledger
from daemon.sync.releasing import (
    SOURCE,
    Fresh,
    Hand,
    Policy,
    gather,
    may_matter,
    policy_of,
    release_draft,
    release_name,
    to_release,
)

PAGE_ENTRIES = 40  # read in one step: the counter first, and 64 KB in memory
LOOK_EVERY_MS = 300_000  # while connected; and at each new connection
POOL_FACT = "pool_looked"  # epoch:number up to which was looked


class Pooling:
    """One chain's releases by policy. `step` does a little."""

    def __init__(self, store: Ledger) -> None:
        self._store = store
        self._epoch = store.chain.epoch
        self._after = self._recall()
        self._looked_ms: int | None = None
        self._fresh = Fresh()
        self._policy = Policy()
        self._read = self._after
        self.pending = False  # a walk is under way

    def look(self, mono_ms: int, *, again: bool) -> None:
        """Begin a walk if one is due; `again`: the link is new, so it is."""
        due = self._looked_ms is None or mono_ms - self._looked_ms >= LOOK_EVERY_MS
        if (due or again) and not self.pending and self._store.head.seq > self._after:
            self._looked_ms = mono_ms
            pack = self._store.books.active_pack()
            self._policy = policy_of("" if pack is None else pack.document)
            self._fresh, self._read = Fresh(), self._after
            self.pending = True

    def step(self, at: At) -> Draft | None:
        """Read a page; return the entry to commit when the walk has come to its end."""
        stored = self._store.read(self._epoch, self._read + 1, PAGE_ENTRIES)
        for one in stored:
            if not may_matter(one.data, self._fresh, self._policy):
                continue
            try:
                gather(self._fresh, [decode(one.data)], self._store.chain)
            except CodecError:  # of newer software: it holds no lot that we could release
                continue
        if stored:
            self._read = stored[-1].seq
        if len(stored) == PAGE_ENTRIES and not self._fresh.full:
            return None
        self.pending = False
        hand = Hand(self._store.books.held, self._points)
        gone = to_release(self._fresh, self._policy, hand, self._store.chain)
        self._fresh = Fresh()
        if not gone:
            self._keep(self._read)
            return None
        return release_draft(at, gone, epoch=self._epoch, after=self._after)

    def settled(self, outcome: Outcome) -> None:
        """A release is durable, or a sale took the lots in between: the next walk tries again."""
        if not isinstance(outcome, Refused):
            self._keep(outcome.entry.seq)

    def _points(self, member: str) -> int:
        return sum(lot.amount for lot in self._store.books.lots(f"points:{member}", "point"))

    def _recall(self) -> int:
        """Return the number after which to look; the journal knows better than the fact."""
        said = self._store.local.fact(POOL_FACT) or ""
        epoch, _, number = said.partition(":")
        after = int(number) if epoch == str(self._epoch) and number.isdecimal() else 0
        while found := self._store.find(SOURCE, release_name(self._epoch, after)):
            after = found.entry.seq
        return after

    def _keep(self, after: int) -> None:
        self._after = after
        self._store.local.put_fact(POOL_FACT, f"{self._epoch}:{after}")
