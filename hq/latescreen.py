"""A case of the work list as a page of text: what happened, what stands on it, what to do."""

from collections.abc import Iterator, Mapping

from daemon.errors import NotThereError
from daemon.ledger.bodies import DayClosed
from daemon.ledger.ids import id_of
from daemon.ledger.records import Chain, Entry
from hq import closing_range, closing_store, closing_tables, latecases, months, settlement
from hq.ages import ages
from hq.answers import age, table, yuan
from hq.closing_key import Key
from hq.closing_range import Booked, Span
from hq.owners import owners
from hq.report import CaseSaid
from hq.store import Office

ENTRIES_SHOWN = 20  # of a case; `month explain` has them all
WHY: Mapping[str, str] = {
    "late_sale": "goods were sold",
    "late_spend": "goods were paid with value, points or coupons of another shop",
    "late_return": "goods came back, or were exchanged",
    "late_topup": "stored value was sold, or a top-up taken back",
    "late_refund": "stored value was paid back",
    "late_lapse": "value or points lapsed",
    "late_fee": "a fee of membership or of a card was taken",
    "late_cash": "cash was counted, moved or paid out",
    "late_stock": "goods came, went or were counted",
    "late_other": "something was booked that moves a figure",
}


def case_of(office: Office, case: int) -> tuple[CaseSaid, str | None]:
    """Return a case, and when it was closed (None: it is open). Raises NotThereError."""
    row = office.db.execute(
        "SELECT id, box, epoch, seq, kind, what, at, closed FROM work WHERE id = ?", (case,)
    ).fetchone()
    if row is None:
        raise NotThereError(
            str(case),
            doing="showing a case",
            found="there is none of this number",
            fix="See memberbox-hq cases.",
            retry=False,
        )
    return CaseSaid(*row[:7]), row[7]


def screen(office: Office, case: CaseSaid, closed: str | None) -> tuple[str, ...]:
    """Return the page."""
    head = f"case {case.id}  {case.kind}  {case.box}.{case.epoch}:{case.seq}  found {case.at[:16]}"
    entries = latecases.late_entries(office, case.id)
    if not entries:
        ends = f"closed {closed[:16]}" if closed else (
            f"Settle it, then: memberbox-hq cases --close {case.id} --note HOW --by WHO"
        )  # fmt: skip
        return (head, case.what, ends)
    return (
        head,
        "",
        *_happened(office, case, entries),
        "",
        *_stands(office, case, entries),
        "",
        *_to_do(office, case, entries, closed),
    )


def _happened(office: Office, case: CaseSaid, entries: list[Entry]) -> Iterator[str]:
    day = entries[0].at.business_date
    closing = closing_store.closing_of(office, day[:7])
    yield "WHAT HAPPENED"
    yield f"On {day} in shop {case.box} {WHY.get(case.kind, WHY[latecases.OTHER])}."
    if closing is not None:
        spans = closing_store.spans_of(office, closing)
        of_chain = (part.last for part, _ in spans if part.chain == Chain(case.box, case.epoch))
        upto = next(of_chain, 0)
        yield (
            f"It came here after {closing.by} had closed {closing.month} on {closing.closed[:16]},"
            f" with {case.box}.{case.epoch} up to entry {upto}."
        )
    rows = [
        (
            id_of(one),
            one.kind.value,
            one.at.wall[:16].replace("T", " "),
            one.by.operator,
            one.re or "-",
        )
        for one in entries[:ENTRIES_SHOWN]
    ]
    yield from table(("entry", "kind", "at", "by", "answers"), rows)
    if len(entries) > ENTRIES_SHOWN:
        yield f"... and {len(entries) - ENTRIES_SHOWN} more"


def _stands(office: Office, case: CaseSaid, entries: list[Entry]) -> Iterator[str]:
    changed = latecases.effects(office, entries)
    yield "WHAT IT CHANGES, AND WHAT STANDS ON IT"
    rows = [
        (key.shop, key.what, key.part or "-", closing_tables.said(key, amount))
        for key, amount in changed.items()
    ]
    yield from table(("shop", "figure", "of what", "amount"), rows)
    day = entries[0].at.business_date
    yield f"The closed figures of {day[:7]} stay as they are."
    whose = owners(office, day[:7])
    for one in settlement.transfers(changed.items(), lambda box: whose.get(box, box)):
        yield f"Between owners: {one.payer} owes {one.to} {yuan(one.fen)} more."
    z = _z_of(office, case, day)
    yield (
        f"The shop's Z of {day} is not here yet: more of that day may come."
        if z is None
        else f"The shop's Z of {day} says goods net {yuan(z.totals.goods_net_fen)} in all."
    )
    yield f"What is here of shop {case.box} is {age(ages(office).get(case.box))} old."


def _to_do(
    office: Office, case: CaseSaid, entries: list[Entry], closed: str | None
) -> Iterator[str]:
    month = entries[0].at.business_date[:7]
    if closed:
        yield "WHAT WAS DECIDED"
        yield f"{closed[:16]}: {case.what}"
        return
    last = closing_store.last_closed(office)
    yield "WHAT YOU CAN DO"
    yield f"1  Book it into {months.after(last)}, as a correction of {month} in a line of its own:"
    yield f"   memberbox-hq case {case.id} --book --by WHO"
    if last == month:
        yield f"2  Open {month} again, with a reason and a second person, and close it anew:"
        yield f"   memberbox-hq month reopen {month} --by WHO --second WHO --reason WHY"
    else:
        yield f"2  {month} can not be opened again: {last} was closed on top of it."


def _z_of(office: Office, case: CaseSaid, day: str) -> DayClosed | None:
    """Return the Z of a day, among what came behind the late entries."""
    chain: Booked | None = next(
        (one for one in closing_range.chains(office) if one.chain == Chain(case.box, case.epoch)),
        None,
    )
    if chain is None:
        return None
    tail = Span(chain.chain, case.seq, chain.booked, "")
    before = closing_range.hash_at(office, chain, case.seq - 1)
    for entry in closing_range.entries(office, tail, before):
        if isinstance(entry.body, DayClosed) and entry.body.business_date >= day:
            return entry.body if entry.body.business_date == day else None
    return None


def effects_said(changed: Mapping[Key, int]) -> list[dict[str, object]]:
    """Return the same for scripts."""
    return [
        {"shop": key.shop, "figure": key.what, "of": key.part, "amount": amount}
        for key, amount in changed.items()
    ]
