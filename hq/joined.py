"""Who joined twice: what is once per person is confirmed, or taken back, when headquarters knows.

Two shops that were offline may have let in the same person (the same phone or card). Only here both
are seen. Which one was first is the order in which their entries came here; nobody else decides it.
"""

from collections.abc import Iterator

from daemon.ledger import accounts
from daemon.ledger.bodies import MemberEnrolled
from daemon.ledger.codec import CodecError, decode
from daemon.ledger.ids import lot_id, parse_entry_id
from daemon.ledger.kinds import RIGHT, Unit, coupon_unit
from daemon.ledger.messages import Please, PleasePart
from daemon.ledger.records import Entry
from daemon.ledger.requests import CONFIRM, DENY
from hq.chainlog import ChainLog
from hq.phones import first_with_phone
from hq.store import Office

TOLD, TWICE = "joined", "joined before"  # in `told`; the reason in the request
POINTS = "points"  # in the trace of an enrolment
MEMBERS_PER_TURN = 200

_NEW = (
    "SELECT m.id, m.card FROM member AS m LEFT JOIN told AS t"
    " ON t.chain = ? AND t.what = ? AND t.key = m.id"
    " WHERE t.key IS NULL AND m.id LIKE ? AND (m.key IS NOT NULL OR m.cipher IS NULL)"
    " ORDER BY m.rowid LIMIT ?"
)
_LOTS = (
    "SELECT b.account, b.unit, b.lot, b.amount FROM balance AS b WHERE b.holder = ?"
    " AND b.account = ? AND b.amount > 0 ORDER BY b.unit, b.lot"
)


def judge(office: Office, log: ChainLog) -> Iterator[None]:
    """Tell a chain of the members whom it let in what becomes of what they have once; each once."""
    pattern = f"{log.box}.{log.epoch}:%"
    rows = office.db.execute(_NEW, (log.chain, TOLD, pattern, MEMBERS_PER_TURN)).fetchall()
    for member, card in rows:
        first = _first(office, member, card)
        log.tell(TOLD, member, first or "first")
        waiting = office.db.execute(_LOTS, (log.holder, accounts.pending(member))).fetchall()
        for unit in dict.fromkeys(row[1] for row in waiting):
            parts = [
                PleasePart(account, unit, amount, (lot,))
                for account, one, lot, amount in waiting
                if one == unit
            ]
            kind, reason = (DENY, f"{TWICE}: {first}") if first else (CONFIRM, "")
            log.please(kind, Please(member, tuple(parts), reason))
        if first:
            _take_back(office, log, member, first)
        yield


def _take_back(office: Office, log: ChainLog, member: str, first: str) -> None:
    """Take back what the pack gave at its own risk; what is spent is owed (待扣)."""
    parts = list(_at_risk(office, member))
    for unit in dict.fromkeys(part.unit for part in parts):
        same = tuple(part for part in parts if part.unit == unit)
        log.please(DENY, Please(member, same, f"{TWICE}: {first}", owed=True))


def _at_risk(office: Office, member: str) -> Iterator[PleasePart]:
    """Yield the points and coupons of an enrolment that its entry gave at the pack's risk."""
    entry = _enrolment(office, member)
    if entry is None or not isinstance(entry.body, MemberEnrolled):
        return
    body = entry.body
    rules = {
        one.unit.removeprefix(RIGHT).rpartition(":")[0]
        for one in entry.postings
        if one.account.startswith(accounts.drawn("")) and one.amount > 0
    }
    points = sum(one.result for one in body.applied if one.rule in rules and one.what == POINTS)
    for lot in body.lots:
        name = (lot_id(member, lot.n),)
        if lot.pending:
            continue
        if lot.unit == Unit.POINT and points:
            yield PleasePart(accounts.points(member), lot.unit, points, name)
        elif lot.unit.startswith(coupon_unit("")) and lot.source in rules:
            yield PleasePart(accounts.coupons(member), lot.unit, lot.amount, name)


def _enrolment(office: Office, member: str) -> Entry | None:
    place = parse_entry_id(member)
    assert place is not None, "who joined in a shop is named by the entry"
    row = office.db.execute(
        "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain"
        " WHERE c.box = ? AND c.epoch = ? AND e.seq = ? ORDER BY e.rowid LIMIT 1",
        (place[0].box, place[0].epoch, place[1]),
    ).fetchone()
    try:
        return None if row is None else decode(bytes(row[0]))
    except CodecError:
        return None


def _first(office: Office, member: str, card: str) -> str:
    """Return who had this phone or card before; "" where nobody had."""
    row = office.db.execute(
        "SELECT o.id FROM member AS o JOIN member AS m ON m.id = ? WHERE o.card = ?"
        " AND o.rowid < m.rowid ORDER BY o.rowid LIMIT 1",
        (member, card),
    ).fetchone()
    return first_with_phone(office, member) if row is None else str(row[0])
