"""Drafts that go to the disk together: sealed one after the other, each seeing those before it.

What a group moves is visible inside the group only; it becomes durable as one or not at all. It
writes nothing: the writer does.
"""

import threading
from concurrent.futures import Future
from typing import Protocol

import msgspec

from daemon.ledger.codec import CodecError, encode, hash_of
from daemon.ledger.posting import check
from daemon.ledger.records import Chain, Draft, Entry, Head
from daemon.ledger.sealing import content_digest, seal_draft
from daemon.ledger.views import Durable, Outcome, Problem, Refused, Stored

SLOT_WAIT_S = (
    0.1  # an answer that comes while the caller lies down is seen after this at the latest
)
ENTRY_BYTES_MAX = 4_000_000  # a rule pack of a million characters, escaped twice


class Slot:
    """Where the outcome of a draft is put for a caller that writes it itself.

    A Future costs 4 us more: its lock is for callers that sleep, and this one seldom does.
    """

    __slots__ = ("_answered", "error", "outcome")

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self.error: Exception | None = None
        self._answered: threading.Event | None = None

    def set_running_or_notify_cancel(self) -> bool:
        return True  # its caller waits: it cannot give up

    def set_result(self, outcome: Outcome) -> None:
        self.outcome = outcome
        if self._answered is not None:
            self._answered.set()

    def set_exception(self, error: Exception) -> None:
        self.error = error
        if self._answered is not None:
            self._answered.set()

    def result(self) -> Outcome:
        """Return the outcome, and sleep until there is one."""
        while self.outcome is None:
            if self.error is not None:
                raise self.error
            if self._answered is None:
                self._answered = threading.Event()
            else:
                self._answered.wait(SLOT_WAIT_S)
        return self.outcome


Waiter = Future[Outcome] | Slot


class Known(Protocol):
    """What a group must know of the entries before it."""

    def find(self, source: str, name: str) -> tuple[Entry, str] | None:
        """Return the entry of (source, id) and its hash."""
        ...

    def held(self, account: str, unit: str, lot: str) -> int:
        """Return what this chain holds of a lot."""
        ...


class Sealed(msgspec.Struct, frozen=True):
    """An entry on its way to the disk, and who waits for it (`again`: by asking twice).

    All that is said of it afterwards is made before: right after a flush the processor's caches
    are cold, and each line of code costs several times what it does here.
    """

    outcome: Durable  # once it is on the disk
    stored: Stored
    waiter: Waiter
    again: list[Waiter]

    @property
    def entry(self) -> Entry:
        return self.outcome.entry

    def resolve(self) -> None:
        """Tell everybody who waits that the entry is durable."""
        self.waiter.set_result(self.outcome)
        for waiter in self.again:
            waiter.set_result(Durable(self.entry, self.outcome.hash, again=True))

    def refuse(self, problem: Problem) -> None:
        """Tell everybody who waits that nothing was written."""
        for waiter in (self.waiter, *self.again):
            waiter.set_result(Refused((problem,)))

    def leave(self, error: Exception) -> None:
        """Tell everybody who waits that the outcome will not be known in this run."""
        for waiter in (self.waiter, *self.again):
            waiter.set_exception(error)


class TurnedAway(msgspec.Struct, frozen=True):
    """A draft that entries of its own group leave no room for, or may: it is told when they are on
    the disk, so that whoever looks at the books again sees them."""

    why: Refused
    waiter: Waiter

    def resolve(self) -> None:
        self.waiter.set_result(self.why)

    def refuse(self, problem: Problem) -> None:
        self.waiter.set_result(Refused((problem,)))

    def leave(self, error: Exception) -> None:
        self.waiter.set_exception(error)


class Group:
    """`not_before`: the last business date; an entry that was stamped earlier takes it."""

    def __init__(self, chain: Chain, head: Head, not_before: str, known: Known) -> None:
        self.before = head
        self.head = head
        self.business_date = not_before
        self.sealed: list[Sealed] = []
        self.turned_away: list[TurnedAway] = []
        self.booked: list[tuple[Entry, str]] = []  # entries with their hashes, as the books take
        self._chain = chain
        self._own = str(chain)
        self._known = known
        self._asked: dict[tuple[str, str], Sealed] = {}
        self.length_bytes = 0

    def add(self, draft: Draft, waiter: Waiter) -> None:
        """Seal the draft into the group, or answer at once: refused, or known already."""
        inside = self._asked.get((draft.source, draft.id))
        if inside is not None:
            if _same(draft, inside.entry):
                inside.again.append(waiter)
            else:
                waiter.set_result(_refused(_other_content(draft, inside.entry)))
            return
        known = self._known.find(draft.source, draft.id)
        if known is not None:
            entry, digest = known
            if _same(draft, entry):
                waiter.set_result(Durable(entry, digest, again=True))
            else:
                waiter.set_result(_refused(_other_content(draft, entry)))
            return
        self._seal(draft, waiter)

    def waiters(self) -> tuple[Sealed | TurnedAway, ...]:
        """Return everybody who waits to hear what becomes of the group."""
        return (*self.sealed, *self.turned_away)

    def _seal(self, draft: Draft, waiter: Waiter) -> None:
        if draft.at.business_date < self.business_date:
            at = msgspec.structs.replace(draft.at, business_date=self.business_date)
            draft = msgspec.structs.replace(draft, at=at)
        entry = seal_draft(draft, self._chain, seq=self.head.seq + 1, prev=self.head.hash)
        problems = check(entry.postings, self._chain, self._held)
        if problems:
            self._turn_away(Refused(tuple(problems)), waiter)
            return
        try:
            data = encode(entry)
        except CodecError as error:
            waiter.set_result(_refused(str(error)))
            return
        if len(data) > ENTRY_BYTES_MAX:
            waiter.set_result(_refused(f"{len(data)} bytes; an entry has {ENTRY_BYTES_MAX}"))
            return
        digest = hash_of(data)
        sealed = Sealed(Durable(entry, digest), Stored(entry.seq, digest, data), waiter, [])
        self.sealed.append(sealed)
        self.booked.append((entry, digest))
        self._asked[draft.source, draft.id] = sealed
        self.head = Head(entry.seq, digest)
        self.business_date = entry.at.business_date
        self.length_bytes += len(data)

    def _turn_away(self, why: Refused, waiter: Waiter) -> None:
        if self.sealed:
            self.turned_away.append(TurnedAway(why, waiter))
        else:
            waiter.set_result(why)

    def _held(self, account: str, unit: str, lot: str) -> int:
        """Return what the chain holds, the entries of this group counted."""
        name = (account, unit, lot, self._own)
        return self._known.held(account, unit, lot) + sum(
            posting.amount
            for one in self.sealed
            for posting in one.entry.postings
            if (posting.account, posting.unit, posting.lot, posting.holder) == name
        )


def _same(draft: Draft, entry: Entry) -> bool:
    return content_digest(draft) == content_digest(entry)


def _other_content(draft: Draft, entry: Entry) -> str:
    return (
        f"{draft.source} {draft.id} was committed as entry {entry.epoch}:{entry.seq}"
        " with other content"
    )


def _refused(what: str) -> Refused:
    return Refused((Problem(what),))
