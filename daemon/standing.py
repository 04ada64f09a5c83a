"""What time and sales make of a member's standing: drafts of levels that rise or are reviewed, and
of money rewards that are paid out. From the books; safe from any thread.

A box acts on what it knows. It lets anybody rise, provisionally where the pack lets headquarters
decide, and reviews only whom it let in itself: who buys in many shops is reviewed where all of it
is known.
"""

from collections.abc import Sequence
from datetime import datetime

from daemon.actfacts import Facts
from daemon.clock import moment
from daemon.ledger import accounts
from daemon.ledger.acts import coupons
from daemon.ledger.acts.moves import Member, Refusal, Stamp
from daemon.ledger.acts.standing import LevelRequest, change_level
from daemon.ledger.bodies import LevelChanged, MemberEnrolled
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Unit
from daemon.ledger.lots import available
from daemon.ledger.machine import BY_BOX, SOURCE_BOX
from daemon.ledger.records import Draft, Entry
from daemon.ledger.views import LotRow, MemberRow
from daemon.rules.engine import Engine
from daemon.rules.levels import Change, Measures
from daemon.rules.measuring import measures
from daemon.rules.periods import later, span

MISSED_MAX = 100  # entries: more were not on their way when the power went
REVIEWS_MAX = 200  # of one member at once: a level that holds for a day is none
GROWN, REVIEWED, PAID_OUT = "growth", "review", "payout"  # reasons, as entries name them


def rise(facts: Facts, engine: Engine, member: str, because: str) -> Draft | None:
    """Return the level that a member has reached by what an entry (`because`) wrote down."""
    row, levels = facts.row(member), engine.account().levels
    if row is None:
        return None
    now = facts.now()
    change = levels.raised(row.level, measured(facts, engine, row.id, now), now)
    if change is None:
        return None
    until, why = levels.ends(change.since), (GROWN, because)
    return _changed(facts, row, change, until, why, provisional=levels.chain)


def missed(facts: Facts, engine: Engine) -> list[Draft]:
    """Return the rises that the last entries brought and that were not written any more."""
    members: dict[str, str] = {}
    for entry in facts.find(lambda one: bool(grower(one)), most=MISSED_MAX):
        members.setdefault(grower(entry), id_of(entry))
    drafts = [rise(facts, engine, member, because) for member, because in members.items()]
    return [draft for draft in drafts if draft is not None]


def grower(entry: Entry) -> str:
    """Return the member whose growth or counts an entry adds to; "" for nobody."""
    body = entry.body
    if isinstance(body, MemberEnrolled):
        return id_of(entry)
    counts = getattr(body, "uses", None) or getattr(body, "growth", 0)
    return str(getattr(body, "member", "")) if counts else ""


def reviews(facts: Facts, engine: Engine, now: datetime) -> list[Draft]:
    """Return what the reviews that are due make of the levels of this box's own members."""
    levels = engine.account().levels
    if not levels.ids or levels.chain or levels.ends(now) is None:
        return []  # of a chain headquarters reviews, by what all shops know
    drafts = []
    for held in facts.store.waits.levels():
        joined = moment(held.joined, now.tzinfo)
        due = levels.ends(joined) if held.until is None else moment(held.until, now.tzinfo)
        if due is None or due > now:
            continue
        change = _reviewed(facts, engine, held.member, Change(held.level, held.level, due), now)
        row = facts.row(held.member)
        if row is not None:
            until, why = levels.ends(change.since), (REVIEWED, due.isoformat())
            drafts.append(_changed(facts, row, change, until, why))
    return [draft for draft in drafts if draft is not None]


def coupon(facts: Facts, engine: Engine, entry: Entry) -> Draft | None:
    """Return the coupon that a rise brings."""
    body, levels = entry.body, engine.account().levels
    assert isinstance(body, LevelChanged), "only a change of level may be a rise"
    gift = levels.coupons.get(body.level)
    if (
        gift is None
        or body.reason not in (GROWN, REVIEWED)
        or not levels.rises(body.before, body.level)
    ):
        return None
    ends = None if gift.life is None else later(facts.now(), span(gift.life)).isoformat()
    request = coupons.IssueRequest(
        id=f"level:{id_of(entry)}",
        source=SOURCE_BOX,
        member=body.member,
        coupon=gift.kind,
        value_fen=gift.value_fen,
        reason=body.level,
        expires=ends,
    )
    draft = coupons.issue(request, facts.member(body.member), facts.balance, _stamp(facts, request))
    return None if isinstance(draft, Refusal) else draft


def pay_outs(facts: Facts, engine: Engine, now: datetime) -> list[Draft]:
    """Return the vouchers that money rewards of periods which have ended become."""
    pays = engine.account().pay_out
    if pays is None:
        return []
    drafts = []
    for name in facts.store.waits.rewarded(accounts.reward("")):
        member = facts.member(name)
        lots = [
            (moment(lot.granted, now.tzinfo), lot)
            for lot in available(member.of(accounts.reward(name), Unit.REWARD), now)
        ]
        for one in pays.of(((granted, lot.amount) for granted, lot in lots), now):
            mine = [lot for granted, lot in lots if pays.due(granted) == one.due]
            request = coupons.IssueRequest(
                id=f"payout:{name}:{one.due.isoformat()}:{mine[-1].lot}",
                source=SOURCE_BOX,
                member=name,
                coupon=one.kind,
                value_fen=one.value_fen,
                reason=PAID_OUT,
                expires=None if one.expires is None else one.expires.isoformat(),
            )
            drafts.append(_paid(facts, request, member, mine))
    return drafts


def _paid(
    facts: Facts, request: coupons.IssueRequest, member: Member, lots: Sequence[LotRow]
) -> Draft:
    return coupons.pay_out(request, member, lots, facts.balance, _stamp(facts, request))


def _reviewed(facts: Facts, engine: Engine, member: str, change: Change, now: datetime) -> Change:
    """Return what all reviews up to now make of a level; `since` is the last of them."""
    levels, before = engine.account().levels, change.before
    due: datetime | None = change.since
    for _ in range(REVIEWS_MAX):
        if due is None or due > now:
            break
        found = measured(facts, engine, member, due)
        change = levels.reviewed(change.after, due, found)
        due = levels.ends(due)
    return Change(before, change.after, change.since)


def _changed(
    facts: Facts,
    row: MemberRow,
    change: Change,
    until: datetime | None,
    why: tuple[str, str],
    *,
    provisional: bool = False,
) -> Draft | None:
    """Return the change as an entry; `why`: its reason, and what makes it one and the same."""
    reason, because = why
    request = LevelRequest(
        id=f"level:{row.id}:{because}",
        source=SOURCE_BOX,
        member=row.id,
        level=change.after,
        reason=reason,
        until=None if until is None else until.isoformat(),
        provisional=provisional,
    )
    member = Member(row.id, row.card, row.status, row.kind, ())
    stamp = _stamp(facts, request)
    draft = change_level(request, member, facts.balance, stamp, before=change.before)
    return None if isinstance(draft, Refusal) else draft


def measured(facts: Facts, engine: Engine, member: str, at: datetime) -> Measures:
    """Return what levels compare, as the books of this box have it."""
    books, first = facts.store.books, engine.account().levels.window_starts(at)
    since = "" if first is None else first.date().isoformat()
    lots = facts.store.books.lots(accounts.points(member), Unit.POINT)
    return measures(
        books.used(member, since=since),
        since=since,
        until=at.date().isoformat(),
        growth=books.balance(accounts.growth(member), Unit.GROWTH) if first is None else None,
        points=sum(lot.amount for lot in available(lots, at)),
    )


def _stamp(facts: Facts, request: LevelRequest | coupons.IssueRequest) -> Stamp:
    return Stamp(SOURCE_BOX, request.id, facts.at(), BY_BOX, facts.pack(), facts.now())
