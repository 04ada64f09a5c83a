"""The confirmation of an audit: points are cleared and put right, once, by messages to the shops.

Two persons confirm, when every difference is decided. From then on it is closed for changes. Cards
are sent in turns, each in one transaction with its messages: a process that dies has sent a card or
has not, and whoever comes next goes on, a serving headquarters too. What shops do with it comes
back as their entries (corrections.py); what they refuse is a case.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date

import msgspec

from daemon.howmany import HowMany
from hq import corrections, downlog, pool
from hq.audit import (
    CONFIRMED,
    CONFIRMING,
    CONFIRMS,
    ENDED,
    OPEN,
    Audit,
    AuditRefused,
    Event,
    audit,
    event,
    events,
    latest,
    set_state,
)
from hq.auditcount import CardSaid, ages_s, card, cards
from hq.auditpaper import PAPERS, differences
from hq.auditrule import due
from hq.corrected import CorrectionSaid, listed, oldest
from hq.corrections import Signed, check_persons
from hq.looks import Looks
from hq.progress import Progress, silent
from hq.store import Office

CARDS_PER_TURN = 50  # of one transaction: each signs a message or two, and intake waits
EVERY_MS = 60_000
TITLE = "积分核对"  # with the period: what the shops' books give as the reason

_OLD = (
    "SELECT coalesce(a.member, b.member), sum(b.amount) FROM (SELECT substr(b.account,"
    "  instr(b.account, ':') + 1) AS member, b.amount FROM balance AS b LEFT JOIN lot AS l"
    "  ON l.lot = b.lot AND l.unit = b.unit WHERE b.unit = 'point' AND b.amount > 0"
    "  AND b.lot <> '' AND substr(b.account, 1, instr(b.account, ':')) IN ('points:', 'frozen:')"
    "  AND substr(coalesce(l.granted, ''), 1, 10) <= ?) AS b"
    " LEFT JOIN alias AS a ON a.alias = b.member GROUP BY 1"
)


class Clearing(msgspec.Struct, frozen=True):
    """What a confirmation would clear, or what was asked and done of it."""

    cards: int
    points: int
    done: int = 0
    pending: int = 0  # corrections
    short: int = 0  # that could not be done as a whole: see the work list


class Shown(msgspec.Struct, frozen=True):
    cards: int
    with_paper: int
    differences: dict[str, int]  # by class, while it is open
    undecided: dict[str, int]
    would: Clearing  # what confirming now would clear
    came: Mapping[str, Clearing]  # of a confirmation, by what: cleared, adjusted
    open: list[CorrectionSaid]  # that are pending or incomplete
    events: list[Event]
    data_age_s: dict[str, float | None]


class Audits:
    """Goes on with a confirmation whose process died. One thread, intake's."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._looks = Looks(office, EVERY_MS)

    def work(self) -> int:
        if not self._looks.due():
            return 0
        one = latest(self._office)
        if one is None or one.state != CONFIRMING:
            return 0
        go_on(self._office, one)
        return 1


def confirm(
    office: Office,
    one: Audit,
    *,
    operator: str,
    second: str,
    progress: Progress = silent,
    per_turn: int = CARDS_PER_TURN,
) -> Audit:
    """Confirm an audit, or go on with a confirmation that was interrupted.

    Of one that is confirmed nothing is done again. Raises AuditRefused and NotTwoPersons.
    """
    if one.state == OPEN:
        check_persons(Signed(TITLE, operator, second))
        _check_ready(office, one)
        with office.transaction():
            now = audit(office, one.id)
            if now is not None and now.state == OPEN:
                set_state(office, one, CONFIRMING)
                note = f"{TITLE} {one.period}"
                event(office, one, CONFIRMS, operator=operator, second=second, note=note)
    go_on(office, one, progress, per_turn=per_turn)
    done = audit(office, one.id)
    assert done is not None, "an audit is never removed"
    return done


def go_on(
    office: Office, one: Audit, progress: Progress = silent, *, per_turn: int = CARDS_PER_TURN
) -> None:
    """Send what is not sent of a confirmation that has begun."""
    query = "SELECT count(*), sum(sent) FROM audit_card WHERE audit = ?"
    while _turn(office, one, per_turn):
        total, sent = office.db.execute(query, (one.id,)).fetchone()
        progress(int(sent or 0), int(total))
    downlog.write(office)
    corrections.pursue(office)


def would_clear(office: Office, one: Audit) -> Clearing:
    """Return what confirming now would clear."""
    old = _old(office, one)
    taken = [old[said.member] for said in cards(office, one) if said.clears and said.member in old]
    return Clearing(len(taken), sum(taken))


def cleared(office: Office, one: Audit) -> Mapping[str, Clearing]:
    """Return what came of a confirmation, by what was done: cleared, adjusted."""
    rows = office.db.execute(
        "SELECT k.what, count(*), sum(abs(k.points)), sum(abs(k.here) + CASE WHEN k.points > 0 AND"
        " k.state = 'done' THEN k.points ELSE 0 END + coalesce((SELECT sum(p.done)"
        " FROM correction_part AS r JOIN please AS p ON p.chain = r.chain AND p.n = r.n"
        " WHERE r.correction = k.id), 0)), sum(CASE WHEN k.state = 'open' THEN 1 ELSE 0 END),"
        " sum(CASE WHEN k.state = 'short' THEN 1 ELSE 0 END)"
        " FROM correction AS k WHERE k.audit = ? GROUP BY k.what ORDER BY k.what",
        (one.id,),
    )
    return {what: Clearing(*(int(n) for n in figures)) for what, *figures in rows.fetchall()}


def shown(office: Office, one: Audit) -> Shown:
    """Return how far an audit is. Call trail.catch_up() first."""
    begun = one.state in (CONFIRMING, CONFIRMED)
    found = list(differences(office, one)) if one.state == OPEN else []
    total, paper = office.db.execute(
        "SELECT count(*), count(paper) FROM audit_card AS k WHERE audit = ? AND NOT EXISTS"
        " (SELECT 1 FROM alias WHERE alias = k.member)",
        (one.id,),
    ).fetchone()
    return Shown(
        cards=int(total),
        with_paper=int(paper),
        differences=dict(Counter(said.cls for said in found)),
        undecided=dict(Counter(said.cls for said in found if not said.decision)),
        would=Clearing(0, 0) if begun else would_clear(office, one),
        came=cleared(office, one) if begun else {},
        open=[said for said in listed(office, audit=one.id) if said.state != "done"],
        events=events(office, one),
        data_age_s=ages_s(office, one),
    )


def _check_ready(office: Office, one: Audit) -> None:
    today = office.clock.read().wall.date().isoformat()
    if today < one.day:
        raise AuditRefused(f"the check is on {one.day}, and today is {today}. Confirm it then.")
    if not pool.is_open(office):
        raise AuditRefused("headquarters was restored and waits for shops: memberbox-hq status.")
    left = sum(1 for said in differences(office, one) if not said.decision)
    if left:
        open_ones = f"{HowMany(left):difference} not decided"
        raise AuditRefused(f"{open_ones}. See memberbox-hq audit differences.")


def _turn(office: Office, one: Audit, most: int) -> int:
    """Send some cards; return how many. The last turn ends the confirmation."""
    with office.transaction():
        now = audit(office, one.id)
        if now is None or now.state != CONFIRMING:
            return 0
        rows = office.db.execute(
            "SELECT member FROM audit_card AS k WHERE audit = ? AND sent = 0 AND NOT EXISTS"
            " (SELECT 1 FROM alias WHERE alias = k.member) ORDER BY member LIMIT ?",
            (one.id, most),
        ).fetchall()
        who = office.db.execute(
            "SELECT operator, second FROM audit_event WHERE audit = ? AND what = ?"
            " ORDER BY id DESC LIMIT 1",
            (one.id, CONFIRMS),
        ).fetchone()
        signed = Signed(f"{TITLE} {one.period}", who[0], who[1], one.id)
        for (member,) in rows:
            said = card(office, one, member)
            assert said is not None, "it is one of the audit's cards"
            _send(office, one, said, signed)
        office.db.execute(
            "UPDATE audit_card SET sent = 1 WHERE audit = ?"
            " AND member IN (SELECT value FROM json_each(?))",
            (one.id, json.dumps([member for (member,) in rows])),
        )
        if not rows:
            set_state(office, one, CONFIRMED)
            event(office, one, ENDED, operator=who[0], second=who[1])
    return len(rows)


def _send(office: Office, one: Audit, said: CardSaid, signed: Signed) -> None:
    """Put a card right as decided, and let lapse what the rule takes.

    What is cleared anyway is not put right before: a card that loses everything has nothing to
    add, and of what the paper lacks only the part that stays is taken.
    """
    by = (said.paper or 0) - said.total.closing if said.decision == PAPERS else 0
    if said.clears:
        gone = sum(lot.amount for lot in oldest(office, said.member, one.day))
        at = due(office, date.fromisoformat(one.day))
        corrections.clear(office, said.member, day=one.day, due=at, signed=signed)
        by = min(0, by + gone)
    if by:
        own = Signed(f"{signed.reason}: {said.reason}", said.operator, said.second, one.id)
        corrections.adjust(office, said.member, by, own)


def _old(office: Office, one: Audit) -> dict[str, int]:
    """Return what each member has of points that were granted up to the day."""
    return {member: int(points) for member, points in office.db.execute(_OLD, (one.day,))}
