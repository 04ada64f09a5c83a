"""The list of members: what all holders together have of each, and how old that is.

Cards that were served before anybody knew them are members of their own (status `visitor`), until
an alias says whose they are; then their points count with his. No personal data but cards.
"""

import msgspec

from daemon.ledger import accounts
from hq.ages import ages
from hq.store import Office

VISITOR = "visitor"
_SUMS = (
    "SELECT coalesce(a.member, p.owner), p.unit, p.shop, sum(p.amount) FROM"
    " (SELECT substr(account, instr(account, ':') + 1) AS owner, unit, amount,"
    "   replace(substr(holder, 1, instr(holder || '.', '.') - 1), 'transit:', '') AS shop"
    "   FROM balance WHERE amount <> 0 AND substr(account, 1, instr(account, ':')) IN"
    "   ('points:', 'principal:', 'bonus:', 'growth:')) AS p"
    " LEFT JOIN alias AS a ON a.alias = p.owner GROUP BY 1, 2, 3"
)


class MemberSaid(msgspec.Struct, frozen=True):
    id: str
    card: str
    points: int
    principal: int
    bonus: int
    growth: int
    level: str
    status: str
    home: str
    held: dict[str, int] = {}  # points by holder: `hq` (the pool) and shops
    data_age_s: float | None = None  # of the shop whose data is oldest among those that hold a part


def members(office: Office) -> list[MemberSaid]:
    """Return every member with what all holders together hold, visitors last."""
    sums: dict[str, dict[str, int]] = {}
    held: dict[str, dict[str, int]] = {}
    for owner, unit, shop, amount in office.db.execute(_SUMS):
        of = sums.setdefault(owner, {})
        of[unit] = of.get(unit, 0) + amount
        if unit == "point" and amount:
            held.setdefault(owner, {})[shop] = amount
    known = ages(office)
    rows = office.db.execute(
        "SELECT id, card, status, home, level FROM member"
        " WHERE id NOT IN (SELECT alias FROM alias) ORDER BY card, rowid"
    ).fetchall()
    mine = {row[0] for row in rows}
    visitors = sorted(owner for owner in sums if owner.startswith(accounts.visitor("")))
    rows += [
        (owner, owner.removeprefix(accounts.visitor("")), VISITOR, "", "")
        for owner in visitors
        if owner not in mine
    ]
    return [_said(row, sums.get(row[0], {}), held.get(row[0], {}), known) for row in rows]


def _said(
    row: tuple[str, str, str, str, str],
    sums: dict[str, int],
    held: dict[str, int],
    known: dict[str, float | None],
) -> MemberSaid:
    name, card, status, home, level = row
    ages_s = [age for box in {*held, home} if (age := known.get(box)) is not None]
    return MemberSaid(
        id=name,
        card=card,
        points=sums.get("point", 0),
        principal=sums.get("principal", 0),
        bonus=sums.get("bonus", 0),
        growth=sums.get("growth", 0),
        level=level,
        status=status,
        home=home,
        held=held,
        data_age_s=max(ages_s, default=None),
    )
