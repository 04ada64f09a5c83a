"""Headquarters restored from a backup: a new incarnation, and a pool that waits for the boxes.

What boxes had applied and this headquarters does not know comes back with their entries (HQ-signed
bytes, adoption.py). Until every open chain has said that it knows the incarnation, and everything
that it had by then is booked, nothing is granted from the pool and no chain is told anything: its
log might be longer than we remember.
"""

import shutil
import sqlite3
from datetime import datetime, timezone
from pathlib import Path

from daemon.errors import StoreError
from daemon.ledger.codec import CodecError, down_message, envelope
from daemon.ledger.kinds import Kind
from daemon.ledger.records import ZERO_HASH
from daemon.sync.wire import Hello
from hq import moving
from hq.adoption import release_adopted
from hq.chainlog import ChainLog
from hq.store import DATABASE, KEY_FILE, OWN_BOX, STORE_FILE, Office, ensure_chain

COUNTED_FROM = datetime(2026, 1, 1, tzinfo=timezone.utc)  # in seconds
POOL_FACT = "pool_closed"  # why; empty: it is open


def back_up(office: Office, folder: Path) -> None:
    """Copy the database, as it is at this moment, and the key. Raises StoreError."""
    try:
        (folder / KEY_FILE).parent.mkdir(parents=True, mode=0o700)
        moving.save(office.db, folder / DATABASE)
        shutil.copy2(office.folder / KEY_FILE, folder / KEY_FILE)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            str(folder),
            doing="writing a backup",
            found=str(error),
            fix="Give a folder that does not exist yet, on a medium with room.",
            retry=False,
        ) from error


def put_back(backup: Path, folder: Path) -> None:
    """Copy a backup to where no headquarters is. Raises StoreError."""
    if (folder / DATABASE).exists() or (folder / STORE_FILE).exists():
        raise StoreError(
            str(folder),
            doing="restoring a backup",
            found="a headquarters is there",
            fix="Move it aside first; give an empty --dir.",
            retry=False,
        )
    try:
        (folder / KEY_FILE).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(backup / KEY_FILE, folder / KEY_FILE)
        shutil.copy2(backup / DATABASE, folder / DATABASE)
    except OSError as error:
        raise StoreError(
            str(backup),
            doing="restoring a backup",
            found=str(error),
            fix="Give the folder that memberbox-hq backup made.",
            retry=False,
        ) from error


def raise_incarnation(office: Office) -> int:
    """Begin the next incarnation, after anything that may have lost a commit; return it."""
    with office.transaction():
        return _begin(office, above=office.incarnation)


def _begin(office: Office, *, above: int) -> int:
    # One backup may be restored twice: a number that only counted on would come again.
    now = office.clock.read().wall.astimezone(timezone.utc)
    incarnation = max(above + 1, int((now - COUNTED_FROM).total_seconds()))
    office.set_meta("incarnation", str(incarnation))
    ensure_chain(office.db, OWN_BOX, incarnation)
    office.db.execute("UPDATE chain SET confirms_at = NULL")
    office.db.execute("UPDATE box SET online = 0")
    office.set_meta(POOL_FACT, f"restored at {office.now()}; boxes have to confirm it")
    return incarnation


def confirming(office: Office, hello: Hello) -> None:
    """A box knows our incarnation: what it offers now is all it had when it learned of it.

    One that knows a higher one tells us that we were restored and nobody said so.
    """
    if hello.incarnation > office.incarnation:
        _begin(office, above=hello.incarnation)
    if hello.incarnation != office.incarnation:
        return
    for offer in hello.chains:
        office.db.execute(
            "UPDATE chain SET confirms_at = ? WHERE box = ? AND epoch = ? AND confirms_at IS NULL"
            " AND confirmed < ?",
            (offer.last, hello.box, offer.epoch, office.incarnation),
        )


def confirm(office: Office) -> int:
    """Take up chains whose entries are all booked, and open the pool after the last one."""
    closed = office.fact(POOL_FACT) != ""
    query = (
        "SELECT id, box, epoch FROM chain WHERE confirmed < ? AND box <> ?"
        " AND confirms_at IS NOT NULL AND booked >= confirms_at"
    )
    incarnation = office.incarnation
    if not closed and office.db.execute(query, (incarnation, OWN_BOX)).fetchone() is None:
        return 0
    done = 0
    with office.transaction():
        rows = office.db.execute(query, (incarnation, OWN_BOX)).fetchall()
        for chain, box, epoch in rows:
            _sign_again(office, chain, box, epoch)
            query = "UPDATE chain SET confirmed = ?, told = -1 WHERE id = ?"
            office.db.execute(query, (incarnation, chain))
            done += 1
        if not waiting_for(office):
            done += release_adopted(office)
            office.set_meta(POOL_FACT, "")
            office.touch_directory()
    return done


def waiting_for(office: Office) -> list[str]:
    """Return the open chains that have not confirmed the incarnation; a replaced one need not."""
    rows = office.db.execute(
        "SELECT c.box || '.' || c.epoch, (SELECT e.data FROM entry AS e WHERE e.chain = c.id"
        " AND e.seq = c.mark ORDER BY e.rowid LIMIT 1) FROM chain AS c"
        " WHERE c.confirmed < ? AND c.box <> ? AND c.closed IS NULL AND c.mark > 0"
        " ORDER BY c.box, c.epoch",
        (office.incarnation, OWN_BOX),
    )
    return [name for name, data in rows.fetchall() if not _is_handed_over(bytes(data or b""))]


def _is_handed_over(data: bytes) -> bool:
    try:
        return envelope(data).kind == Kind.EPOCH_CLOSED
    except CodecError:
        return False


def _sign_again(office: Office, chain: int, box: str, epoch: int) -> None:
    """Sign what the chain has not applied under the new incarnation: it takes nothing older."""
    applied = office.db.execute("SELECT applied FROM chain WHERE id = ?", (chain,)).fetchone()[0]
    rows = office.db.execute(
        "SELECT text, member FROM down WHERE chain = ? AND n > ? ORDER BY n", (chain, applied)
    ).fetchall()
    last = office.db.execute(
        "SELECT hash FROM down WHERE chain = ? AND n = ?", (chain, applied)
    ).fetchone()
    office.db.execute("DELETE FROM down WHERE chain = ? AND n > ?", (chain, applied))
    office.db.execute(
        "UPDATE chain SET down_seq = ?, down_hash = ? WHERE id = ?",
        (applied, ZERO_HASH if last is None else last[0], chain),
    )
    rows += office.db.execute(
        "SELECT text, member FROM displaced WHERE chain = ? ORDER BY n", (chain,)
    ).fetchall()
    office.db.execute("DELETE FROM displaced WHERE chain = ?", (chain,))
    log = ChainLog(office, chain, box, epoch)
    for text, member in rows:
        message = down_message(text.encode())
        log.add(message.kind, message.body, member)  # also one that a newer software wrote
