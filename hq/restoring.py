"""Headquarters restored from a backup: a new incarnation, and a pool that waits for the boxes.

What boxes had applied and this headquarters does not know comes back with their entries (HQ-signed
bytes, adoption.py). Until every open chain has said that it knows the incarnation, and everything
that it had by then is booked, nothing is granted from the pool and no chain is told anything: its
log might be longer than we remember.
"""

import os
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
from hq.store import (
    CONTENT_FOLDER,
    DATABASE,
    KEY_FILE,
    OWN_BOX,
    STORE_FILE,
    Office,
    ensure_chain,
    open_office,
)

COUNTED_FROM = datetime(2026, 1, 1, tzinfo=timezone.utc)  # in seconds
POOL_FACT = "pool_closed"  # why; empty: it is open
RESTORING = "restoring"  # what a backup becomes a headquarters in
_UNFINISHED = shutil.ignore_patterns(".*")  # contents that are being written


def back_up(office: Office, folder: Path) -> None:
    """Copy the database, as it is at this moment, contents and keys. Raises StoreError.

    The key comes last: a copy that was cut off is refused at its restore.
    """
    keys, content = (folder / KEY_FILE).parent, office.folder / CONTENT_FOLDER
    try:
        keys.mkdir(parents=True, mode=0o700)
        moving.save(office.db, folder / DATABASE)
        if content.exists():
            shutil.copytree(content, folder / CONTENT_FOLDER, ignore=_UNFINISHED)
        own = office.folder / KEY_FILE
        leave_out = shutil.ignore_patterns(own.name)
        shutil.copytree(own.parent, keys, ignore=leave_out, dirs_exist_ok=True)
        shutil.copy2(own, folder / KEY_FILE)
        _flush(folder)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            str(folder),
            doing="writing a backup",
            found=str(error),
            fix="Give a folder that does not exist yet, on a medium with room.",
            retry=False,
        ) from error


def restore(backup: Path, folder: Path) -> tuple[int, list[str]]:
    """Make a backup the headquarters of a folder; return its incarnation and whom it waits for.

    It begins the next incarnation before it is there for anybody: whenever this is cut off, there
    is no headquarters, and it is done again. Raises StoreError.
    """
    _refuse_over(folder)
    making = folder / RESTORING
    try:
        shutil.rmtree(making, ignore_errors=True)
        put_back(backup, making)
        office = open_office(making)
        try:
            found = raise_incarnation(office), waiting_for(office)
            office.db.wipe()
        finally:
            office.close()
        for part in (making / KEY_FILE).parent, making / CONTENT_FOLDER:
            if part.exists():
                shutil.copytree(part, folder / part.name, dirs_exist_ok=True)
        _flush(folder)
        os.replace(making / DATABASE, folder / DATABASE)
        shutil.rmtree(making)
        _flush(folder)
    except OSError as error:
        raise StoreError(
            str(folder),
            doing="restoring a backup",
            found=str(error),
            fix="Look at the disk and at who may write there, and do it again.",
            retry=False,
        ) from error
    return found


def put_back(backup: Path, folder: Path) -> None:
    """Copy a backup to where no headquarters is, as it was. Raises StoreError."""
    _refuse_over(folder)
    try:
        (folder / KEY_FILE).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(backup / KEY_FILE, folder / KEY_FILE)
        for part in (backup / KEY_FILE).parent, backup / CONTENT_FOLDER:
            if part.exists():
                shutil.copytree(part, folder / part.name, dirs_exist_ok=True)
        shutil.copy2(backup / DATABASE, folder / DATABASE)
    except OSError as error:
        raise StoreError(
            str(backup),
            doing="restoring a backup",
            found=str(error),
            fix="Give the folder that memberbox-hq backup made.",
            retry=False,
        ) from error


def _refuse_over(folder: Path) -> None:
    if (folder / DATABASE).exists() or (folder / STORE_FILE).exists():
        raise StoreError(
            str(folder),
            doing="restoring a backup",
            found="a headquarters is there",
            fix="Move it aside first; give an empty --dir.",
            retry=False,
        )


def _flush(folder: Path) -> None:
    """Let everything below a folder be on its medium."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def raise_incarnation(office: Office) -> int:
    """Begin the next incarnation, after anything that may have lost a commit; return it."""
    with office.transaction():
        return _begin(office, above=office.incarnation)


def _begin(office: Office, *, above: int) -> int:
    """Begin an incarnation above this one, unless a worker has at this moment; return it."""
    # One backup may be restored twice: a number that only counted on would come again.
    now = office.clock.read().wall.astimezone(timezone.utc)
    incarnation = max(above + 1, int((now - COUNTED_FROM).total_seconds()))
    begun = office.db.execute(
        "UPDATE meta SET value = ?1 WHERE name = 'incarnation' AND CAST(value AS BIGINT) <= ?2",
        (str(incarnation), above),
    )
    if not begun.rowcount:
        return office.incarnation
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
    """Return the open chains that have not confirmed the incarnation, also those of which no more
    than a hello has come; a replaced one need not."""
    rows = office.db.execute(
        "SELECT c.box || '.' || c.epoch, (SELECT e.data FROM entry AS e WHERE e.chain = c.id"
        " AND e.seq = c.mark ORDER BY e.rowid LIMIT 1) FROM chain AS c"
        " WHERE c.confirmed < ? AND c.box <> ? AND c.closed IS NULL"
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
