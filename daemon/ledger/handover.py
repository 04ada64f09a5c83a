"""Planned replacement: a chain gives everything it holds to its heir and ends; the heir takes it.

The box is stopped for it. Whoever opens the store next, on this machine or on another one that got
a copy of the state directory, is the heir. A handover that was cut off is ended by the next
start: what has left the chain's hand is the heir's, and nobody else may take it.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from daemon.errors import StoreError
from daemon.ledger.bodies import EpochClosed, HoldingReleased
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.ids import entry_id
from daemon.ledger.journal import FILE
from daemon.ledger.moves import SOURCE_MOVE, handed, handed_over, taken
from daemon.ledger.records import At, Chain, Draft, Head
from daemon.ledger.views import Durable, Held, Outcome, Refused, Stored


class Holdings(Protocol):
    def holding(self) -> Sequence[Held]: ...


class Ledger(Protocol):
    """The store, as far as a handover needs it."""

    @property
    def chain(self) -> Chain: ...

    @property
    def head(self) -> Head: ...

    @property
    def books(self) -> Holdings: ...

    def chains(self) -> list[tuple[Chain, Head]]: ...

    def read(self, epoch: int, first: int, limit: int) -> list[Stored]: ...

    def entry(self, entry: str) -> Stored | None: ...

    def find(self, source: str, name: str) -> Durable | None: ...

    def commit(self, draft: Draft) -> Outcome: ...


def close_epoch(store: Ledger, at: At) -> Chain:
    """Move the whole holding to the next epoch and end this one; return the heir.

    Nothing may be committed after it. Raises StoreError; what was handed over until then is safe,
    and the next call goes on from there.
    """
    heir = heir_of(store.chain)
    begun, done = begun_at(store), 0
    while store.find(SOURCE_MOVE, handed(heir, done + 1)) is not None:
        done += 1
    drafts = handed_over(
        at,
        heir=heir,
        head_seq=store.head.seq,
        holding=iter(store.books.holding()),
        done=done,
        first=begun,
    )
    for draft in drafts:
        commit(store, draft)
    return heir


def heir_of(chain: Chain) -> Chain:
    return Chain(chain.box, chain.epoch + 1)


def begun_at(store: Ledger) -> int:
    """Return the number of the first entry by which the chain was handed over; 0: it was not."""
    found = store.find(SOURCE_MOVE, handed(heir_of(store.chain), 1))
    return 0 if found is None else found.entry.seq


def take_over(store: Ledger, at: At) -> int:
    """Take what the chain before released to this one; return how many entries it took.

    It goes on where a crash cut it off.
    """
    parent = Chain(store.chain.box, store.chain.epoch - 1)
    done = 0
    for stored in _sent(store, parent):
        entry = decode(stored.data)
        body = entry.body
        if isinstance(body, HoldingReleased) and body.to == str(store.chain):
            sent = entry_id(parent, stored.seq)
            commit(store, taken(at, entry, sent_id=sent, chain=store.chain))
            done += 1
    return done


def commit(store: Ledger, draft: Draft) -> None:
    """Commit or raise StoreError."""
    outcome = store.commit(draft)
    if isinstance(outcome, Refused):
        raise StoreError(
            FILE,
            doing=f"handing over ({draft.source} {draft.id})",
            found="; ".join(problem.what for problem in outcome.problems),
            fix="Nothing is lost: mend the cause and do it again.",
            retry=True,
        )


def _sent(store: Ledger, parent: Chain) -> Iterator[Stored]:
    """Yield the entries of the parent from the first that it handed over."""
    heads = dict(store.chains())
    head = heads.get(parent)
    last = None if head is None else store.entry(entry_id(parent, head.seq))
    if last is None:
        return
    try:
        body = decode(last.data).body
    except CodecError:
        return
    if isinstance(body, EpochClosed) and body.heir == str(store.chain) and body.first:
        first = body.first
        while page := store.read(parent.epoch, first, 50):
            yield from page
            first = page[-1].seq + 1
