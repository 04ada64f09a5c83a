"""Is a run of entries what it claims to be: numbers without gaps, links, hashes. Pure.

What a run proves: nothing in it was changed, taken out, put in or moved since its last hash was
signed or anchored. Someone who rewrites everything up to the head is found by the anchors at HQ.
"""

from collections.abc import Iterable, Iterator

import msgspec

from daemon.ledger.codec import CodecError, Envelope, envelope, hash_of
from daemon.ledger.records import Chain, Entry, Head
from daemon.ledger.views import Stored


class Break(msgspec.Struct, frozen=True):
    """The entry at which a chain is broken, and how."""

    seq: int
    what: str


class ChainCheck:
    """Checks one chain entry by entry. Give it the entries in the order they are stored."""

    def __init__(self, chain: Chain, before: Head) -> None:
        self._chain = chain
        self._seq = before.seq
        self._hashes: tuple[str, ...] = (before.hash,)  # of the last entry: as stored, as computed
        self._suspect: tuple[int, str] | None = None  # (number, its hash) of a link that failed

    def feed(self, stored: Stored, seen: Envelope | Entry | None) -> list[Break]:
        """Return what is wrong up to this entry; `seen` is its content, None if unreadable."""
        computed = hash_of(stored.data)
        breaks = self._settle(seen.prev if seen is not None else "")
        follows = stored.seq == self._seq + 1
        if not follows:
            breaks.append(self._misplaced(stored.seq))
        what = self._wrong(stored, seen, computed)
        if what is not None:
            breaks.append(Break(stored.seq, what))
        elif follows and seen is not None and seen.prev not in self._hashes:
            self._suspect = (stored.seq, computed)
        self._seq = max(stored.seq, self._seq)
        self._hashes = (stored.hash, computed)
        return breaks

    def end(self) -> list[Break]:
        """Return what is wrong with the last entry, which no other vouches for."""
        return self._settle("")

    def _settle(self, next_prev: str) -> list[Break]:
        """Return the culprit of a failed link: if the next entry vouches for the later of the
        two, the earlier one was rewritten together with its stored hash."""
        if self._suspect is None:
            return []
        seq, computed = self._suspect
        self._suspect = None
        if next_prev == computed and seq > 1:
            return [Break(seq - 1, f"was rewritten: entry {seq} follows other bytes")]
        return [Break(seq, f"does not follow entry {seq - 1}: prev names another hash")]

    def _misplaced(self, seq: int) -> Break:
        missing = self._seq + 1
        if seq > missing + 1:
            return Break(missing, f"missing, and all up to {seq - 1}")
        if seq == missing + 1:
            return Break(missing, "missing")
        return Break(seq, f"out of order: it stands after entry {self._seq}")

    def _wrong(self, stored: Stored, seen: Envelope | Entry | None, computed: str) -> str | None:
        if computed != stored.hash:
            return "its bytes were changed: they do not give the stored hash"
        if seen is None:
            return "its bytes are not an entry"
        if (seen.box, seen.epoch) != (self._chain.box, self._chain.epoch):
            return f"belongs to chain {seen.box}.{seen.epoch}"
        if seen.seq != stored.seq:
            return f"its bytes say number {seen.seq}"
        return None


def check_run(chain: Chain, before: Head, run: Iterable[Stored]) -> Iterator[Break]:
    """Yield everything wrong with a run that shall follow `before`, first bad entry first."""
    check = ChainCheck(chain, before)
    for stored in run:
        yield from check.feed(stored, _readable(stored.data))
    yield from check.end()


def _readable(data: bytes) -> Envelope | None:
    try:
        return envelope(data)
    except CodecError:
        return None
