"""Gifts that headquarters owes: open since points were redeemed for them, then sent, then received.

They are lots of `waiting:<member>` in the hands of the shop that promised them. Once it has handed
one over the lot is gone: received.
"""

import msgspec

from daemon.ledger import accounts
from daemon.ledger.messages_shop import GiftSent
from hq import notices
from hq.ages import ages
from hq.store import Office

OPEN, SENT = "open", "sent"
_OWED = (
    "SELECT b.lot, substr(b.holder, 1, instr(b.holder, '.') - 1),"
    " substr(b.account, instr(b.account, ':') + 1), coalesce(l.source, ''), b.amount,"
    " (SELECT n.at FROM notice AS n WHERE n.kind = ? AND n.key = b.lot)"
    " FROM balance AS b LEFT JOIN lot AS l ON l.lot = b.lot AND l.unit = b.unit"
    " WHERE b.account LIKE ? AND b.amount > 0 AND b.holder LIKE '%.%'"
    " AND b.holder NOT LIKE 'transit:%' ORDER BY l.granted, b.lot"
)


class GiftSaid(msgspec.Struct, frozen=True):
    lot: str
    box: str
    member: str
    sku: str
    qty: int
    state: str  # open, sent
    sent: str | None = None
    data_age_s: float | None = None  # of what HQ knows of this shop


def owed(office: Office) -> list[GiftSaid]:
    """Return every gift that somebody waits for, the oldest first."""
    rows = office.db.execute(_OWED, (notices.GIFT, accounts.waiting("%")))
    known = ages(office)
    return [
        GiftSaid(lot, box, member, source, qty, OPEN if at is None else SENT, at, known.get(box))
        for lot, box, member, source, qty, at in rows
    ]


def sent(office: Office, lot: str, *, note: str) -> str | None:
    """Note that a gift was sent and tell the shop that promised it; None: nobody waits for it."""
    gift = next((one for one in owed(office) if one.lot == lot), None)
    if gift is None:
        return None
    body = GiftSent(lot, gift.member, gift.sku, office.now(), note)
    notices.put(office, notices.GIFT, lot, body, box=gift.box)
    return gift.box
