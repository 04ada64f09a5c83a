"""Closed months in the database: who closed what, on which entries, with which figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from daemon.ledger.records import Chain
from hq.closing_key import Key
from hq.closing_range import Position, Span
from hq.store import Office

WHOLE, LATE = "whole", "late"
Late = str  # the closed month that an amount corrects; "": the month's own
Figures = Mapping[tuple[Late, Key], int]


class Closing(msgspec.Struct, frozen=True):
    """A closing of a month, the n-th."""

    month: str
    n: int
    closed: str
    by: str
    second: str
    reason: str
    reopened: str | None = None
    reopened_by: str | None = None
    reopened_second: str | None = None
    reopened_why: str | None = None


class ShopState(msgspec.Struct, frozen=True):
    """How much of a month headquarters has of a shop."""

    box: str
    owner: str
    state: str  # whole, late
    why: str  # what is not there, and what a person can do
    last_day: str  # of the month, with entries; "": none
    z_days: int
    z_wrong: str  # where the shop's Z and its entries differ
    entries: int = 0
    data_age_s: float | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What a month makes in figures, and the entries that they stand on."""

    month: str
    spans: tuple[tuple[Span, str], ...]  # each with the hash of the entry before it
    figures: Figures
    shops: tuple[ShopState, ...]


_CLOSING = (
    "SELECT month, n, closed, who, second, reason, reopened, reopened_by, reopened_second,"
    " reopened_why FROM month"
)


def closings(office: Office) -> list[Closing]:
    """Return every closing, also of months that were reopened, the oldest first."""
    rows = office.db.execute(f"{_CLOSING} ORDER BY month, n").fetchall()
    return [Closing(*row) for row in rows]


def closing_of(office: Office, month: str) -> Closing | None:
    """Return the closing of a month that is in force; None: the month is open."""
    row = office.db.execute(f"{_CLOSING} WHERE month = ? AND reopened IS NULL", (month,)).fetchone()
    return None if row is None else Closing(*row)


def last_closed(office: Office) -> str:
    """Return the last month that is closed; "" for none."""
    (found,) = office.db.execute("SELECT max(month) FROM month WHERE reopened IS NULL").fetchone()
    return found or ""


def put(office: Office, closing: Closing, counted: Counted) -> None:
    """Write a closing with all that it says, in the open transaction."""
    db, place = office.db, (closing.month, closing.n)
    db.execute(
        "INSERT INTO month (month, n, closed, who, second, reason) VALUES (?, ?, ?, ?, ?, ?)",
        (*place, closing.closed, closing.by, closing.second, closing.reason),
    )
    db.executemany(
        "INSERT INTO month_shop VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*place, one.box, one.owner, one.state, one.why, one.last_day, one.z_days, one.z_wrong)
            for one in counted.shops
        ],
    )
    db.executemany(
        "INSERT INTO month_chain VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*place, one.chain.box, one.chain.epoch, one.first, one.last, one.hash, before)
            for one, before in counted.spans
        ],
    )
    db.executemany(
        "INSERT INTO month_figure VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (*place, key.shop, key.what, key.part, late, amount)
            for (late, key), amount in sorted(counted.figures.items())
        ],
    )


def stored(office: Office, closing: Closing) -> Counted:
    """Return what a closing says."""
    place = (closing.month, closing.n)
    spans = spans_of(office, closing)
    entries: dict[str, int] = {}
    for one, _ in spans:
        entries[one.chain.box] = entries.get(one.chain.box, 0) + len(one)
    rows = office.db.execute(
        "SELECT box, owner, state, why, last_day, z_days, z_wrong FROM month_shop"
        " WHERE month = ? AND n = ? ORDER BY box",
        place,
    ).fetchall()
    shops = tuple(
        ShopState(box, owner, state, why, day, z_days, z_wrong, entries.get(box, 0))
        for box, owner, state, why, day, z_days, z_wrong in rows
    )
    return Counted(closing.month, tuple(spans), figures_of(office, closing), shops)


def figures_of(office: Office, closing: Closing) -> dict[tuple[Late, Key], int]:
    rows = office.db.execute(
        "SELECT late, box, what, part, amount FROM month_figure WHERE month = ? AND n = ?",
        (closing.month, closing.n),
    )
    return {(late, Key(box, what, part)): amount for late, box, what, part, amount in rows}


def spans_of(office: Office, closing: Closing) -> list[tuple[Span, str]]:
    rows = office.db.execute(
        "SELECT box, epoch, first, last, hash, before FROM month_chain"
        " WHERE month = ? AND n = ? ORDER BY box, epoch",
        (closing.month, closing.n),
    ).fetchall()
    return [
        (Span(Chain(box, epoch), first, last, found), before)
        for box, epoch, first, last, found, before in rows
    ]


def positions(office: Office, closing: Closing | None) -> dict[Chain, Position]:
    """Return up to where a closing has read each chain; None: nothing was closed yet."""
    if closing is None:
        return {}
    return {one.chain: Position(one.last, one.hash) for one, _ in spans_of(office, closing)}


def reopened(office: Office, closing: Closing, *, by: str, second: str, why: str) -> None:
    """Note that a closing is not in force any more, in the open transaction."""
    office.db.execute(
        "UPDATE month SET reopened = ?, reopened_by = ?, reopened_second = ?, reopened_why = ?"
        " WHERE month = ? AND n = ? AND reopened IS NULL",
        (office.now(), by, second, why, closing.month, closing.n),
    )


def watch(office: Office, month: str, spans: Iterable[tuple[Span, str]]) -> None:
    """Let what comes behind these runs be looked at for late entries, in the open transaction."""
    rows: Sequence[tuple[object, ...]] = [
        (one.chain.box, one.chain.epoch, one.last, one.hash, "") for one, _ in spans
    ]
    office.db.executemany(
        "INSERT INTO late_watch VALUES (?, ?, ?, ?, ?) ON CONFLICT (box, epoch) DO UPDATE"
        " SET seq = excluded.seq, hash = excluded.hash, past = excluded.past",
        rows,
    )
