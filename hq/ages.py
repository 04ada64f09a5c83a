"""How old what headquarters knows of each shop is: no figure of several shops is without it."""

import json
from collections.abc import Iterable
from datetime import datetime, timezone

from daemon.ledger.codec import CodecError, envelope
from hq.store import OWN_BOX, Office

_AGES = (
    "SELECT c.box, b.seen_ms, (SELECT e.data FROM entry AS e WHERE e.chain = c.id"
    " AND e.seq = c.booked ORDER BY e.rowid LIMIT 1) FROM chain AS c"
    " LEFT JOIN box AS b ON b.name = c.box"
    " WHERE c.box <> ?1 AND c.epoch = (SELECT max(epoch) FROM chain WHERE box = c.box)"
    " AND (?2 = 'all' OR c.box IN (SELECT value FROM json_each(?3)))"
)


def ages(office: Office, boxes: Iterable[str] | None = None) -> dict[str, float | None]:
    """Return the age of each box's data in seconds, or of some boxes'; None: nothing has come yet.

    A box that is online is known up to when it was heard last; one that came by stick, up to its
    last entry.
    """
    now = office.now_ms()
    whom = "all" if boxes is None else "some"
    rows = office.db.execute(_AGES, (OWN_BOX, whom, json.dumps(sorted(boxes or ()))))
    found: dict[str, float | None] = {}
    for box, seen_ms, data in rows:
        known = [seen_ms or 0, 0 if data is None else _said_ms(bytes(data))]
        found[box] = max(0, now - max(known)) / 1000 if any(known) else None
    return found


def _said_ms(data: bytes) -> int:
    try:
        said = datetime.fromisoformat(envelope(data).at.wall)
    except (CodecError, ValueError):
        return 0
    return int(said.astimezone(timezone.utc).timestamp() * 1000)
