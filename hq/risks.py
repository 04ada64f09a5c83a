"""What shops issued without the right in hand, and has not come back: who, how much, since when.

A pack may let a shop do so (`roaming.limits: accept_risk`); a return may bring a card above the
law's cap; who joins may have had the gift of joining elsewhere. Reads only.
"""

import msgspec

from daemon.ledger import accounts
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.kinds import RIGHT
from daemon.ledger.limits import ONCE, VALUE
from daemon.ledger.records import Entry
from hq import limits
from hq.ages import ages
from hq.joined import TOLD
from hq.store import Office

# An heir ends what the chain before it had risked: what counts is the sum of a box's chains.
_OPEN = (
    "SELECT b.account, b.unit, c.box, -sum(b.amount) FROM balance AS b"
    " JOIN chain AS c ON b.holder = c.box || '.' || c.epoch"
    " WHERE b.account LIKE 'risked:%' GROUP BY b.account, b.unit, c.box"
    " HAVING sum(b.amount) < 0 ORDER BY b.account, b.unit, c.box"
)
_LOTS = (
    "SELECT DISTINCT b.lot FROM balance AS b WHERE b.account = ? AND b.unit = ? AND b.amount > 0"
    " AND b.lot LIKE ?"
)
_ENTRY = (
    "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
    " WHERE c.box = ? AND c.epoch = ? AND e.seq = ? AND e.seq <= c.booked ORDER BY e.rowid LIMIT 1"
)
_IN_ALL = "SELECT coalesce(sum(amount), 0) FROM balance WHERE account = ? AND unit = ?"
_JUDGED = "SELECT 1 FROM told WHERE what = ? AND key = ? LIMIT 1"


class StandsOn(msgspec.Struct, frozen=True):
    """An entry that issued without the right."""

    entry: str
    kind: str
    at: str
    amount: int


class Risk(msgspec.Struct, frozen=True):
    """What one shop issued to one member under one limit, as far as no right stands for it.

    `issued`: in all shops; `limit`: what may be, None where nobody has opened it and no pack says.
    Of stored value both are what is on the card.
    """

    member: str
    card: str
    box: str
    unit: str
    amount: int
    issued: int
    limit: int | None
    since: str | None  # None: the entries that said so are not here
    stands_on: tuple[StandsOn, ...]
    data_age_s: float | None  # of what HQ knows of this shop


def risks(office: Office) -> list[Risk]:
    """Return every risk that is open, by member; who joined and has been judged is none."""
    known = ages(office)
    found = []
    for account, unit, box, amount in office.db.execute(_OPEN).fetchall():
        member = str(account).partition(":")[2]
        if not _judged(office, member, unit):
            stands_on = _stands_on(office, member, unit, box)
            issued, limit = _in_all(office, box, member, unit)
            one = Risk(
                member=member,
                card=_card(office, member),
                box=box,
                unit=unit,
                amount=int(amount),
                issued=issued,
                limit=limit,
                since=min((one.at for one in stands_on), default=None),
                stands_on=stands_on,
                data_age_s=known.get(box),
            )
            found.append(one)
    return found


def to_do(risk: Risk) -> str:
    """Return what a person can do about a risk, and when it ends by itself."""
    if risk.unit == VALUE:
        over = risk.limit is not None and risk.issued > risk.limit
        if not over:
            return "nothing: the card is within its cap; ends as value is spent there"
        return "no top-up until value is spent, which ends it; or pay value back in the shop"
    if risk.unit.startswith(RIGHT) and risk.unit.endswith(f":{ONCE}"):
        return "wait: settled once it is known whether he had joined before"
    if risk.limit is not None and risk.issued <= risk.limit:
        return "nothing: all shops together gave no more than the limit"
    return "take back what was too much (memberbox-hq hold void), or leave it"


def _card(office: Office, member: str) -> str:
    row = office.db.execute("SELECT card FROM member WHERE id = ?", (member,)).fetchone()
    return "" if row is None else str(row[0])


def _stands_on(office: Office, member: str, unit: str, box: str) -> tuple[StandsOn, ...]:
    """Return the entries of a shop that issued without the right and were not wholly undone."""
    rows = office.db.execute(_LOTS, (accounts.drawn(member), unit, f"{box}.%")).fetchall()
    found = []
    for name in sorted({str(row[0]).rpartition(":")[0] for row in rows}):
        entry = _entry(office, name)
        risked = 0 if entry is None else _risked(entry, accounts.risked(member), unit)
        if entry is not None and risked:
            found.append(StandsOn(name, entry.kind.value, entry.at.wall, risked))
    return tuple(sorted(found, key=lambda one: (one.at, one.entry)))


def _entry(office: Office, name: str) -> Entry | None:
    place = parse_entry_id(name)
    if place is None:
        return None
    row = office.db.execute(_ENTRY, (place[0].box, place[0].epoch, place[1])).fetchone()
    try:
        return None if row is None else decode(bytes(row[0]))
    except CodecError:
        return None


def _risked(entry: Entry, account: str, unit: str) -> int:
    ours = [one for one in entry.postings if (one.account, one.unit) == (account, unit)]
    return max(0, -sum(one.amount for one in ours))


def _in_all(office: Office, box: str, member: str, unit: str) -> tuple[int, int | None]:
    """Return what all shops issued under a limit, and the limit."""
    pack = limits.limits_in(office, box)
    if unit == VALUE:
        return limits.value_of(office, member), limits.card_cap(office, pack, member)
    named = pack.named(unit)
    opened = -_sum(office, accounts.limit(member), unit)
    most = opened if opened > 0 else None if named is None else named.most
    return _sum(office, accounts.drawn(member), unit), most


def _sum(office: Office, account: str, unit: str) -> int:
    return int(office.db.execute(_IN_ALL, (account, unit)).fetchone()[0])


def _judged(office: Office, member: str, unit: str) -> bool:
    """Whether headquarters has found out who joined first: what was lent to joining is settled."""
    if not (unit.startswith(RIGHT) and unit.endswith(f":{ONCE}")):
        return False
    return office.db.execute(_JUDGED, (TOLD, member)).fetchone() is not None
