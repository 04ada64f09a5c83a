"""What of a journal out of a backup is kept: each chain up to its first entry that does not hold.

An entry holds if its bytes give its hash, it follows the one before, and its body can be read. One
that breaks a rule of postings holds: it was committed, headquarters has it, and later ones follow
it; verify names it. Behind an entry that does not hold nothing is proved, and nothing is kept.
"""

from collections.abc import Iterable, Iterator

from daemon.errors import StoreError
from daemon.ledger.archive import Broken, ChainHead
from daemon.ledger.chain import ChainCheck
from daemon.ledger.codec import CodecError, Envelope, UnknownError, decode, envelope
from daemon.ledger.journal import FILE, Journal
from daemon.ledger.records import ZERO_HASH, Chain, Entry, Head
from daemon.ledger.views import Stored


def first_breaks(opened: Journal, box: str) -> list[Broken]:
    """Return for each chain the first entry that does not hold. Raises StoreError.

    An entry of newer software is no damage: nothing may be cut off for its sake.
    """
    found = []
    for epoch in opened.epochs():
        first = min(_breaks(opened, Chain(box, epoch)), key=lambda one: one.seq, default=None)
        if first is not None:
            found.append(first)
    return found


def cut(opened: Journal, broken: Iterable[Broken]) -> tuple[int, tuple[ChainHead, ...]]:
    """Take away what is broken and all behind it; return how many entries stay, and the heads."""
    for one in broken:
        opened.cut(one.epoch, one.seq)
    heads = []
    for epoch in opened.epochs():
        head = opened.head(epoch)
        assert head is not None, "an epoch with entries has a last one"
        heads.append(ChainHead(epoch, head.seq, head.hash))
    return sum(head.seq for head in heads), tuple(heads)


def _breaks(opened: Journal, chain: Chain) -> Iterator[Broken]:
    check: ChainCheck | None = None
    for stored in opened.walk(chain.epoch, 1):
        seen, unreadable = _read(chain, stored)
        if check is None:
            before = ZERO_HASH if seen is None else seen.prev or ZERO_HASH
            check = ChainCheck(chain, Head(0, before))
        for one in check.feed(stored, seen):
            yield Broken(chain.epoch, one.seq, one.what)
        if unreadable:
            yield Broken(chain.epoch, stored.seq, unreadable)
    if check is not None:
        for one in check.end():
            yield Broken(chain.epoch, one.seq, one.what)


def _read(chain: Chain, stored: Stored) -> tuple[Entry | Envelope | None, str]:
    """Return the entry, or as much of it as can be read, and why it cannot be read."""
    try:
        return decode(stored.data), ""
    except UnknownError as error:
        raise StoreError(
            FILE,
            doing=f"reading entry {chain.epoch}:{stored.seq}",
            found=str(error),
            fix="Newer software wrote it: install that, and restore again. Nothing was restored.",
            retry=False,
        ) from error
    except CodecError as error:
        unreadable = str(error)
    try:
        return envelope(stored.data), unreadable
    except CodecError:
        return None, unreadable
