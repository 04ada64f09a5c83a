"""What headquarters holds of members, and who holds the rest: the pool between the shops.

The pool is what shops released and what came back; it goes to a shop that asks. What HQ granted
itself (an import, a click, a lost chain's holding) goes to the member's home shop, once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from daemon.clock import moment
from daemon.ledger import accounts
from daemon.ledger.kinds import Unit, is_limit
from daemon.ledger.lots import spend_order
from daemon.ledger.messages import GrantedLot, Total
from daemon.ledger.views import LotRow
from hq.store import Office

TOTALS = (Unit.POINT, Unit.PRINCIPAL, Unit.BONUS)  # said of a member to a shop that asks

_FREE = (
    "SELECT b.account, b.unit, b.lot, b.amount, coalesce(l.granted, ''), l.expires,"
    " coalesce(l.source, ''), coalesce(l.topup, ''), coalesce(l.owner, '')"
    " FROM balance AS b LEFT JOIN lot AS l ON l.lot = b.lot AND l.unit = b.unit"
    " WHERE b.holder = 'hq' AND b.amount > 0 AND b.lot <> ''"
    " AND b.unit = ? AND b.account IN (SELECT value FROM json_each(?))"
)
_HOMEWARD = (
    "SELECT m.id, l.lot, l.account, l.unit, b.amount, l.granted, l.source, l.expires,"
    " l.topup, l.owner FROM balance AS b INDEXED BY balance_hq"
    # What was frozen here lies in another account than it was granted under, and stays.
    " JOIN lot AS l ON l.lot = b.lot AND l.unit = b.unit AND l.account = b.account"
    " JOIN member AS m ON m.id = substr(b.account, instr(b.account, ':') + 1)"
    " WHERE b.holder = 'hq' AND b.amount > 0 AND b.lot LIKE 'hq.%' AND m.home = ?"
    " AND NOT EXISTS (SELECT 1 FROM balance AS t WHERE t.account = b.account AND t.unit = b.unit"
    "  AND t.lot = b.lot AND t.holder LIKE 'transit:%')"
    " ORDER BY m.rowid, l.lot"
)
_HELD = (
    "SELECT c.box, b.account, b.lot, b.amount FROM balance AS b"
    " JOIN chain AS c ON b.holder = c.box || '.' || c.epoch"
    " WHERE b.amount > 0 AND b.lot <> '' AND b.unit = ? AND c.id <> ? AND c.closed IS NULL"
    " AND b.account IN (SELECT value FROM json_each(?)) AND c.epoch ="
    " (SELECT max(epoch) FROM chain WHERE box = c.box AND mark > 0) ORDER BY c.box, b.lot"
)


@dataclass(frozen=True, slots=True)
class HeldPart:
    """What a shop's newest chain holds of a lot, as far as HQ has its entries."""

    box: str
    account: str
    lot: str
    amount: int


def is_open(office: Office) -> bool:
    """Whether HQ may grant from its pool: not before a restore is confirmed by every chain."""
    query = "SELECT 1 FROM meta WHERE name = 'pool_closed' AND value <> ''"
    return office.db.execute(query).fetchone() is None


def ids_of(office: Office, member: str) -> list[str]:
    """Return a member's id and every id that stands for it."""
    rows = office.db.execute("SELECT alias FROM alias WHERE member = ? ORDER BY alias", (member,))
    return [member, *(row[0] for row in rows)]


def purses(office: Office, member: str, unit: str) -> list[str]:
    """Return the accounts in which a member's value of a unit lies."""
    named = {
        Unit.POINT: accounts.points,
        Unit.PRINCIPAL: accounts.principal,
        Unit.BONUS: accounts.bonus,
    }
    known = {unit_.value: name for unit_, name in named.items()}
    name = accounts.claim if unit.startswith("claim:") else known.get(unit, accounts.coupons)
    name = accounts.right if is_limit(unit) else name
    return [name(one) for one in ids_of(office, member)]


def free(office: Office, names: Sequence[str], unit: str) -> list[GrantedLot]:
    """Return what of these accounts lies in the pool and has not lapsed, in spending order."""
    now = office.clock.read().wall
    lots = {}
    rows = []
    for account, of, lot, amount, granted, expires, source, topup, owner in office.db.execute(
        _FREE, (unit, json.dumps(names))
    ):
        if expires is not None and moment(expires, now.tzinfo) <= now:
            continue
        date = granted or "1970-01-01T00:00:00+00:00"
        rows.append(LotRow(lot, account, of, amount, date, expires, source))
        lots[account, lot] = GrantedLot(
            lot, account, of, amount, date, source, expires, topup, owner
        )
    return [lots[row.account, row.lot] for row in spend_order(rows)]


def held_by_shops(office: Office, names: Sequence[str], unit: str, *, but: int) -> list[HeldPart]:
    """Return what other shops than chain `but` hold of these accounts."""
    rows = office.db.execute(_HELD, (unit, but, json.dumps(names)))
    return [HeldPart(*row) for row in rows]


def homeward(office: Office, box: str) -> dict[str, list[GrantedLot]]:
    """Return what HQ granted to members at home in a shop and did not send yet, by member."""
    if not is_open(office):
        return {}
    lots: dict[str, list[GrantedLot]] = {}
    for member, *lot in office.db.execute(_HOMEWARD, (box,)).fetchall():
        lots.setdefault(member, []).append(GrantedLot(*lot))
    return lots


def totals(office: Office, member: str) -> tuple[Total, ...]:
    """Return what all holders together hold of a member, as far as HQ knows."""
    found = []
    for unit in TOTALS:
        names = json.dumps(purses(office, member, unit))
        query = (
            "SELECT coalesce(sum(amount), 0) FROM balance"
            " WHERE unit = ? AND account IN (SELECT value FROM json_each(?))"
        )
        found.append(Total(unit, office.db.execute(query, (unit, names)).fetchone()[0]))
    return tuple(found)


def as_of(office: Office, member: str) -> str:
    """Return how old the oldest part of what HQ knows of a member's holding is."""
    names = [name for unit in TOTALS for name in purses(office, member, unit)]
    row = office.db.execute(
        "SELECT min(b.seen_ms) FROM balance AS a JOIN box AS b"
        " ON b.name = substr(a.holder, 1, instr(a.holder || '.', '.') - 1)"
        " WHERE a.amount > 0 AND a.account IN (SELECT value FROM json_each(?))",
        (json.dumps(names),),
    ).fetchone()
    return office.now() if row[0] is None else office.moment(row[0])


def cut(lots: list[GrantedLot], amount: int) -> list[GrantedLot]:
    """Return the first of the lots that make `amount`, the last one in part; or all of them."""
    parts = []
    for lot in lots:
        part = min(lot.amount, amount)
        if part <= 0:
            break
        parts.append(
            GrantedLot(
                lot.lot,
                lot.account,
                lot.unit,
                part,
                lot.granted,
                lot.source,
                lot.expires,
                lot.topup,
                lot.owner,
            )
        )
        amount -= part
    return parts
