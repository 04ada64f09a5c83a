"""Goods on their way from one shop to another: the shop they go to hears of them."""

import msgspec

from daemon.ledger.bodies import StockMoved
from daemon.ledger.ids import id_of, parse_entry_id
from daemon.ledger.messages_shop import GoodsSent
from daemon.ledger.records import Entry
from hq.store import Office


def sent(office: Office, entry: Entry, moved: StockMoved) -> str | None:
    """Note what a shop sent; return why nobody will receive it, None: the chain will be told.

    Only the chain that is named takes goods off their way, whatever became of its machine.
    """
    place = parse_entry_id(f"{moved.to}:1")
    if place is None:
        return f"goods were sent to {moved.to!r}, which is no chain"
    to = place[0]
    body = GoodsSent(id_of(entry), str(to), moved.lines, entry.at.wall, moved.document)
    office.db.execute(
        "INSERT INTO goods_way (sent, box, epoch, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (id_of(entry), to.box, to.epoch, msgspec.json.encode(body).decode()),
    )
    office.touch_directory()
    later = office.db.execute(
        "SELECT 1 FROM chain WHERE box = ?1"
        " AND (epoch > ?2 OR (epoch = ?2 AND closed IS NOT NULL))",
        (to.box, to.epoch),
    ).fetchone()
    if later is None:
        return None
    return f"goods were sent to {to}, which has ended: send them anew to the box's own chain of now"
