"""Limits of members at headquarters: who opens them, and how another shop comes by their rest.

The home opens: the shop that let the member in, or whoever holds `right:home:always` of a member
that headquarters brought in. Headquarters opens for those whom it gave no home, and for cards that
nobody knows. Nobody opens what was opened before.
"""

import json
from collections.abc import Sequence

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.topup import BEARER
from daemon.ledger.bodies import RightOpened
from daemon.ledger.ids import lot_id, parse_entry_id
from daemon.ledger.kinds import ROOM, Kind, Unit
from daemon.ledger.limits import ALWAYS, FOREVER, HOME, VALUE
from daemon.ledger.messages import PleasePart
from daemon.ledger.posting import HQ
from daemon.ledger.records import Chain, Posting
from daemon.rules.limited import Limit, Limits
from daemon.rules.limited_pack import limits_of
from daemon.rules.periods import first_day
from hq.ownlog import append
from hq.packs import wanted_in
from hq.pool import purses
from hq.store import Office

HOMES_PER_ENTRY = 500  # two postings each
SOURCE = "home"
LOTS_FROM = 1  # an entry of headquarters' own log has no other lots


def limits_in(office: Office, box: str) -> Limits:
    """Return the limits of the pack that is in force in a shop."""
    wanted = wanted_in(office.db, box)
    if wanted is None:
        return limits_of("")
    row = office.db.execute(
        "SELECT document FROM pack WHERE id = ? AND version = ?",
        (wanted.ref.id, wanted.ref.version),
    ).fetchone()
    return limits_of("" if row is None else row[0])


def to_open(office: Office, box: str, member: str, unit: str) -> Limit | None:
    """Return the limit that a shop's question is about, if nobody has opened it yet."""
    limits = limits_in(office, box)
    if unit == VALUE:
        most = card_cap(office, limits, member)
        limit = Limit("value", FOREVER, most) if most else None
    else:
        limit = limits.named(unit) if unit.startswith(ROOM) else None
    # A lot of our own without its other side: what we opened before we were restored. Any other lot
    # alone is of a shop that gave at its own risk, or where value was spent: that opened nothing.
    opened = office.db.execute(
        "SELECT 1 FROM balance WHERE unit = ? AND (account = ?"
        " OR account IN (?, ?) AND lot LIKE 'hq.%') LIMIT 1",
        (unit, accounts.limit(member), accounts.right(member), accounts.drawn(member)),
    ).fetchone()
    return limit if opened is None else None


def home_of(office: Office, member: str, unit: str) -> str:
    """Return the shop that opens a member's limits; "" where headquarters does."""
    place = parse_entry_id(member)
    if place is not None and place[0].box != HQ:
        return "" if unit == VALUE and _given_up(office, place[0]) else place[0].box
    row = office.db.execute(
        "SELECT holder FROM balance WHERE account = ? AND unit = ? AND amount > 0 LIMIT 1",
        (accounts.right(member), HOME),
    ).fetchone()
    return "" if row is None else str(row[0]).removeprefix("transit:").partition(".")[0]


def card_cap(office: Office, limits: Limits, member: str) -> int | None:
    """Return what a member's card may hold; None: any amount, or the pack has no stored value."""
    row = office.db.execute("SELECT kind FROM member WHERE id = ?", (member,)).fetchone()
    return limits.bearer if row is not None and row[0] == BEARER else limits.value


def value_of(office: Office, member: str) -> int:
    """Return what of a member's stored value lies in any hand, as far as headquarters knows; what
    a chain held that was given up is not his any more: it was granted anew."""
    return _lies(office, member, (Unit.PRINCIPAL, Unit.BONUS))


def used_of_cap(office: Office, member: str, *, but: str = "") -> int:
    """Return what of a card's cap is value, or room where value was spent, in any hand but a
    shop's, as far as headquarters knows. Of a cap that nobody opened there is no other room."""
    return _lies(office, member, (Unit.PRINCIPAL, Unit.BONUS, VALUE), but=but)


def _lies(office: Office, member: str, units: Sequence[str], *, but: str = "") -> int:
    names = [name for unit in units for name in purses(office, member, unit)]
    row = office.db.execute(
        "SELECT coalesce(sum(amount), 0) FROM balance"
        " WHERE unit IN (SELECT value FROM json_each(?)) AND account IN"
        " (SELECT value FROM json_each(?)) AND substr(holder, 1, ?) <> ? AND holder NOT IN"
        " (SELECT box || '.' || epoch FROM chain WHERE closed IS NOT NULL)",
        (json.dumps(units), json.dumps(names), len(but) + 1, f"{but}."),
    ).fetchone()
    return int(row[0])


def _given_up(office: Office, chain: Chain) -> bool:
    """Whether a chain was closed by an operator: what it opened has been granted anew."""
    query = "SELECT 1 FROM chain WHERE box = ? AND epoch = ? AND closed IS NOT NULL"
    return office.db.execute(query, (chain.box, chain.epoch)).fetchone() is not None


def asked_of_home(office: Office, home: str, part: PleasePart, limit: Limit) -> PleasePart:
    """Return the request by which the home opens a limit and lets go of a part.

    The home knows what of a card's value lies in its own hand; the rest is taken off here.
    """
    today = office.clock.read().wall.date()
    if part.unit != VALUE:
        starts = first_day(limit.per, today).isoformat()
        return msgspec.structs.replace(part, opens=limit.most, starts=starts)
    member = part.account.partition(":")[2]
    most = max(0, limit.most - used_of_cap(office, member, but=home))
    return msgspec.structs.replace(part, opens=most, starts=ALWAYS)


def open_here(office: Office, members: Sequence[str], unit: str, qty: int, *, request: str) -> str:
    """Open a limit in headquarters' hand, one lot for each member; return the entry."""
    postings = [
        posting
        for n, member in enumerate(members, LOTS_FROM)
        for posting in (
            Posting(HQ, accounts.right(member), unit, f"#{n}", qty),
            Posting(HQ, accounts.limit(member), unit, "", -qty),
        )
    ]
    body = RightOpened(unit, qty, tuple(members))
    return append(office, Kind.RIGHT_OPENED, request=request, body=body, postings=postings)


def give_homes(office: Office, box: str) -> int:
    """Give the members that headquarters brought in for this shop their home, once; how many.

    Whose limits headquarters has opened itself stays with it. Under a pack without limits nobody
    needs a home.
    """
    limits = limits_in(office, box)
    if not limits and limits.value is None:
        return 0
    rows = office.db.execute(
        "SELECT m.id FROM member AS m WHERE m.home = ? AND m.id LIKE 'hq.%' AND NOT EXISTS"
        " (SELECT 1 FROM balance AS b WHERE b.account = 'right:' || m.id AND b.unit = ?)"
        " AND NOT EXISTS (SELECT 1 FROM balance AS b WHERE b.account = 'limit:' || m.id)"
        " ORDER BY m.rowid LIMIT ?",
        (box, HOME, HOMES_PER_ENTRY),
    ).fetchall()
    members = [row[0] for row in rows]
    if members:
        request = f"home:{json.dumps(members[:1])}:{office.now()}"
        entry = open_here(office, members, HOME, 1, request=request)
        office.db.executemany(
            "INSERT INTO lot VALUES (?, ?, ?, ?, NULL, ?, '', '')",
            [
                (lot_id(entry, n), accounts.right(member), HOME, office.now(), SOURCE)
                for n, member in enumerate(members, LOTS_FROM)
            ],
        )
    return len(members)
