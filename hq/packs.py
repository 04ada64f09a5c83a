"""Rule packs at headquarters: checked, signed, stored, activated, rolled back.

A pack that was published once is never changed: another content needs another version. Boxes get
the signed document first and the activation after it; the down-log writer does that. A roll-out
goes to every shop, or first to a channel (a pilot, a region), or to one box.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.codec import hash_of
from daemon.ledger.messages import Pack
from daemon.ledger.messages_shop import Content
from daemon.ledger.records import PackRef
from daemon.rules import document
from hq import contents
from hq.ages import ages
from hq.db import Db
from hq.store import OWN_BOX, Office

if TYPE_CHECKING:
    from daemon.rules.engine import Engine

INLINE_BYTES_MAX = 96 * 1024  # of a pack within a message; a longer one would keep the log waiting


@dataclass(frozen=True, slots=True)
class Wanted:
    """The n-th activation, and from when it counts (None: at once)."""

    n: int
    ref: PackRef
    start: str | None


class RolledOut(msgspec.Struct, frozen=True):
    box: str
    channel: str
    wanted: str  # "zhenzi 8"
    has: str
    data_age_s: float | None = None  # of what HQ knows of this shop


class Progress(msgspec.Struct, frozen=True):
    """How far a pack has come."""

    pack: str
    shops: int  # that shall have it
    have: int  # and do


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


def publish(office: Office, text: str, *, to: str = "", start: str | None = None) -> PackRef:
    """Stage a pack and make it the one in force, in every shop or in those of a channel, or in a
    box. Raises like stage; an older version than a shop has is a roll-back, and is refused."""
    opened = _sound(text)
    with office.transaction():
        _check_target(office, to)
        _store(office, opened.ref, text)
        _check_newer(office, opened.ref, to)
        _activate(office, opened.ref, to, start)
        office.touch_directory()
    return opened.ref


def roll_back(office: Office, pack_id: str, *, to: str = "", version: int | None = None) -> PackRef:
    """Make an earlier version, or the last one before the present, the one in force again.

    Asked again without a version it goes back further. Raises PackConflict.
    """
    with office.transaction():
        _check_target(office, to)
        rows = office.db.execute(
            "SELECT id, version, hash FROM activation WHERE id = ? AND target IN ('', ?)"
            " ORDER BY n DESC",
            (pack_id, to),
        ).fetchall()
        earlier = [PackRef(*row) for row in rows if row[1] < rows[0][1]]
        if version is not None:
            earlier = [one for one in earlier if one.version == version]
        if not earlier:
            wanted = "no earlier version" if version is None else f"version {version} is not what"
            whom = f" for {to}" if to else ""
            raise PackConflict(f"{pack_id}: {wanted} was in force before{whom}")
        _activate(office, earlier[0], to, None)
        office.touch_directory()
    return earlier[0]


def in_force(db: Db) -> PackRef | None:
    """Return the pack that was activated last for every shop."""
    row = db.execute(
        "SELECT id, version, hash FROM activation WHERE target = '' ORDER BY n DESC LIMIT 1"
    ).fetchone()
    return None if row is None else PackRef(*row)


def engine(office: Office) -> "Engine | None":
    """Return the rules that are in force for every shop, as functions; None: there are none."""
    from daemon.rules.engine import compile_pack  # with the models: most work needs no rule

    ref = in_force(office.db)
    if ref is None:
        return None
    query = "SELECT document FROM pack WHERE id = ? AND version = ?"
    signed = str(office.db.execute(query, (ref.id, ref.version)).fetchone()[0])
    return compile_pack(document.parse(json.dumps(json.loads(signed)["pack"])), ref)


def hold_reasons(office: Office) -> tuple[str, ...]:
    """Return for which reasons the pack in force lets points be held; none: for any."""
    ref = in_force(office.db)
    query = (
        "SELECT json_extract(document, '$.pack.holds.reasons') FROM pack"
        " WHERE id = ? AND version = ?"
    )
    row = None if ref is None else office.db.execute(query, (ref.id, ref.version)).fetchone()
    return () if row is None or row[0] is None else tuple(json.loads(row[0]))


def wanted_in(db: Db, box: str) -> Wanted | None:
    """Return the activation that a box shall obey."""
    row = db.execute("SELECT name FROM channel WHERE box = ?", (box,)).fetchone()
    return _Activations(db).obeyed(box, "" if row is None else row[0])


class _Activations:
    """Every activation, the last one first; which shops its pack is for is read once, if at all:
    a question for each of a thousand shops takes seconds."""

    def __init__(self, db: Db) -> None:
        rows = db.execute(
            "SELECT target, n, id, version, hash, starts FROM activation ORDER BY n DESC"
        ).fetchall()
        self._all = [(row[0], Wanted(row[1], PackRef(*row[2:5]), row[5])) for row in rows]
        self._shops: dict[PackRef, frozenset[str]] = {}
        self._db = db

    def obeyed(self, box: str, channel: str) -> Wanted | None:
        """Return the last one for all, the box's channel or itself.

        A pack whose scope names shops is for those only.
        """
        for target, wanted in self._all:
            if target in ("", channel, box) and self._admits(wanted.ref, box):
                return wanted
        return None

    def _admits(self, ref: PackRef, box: str) -> bool:
        if ref not in self._shops:
            query = (
                "SELECT json_extract(document, '$.pack.scope.stores') FROM pack"
                " WHERE id = ? AND version = ?"
            )
            row = self._db.execute(query, (ref.id, ref.version)).fetchone()
            self._shops[ref] = frozenset(json.loads(row[0] or "[]"))
        return not self._shops[ref] or box in self._shops[ref]


def rolled_out(office: Office) -> list[RolledOut]:
    """Return which pack each box shall have and has."""
    rows = office.db.execute(
        "SELECT c.box, coalesce(h.name, ''), coalesce(b.pack, '') FROM"
        " (SELECT DISTINCT box FROM chain WHERE box <> ?) AS c"
        " LEFT JOIN channel AS h ON h.box = c.box LEFT JOIN box AS b ON b.name = c.box"
        " ORDER BY c.box",
        (OWN_BOX,),
    ).fetchall()
    known, activations, found = ages(office), _Activations(office.db), []
    for box, name, has in rows:
        wanted = activations.obeyed(box, name)
        said = "" if wanted is None else f"{wanted.ref.id} {wanted.ref.version}"
        found.append(RolledOut(box, name, said, has, known.get(box)))
    return found


def progress(found: Sequence[RolledOut]) -> list[Progress]:
    """Return, of each pack that shops shall have, how many have it."""
    made = []
    for pack in sorted({one.wanted for one in found if one.wanted}):
        shops = [one for one in found if one.wanted == pack]
        made.append(Progress(pack, len(shops), sum(one.has == pack for one in shops)))
    return made


def put_channel(office: Office, name: str, boxes: Sequence[str]) -> None:
    """Let boxes get packs with a channel; "" takes them out of theirs."""
    with office.transaction():
        for box in boxes:
            if name:
                office.db.execute(
                    "INSERT INTO channel VALUES (?, ?) ON CONFLICT (box)"
                    " DO UPDATE SET name = excluded.name",
                    (box, name),
                )
            else:
                office.db.execute("DELETE FROM channel WHERE box = ?", (box,))
        office.touch_directory()


def channel(office: Office, name: str) -> list[str]:
    rows = office.db.execute("SELECT box FROM channel WHERE name = ? ORDER BY box", (name,))
    return [row[0] for row in rows]


def _check_target(office: Office, to: str) -> None:
    query = (
        "SELECT 1 FROM channel WHERE name = ?1 UNION ALL SELECT 1 FROM chain WHERE box = ?1"
        " UNION ALL SELECT 1 FROM token WHERE box = ?1 LIMIT 1"
    )
    if to and office.db.execute(query, (to,)).fetchone() is None:
        raise PackConflict(f"{to} is no channel and no box. See memberbox-hq pack list.")


def _check_newer(office: Office, ref: PackRef, to: str) -> None:
    """Going back to an older version is a decision of its own: it is never made in silence."""
    for one in rolled_out(office):
        if to not in ("", one.box, one.channel):
            continue
        name, _, version = one.wanted.rpartition(" ")
        if name == ref.id and int(version) > ref.version:
            raise PackConflict(
                f"box {one.box} has {ref.id} version {version}, which is newer than "
                f"{ref.version}. To go back: memberbox-hq pack rollback {ref.id}. "
                "To go on: raise the version."
            )
    last = in_force(office.db)
    if not to and last is not None and last.id == ref.id and last.version > ref.version:
        raise PackConflict(
            f"{ref.id} version {last.version} is in force, which is newer than {ref.version}. "
            f"To go back: memberbox-hq pack rollback {ref.id}. To go on: raise the version."
        )


def _sound(text: str) -> document.Opened:
    """Return the pack if lint finds no error; warnings and notes are its author's business."""
    from daemon.rules.lint import lint  # the models are heavy, and most commands need none

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
    if len(signed.encode()) > document.DOCUMENT_BYTES_MAX:
        raise PackConflict(
            f"{len(signed.encode())} bytes; a pack has at most {document.DOCUMENT_BYTES_MAX}. "
            "Give sku lists as classes or categories."
        )
    if _is_long(signed):
        contents.put_bytes(office, signed.encode())
    office.db.execute(
        "INSERT INTO pack VALUES (?, ?, ?, ?, ?)",
        (ref.id, ref.version, ref.hash, signed, office.now()),
    )


def message(ref: PackRef, signed: str) -> Pack:
    """Return how a box is told of a pack: as a whole, or a long one by the hash of its bytes."""
    if not _is_long(signed):
        return Pack(signed)
    data = signed.encode()
    return Pack("", ref.id, ref.version, ref.hash, Content(hash_of(data), len(data)))


def _is_long(signed: str) -> bool:
    return len(signed.encode()) > INLINE_BYTES_MAX


def _activate(office: Office, ref: PackRef, to: str, start: str | None) -> None:
    row = office.db.execute(
        "SELECT id, version, hash, starts FROM activation WHERE target = ? ORDER BY n DESC LIMIT 1",
        (to,),
    ).fetchone()
    if row == (ref.id, ref.version, ref.hash, start):
        return
    office.db.execute(
        "INSERT INTO activation (id, version, hash, at, target, starts) VALUES (?, ?, ?, ?, ?, ?)",
        (ref.id, ref.version, ref.hash, office.now(), to, start),
    )
