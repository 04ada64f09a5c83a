"""HQ's own log: what headquarters grants and releases, a chain of entries like any box's.

Its chain is `hq.<incarnation>`, its hand is the holder `hq`. Only this log takes from that hand.
"""

from collections.abc import Sequence

from daemon.ledger.bodies import Body
from daemon.ledger.codec import encode, hash_of
from daemon.ledger.kinds import Kind
from daemon.ledger.posting import HQ
from daemon.ledger.records import By, Chain, Draft, Posting
from daemon.ledger.sealing import seal_draft
from daemon.ledger.stamp import stamp
from hq.db import Table
from hq.store import OWN_BOX, Office

BY_HQ = By("hq", "system")
MANY = 100  # rows from which a bulk load is worth its four questions
_BALANCE = Table(
    "balance", ("account", "unit", "lot", "holder", "amount"), ("text",) * 4 + ("int8",)
)
_ADD = "(account, unit, lot, holder) DO UPDATE SET amount = balance.amount + excluded.amount"


def append(
    office: Office,
    kind: Kind,
    *,
    request: str,
    body: Body,
    postings: Sequence[Posting],
    by: By = BY_HQ,
) -> str:
    """Append an entry in the open transaction and book it; return its id.

    The marks `#` and `#n` may stand in postings as in any draft. A broken rule is our own bug.
    """
    db = office.db
    chain = Chain(OWN_BOX, office.incarnation)
    row, mark, mark_hash = db.execute(
        "SELECT id, mark, mark_hash FROM chain WHERE box = ? AND epoch = ?",
        (chain.box, chain.epoch),
    ).fetchone()
    at = stamp(office.clock.read(), closing_hour=0, not_before=None)
    draft = Draft("hq", request, kind, at, by, None, None, body, tuple(postings))
    entry = seal_draft(draft, chain, seq=mark + 1, prev=mark_hash)
    _assert_rules(office, entry.postings)
    data = encode(entry)
    found = hash_of(data)
    db.execute(
        "INSERT INTO entry (chain, seq, hash, prev, data) VALUES (?, ?, ?, ?, ?)",
        (row, entry.seq, bytes.fromhex(found), bytes.fromhex(mark_hash), data),
    )
    db.execute(
        "UPDATE chain SET mark = ?, mark_hash = ?, top = ?, booked = ?, booked_hash = ?"
        " WHERE id = ?",
        (entry.seq, found, entry.seq, entry.seq, found, row),
    )
    moved: dict[tuple[str, str, str, str], int] = {}
    for posting in entry.postings:
        key = (posting.account, posting.unit, posting.lot, posting.holder)
        moved[key] = moved.get(key, 0) + posting.amount
    write_balances(office, moved)
    return f"{chain}:{entry.seq}"


def _assert_rules(office: Office, postings: Sequence[Posting]) -> None:
    sums: dict[str, int] = {}
    taken: dict[tuple[str, str, str], int] = {}
    for posting in postings:
        sums[posting.unit] = sums.get(posting.unit, 0) + posting.amount
        if posting.holder == HQ and posting.lot:
            key = (posting.account, posting.unit, posting.lot)
            taken[key] = taken.get(key, 0) + posting.amount
    for key, amount in taken.items():
        if amount < 0:
            row = office.db.execute(
                "SELECT amount FROM balance WHERE account = ? AND unit = ? AND lot = ?"
                " AND holder = ?",
                (*key, HQ),
            ).fetchone()
            assert row is not None and row[0] + amount >= 0, "HQ takes what it has not"
    assert not any(sums.values()), "postings of an entry sum to zero per unit"


def write_balances(office: Office, moved: dict[tuple[str, str, str, str], int]) -> None:
    """Add movements (account, unit, lot, holder) to the balances, in the open transaction."""
    rows = [(*key, amount) for key, amount in moved.items() if amount]
    if len(rows) >= MANY:
        office.db.merge(_BALANCE, rows, clash=_ADD)
        return
    into = f"INSERT INTO balance VALUES (?, ?, ?, ?, ?) ON CONFLICT {_ADD}"  # noqa: S608 - ours
    office.db.executemany(into, rows)
