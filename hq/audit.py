"""积分核对: the yearly check of points at headquarters, from its beginning to its record.

It counts what the books say of every card up to a mark in each chain, sets the shops' paper beside
it, lets persons decide, and is confirmed once (auditclear.py). Until then nothing of it stands in
any book, and each act can be taken back: only the record of who did it, when, stays. A process that
dies leaves an act done or not; counting and confirming go on where they were.
"""

from collections.abc import Sequence

import msgspec

from hq.ages import ages
from hq.auditrule import Rule, next_day, rule_of, usual_day
from hq.memberlist import shop_of
from hq.store import OWN_BOX, Office

COUNTING, OPEN, CONFIRMING, CONFIRMED, UNDONE = (
    "counting",
    "open",
    "confirming",
    "confirmed",
    "undone",
)
CLOSING = "closing"  # what the books said at the marks, among the words of audit_sum
STARTED, PAPER, DECIDED, CONFIRMS, ENDED, UNDID = (
    "start",
    "import-paper",
    "decide",
    "confirm",
    "confirmed",
    "undo",
)


class AuditRefused(ValueError):
    """The audit does not take this now; the text says why and what to do."""


class Audit(msgspec.Struct, frozen=True):
    id: int
    period: str  # 2026-12
    day: str  # of the check
    since: str  # the first business date of its statements
    rule: Rule
    state: str


class Event(msgspec.Struct, frozen=True):
    id: int
    at: str
    operator: str
    second: str
    what: str
    card: str
    note: str
    undone: int  # the event that took it back


class CardRow(msgspec.Struct, frozen=True):
    """What persons have said of a card."""

    member: str
    paper: int | None
    decision: str  # "", box, paper
    reason: str
    operator: str
    second: str


def start(office: Office, *, operator: str, day: str = "", since: str = "") -> Audit:
    """Begin an audit: note up to which entry of each chain it looks. Raises AuditRefused."""
    with office.transaction():
        running = latest(office)
        if running is not None and running.state not in (CONFIRMED, UNDONE):
            raise _wrong(
                f"audit {running.id} of {running.period} is {running.state}",
                "Confirm it, or take it back: memberbox-hq audit undo.",
            )
        rule = rule_of(office)
        on = day or usual_day(rule, office.clock.read().wall.date()).isoformat()
        before = office.db.execute(
            "SELECT period, day FROM audit WHERE state = ? ORDER BY id DESC LIMIT 1", (CONFIRMED,)
        ).fetchone()
        if before is not None and before[0] == on[:7]:
            raise _wrong(
                f"the audit of {before[0]} is confirmed, and closed for changes",
                "The next one has a later --day.",
            )
        first = since or (f"{on[:4]}-01-01" if before is None else next_day(before[1]))
        if first > on:
            raise _wrong(f"--since {first} is after the day of the check, {on}", "Give it earlier.")
        row = office.db.execute(
            "INSERT INTO audit (period, day, since, rule, state) VALUES (?, ?, ?, ?, ?)"
            " RETURNING id",
            (on[:7], on, first, msgspec.json.encode(rule).decode(), COUNTING),
        ).fetchone()
        made = Audit(int(row[0]), on[:7], on, first, rule, COUNTING)
        _note_marks(office, made.id)
        _note_cards(office, made.id)
        event(office, made, STARTED, operator=operator, note=f"day {on}, pack {rule.pack or '-'}")
    return made


def latest(office: Office) -> Audit | None:
    """Return the audit that was begun last and not taken back."""
    rows = _read(office, "WHERE state <> 'undone' ORDER BY id DESC LIMIT 1", ())
    return rows[0] if rows else None


def audit(office: Office, number: int) -> Audit | None:
    rows = _read(office, "WHERE id = ?", (number,))
    return rows[0] if rows else None


def set_state(office: Office, one: Audit, state: str) -> None:
    office.db.execute("UPDATE audit SET state = ? WHERE id = ?", (state, one.id))


def event(
    office: Office,
    one: Audit,
    what: str,
    *,
    operator: str,
    second: str = "",
    card: str = "",
    note: str = "",
    before: Sequence[CardRow] = (),
) -> int:
    """Write down who did what, in the open transaction; return its number."""
    kept = msgspec.json.encode(list(before)).decode() if before else ""
    row = office.db.execute(
        "INSERT INTO audit_event (audit, at, operator, second, what, card, note, before)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (one.id, office.now(), operator, second, what, card, note, kept),
    ).fetchone()
    return int(row[0])


def events(office: Office, one: Audit) -> list[Event]:
    rows = office.db.execute(
        "SELECT id, at, operator, second, what, card, note, undone FROM audit_event"
        " WHERE audit = ? ORDER BY id",
        (one.id,),
    )
    return [Event(*row) for row in rows.fetchall()]


def undo(office: Office, *, operator: str) -> Event:
    """Take back the last act that was not taken back; the first one ends the audit.

    Raises AuditRefused: a confirmed audit is closed for changes.
    """
    with office.transaction():
        one = latest(office)
        if one is None:
            raise _wrong("there is no audit", "Begin one: memberbox-hq audit start.")
        if one.state in (CONFIRMING, CONFIRMED):
            raise _wrong(
                f"the audit of {one.period} is {one.state}, and closed for changes",
                "Put a member's points right: memberbox-hq member adjust.",
            )
        number, what, card, before = office.db.execute(
            "SELECT id, what, card, before FROM audit_event WHERE audit = ? AND undone = 0"
            " AND what <> ? ORDER BY id DESC LIMIT 1",
            (one.id, UNDID),
        ).fetchone()
        if what == STARTED:
            _forget(office, one)
        elif before:
            put_back(office, one, msgspec.json.decode(before, type=list[CardRow]))
        note = f"{what} of event {number}"
        by = event(office, one, UNDID, operator=operator, card=card, note=note)
        office.db.execute("UPDATE audit_event SET undone = ? WHERE id = ?", (by, number))
    return next(made for made in events(office, one) if made.id == number)


def card_row(office: Office, one: Audit, member: str) -> CardRow | None:
    row = office.db.execute(
        "SELECT member, paper, decision, reason, operator, second FROM audit_card"
        " WHERE audit = ? AND member = ?",
        (one.id, member),
    ).fetchone()
    return None if row is None else CardRow(*row)


def put_back(office: Office, one: Audit, rows: Sequence[CardRow]) -> None:
    """Let cards say what these rows say, in the open transaction."""
    office.db.executemany(
        "UPDATE audit_card SET paper = ?, decision = ?, reason = ?, operator = ?, second = ?"
        " WHERE audit = ? AND member = ?",
        [
            (row.paper, row.decision, row.reason, row.operator, row.second, one.id, row.member)
            for row in rows
        ],
    )


def _note_marks(office: Office, number: int) -> None:
    """Note how far the books have each chain, and when what they say of its shop was said."""
    known, now_ms = ages(office), office.now_ms()
    told = {box: 0 if age is None else now_ms - int(age * 1000) for box, age in known.items()} | {
        OWN_BOX: now_ms
    }
    rows = office.db.execute("SELECT id, box, booked FROM chain ORDER BY id").fetchall()
    office.db.executemany(
        "INSERT INTO audit_chain VALUES (?, ?, 0, ?, 0, ?)",
        [(number, chain, booked, told.get(box, 0)) for chain, box, booked in rows],
    )


def _note_cards(office: Office, number: int) -> None:
    """Note every card and what all hands have of its points, as the books stand."""
    office.db.execute(
        "INSERT INTO audit_card (audit, member, card, home, joined, level)"
        " SELECT ?, id, card, home, joined, level FROM member",
        (number,),
    )
    office.db.execute(
        "INSERT INTO audit_card (audit, member, card, home, joined, level)"
        " SELECT DISTINCT CAST(? AS BIGINT), id, card, '', '', '' FROM visitor AS v"
        " WHERE NOT EXISTS (SELECT 1 FROM member WHERE id = v.id)",
        (number,),
    )
    sums: dict[tuple[str, str], int] = {}
    for account, holder, amount in office.db.execute(
        "SELECT account, holder, sum(amount) FROM balance WHERE unit = 'point' AND amount <> 0"
        " AND substr(account, 1, 7) = 'points:' GROUP BY account, holder"
    ):
        key = (account.partition(":")[2], shop_of(holder))
        sums[key] = sums.get(key, 0) + amount
    office.db.executemany(
        "INSERT INTO audit_sum VALUES (?, ?, ?, ?, ?)",
        [(number, member, shop, CLOSING, points) for (member, shop), points in sums.items()],
    )


def _forget(office: Office, one: Audit) -> None:
    for table in ("audit_card", "audit_sum", "audit_chain"):
        office.db.execute(f"DELETE FROM {table} WHERE audit = ?", (one.id,))  # noqa: S608 - ours
    set_state(office, one, UNDONE)


def _read(office: Office, where: str, values: Sequence[object]) -> list[Audit]:
    rows = office.db.execute(
        f"SELECT id, period, day, since, rule, state FROM audit {where}",  # noqa: S608  (ours)
        values,
    )
    return [
        Audit(number, period, day, since, msgspec.json.decode(rule, type=Rule), state)
        for number, period, day, since, rule, state in rows.fetchall()
    ]


def _wrong(found: str, fix: str) -> AuditRefused:
    return AuditRefused(f"{found}. {fix}")
