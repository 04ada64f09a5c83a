"""Rule packs at headquarters: checked, signed, stored, activated, rolled back.

A pack that was published once is never changed: another content needs another version. Boxes get
the signed document first and the activation after it; the down-log writer does that.
"""

import sqlite3

from daemon.ledger.records import PackRef
from daemon.rules import document
from daemon.rules.lint import lint
from daemon.sync.wire import MESSAGE_BYTES_MAX
from hq.store import Office


class PackConflict(ValueError):
    """The pack cannot be published as asked; the text says why and what to do."""


class PackFaulty(PackConflict):
    """Lint found errors that keep the pack off the boxes; the text names all of them."""


def stage(office: Office, text: str) -> PackRef:
    """Check, sign and store a pack; boxes get it but go on with theirs.

    Raises document.PackError (mistakes in it) and PackConflict (PackFaulty: lint errors).
    """
    opened = _sound(text)
    with office.transaction():
        _store(office, opened.ref, text)
        office.touch_directory()
    return opened.ref


def publish(office: Office, text: str) -> PackRef:
    """Stage a pack and make it the one in force in every shop. Raises like stage."""
    opened = _sound(text)
    with office.transaction():
        _store(office, opened.ref, text)
        _activate(office, opened.ref)
        office.touch_directory()
    return opened.ref


def roll_back(office: Office, pack_id: str) -> PackRef:
    """Make the version in force before the present one the one in force. Raises PackConflict."""
    with office.transaction():
        rows = office.db.execute(
            "SELECT id, version, hash FROM activation WHERE id = ? ORDER BY n DESC", (pack_id,)
        ).fetchall()
        earlier = [PackRef(*row) for row in rows if row[1] != rows[0][1]]
        if not earlier:
            raise PackConflict(f"{pack_id}: no other version was in force before")
        _activate(office, earlier[0])
        office.touch_directory()
    return earlier[0]


def in_force(db: sqlite3.Connection) -> PackRef | None:
    """Return the pack that was activated last."""
    row = db.execute("SELECT id, version, hash FROM activation ORDER BY n DESC LIMIT 1").fetchone()
    return None if row is None else PackRef(*row)


def _sound(text: str) -> document.Opened:
    """Return the pack if lint finds no error; warnings and notes are its author's business."""
    opened = document.read(text)
    errors = [str(one) for one in lint(opened.pack) if one.severity == "error"]
    if errors:
        raise PackFaulty("\n".join(errors))
    return opened


def _store(office: Office, ref: PackRef, text: str) -> None:
    row = office.db.execute(
        "SELECT hash FROM pack WHERE id = ? AND version = ?", (ref.id, ref.version)
    ).fetchone()
    if row is not None:
        if row[0] != ref.hash:
            raise PackConflict(
                f"{ref.id} version {ref.version} was published with another content. "
                "Raise its version."
            )
        return
    signed = document.sign(text, office.seed)
    if len(signed.encode()) > MESSAGE_BYTES_MAX:
        raise PackConflict(
            f"{len(signed.encode())} bytes; a message holds {MESSAGE_BYTES_MAX}. "
            "Give sku lists as classes or categories."
        )
    office.db.execute(
        "INSERT INTO pack VALUES (?, ?, ?, ?, ?)",
        (ref.id, ref.version, ref.hash, signed, office.now()),
    )


def _activate(office: Office, ref: PackRef) -> None:
    if in_force(office.db) == ref:
        return
    office.db.execute(
        "INSERT INTO activation (id, version, hash, at) VALUES (?, ?, ?, ?)",
        (ref.id, ref.version, ref.hash, office.now()),
    )
