"""Rights that open by themselves (权益): on days that come, and with a level. From the books.

Each is opened once, for the members whom this box let in: their home knows of them what there is to
know, and holds the right (`right:<rule>:<day>`) under which it is opened. A box that was off opens
what came up to a month ago, unless it has lapsed since; one that follows a loss, what came later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from daemon.actfacts import Facts
from daemon.clock import moment
from daemon.ledger import accounts
from daemon.ledger.acts.moves import Moves, Refusal, Stamp
from daemon.ledger.acts.right import RightRequest, promise
from daemon.ledger.bodies import HandedOver, LevelChanged, LotPart, Moved, Promised
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit, right_unit
from daemon.ledger.limits import Draw
from daemon.ledger.machine import BY_BOX, SOURCE_BOX
from daemon.ledger.records import Draft, Entry
from daemon.ledger.views import LotRow
from daemon.ledger.waitbook import LevelHeld
from daemon.rules.engine import Engine
from daemon.rules.measuring import SPEND
from daemon.rules.periods import later, span
from daemon.rules.timed import Known, Opening, birthday_of, openings
from daemon.rules.types import MemberFacts

if TYPE_CHECKING:
    from daemon.rules.models_time import Entitlement

LOOK_BACK = timedelta(days=31)  # a box that was off for longer asks headquarters

Asked = Callable[[str], MemberFacts | None]


def opened(facts: Facts, engine: Engine, member: Asked, now: datetime) -> list[Draft]:
    """Return the rights that opened up to now and are not written."""
    account, today = engine.account(), now.date()
    drafts = []
    for held in facts.store.waits.levels():
        for rule in account.rights:
            known = _known(held, rule, member, now)
            if rule.grades:
                known = replace(known, bought=_bought(facts, held.member))
            first = max(today - LOOK_BACK, known.joined or today)
            for one in openings(rule, known, first, today, account.calendar):
                drafts.append(_draft(facts, rule, one, now))
    return [draft for draft in drafts if draft is not None]


def with_level(facts: Facts, engine: Engine, entry: Entry) -> list[Draft]:
    """Return the rights that a rise brings."""
    body, account = entry.body, engine.account()
    assert isinstance(body, LevelChanged), "only a change of level may be a rise"
    if not account.levels.rises(body.before, body.level):
        return []
    today = datetime.fromisoformat(entry.at.wall)
    drafts = []
    for rule in account.rights:
        if rule.on == "level" and (not rule.levels or body.level in rule.levels):
            ends = None if rule.life is None else later(_midnight(today), span(rule.life)).date()
            one = Opening(rule.id, body.member, today.date(), rule.qty, ends)
            drafts.append(_draft(facts, rule, one, today, because=id_of(entry)))
    return [draft for draft in drafts if draft is not None]


def _draft(
    facts: Facts, rule: Entitlement, one: Opening, now: datetime, *, because: str = ""
) -> Draft | None:
    name = f"right:{one.member}:{rule.id}:{because or one.day.isoformat()}"
    row = facts.row(one.member)
    over = one.ends is not None and one.ends <= now.date()
    if row is None or over or facts.store.find(SOURCE_BOX, name) is not None:
        return None
    if row.term_ends is not None and moment(row.term_ends, now.tzinfo) <= now:
        return None
    ends = None if one.ends is None else datetime.combine(one.ends, time(), now.tzinfo)
    request = RightRequest(
        id=name,
        source=SOURCE_BOX,
        member=one.member,
        rule=rule.id,
        qty=one.qty,
        unit=rule.unit,
        sku=rule.sku or "",
        reason=rule.on,
        expires=None if ends is None else ends.isoformat(),
    )
    stamp = Stamp(SOURCE_BOX, name, facts.at(), BY_BOX, facts.pack(), facts.now())
    member = facts.member(one.member)
    found = promise(request, member, facts.balance, stamp, kind=Kind.ENTITLEMENT_OPENED)
    if isinstance(found, Refusal):
        return None
    unit = right_unit(rule.id, because or one.day.isoformat())
    draw = Draw(unit, one.qty, one.qty, one.day.isoformat())
    drawn = facts.limiting.taken(found, one.member, (draw,))
    return None if isinstance(drawn, str) else drawn


def closed(facts: Facts, engine: Engine, entry: Entry) -> list[Draft]:
    """Return the rights that end because the member took another of the same choice that day."""
    body = entry.body
    promised = None if entry.re is None else facts.entry(entry.re)
    if not isinstance(body, HandedOver) or promised is None:
        return []
    if not isinstance(promised.body, Promised):
        return []
    rights = {one.id: one for one in engine.account().rights}
    taken = rights.get(promised.body.rule)
    if taken is None or taken.either is None:
        return []
    others = [one for one in rights.values() if one.either == taken.either and one is not taken]
    names = {promised.id.replace(f":{taken.id}:", f":{one.id}:") for one in others}
    drafts = []
    for lot in facts.member(body.member).of(accounts.waiting(body.member), Unit.PIECE):
        opened = facts.entry(lot.lot.rpartition(":")[0])
        if opened is not None and opened.id in names and lot.amount:
            drafts.append(_closed(facts, body.member, lot))
    return drafts


def told(facts: Facts, engine: Engine, member: str, event: str, now: datetime) -> list[Draft]:
    """Return what a life event opens that a member told the shop; the same day's only once."""
    row, account, today = facts.row(member), engine.account(), now.date()
    events = () if account.calendar is None else account.calendar.life_events
    if row is None or event not in [one.id for one in events]:
        return []
    joined = moment(row.joined, now.tzinfo).date()
    known = Known(member, joined, level=row.level, life=((today, event),))
    drafts = []
    for rule in account.rights:
        if rule.on == "life_event":
            who = replace(known, bought=_bought(facts, member)) if rule.grades else known
            for one in openings(rule, who, today, today, account.calendar):
                drafts.append(_draft(facts, rule, one, now, because=f"{one.day}:{event}"))
    return [draft for draft in drafts if draft is not None]


def _closed(facts: Facts, member: str, lot: LotRow) -> Draft:
    name, moves = f"either:{lot.lot}", Moves(facts.balance)
    moves.move(lot.account, Unit.PIECE, -lot.amount, lot.lot)
    moves.move(accounts.PROMISED, Unit.PIECE, lot.amount)
    part = LotPart(Unit.PIECE, lot.lot, lot.amount)
    body = Moved(member, Unit.PIECE, lot.amount, (part,), "", "either")
    stamp = Stamp(SOURCE_BOX, name, facts.at(), BY_BOX, facts.pack(), facts.now())
    return moves.draft(stamp, Kind.ENTITLEMENT_LAPSED, body)


def _bought(facts: Facts, member: str) -> tuple[tuple[date, int], ...]:
    """Return what the member bought, by day, as far as the pack counts it."""
    rows = facts.store.books.used(member, since="")
    return tuple((date.fromisoformat(day), fen) for day, what, fen in rows if what == SPEND)


def _known(held: LevelHeld, rule: Entitlement, member: Asked, now: datetime) -> Known:
    """Return what time asks of a member; a profile is opened only where a birthday is asked."""
    asked = member(held.member) if rule.on == "birthday" else None
    birthday = None if asked is None else birthday_of(asked.birthday)
    return Known(held.member, moment(held.joined, now.tzinfo).date(), birthday, level=held.level)


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time(), moment.tzinfo)
