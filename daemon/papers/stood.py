"""How a member stood just after an entry: what was written since of term and level is taken back.

For reprints, and for slips that waited for their printer. What headquarters alone has changed since
is not known by its day, and is left as it stands.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from daemon.ledger.bodies import LevelChanged, MemberRenewed
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from daemon.ledger.store import Store
from daemon.ledger.views import MemberRow

LOOK_BACK_ENTRIES = 5_000  # a shop's month; a paper from before says neither term nor level
PAGE_ENTRIES = 500
SEEN_AS = (Kind.MEMBER_RENEWED.value.encode(), Kind.LEVEL_CHANGED.value.encode())


def stood(
    store: Store, row: MemberRow, entry: Entry, *, look_back: int = LOOK_BACK_ENTRIES
) -> MemberRow:
    """Return the member's row as it was then; without term and level where that is too long ago."""
    if entry.epoch != store.chain.epoch or store.head.seq - entry.seq > look_back:
        return replace(row, term_ends=None, level="")
    for change in reversed([one for one in _since(store, entry) if one.member == row.id]):
        match change:
            case MemberRenewed(term_from=before):
                row = replace(row, term_ends=before)
            case LevelChanged(before=before):
                row = replace(row, level=before)
    return row


def _since(store: Store, entry: Entry) -> Iterator[MemberRenewed | LevelChanged]:
    for first in range(entry.seq + 1, store.head.seq + 1, PAGE_ENTRIES):
        for stored in store.read(entry.epoch, first, PAGE_ENTRIES):
            if any(kind in stored.data for kind in SEEN_AS):  # most entries need no decoding
                body = decode(stored.data).body
                if isinstance(body, MemberRenewed | LevelChanged):
                    yield body
