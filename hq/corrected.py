"""Corrections of members' points as they stand: what was asked of whom, and what came of it.

Reads only. A part is pending until the shop's own entry says what it did of it.
"""

import json
from collections.abc import Iterator

import msgspec

from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.ledger.posting import HQ
from hq import pool
from hq.ages import ages
from hq.memberlist import shop_of
from hq.store import Office

WAITING, DONE, PARTLY, REFUSED, GIVEN_UP = "waiting", "done", "partly", "refused", "given up"
LISTED_MAX = 1000  # corrections, the newest

_COLUMNS = (
    "SELECT k.id, k.what, k.member, k.points, k.state, k.lot, k.due, k.day, k.here,"
    " k.here + coalesce((SELECT sum(p.done) FROM correction_part AS r JOIN please AS p"
    "  ON p.chain = r.chain AND p.n = r.n WHERE r.correction = k.id), 0),"
    " k.reason, k.operator, k.second, k.at, k.audit, coalesce(m.card, ''), coalesce(m.home, '')"
    " FROM correction AS k LEFT JOIN member AS m ON m.id = k.member"
)
_ANSWERED = (
    " WHERE k.state = 'open' AND NOT EXISTS (SELECT 1 FROM correction_part AS r"
    " JOIN chain AS c ON c.id = r.chain WHERE r.correction = k.id AND c.applied < r.n"
    " AND c.closed IS NULL) AND k.id > ? ORDER BY k.id LIMIT ?"
)
_PARTS = (
    "SELECT c.box, c.epoch, r.n, p.asked, p.done, c.applied >= r.n, c.closed FROM correction_part"
    " AS r JOIN chain AS c ON c.id = r.chain JOIN please AS p ON p.chain = r.chain AND p.n = r.n"
    " WHERE r.correction = ? ORDER BY c.box, c.epoch, r.n"
)
_OLDEST = (
    "SELECT b.holder, b.account, b.lot, b.amount, coalesce((SELECT c.box FROM chain AS c"
    "  WHERE c.box || '.' || c.epoch = b.holder AND c.closed IS NULL AND c.epoch ="
    "  (SELECT max(epoch) FROM chain WHERE box = c.box AND mark > 0)), '')"
    " FROM balance AS b LEFT JOIN lot AS l ON l.lot = b.lot AND l.unit = b.unit"
    " WHERE b.unit = ?1 AND b.amount > 0 AND b.lot <> ''"
    " AND b.account IN (SELECT value FROM json_each(?2))"
    " AND substr(coalesce(l.granted, ''), 1, 10) <= ?3 ORDER BY b.holder, b.account, b.lot"
)


class Correction(msgspec.Struct, frozen=True):
    """One that is to be made, or a row of the table. points: below 0 to be taken."""

    id: int
    what: str  # adjusted, cleared
    member: str
    points: int
    state: str
    lot: str = ""  # that was given
    due: str = ""
    day: str = ""
    here: int = 0  # that headquarters itself has taken
    done: int = 0  # that was taken in all
    reason: str = ""
    operator: str = ""
    second: str = ""
    at: str = ""
    audit: int = 0
    card: str = ""
    home: str = ""

    @property
    def told(self) -> str:
        """Return why, as the shops' books say it."""
        return f"{self.reason} ({self.operator}, {self.second})"


class PartSaid(msgspec.Struct, frozen=True):
    box: str
    message: int  # its number in the shop's log
    asked: int
    done: int
    state: str  # waiting, done, partly, refused, given up
    data_age_s: float | None
    why: str = ""  # it was refused


class CorrectionSaid(msgspec.Struct, frozen=True):
    id: int
    what: str
    member: str
    card: str
    points: int
    done: int
    state: str  # open, done, short
    reason: str
    operator: str
    second: str
    at: str
    audit: int
    where: dict[str, int]  # what was given: in whose hand; `on the way` until a shop applied it
    parts: tuple[PartSaid, ...]


class Lot(msgspec.Struct, frozen=True):
    """What one hand has of a lot. box: of the shop that can be asked; "" for none."""

    holder: str
    account: str
    lot: str
    amount: int
    box: str


def listed(
    office: Office, *, member: str = "", audit: int = 0, state: str = ""
) -> list[CorrectionSaid]:
    """Return corrections, the newest first: of a member, of an audit, in a state, or all."""
    rows = office.db.execute(
        f"{_COLUMNS} WHERE (k.member = ?1 OR ?1 = '') AND (k.audit = ?2 OR ?2 = 0)"
        " AND (k.state = ?3 OR ?3 = '') ORDER BY k.id DESC LIMIT ?4",
        (member, audit, state, LISTED_MAX),
    )
    found = [Correction(*row) for row in rows.fetchall()]
    known = ages(office) if found else {}
    return [_said(office, one, known) for one in found]


def answered(office: Office, after: int, most: int) -> list[Correction]:
    """Return open corrections to which every shop that was asked has answered, or never will.

    `after`: those with a higher number.
    """
    rows = office.db.execute(_COLUMNS + _ANSWERED, (after, most))
    return [Correction(*row) for row in rows.fetchall()]


def oldest(office: Office, member: str, day: str) -> list[Lot]:
    """Return what hands hold of points that were granted up to a day, frozen ones too."""
    names = pool.ids_of(office, member)
    purses = [room(name) for name in names for room in (accounts.points, accounts.frozen)]
    rows = office.db.execute(_OLDEST, (Unit.POINT, json.dumps(purses), day))
    return [Lot(*row) for row in rows.fetchall()]


def refusing(office: Office, correction: int) -> set[str]:
    """Return the boxes that have answered a part of it and did nothing."""
    rows = office.db.execute(_PARTS, (correction,)).fetchall()
    return {box for box, _, _, _, done, applied, _ in rows if applied and not done}


def released(office: Office, one: Correction) -> bool:
    """Tell whether what was given has arrived: it lies neither here nor on the way."""
    return not {HQ, ON_THE_WAY} & _where(office, one.lot).keys()


ON_THE_WAY = "on the way"


def _where(office: Office, lot: str) -> dict[str, int]:
    found: dict[str, int] = {}
    rows = office.db.execute(
        "SELECT b.holder, b.amount FROM balance AS b JOIN lot AS l ON l.account = b.account"
        " AND l.unit = b.unit AND l.lot = b.lot WHERE l.lot = ? AND b.amount > 0",
        (lot,),
    )
    for holder, amount in rows.fetchall():
        hand = ON_THE_WAY if holder.startswith("transit:") else shop_of(holder)
        found[hand] = found.get(hand, 0) + amount
    return found


def _said(office: Office, one: Correction, known: dict[str, float | None]) -> CorrectionSaid:
    where = _where(office, one.lot) if one.lot else {}
    here = sum(amount for hand, amount in where.items() if hand in (HQ, ON_THE_WAY))
    return CorrectionSaid(
        one.id,
        one.what,
        one.member,
        one.card,
        one.points,
        one.points - here if one.lot else one.done,
        one.state,
        one.reason,
        one.operator,
        one.second,
        one.at,
        one.audit,
        where,
        tuple(_parts(office, one.id, known)),
    )


def _parts(office: Office, number: int, known: dict[str, float | None]) -> Iterator[PartSaid]:
    for box, epoch, n, asked, done, applied, closed in office.db.execute(
        _PARTS, (number,)
    ).fetchall():
        why = _why(office, box, epoch, n) if applied and not done else ""
        if not applied:
            state = WAITING if closed is None else GIVEN_UP
        elif why:
            state = REFUSED
        else:
            state = DONE if done >= asked else PARTLY
        yield PartSaid(box, n, asked, done, state, known.get(box), why)


def _why(office: Office, box: str, epoch: int, n: int) -> str:
    """Return why a shop refused a message, as its case says; "" when it did not."""
    said = f"message {n} was refused: "
    row = office.db.execute(
        "SELECT what FROM work WHERE box = ? AND epoch = ? AND kind = 'refused' AND what LIKE ?",
        (box, epoch, f"{said}%"),
    ).fetchone()
    return "" if row is None else str(row[0]).removeprefix(said)
