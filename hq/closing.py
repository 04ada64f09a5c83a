"""A month is counted, closed, opened again; each figure of it is replayed and explained.

A closed month is frozen with the entries that it stands on. What comes later for one of its days
is a case (latecases.py) and goes into the next month to be closed as a line of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from daemon.errors import StoreError
from daemon.ledger.bodies import ChainClosed, DayClosed
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Chain, Entry
from hq import closing_range, closing_ready, closing_store, latecases, months
from hq.closing_figures import CLOSING, HOWS, OPENING, STOCK, STOCK_HOWS, UNITS, figures
from hq.closing_key import Key
from hq.closing_origin import Origins
from hq.closing_range import Booked, Position, Span
from hq.closing_store import LATE, Closing, Counted, Late
from hq.owners import owners
from hq.persons import are_two
from hq.store import OWN_BOX, Office

_AGAIN = "opening it again"
BEFORE = "before"  # of what was booked before the first month that was ever closed: it opens it


class NotYet(StoreError):
    """A month cannot be closed or opened now; it says what a person can do first."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one entry adds to a figure."""

    entry: Entry
    late: Late
    amount: int


class _Count:
    """Adds a month up, entry after entry."""

    def __init__(self, office: Office, month: str, *, first: bool) -> None:
        self._origins = Origins(office)
        self._month, self._first = month, first
        self._given_up = _given_up(office)
        self.sums: dict[tuple[Late, Key], int] = {}
        self.zs: dict[str, list[DayClosed]] = {}

    def late(self, entry: Entry) -> Late:
        """Return which closed month an entry corrects; "" when it is the month's own."""
        month = entry.at.business_date[:7]
        if month >= self._month:
            return ""
        if self._first:
            return BEFORE
        return "" if entry.box == OWN_BOX else month

    def adds(self, entry: Entry) -> Iterator[tuple[tuple[Late, Key], int]]:
        late = self.late(entry)
        mark = self._given_up.get(Chain(entry.box, entry.epoch))
        gone = mark is not None and entry.seq > mark
        for key, amount in figures(entry, self._origins.of, late_of_closed=gone):
            yield (late, key), amount

    def add(self, entry: Entry) -> None:
        if isinstance(entry.body, DayClosed):
            self.zs.setdefault(entry.box, []).append(entry.body)
        for key, amount in self.adds(entry):
            self.sums[key] = self.sums.get(key, 0) + amount


def count(office: Office, month: str) -> Counted:
    """Count a month that is not closed: what headquarters has of it. Raises StoreError."""
    before = _closing_before(office, month)
    return _counted(office, month, before, _spans(office, month, before))


def show(office: Office, month: str) -> tuple[Closing | None, Counted]:
    """Return a closed month as it was closed, or an open one as it stands. Raises StoreError."""
    closing = closing_store.closing_of(office, month)
    if closing is None:
        return None, count(office, month)
    return closing, closing_store.stored(office, closing)


def close(
    office: Office,
    month: str,
    *,
    by: str,
    second: str = "",
    reason: str = "",
    without: Sequence[str] = (),
) -> Counted:
    """Close a month; `without`: shops of which not everything is there. Raises StoreError.

    The entries that it stands on are fixed first and counted outside of any transaction.
    """
    if months.last_day(month) >= office.now()[:10]:
        raise _refused(month, "it is not over", "Close a month when its last day has ended.")
    if without and not (reason.strip() and are_two(by, second)):
        fix = "Say --reason and --second, who is another person."
        raise _refused(month, "a closing without a shop needs a second person", fix)
    counted = count(office, month)
    strangers = set(without) - {one.box for one in counted.shops}
    if strangers:
        raise _refused(month, f"no shop {' '.join(sorted(strangers))}", "See memberbox-hq boxes.")
    while latecases.find(office):
        pass  # what is in these runs and late has its case before the month can be closed
    missing = [one for one in counted.shops if one.state == LATE and one.box not in without]
    if missing:
        found = "; ".join(f"{one.box}: {one.why}" for one in missing)
        fix = f"Wait, or close it without: --without {' --without '.join(m.box for m in missing)}."
        raise _refused(month, found, fix)
    with office.transaction():
        previous = _closing_before(office, month)  # raises when another has closed it meanwhile
        undecided = latecases.undecided(office)
        if undecided:
            named = " ".join(str(one) for one in undecided)
            fix = "Look at each: memberbox-hq case ID, then case ID --book --by WHO."
            raise _refused(month, f"late cases wait for somebody: {named}", fix)
        if _begins(counted) != _ends(office, previous):
            raise _refused(month, "the month before was closed anew", "Close it once more.")
        closing = Closing(month, _next(office, month), office.now(), by, second, reason)
        closing_store.put(office, closing, counted)
        closing_store.watch(office, month, counted.spans)
    return counted


def reopen(office: Office, month: str, *, by: str, second: str, reason: str) -> Closing:
    """Open the month that was closed last. Raises StoreError."""
    if not (reason.strip() and are_two(by, second)):
        fix = "Say --reason and --second, who is another person."
        raise _refused(month, "it needs a reason and a second person", fix, doing=_AGAIN)
    with office.transaction():
        closing = closing_store.closing_of(office, month)
        if closing is None:
            raise _refused(month, "it is not closed", "See memberbox-hq month list.", doing=_AGAIN)
        last = closing_store.last_closed(office)
        if last != month:
            raise _refused(month, f"{last} stands on it", f"Open {last} again first.", doing=_AGAIN)
        closing_store.reopened(office, closing, by=by, second=second, why=reason)
        note = f" [{month} was opened again by {by}]"
        office.db.execute(
            "UPDATE work SET closed = coalesce(closed, ?), what = what || ? WHERE id IN"
            " (SELECT work FROM late_entry WHERE day >= ? AND day <= ?)",
            (office.now(), note, months.first_day(month), months.last_day(month)),
        )
    return closing


def replay(office: Office, closing: Closing) -> list[str]:
    """Count a closed month anew from its entries; return what differs, for people."""
    stored = closing_store.stored(office, closing)
    before = closing_store.closing_of(office, months.before(closing.month))
    anew = _summed(office, closing.month, before, stored.spans)
    told, found = stored.figures, _with_balances(anew.sums, _openings(office, before, anew.sums))
    return [
        f"{key.shop} {key.what}{f' {key.part}' if key.part else ''}{f' of {late}' if late else ''}:"
        f" closed with {told.get((late, key), 0)}, its entries make {found.get((late, key), 0)}"
        for late, key in sorted(told.keys() | found.keys())
        if told.get((late, key), 0) != found.get((late, key), 0)
    ]


def explain(office: Office, month: str, wanted: Key) -> list[Part]:
    """Return each entry that a figure is the sum of. Raises StoreError.

    Of what was there at the end: whatever moved it since the beginning.
    """
    if wanted.how == OPENING:
        closed = wanted.called(f"{wanted.group}.{CLOSING}").what
        before = months.before(month)
        raise _refused(
            month, f"that is what {before} closed with", f"Explain {closed} of {before}."
        )
    _, counted = show(office, month)
    fold = _Count(office, month, first=_is_first(office, month))
    parts = []
    for part, link in counted.spans:
        for entry in closing_range.entries(office, part, link):
            amounts: dict[Late, int] = {}
            for (late, key), amount in fold.adds(entry):
                if late != BEFORE and _is_of(key, wanted):
                    amounts[late] = amounts.get(late, 0) + amount
            parts += [Part(entry, late, amount) for late, amount in amounts.items() if amount]
    return sorted(parts, key=lambda one: (one.entry.at.business_date, id_of(one.entry)))


def _is_of(key: Key, wanted: Key) -> bool:
    if wanted.how != CLOSING:
        return key == wanted
    return _is_balance(key) and key.called(f"{key.group}.{CLOSING}") == wanted


def figure(office: Office, month: str, wanted: Key) -> int:
    """Return what a month says of a figure, with what it corrects of earlier months in it."""
    _, counted = show(office, month)
    return sum(amount for (_, key), amount in counted.figures.items() if key == wanted)


def _counted(
    office: Office, month: str, before: Closing | None, spans: Sequence[tuple[Span, str]]
) -> Counted:
    fold = _summed(office, month, before, spans)
    sums = _with_balances(fold.sums, _openings(office, before, fold.sums))
    shops = closing_ready.states(
        office,
        month,
        [part for part, _ in spans],
        zs=fold.zs,
        own=_own(sums),
        whose=owners(office, month),
    )
    return Counted(month, tuple(spans), sums, shops)


def _summed(
    office: Office, month: str, before: Closing | None, spans: Sequence[tuple[Span, str]]
) -> _Count:
    fold = _Count(office, month, first=before is None)
    for part, link in spans:
        for entry in closing_range.entries(office, part, link):
            fold.add(entry)
    return fold


def _spans(office: Office, month: str, before: Closing | None) -> list[tuple[Span, str]]:
    done = closing_store.positions(office, before)
    found = []
    for chain in closing_range.chains(office):
        after = done.get(chain.chain, Position())
        part = closing_range.span(office, chain, after, months.last_day(month))
        found.append((part, after.hash))
    return found


def _openings(
    office: Office, before: Closing | None, sums: Mapping[tuple[Late, Key], int]
) -> dict[Key, int]:
    """Return what was there at the beginning: as the month before closed, or all before."""
    opened: dict[Key, int] = {}
    if before is not None:
        for (_, key), amount in closing_store.figures_of(office, before).items():
            if key.how == CLOSING:
                opened[key.called(key.group)] = amount
        return opened
    for (late, key), amount in sums.items():
        if late == BEFORE and _is_balance(key):
            whole = key.called(key.group)
            opened[whole] = opened.get(whole, 0) + amount
    return opened


def _is_balance(key: Key) -> bool:
    """Tell whether a figure moves something that is there at the beginning and at the end."""
    return key.how in (STOCK_HOWS if key.group == STOCK else HOWS if key.group in UNITS else ())


def _with_balances(
    sums: Mapping[tuple[Late, Key], int], opened: Mapping[Key, int]
) -> dict[tuple[Late, Key], int]:
    """Return the figures with what was there before and after: opening + movements = closing."""
    closed = dict(opened)
    for (late, key), amount in sums.items():
        if late != BEFORE and _is_balance(key):
            whole = key.called(key.group)
            closed[whole] = closed.get(whole, 0) + amount
    found = {key: amount for key, amount in sums.items() if key[0] != BEFORE and amount}
    for name, balances in ((OPENING, opened), (CLOSING, closed)):
        for key, amount in balances.items():
            if amount:
                found["", key.called(f"{key.what}.{name}")] = amount
    return found


def _own(sums: Mapping[tuple[Late, Key], int]) -> dict[str, dict[Key, int]]:
    found: dict[str, dict[Key, int]] = {}
    for (late, key), amount in sums.items():
        if not late:
            found.setdefault(key.shop, {})[key] = amount
    return found


def _begins(counted: Counted) -> dict[Chain, Position]:
    """Return where the runs of a count begin, of chains that the closing before had read."""
    return {
        part.chain: Position(part.first - 1, link) for part, link in counted.spans if part.first > 1
    }


def _ends(office: Office, previous: Closing | None) -> dict[Chain, Position]:
    done = closing_store.positions(office, previous)
    return {chain: after for chain, after in done.items() if after.seq}


def _is_first(office: Office, month: str) -> bool:
    return closing_store.closing_of(office, months.before(month)) is None


def _closing_before(office: Office, month: str) -> Closing | None:
    """Return the closing that a month to be closed follows; None: it is the first. Raises."""
    last = closing_store.last_closed(office)
    if not last:
        return None
    if month != months.after(last):
        found = "it is closed" if month <= last else f"{months.after(last)} is not closed yet"
        raise _refused(month, found, "See memberbox-hq month list; months close one by one.")
    return closing_store.closing_of(office, last)


def _next(office: Office, month: str) -> int:
    row = office.db.execute("SELECT count(*) FROM month WHERE month = ?", (month,)).fetchone()
    return int(row[0]) + 1


def _given_up(office: Office) -> dict[Chain, int]:
    """Return the chains that headquarters gave up, with the last entry that it knew then."""
    every = closing_range.chains(office)
    if not any(chain.closed for chain in every):
        return {}
    found: dict[Chain, int] = {}
    for chain in every:
        for entry in _own_log(office, chain):
            if isinstance(entry.body, ChainClosed):
                box, _, epoch = entry.body.chain.rpartition(".")
                found[Chain(box, int(epoch))] = entry.body.mark
    return found


def _own_log(office: Office, chain: Booked) -> Iterator[Entry]:
    if chain.chain.box == OWN_BOX and chain.booked:
        whole = Span(chain.chain, 1, chain.booked, chain.hash)
        for entry in closing_range.entries(office, whole, Position().hash):
            if entry.kind is Kind.CHAIN_CLOSED:
                yield entry


def _refused(month: str, found: str, fix: str, *, doing: str = "closing a month") -> NotYet:
    return NotYet(month, doing=doing, found=found, fix=fix, retry=False)
