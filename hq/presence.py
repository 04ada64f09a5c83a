"""Which boxes are online, and what they said of themselves last."""

from daemon.ledger.codec import canonical
from daemon.sync.wire import Hello, State
from hq.store import Office

QUIET_MS = 100_000  # a box says something every 30 s; after three it is not online


def seen(office: Office, hello: Hello) -> None:
    """A box has said hello."""
    office.db.execute(
        "INSERT INTO box (name, session, online, seen_ms, software, pack, devices)"
        " VALUES (?, ?, 1, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
        " session = excluded.session, online = 1, seen_ms = excluded.seen_ms,"
        " software = excluded.software, pack = excluded.pack, devices = excluded.devices",
        (
            hello.box,
            hello.session,
            office.now_ms(),
            hello.software,
            _pack(hello),
            canonical(hello.devices).decode(),
        ),
    )


def carried(office: Office, hello: Hello) -> None:
    """A hello has come by stick: what the box is counts unless it has been heard of later since;
    where it is now nobody knows."""
    office.db.execute("INSERT INTO box (name) VALUES (?) ON CONFLICT DO NOTHING", (hello.box,))
    newest = max(((one.epoch, one.last) for one in hello.chains), default=(0, 0))
    query = "SELECT epoch, mark FROM chain WHERE box = ? AND mark > 0 ORDER BY epoch DESC LIMIT 1"
    known = office.db.execute(query, (hello.box,)).fetchone()
    if known is not None and newest < tuple(known):
        return  # an old stick
    office.db.execute(
        "UPDATE box SET software = ?, pack = ?, devices = ? WHERE name = ? AND online = 0",
        (hello.software, _pack(hello), canonical(hello.devices).decode(), hello.box),
    )


def heard(office: Office, box: str) -> None:
    """Something that a box signed has come."""
    office.db.execute(
        "UPDATE box SET online = 1, seen_ms = ? WHERE name = ?", (office.now_ms(), box)
    )


def told(office: Office, state: State) -> None:
    """A box says that it is there, or its will that it is not."""
    if state.online:
        heard(office, state.box)
        return
    # A late will of an earlier connection says nothing about the present one.
    office.db.execute(
        "UPDATE box SET online = 0 WHERE name = ? AND session = ?", (state.box, state.session)
    )


def _pack(hello: Hello) -> str:
    return "" if hello.pack is None else f"{hello.pack.id} {hello.pack.version}"
