"""What headquarters tells shops as such: put up for one shop or all, told once, answered by shops.

A notice has a kind and a key. One for a shop alone goes before one for all of the same key. What a
shop did with it (read, collected, refused ...) comes back in its entries.
"""

from collections.abc import Iterator
from types import MappingProxyType

import msgspec

from daemon.ledger.bodies import Body, DownRefused
from daemon.ledger.bodies_notice import MessageRead, ReservationEnded
from daemon.ledger.codec import CodecError, canonical, down_body, down_message, hash_of
from daemon.ledger.messages import DownBody
from daemon.ledger.messages_shop import (
    Certificate,
    ClerkMessage,
    ConfigChange,
    GiftSent,
    Playlist,
    Reservation,
    Setting,
)
from hq.chainlog import ChainLog
from hq.store import Office

PLAYLIST, SETTING, MESSAGE, RESERVATION, GIFT, CERTIFICATE = (
    "playlist",
    "config.change",
    "clerk.message",
    "reservation",
    "gift.sent",
    "certificate",
)
GONE = "gone"  # the digest of a notice that a chain was told is withdrawn
READ, REFUSED = "read", "refused"
ENDS = frozenset({MESSAGE, RESERVATION})  # of these a shop says when they are done with
_BODIES = MappingProxyType(
    {
        PLAYLIST: Playlist,
        SETTING: Setting,
        MESSAGE: ClerkMessage,
        RESERVATION: Reservation,
        GIFT: GiftSent,
        CERTIFICATE: Certificate,
    }
)
# Of each (kind, key) the notice that counts in a shop: its own, else the one for all.
_FOR_BOX = (
    "SELECT n.id, n.kind, n.key, n.body, n.digest, n.gone FROM notice AS n WHERE n.box IN ('', ?1)"
    " AND NOT EXISTS (SELECT 1 FROM notice AS o WHERE o.kind = n.kind AND o.key = n.key"
    " AND o.id <> n.id AND o.box IN ('', ?1) AND o.gone IS NULL"
    " AND (o.box = ?1 OR n.gone IS NOT NULL)) ORDER BY n.id"
)


class NoticeSaid(msgspec.Struct, frozen=True):
    kind: str
    key: str
    box: str  # "": every shop
    what: str
    at: str
    gone: bool
    told: dict[str, str] = {}  # by shop: waiting, told, or how it ended there


def put(office: Office, kind: str, key: str, body: msgspec.Struct, *, box: str = "") -> None:
    """Put a notice up, or another in its place."""
    text = canonical(body)
    with office.transaction():
        office.db.execute(
            "INSERT INTO notice (kind, key, box, body, digest, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, key, box) DO UPDATE SET body = excluded.body,"
            " digest = excluded.digest, at = excluded.at, gone = NULL",
            (kind, key, box, text.decode(), hash_of(text), office.now()),
        )
        office.touch_directory()


def withdraw(office: Office, kind: str, key: str, *, box: str = "") -> bool:
    """Take a notice down; return whether it was up."""
    with office.transaction():
        cursor = office.db.execute(
            "UPDATE notice SET gone = ? WHERE kind = ? AND key = ? AND box = ? AND gone IS NULL",
            (office.now(), kind, key, box),
        )
        office.touch_directory()
    return cursor.rowcount == 1


def tell(log: ChainLog) -> Iterator[None]:
    """Write what this chain has not been told into its log, in the open transaction."""
    ended = {
        row[0] for row in log.db.execute("SELECT notice FROM notice_end WHERE box = ?", (log.box,))
    }
    for name, kind, key, text, digest, gone in log.db.execute(_FOR_BOX, (log.box,)).fetchall():
        if name in ended and kind in ENDS:
            continue
        if gone is not None and not _was_told(log, kind, key):
            continue
        if log.tell(kind, key, digest if gone is None else GONE):
            body = msgspec.json.decode(text, type=_BODIES[kind])
            log.add(kind, _message(body, gone=gone is not None))
            yield


def answered(office: Office, box: str, entry: Body) -> None:
    """Note what a shop did with a notice, in the open transaction."""
    match entry:
        case MessageRead(message=key):
            _end(office, box, MESSAGE, key, READ)
        case ReservationEnded(reservation=key, outcome=outcome):
            _end(office, box, RESERVATION, key, outcome)
        case DownRefused(message=text, why=why):
            try:
                message = down_message(text.encode())
                name = _key(down_body(message))
            except CodecError:
                return
            if name is not None:
                _end(office, box, message.kind, name, f"{REFUSED}: {why}")
        case _:
            return


def listed(office: Office, kind: str) -> list[NoticeSaid]:
    """Return the notices of a kind, the newest first, with what shops did with them."""
    found = []
    boxes = [row[0] for row in office.db.execute("SELECT DISTINCT name FROM box ORDER BY name")]
    rows = office.db.execute(
        "SELECT id, key, box, body, at, gone FROM notice WHERE kind = ? ORDER BY id DESC", (kind,)
    ).fetchall()
    for name, key, box, text, at, gone in rows:
        ends: dict[str, str] = dict(
            office.db.execute("SELECT box, outcome FROM notice_end WHERE notice = ?", (name,))
        )
        whom = [box] if box else boxes
        told = {one: ends.get(one) or _state(office, one, kind, key) for one in whom}
        found.append(NoticeSaid(kind, key, box, text, at, gone is not None, told))
    return found


def _state(office: Office, box: str, kind: str, key: str) -> str:
    row = office.db.execute(
        "SELECT max(d.n) <= max(c.applied) FROM chain AS c JOIN down AS d ON d.chain = c.id"
        " JOIN told AS t ON t.chain = c.id AND t.what = d.kind AND t.key = ?1"
        " WHERE c.box = ?2 AND d.kind = ?3"
        " AND c.epoch = (SELECT max(epoch) FROM chain WHERE box = ?2)",
        (key, box, kind),
    ).fetchone()
    return "waiting" if row is None or not row[0] else "told"


def _was_told(log: ChainLog, kind: str, key: str) -> bool:
    row = log.db.execute(
        "SELECT 1 FROM told AS t JOIN chain AS c ON c.id = t.chain WHERE c.box = ? AND t.what = ?"
        " AND t.key = ? LIMIT 1",
        (log.box, kind, key),
    ).fetchone()
    return row is not None


def _message(body: object, *, gone: bool) -> DownBody:
    match body:
        case Setting(key=key, value=value):
            return ConfigChange((Setting(key, None if gone else value),))
        case ClerkMessage(id=name) if gone:
            return ClerkMessage(name)
        case Reservation() if gone:
            return msgspec.structs.replace(body, cancelled=True)
        case Playlist() if gone:
            return Playlist(())
        case Playlist() | ClerkMessage() | Reservation() | GiftSent() | Certificate():
            return body
        case _:
            raise AssertionError(f"{type(body).__name__} is no notice")


def _key(body: DownBody) -> str | None:
    """Return under which key a message's notice stands; None: it is none."""
    match body:
        case ConfigChange(settings=settings):
            return settings[0].key if len(settings) == 1 else None
        case ClerkMessage(id=name) | Reservation(id=name):
            return name
        case GiftSent(lot=lot):
            return lot
        case Playlist() | Certificate():
            return ""
        case _:
            return None


def _end(office: Office, box: str, kind: str, key: str, outcome: str) -> None:
    office.db.execute(
        "INSERT INTO notice_end SELECT id, ?1, ?2, ?3 FROM notice"
        " WHERE kind = ?4 AND key = ?5 AND box IN ('', ?1) ORDER BY box DESC LIMIT 1"
        " ON CONFLICT (notice, box) DO UPDATE SET outcome = excluded.outcome, at = excluded.at",
        (box, outcome, office.now(), kind, key),
    )
