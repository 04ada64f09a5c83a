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
    for posting in postings:
        holder, account, lot = posting.holder, posting.account, posting.lot
        holder = chain if holder == "@" else _replaced(holder, chain, entry)
        if ("#" in account or "@" in account) and not account.startswith(_NAMED_ELSEWHERE):
            account = _replaced(account, chain, entry)
        if lot:
            lot = _replaced(lot, chain, entry)
        sealed.append(Posting(holder, account, posting.unit, lot, posting.amount))
    return tuple(sealed)


def _replaced(text: str, chain: str, entry: str) -> str:
    if "#" not in text and "@" not in text:
        return text
    return ":".join(_meant(segment, chain, entry) for segment in text.split(":"))


def _meant(segment: str, chain: str, entry: str) -> str:
    if segment == "@":
        return chain
    if segment == "#":
        return entry
    if segment[:1] == "#" and segment[1:].isdecimal() and segment.isascii():
        return lot_id(entry, int(segment[1:]))
    return segment
