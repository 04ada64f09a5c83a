"""Lots that come to their end in headquarters' hand: each holder lapses its own part."""

from daemon.clock import moment
from daemon.ledger import accounts
from daemon.ledger.bodies import LotPart, Moved
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import HQ
from daemon.ledger.records import Posting
from hq import pool
from hq.ownlog import append
from hq.store import Office

LOTS_PER_TURN = 500
EVERY_MS = 60_000  # what is due is not granted before, whether its entry is written or not

_DUE = (
    "SELECT b.account, b.unit, b.lot, b.amount, l.expires FROM balance AS b INDEXED BY balance_hq"
    " JOIN lot AS l ON l.lot = b.lot AND l.unit = b.unit"
    " WHERE b.holder = 'hq' AND b.amount > 0 AND b.lot <> '' AND l.expires < ?"
    " AND substr(b.account, 1, instr(b.account, ':')) IN"
    " ('points:', 'principal:', 'bonus:', 'coupons:') LIMIT ?"
)


class Lapses:
    """Looks now and then. One thread, the same as intake's."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._looked_ms = 0

    def work(self) -> int:
        """Write down what has lapsed here; return how many lots."""
        office, now_ms = self._office, self._office.now_ms()
        if 0 <= now_ms - self._looked_ms < EVERY_MS or not pool.is_open(office):
            return 0
        self._looked_ms = now_ms
        now = office.clock.read().wall
        # Compared as text first (a day of slack for other offsets), then as moments.
        rows = office.db.execute(_DUE, (f"{now.date().isoformat()}~", LOTS_PER_TURN)).fetchall()
        due = [row for row in rows if moment(row[4], now.tzinfo) <= now]
        if due:
            with office.transaction():
                for account, unit, lot, amount, expires in due:
                    _lapse(office, account, LotPart(unit, lot, amount), expires)
        return len(due)


def _lapse(office: Office, account: str, part: LotPart, due: str) -> None:
    unit = part.unit
    kind = (
        Kind.POINTS_LAPSED
        if unit == Unit.POINT
        else Kind.VALUE_LAPSED
        if unit in (Unit.PRINCIPAL, Unit.BONUS)
        else Kind.COUPON_LAPSED
    )
    body = Moved(account.partition(":")[2], unit, part.amount, (part,), due)
    postings = (
        Posting(HQ, account, unit, part.lot, -part.amount),
        Posting(HQ, accounts.lapsed(unit), unit, part.lot, part.amount),
    )
    request = f"lapse:{account}:{part.lot}:{office.now()}"
    append(office, kind, request=request, body=body, postings=postings)
