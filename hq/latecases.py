"""What comes for a day of a closed month: typed cases, one for each shop, day and reason.

The closed figures stay as they are. The entries stand in the run of the next month to be closed, as
lines of their own (closing.py); that a person has seen them is what closing it waits for.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.errors import NotThereError
from daemon.howmany import HowMany
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Chain, Entry
from hq import closing_range, closing_store, months
from hq.answers import yuan
from hq.closing_figures import figures
from hq.closing_key import Key
from hq.closing_origin import Origins
from hq.closing_range import Position, Span
from hq.settlement import SETTLE
from hq.store import OWN_BOX, Case, Office, open_case

ENTRIES_PER_TURN = 500  # of one transaction: intake waits for at most 0.3 s
SPEND, OTHER = "late_spend", "late_other"
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SALE: "late_sale",
        Kind.SALE_VOIDED: "late_return",
        Kind.RETURN: "late_return",
        Kind.RETURN_UNREFERENCED: "late_return",
        Kind.EXCHANGE: "late_return",
        Kind.TOPUP: "late_topup",
        Kind.TOPUP_VOIDED: "late_topup",
        Kind.VALUE_REFUNDED: "late_refund",
        Kind.VALUE_LAPSED: "late_lapse",
        Kind.POINTS_LAPSED: "late_lapse",
        Kind.MEMBER_ENROLLED: "late_fee",
        Kind.MEMBER_RENEWED: "late_fee",
        Kind.CARD_ISSUED: "late_fee",
        Kind.CARD_REPLACED: "late_fee",
        Kind.SHIFT_CLOSED: "late_cash",
        Kind.CASH_MOVED: "late_cash",
        Kind.COMMISSION_PAID: "late_cash",
        Kind.DEPOSIT_TAKEN: "late_cash",
        Kind.DEPOSIT_APPLIED: "late_cash",
        Kind.DEPOSIT_REFUNDED: "late_cash",
        Kind.STOCK_RECEIVED: "late_stock",
        Kind.STOCK_ADJUSTED: "late_stock",
        Kind.STOCK_COUNTED: "late_stock",
        Kind.STOCK_MOVED: "late_stock",
    }
)
_TO_LOOK_AT = (
    "SELECT c.box, c.epoch, c.booked, coalesce(w.seq, 0), w.hash FROM chain AS c"
    " LEFT JOIN late_watch AS w ON w.box = c.box AND w.epoch = c.epoch"
    " WHERE c.booked > coalesce(w.seq, 0) AND coalesce(w.past, '') < ? AND c.box <> ?"
    " ORDER BY c.box, c.epoch"
)


def find(office: Office) -> int:
    """Look at some entries that were booked since; return how many were looked at.

    A chain that is past the last closed month is not read again before the next one is closed.
    """
    last = closing_store.last_closed(office)
    if not last or office.db.execute(f"{_TO_LOOK_AT} LIMIT 1", (last, OWN_BOX)).fetchone() is None:
        return 0
    with office.transaction():
        last = closing_store.last_closed(office)
        waiting = office.db.execute(_TO_LOOK_AT, (last, OWN_BOX)).fetchall()
        seen = 0
        for box, epoch, booked, seq, found in waiting:
            after = Position() if found is None else Position(seq, found)
            upto = min(booked, seq + ENTRIES_PER_TURN - seen)
            seen += _look(office, Span(Chain(box, epoch), seq + 1, upto, ""), after, last)
            if seen >= ENTRIES_PER_TURN:
                break
    return seen


def undecided(office: Office) -> list[int]:
    """Return the late cases that nobody has decided."""
    rows = office.db.execute(
        "SELECT id FROM work WHERE closed IS NULL AND id IN (SELECT work FROM late_entry)"
        " ORDER BY id"
    )
    return [row[0] for row in rows.fetchall()]


def counts(office: Office) -> dict[str, int]:
    """Return how many late cases each month has, decided or not."""
    rows = office.db.execute(
        "SELECT substr(day, 1, 7), count(DISTINCT work) FROM late_entry GROUP BY 1 ORDER BY 1"
    )
    return dict(rows.fetchall())


def book(office: Office, case: int, *, by: str) -> None:
    """A person has seen what came late: it goes into the open month. Raises NotThereError."""
    with office.transaction():
        done = office.db.execute(
            "UPDATE work SET closed = ?, what = what || ? WHERE id = ? AND closed IS NULL"
            " AND id IN (SELECT work FROM late_entry)",
            (office.now(), f" [booked into the open month by {by}]", case),
        )
    if done.rowcount != 1:
        raise NotThereError(
            str(case),
            doing="deciding a late case",
            found="no late case of this number is open",
            fix="See memberbox-hq cases.",
            retry=False,
        )


def late_entries(office: Office, case: int) -> list[Entry]:
    """Return the entries of a late case, in their order."""
    rows = office.db.execute(
        "SELECT box, epoch, seq, hash FROM late_entry WHERE work = ? ORDER BY box, epoch, seq",
        (case,),
    ).fetchall()
    found = (
        closing_range.entry_of(office, Chain(box, epoch), seq, name)
        for box, epoch, seq, name in rows
    )
    return [entry for entry in found if entry is not None]


def effects(office: Office, entries: list[Entry]) -> dict[Key, int]:
    """Return what entries change in the figures."""
    origins, sums = Origins(office), dict[Key, int]()
    for entry in entries:
        for key, amount in figures(entry, origins.of):
            sums[key] = sums.get(key, 0) + amount
    return {key: amount for key, amount in sorted(sums.items()) if amount}


def _look(office: Office, part: Span, after: Position, last: str) -> int:
    """Open cases for what of a run is late, in the open transaction; return how many it read."""
    origins, past, end = Origins(office), "", months.last_day(last)
    seen, at, cases = 0, after, set[int]()
    for found, entry in closing_range.hashed(office, part, after.hash):
        if entry.at.business_date > end:
            past = last
            break
        seen, at = seen + 1, Position(entry.seq, found)
        adds = [key for key, amount in figures(entry, origins.of) if amount]
        if adds:
            kind = KINDS.get(entry.kind, OTHER)
            elsewhere = entry.kind is Kind.SALE and any(k.what.startswith(SETTLE) for k in adds)
            cases.add(_case(office, entry, found, SPEND if elsewhere else kind))
    office.db.executemany(
        "UPDATE work SET what = ?, closed = NULL WHERE id = ?",
        [(_said(office, case), case) for case in sorted(cases)],
    )
    if not past and at.seq < part.last:  # its last ones are in no book
        at = Position(part.last, closing_range.hash_of(office, part.chain, part.last))
    office.db.execute(
        "INSERT INTO late_watch VALUES (?, ?, ?, ?, ?) ON CONFLICT (box, epoch) DO UPDATE"
        " SET seq = excluded.seq, hash = excluded.hash, past = excluded.past",
        (part.chain.box, part.chain.epoch, at.seq, at.hash, past),
    )
    return max(seen, 1)


def _case(office: Office, entry: Entry, found: str, kind: str) -> int:
    """Put a late entry to the case of its day and reason; return which."""
    day = entry.at.business_date
    place = (entry.box, entry.epoch)
    row = office.db.execute(
        "SELECT w.id FROM late_entry AS l JOIN work AS w ON w.id = l.work WHERE l.box = ?"
        " AND l.epoch = ? AND l.day = ? AND l.kind = ? AND w.closed IS NULL LIMIT 1",
        (*place, day, kind),
    ).fetchone()
    if row is None:
        open_case(office, Case(*place, kind, "", entry.seq, found))
        row = office.db.execute(
            "SELECT id FROM work WHERE box = ? AND epoch = ? AND seq = ? AND hash = ? AND kind = ?",
            (*place, entry.seq, found, kind),
        ).fetchone()
    office.db.execute(
        "INSERT INTO late_entry VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (box, epoch, seq)"
        " DO UPDATE SET hash = excluded.hash, kind = excluded.kind, work = excluded.work",
        (*place, entry.seq, found, day, kind, row[0]),
    )
    return int(row[0])


def _said(office: Office, case: int) -> str:
    """Return the case in one line."""
    entries = late_entries(office, case)
    day, n = entries[0].at.business_date, len(entries)
    kinds = sorted({entry.kind.value for entry in entries})
    money = {"goods.net", "fee", "topup.sold", "topup.voided", "value.refunded", "cash.over"}
    sums: dict[str, int] = {}
    for key, fen in effects(office, entries).items():
        what = SETTLE if key.what.startswith(SETTLE) else key.what
        if what in money or what == SETTLE:
            sums[what] = sums.get(what, 0) + fen
    told = ", ".join(f"{what.rstrip('.')} {yuan(fen)}" for what, fen in sorted(sums.items()))
    return (
        f"{day[:7]} is closed; {HowMany(n):entry} of {day} came late ({', '.join(kinds)})"
        f"{f': {told}' if told else ''}; memberbox-hq case {case}"
    )
