"""A member's statement for a time: opening, every movement with its shop and receipt, closing.

Over all shops, or what one shop's hand held. The lines are the postings of the entries that the
books were made of, so that opening + movements = closing, to the point and to the fen.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import msgspec

from daemon.ledger.ids import id_of
from daemon.ledger.posting import HQ
from daemon.ledger.records import Chain, Entry
from hq import pool, trail
from hq.ages import ages
from hq.memberlist import shop_of
from hq.movements import ROOMS, Movement, What, movements
from hq.store import Office

FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"

Within = Callable[[Entry], bool]


class Line(msgspec.Struct, frozen=True):
    day: str  # the shop's business date
    at: str
    shop: str  # that wrote it
    receipt: str  # 单号, as on its paper
    entry: str
    kind: str
    what: str  # earned, spent ...: movements.What
    amount: int
    after: int  # the balance behind it


class StatementSaid(msgspec.Struct, frozen=True):
    member: str
    unit: str
    shop: str  # "": all
    since: str
    until: str
    opening: int
    lines: tuple[Line, ...]
    closing: int
    now: int  # what the books say today
    sums: dict[str, int]  # of the lines, by what
    data_age_s: dict[str, float | None]  # of every shop that holds or wrote a part


def everything(_: Entry) -> bool:
    return True


def statement(
    office: Office,
    member: str,
    *,
    unit: str = "point",
    since: str = FIRST_DAY,
    until: str = LAST_DAY,
    shop: str = "",
    within: Within = everything,
) -> StatementSaid:
    """Return a member's statement of a unit; both days belong to it. Call trail.catch_up() first.

    `within`: of all entries, those that count; an audit looks up to its marks.
    """
    names = pool.ids_of(office, member)
    opening = balance = 0
    lines: list[Line] = []
    sums: dict[str, int] = {}
    for entry, found in _moved(office, names, unit, shop, within):
        day = entry.at.business_date
        amount = sum(found.values())
        if day < since:
            opening += amount
            balance += amount
        elif day <= until:
            for what, part in found.items():
                balance += part
                sums[what] = sums.get(what, 0) + part
                lines.append(_line(entry, what, part, balance))
    holding = held(office, names, unit)
    shops = {line.shop for line in lines} | holding.keys()
    return StatementSaid(
        member=member,
        unit=unit,
        shop=shop,
        since=since,
        until=until,
        opening=opening,
        lines=tuple(lines),
        closing=balance,
        now=holding.get(shop, 0) if shop else sum(holding.values()),
        sums=sums,
        data_age_s=dict(sorted(ages(office, shops - {HQ}).items())),
    )


def held(office: Office, names: list[str], unit: str) -> Mapping[str, int]:
    """Return what each hand has of a member by the books, with what is on its way there."""
    purses = [ROOMS[unit] + name for name in names]
    rows = office.db.execute(
        "SELECT holder, sum(amount) FROM balance WHERE unit = ? AND amount <> 0"
        " AND account IN (SELECT value FROM json_each(?)) GROUP BY holder ORDER BY holder",
        (unit, json.dumps(purses)),
    )
    found: dict[str, int] = {}
    for holder, amount in rows.fetchall():
        found[shop_of(holder)] = found.get(shop_of(holder), 0) + amount
    return found


def day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def _moved(
    office: Office, names: list[str], unit: str, shop: str, within: Within
) -> list[tuple[Entry, dict[str, int]]]:
    """Return the entries that moved something of his, with what, by word."""
    out: dict[Chain, set[int]] = {}
    found = []
    mine = frozenset(names)
    for entry in trail.of(office, names):
        chain = Chain(entry.box, entry.epoch)
        if chain not in out:
            out[chain] = trail.unbooked(office, chain)
        if entry.seq in out[chain] or not within(entry):
            continue
        sums = _by_word(movements(entry, unit), mine, shop)
        if sums:
            found.append((entry, sums))
    return found


def _by_word(moved: list[Movement], mine: frozenset[str], shop: str) -> dict[str, int]:
    """Return what an entry did to a member, by word: between his own hands and ids is nothing."""
    sums: dict[str, int] = {}
    for one in moved:
        if one.member in mine and shop in ("", one.shop):
            sums[one.what.value] = sums.get(one.what.value, 0) + one.amount
    return {what: amount for what, amount in sums.items() if amount}


def _line(entry: Entry, what: str, amount: int, after: int) -> Line:
    from daemon.display.blocks import receipt_number  # with the papers' words: few need them

    return Line(
        entry.at.business_date,
        entry.at.wall,
        entry.box,
        receipt_number(entry.box, entry.epoch, entry.seq),
        id_of(entry),
        entry.kind.value,
        what,
        amount,
        after,
    )


def moved_words() -> tuple[str, ...]:
    return tuple(one.value for one in What)
