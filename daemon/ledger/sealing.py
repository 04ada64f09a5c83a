"""From a draft to an entry: what only the writer knows takes the place of the marks.

A mark is a whole segment between colons: `@` this chain, `#` this entry, `#n` this entry's n-th
lot. Accounts that carry a name which headquarters chose (goods, tenders) are never looked into,
so that a product number with a `#` stays what it is.
"""

from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.ids import entry_id, lot_id
from daemon.ledger.records import VERSION, Chain, Draft, Entry, Posting

_NAMED_ELSEWHERE = ("stock:", "sold:", "given:", "damaged:", "tender:", "commission:")


def seal_draft(draft: Draft, chain: Chain, *, seq: int, prev: str) -> Entry:
    """Return the draft as entry `seq` of the chain; `prev` is the hash of the entry before it."""
    postings = _sealed(draft.postings, str(chain), entry_id(chain, seq))
    return Entry(
        VERSION,
        chain.box,
        chain.epoch,
        seq,
        prev,
        draft.source,
        draft.id,
        draft.kind,
        draft.at,
        draft.by,
        draft.pack,
        draft.re,
        draft.body,
        postings,
    )


def content_digest(record: Entry | Draft) -> str:
    """Return what must be equal for two records of one (source, id) to be the same request."""
    return hash_of(
        canonical(
            {
                "kind": record.kind.value,
                "re": record.re,
                "by": record.by,
                "body": record.body,
            }
        )
    )


def _sealed(postings: tuple[Posting, ...], chain: str, entry: str) -> tuple[Posting, ...]:
    """Return the postings without marks. On the way of every commit: written for speed."""
    sealed = []
    meant = {"@": chain, "#": entry}  # what segments mean; lots are added as they come
    for posting in postings:
        holder, account, lot = posting.holder, posting.account, posting.lot
        if holder == "@":
            holder = chain
        elif "@" in holder or "#" in holder:
            holder = _replaced(holder, meant, entry)
        if ("#" in account or "@" in account) and not account.startswith(_NAMED_ELSEWHERE):
            account = _replaced(account, meant, entry)
        if lot and ("#" in lot or "@" in lot):
            lot = meant.get(lot) or _replaced(lot, meant, entry)
        sealed.append(Posting(holder, account, posting.unit, lot, posting.amount))
    return tuple(sealed)


def _replaced(text: str, meant: dict[str, str], entry: str) -> str:
    return ":".join([meant.get(one) or _segment(one, meant, entry) for one in text.split(":")])


def _segment(segment: str, meant: dict[str, str], entry: str) -> str:
    """Return what a segment means that comes for the first time, and note it."""
    mark = segment[:1] == "#" and segment[1:].isdecimal() and segment.isascii()
    meant[segment] = lot_id(entry, int(segment[1:])) if mark else segment
    return meant[segment]
