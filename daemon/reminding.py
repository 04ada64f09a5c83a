"""Due lists: whom the pack wants told, why and when, among the members that these books know.

From the books and the journal; safe from any thread, and in no hurry: every profile is opened. A
member himself is told only with his consent to marketing; who has no right to whole profiles gets
names and numbers masked. Sending is another matter.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time

import msgspec

from daemon.actfacts import Facts
from daemon.clock import moment
from daemon.ledger import accounts
from daemon.ledger.bodies import ConsentChanged, MemberEnrolled
from daemon.ledger.codec import decode
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.lots import available
from daemon.ledger.profiles import TAIL_DIGITS, Person, masked
from daemon.ledger.views import MemberRow
from daemon.rules.engine import Engine
from daemon.rules.house import House
from daemon.rules.periods import starts
from daemon.rules.timed import Due, Known, birthday_of, due
from daemon.standing import measured

MEMBER, STORE = "member", "store"
PAGE_ENTRIES = 500
PHONE_SHOWN = (3, 4)  # digits that stay at both ends of a masked number
_MARKS = tuple(
    f'"kind":"{kind.value}"'.encode() for kind in (Kind.MEMBER_ENROLLED, Kind.CONSENT_CHANGED)
)


class DueRow(msgspec.Struct, frozen=True):
    """One member to be told `on` a day, because of what falls on `day`. Dates are the shop's."""

    rule: str
    member: str
    tail: str  # of the card
    name: str
    phone: str
    on: str
    day: str
    why: str  # birthday, term_end, ...; a festival's id
    to: tuple[str, ...]
    channel: str
    text: str
    task: bool


class DueSaid(msgspec.Struct, frozen=True):
    """The list as commands say it. `profiles`: whole or masked, by who is signed on."""

    ok: bool
    first: str
    last: str
    profiles: str
    due: list[DueRow]


class DueAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days as YYYY-MM-DD, both included; left out: the business date."""

    first: str = ""
    last: str = ""


def said(facts: Facts, engine: Engine, asked: DueAsked) -> DueSaid:
    """Return the list of some days."""
    today = facts.at().business_date
    first = asked.first or today
    last = asked.last or max(first, today)
    rows = due_rows(facts, engine, date.fromisoformat(first), date.fromisoformat(last))
    whole = engine.house().sees_profile(facts.by().role)
    return DueSaid(True, first, last, "whole" if whole else "masked", rows)


def due_rows(facts: Facts, engine: Engine, first: date, last: date) -> list[DueRow]:
    """Return who is to be told from first to last, both included, by day, rule and member."""
    account, house = engine.account(), engine.house()
    if not account.reminders:
        return []
    whole = house.sees_profile(facts.by().role)
    agreed = _agreed(facts)
    people: dict[str, tuple[MemberRow, Person]] = {}
    members = list(_members(facts, engine, agreed, people))
    midnight = datetime.combine(first, time())
    begun = (starts(one.per, midnight).date() for one in account.reminders if one.per is not None)
    since = min((first, *begun))  # what was told before counts
    rows = []
    for one in due(account.reminders, members, since, last, account.calendar):
        to = tuple(who for who in one.to if who != MEMBER or agreed.get(one.member, False))
        if one.on >= first and to:
            rows.append(_row(one, to, *people[one.member], house, whole=whole))
    return sorted(rows, key=lambda row: (row.on, row.rule, row.member))


def _row(
    one: Due, to: tuple[str, ...], row: MemberRow, person: Person, house: House, *, whole: bool
) -> DueRow:
    return DueRow(
        rule=one.rule,
        member=one.member,
        tail=row.card[-TAIL_DIGITS:],
        name=person.name if whole and person.name else masked(person.name, row.card, house.mask),
        phone=person.phone if whole else _masked_phone(person.phone),
        on=one.on.isoformat(),
        day=one.day.isoformat(),
        why=one.occasion,
        to=to,
        channel=one.channel,
        text=one.text,
        task=one.task,
    )


def _members(
    facts: Facts,
    engine: Engine,
    agreed: Mapping[str, bool],
    people: dict[str, tuple[MemberRow, Person]],
) -> Iterator[Known]:
    """Yield what time asks of each member; `people` is filled with who they are."""
    now = facts.now()
    for member, last, purchases in facts.store.waits.buyers():
        row = facts.row(member)
        if row is None or row.status != "active":
            continue
        person = facts.person(row) or Person()
        people[member] = row, person
        joined = moment(row.joined, now.tzinfo)
        lots = facts.store.books.lots(accounts.points(member), Unit.POINT)
        ends = engine.expiring(lots, joined, now)
        yield Known(
            id=member,
            joined=joined.date(),
            birthday=birthday_of(person.birthday),
            term_ends=None if row.term_ends is None else moment(row.term_ends, now.tzinfo).date(),
            lapses=date.fromisoformat(ends[0][0][:10]) if ends else None,
            points=sum(lot.amount for lot in available(lots, now)),
            level=row.level,
            last_purchase=None if last is None else moment(last, now.tzinfo).date(),
            purchases=purchases,
            profile_complete=bool(person.name and person.phone and person.birthday),
            reachable=bool(person.phone),
            consent=agreed.get(member, False),
            demoted=_demoted(facts, engine, row, joined),
        )


def _demoted(facts: Facts, engine: Engine, row: MemberRow, joined: datetime) -> date | None:
    """Return the day of the review that would take a level, by what these books count now."""
    levels = engine.account().levels
    if not levels.ids:
        return None
    until = row.level_until
    due = levels.ends(joined) if until is None else moment(until, joined.tzinfo)
    if due is None:
        return None
    falls = levels.falls(row.level, due, measured(facts, engine, row.id, due))
    return None if falls is None else falls.date()


def _agreed(facts: Facts) -> Mapping[str, bool]:
    """Return what members last said about marketing; who said nothing here agreed to nothing."""
    said: dict[str, bool] = {}
    for chain, head in facts.store.chains():
        for first in range(1, head.seq + 1, PAGE_ENTRIES):
            for stored in facts.store.read(chain.epoch, first, PAGE_ENTRIES):
                if not any(mark in stored.data for mark in _MARKS):
                    continue  # the rest of a journal is not even decoded
                entry = decode(stored.data)
                match entry.body:
                    case MemberEnrolled(consent=consent):
                        said[id_of(entry)] = consent.marketing
                    case ConsentChanged(member=member, consent=consent):
                        said[member] = consent.marketing
                    case _:
                        pass
    return said


def _masked_phone(phone: str) -> str:
    head, tail = PHONE_SHOWN
    hidden = len(phone) - head - tail
    return f"{phone[:head]}{'*' * hidden}{phone[-tail:]}" if hidden > 0 else "*" * len(phone)
