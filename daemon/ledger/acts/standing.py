"""What a member stands at: the level, and the yearly look at the points (积分核对). Pure."""

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp
from daemon.ledger.bodies import AuditConfirmed, LevelChanged
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft

BY_HAND = "by_hand"  # the reason that needs a second person


class LevelRequest(Request, frozen=True, kw_only=True):
    """`level` "": none any more; `until`: when it is looked at again."""

    member: str = ""
    card: str = ""
    level: str
    reason: str
    until: str | None = None
    manager: str = ""
    provisional: bool = False


class AuditRequest(Request, frozen=True, kw_only=True):
    """`counted`: what the member's own statement says; it need not be what the books say."""

    member: str = ""
    card: str = ""
    period: str
    counted: int
    auditor: str
    gifts: tuple[str, ...] = ()
    note: str = ""


def change_level(
    request: LevelRequest, member: Member, balance: Balance, stamp: Stamp, *, before: str
) -> Draft | Refusal:
    """Return that a member's level is another; `before`: the one that he has."""
    if not member.id or not member.kind:
        return Refusal("not_allowed", "only a member who is known here has a level")
    if request.level == before and request.until is None:
        return Refusal("not_allowed", f"member {member.id} is {before or 'of no level'} already")
    if not request.reason:
        return Refusal("not_allowed", "say why: review, growth, by_hand")
    if request.reason == BY_HAND and request.manager in ("", stamp.by.operator):
        return Refusal("not_allowed", "a level by hand needs a second person: a manager")
    body = LevelChanged(
        member.id,
        request.level,
        before,
        request.reason,
        request.until,
        request.manager,
        request.provisional,
    )
    return Moves(balance).draft(stamp, Kind.LEVEL_CHANGED, body)


def confirm(
    request: AuditRequest, member: Member, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return the look of an auditor at what this box holds of a member's points."""
    if not member.id:
        return Refusal("not_allowed", "an audit is of a member: name him, or a card")
    if not request.period or not request.auditor or request.counted < 0:
        return Refusal("not_allowed", "an audit has a period, an auditor, and points from 0 up")
    frozen = sum(lot.amount for lot in member.of(accounts.frozen(member.id), Unit.POINT))
    body = AuditConfirmed(
        member.id,
        request.card or member.card,
        request.period,
        member.total(Unit.POINT) + frozen,
        request.counted,
        request.auditor,
        request.gifts,
        request.note,
    )
    return Moves(balance).draft(stamp, Kind.AUDIT_CONFIRMED, body)
