"""Points for no purchase, as the pack in force grants them: clicks on a page, a handbook, a prize.

Limits of a month or a year count here, where everything of a member comes together. A request that
comes twice is done once.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.rules import document
from daemon.rules.giving import Done, compile_grants
from daemon.rules.periods import starts
from daemon.rules.types import Refusal
from hq import adjusting
from hq.db import Db
from hq.packs import in_force
from hq.store import Office

if TYPE_CHECKING:
    from daemon.rules.models_time import Every

DAY_CHARS = len("2026-03-06")


@dataclass(frozen=True, slots=True)
class Earned:
    member: str
    points: int
    entry: str  # "": a limit was reached, or it had been done
    why: str = ""


def earn(office: Office, member: str, source: str, *, request: str) -> Earned | Refusal:
    """Grant what an action is worth now; nothing when its limit is reached."""
    known = office.db.execute(
        "SELECT member, points, entry FROM earned WHERE request = ?", (request,)
    ).fetchone()
    if known is not None:
        return Earned(known[0], known[1], known[2], "done before")
    ref = in_force(office.db)
    if ref is None:
        return Refusal("not_allowed", "no rule pack is in force", {})
    query = "SELECT document FROM pack WHERE id = ? AND version = ?"
    (text,) = office.db.execute(query, (ref.id, ref.version)).fetchone()
    pack = document.open_signed(text, office.public).pack
    rule = next((one for one in pack.grants if one.source == source), None)
    if rule is not None and rule.without_terminal and _has_terminal(office.db, member):
        why = "only for members of counters that book no purchases themselves"
        return Refusal("not_allowed", why, {})
    fields = () if rule is None else rule.required
    granted = compile_grants(pack.grants)(source, fields, _done(office, member))
    if isinstance(granted, Refusal):
        return granted
    if granted.points <= 0:
        return Earned(member, 0, "", "the limit of this period is reached")
    with office.transaction():
        entry = adjusting.granted(office, member, granted.points, source=source, expires=None)
        office.db.execute(
            "INSERT INTO earned VALUES (?, ?, ?, ?, ?, ?)",
            (request, member, granted.rule, office.now()[:DAY_CHARS], granted.points, entry),
        )
    return Earned(member, granted.points, entry)


def _done(office: Office, member: str) -> Done:
    def done(what: str, period: "Every") -> int:
        times, rule = what.startswith("times:"), what.removeprefix("times:")
        since = starts(period, office.clock.read().wall).date()
        row = office.db.execute(
            "SELECT count(*), coalesce(sum(points), 0) FROM earned WHERE member = ? AND rule = ?"
            " AND day >= ?",
            (member, rule, since.isoformat()),
        ).fetchone()
        return int(row[0] if times else row[1])

    return done


def _has_terminal(db: Db, member: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM member AS m JOIN chain AS c ON c.box = m.home WHERE m.id = ? LIMIT 1",
        (member,),
    ).fetchone()
    return row is not None
