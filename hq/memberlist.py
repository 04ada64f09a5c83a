"""The list of members: what all holders together have of each, and how old that is.

Cards that were served before anybody knew them are members of their own (status `visitor`), until
an alias says whose they are; then their points count with his. No personal data but cards. The
list is read by pages, in the order of cards, visitors last: a page costs what stands on it.
"""

from collections.abc import Iterator, Sequence

import msgspec

from daemon.ledger.posting import HQ
from hq.ages import ages
from hq.store import Office

VISITOR = "visitor"
LAST_ID = "~"  # comes after every id of a member
PAGE_ROWS = 1000  # read at once: a page of the list of all

# With each member of a page his and his aliases' balances that are not 0.
_SUMS = (
    "WITH page AS (%s), own AS (SELECT id AS member, id AS own FROM page"
    " UNION ALL SELECT a.member, a.alias FROM alias AS a JOIN page AS p ON p.id = a.member)"
    " SELECT p.id, p.card, p.status, p.home, p.level, b.unit, b.holder, b.amount FROM page AS p"
    " LEFT JOIN (SELECT o.member, b.unit, b.holder, sum(b.amount) AS amount FROM own AS o"
    "  JOIN balance AS b ON b.account IN ('points:' || o.own, 'principal:' || o.own,"
    "   'bonus:' || o.own, 'growth:' || o.own) AND b.amount <> 0 GROUP BY 1, 2, 3) AS b"
    " ON b.member = p.id ORDER BY p.card, p.id, b.holder, b.unit"
)
_MEMBERS = (
    "SELECT id, card, status, home, level FROM member AS m WHERE (card, id) > (?, ?)"
    " AND NOT EXISTS (SELECT 1 FROM alias WHERE alias = m.id) ORDER BY card, id LIMIT ?"
)
_ONE = "SELECT id, card, status, home, level FROM member WHERE id = ?"
_VISITORS = (
    "SELECT DISTINCT id, card, 'visitor' AS status, '' AS home, '' AS level"
    " FROM visitor AS v WHERE (card, id) > (?, ?)"
    " AND NOT EXISTS (SELECT 1 FROM alias WHERE alias = v.id)"
    " AND NOT EXISTS (SELECT 1 FROM member WHERE id = v.id) ORDER BY card, id LIMIT ?"
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


class Place(msgspec.Struct, frozen=True):
    """After which row of the list a page begins."""

    card: str = ""
    id: str = ""
    visitors: bool = False


class Page(msgspec.Struct, frozen=True):
    rows: list[MemberSaid]
    next: Place | None  # None: this is the last page


def page(office: Office, after: Place, rows: int) -> Page:
    """Return at most so many members that come after a place."""
    assert rows > 0, "a page has rows"
    found: list[MemberSaid] = []
    visitors = after.visitors
    at = (after.card, after.id)
    if not visitors:
        found = _read(office, _SUMS % _MEMBERS, (*at, rows + 1))
        if len(found) > rows:
            last = found[rows - 1]
            return Page(found[:rows], Place(last.card, last.id))
        at = ("", "")
    room = rows - len(found)
    more = _read(office, _SUMS % _VISITORS, (*at, room + 1))
    if len(more) > room:
        at = (more[room - 1].card, more[room - 1].id) if room else at
        return Page(found + _with_value(more[:room]), Place(*at, True))
    return Page(found + _with_value(more), None)


def members(office: Office) -> list[MemberSaid]:
    """Return every member with what all holders together hold, visitors last."""
    return list(everyone(office))


def everyone(office: Office, after: Place | None = None) -> Iterator[MemberSaid]:
    """Yield every member that comes after a place, a page at a time."""
    place: Place | None = after or Place()
    while place is not None:
        read = page(office, place, PAGE_ROWS)
        yield from read.rows
        place = read.next


def one(office: Office, member: str) -> MemberSaid | None:
    """Return one member of the directory, by id."""
    found = _read(office, _SUMS % _ONE, (member,))
    return found[0] if found else None


def place_of(office: Office, card: str) -> Place:
    """Return the place after every row of a card."""
    known = "SELECT 1 FROM visitor AS v WHERE card = ?1 AND NOT EXISTS"
    known += " (SELECT 1 FROM member WHERE card = ?1)"
    visitors = office.db.execute(known, (card,)).fetchone() is not None
    return Place(card, LAST_ID, visitors)


def shop_of(holder: str) -> str:
    """Return whose hand a holder is, a shop's or `hq`; what is on its way counts where it goes."""
    return holder.removeprefix("transit:").partition(".")[0] or HQ


def _with_value(visitors: list[MemberSaid]) -> list[MemberSaid]:
    """Leave out cards that nobody knew and that have nothing: they are no members."""
    return [said for said in visitors if said.held or said.principal or said.bonus or said.growth]


def _read(office: Office, sql: str, values: Sequence[object]) -> list[MemberSaid]:
    rows = office.db.execute(sql, values).fetchall()
    people: dict[str, tuple[str, str, str, str]] = {}
    sums: dict[str, dict[str, int]] = {}
    held: dict[str, dict[str, int]] = {}
    for name, card, status, home, level, unit, holder, amount in rows:
        people[name] = (card, status, home, level)
        if unit is None:
            continue
        of = sums.setdefault(name, {})
        of[unit] = of.get(unit, 0) + amount
        if unit == "point":
            parts = held.setdefault(name, {})
            parts[shop_of(holder)] = parts.get(shop_of(holder), 0) + amount
    told = {name: {shop: n for shop, n in parts.items() if n} for name, parts in held.items()}
    shops = {shop for parts in told.values() for shop in parts}
    shops |= {person[2] for person in people.values()}
    known = ages(office, shops) if people else {}
    return [
        _said((name, *person), sums.get(name, {}), told.get(name, {}), known)
        for name, person in people.items()
    ]


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
