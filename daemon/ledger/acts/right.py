"""Rights to goods and services that wait for a member: opened, owed. Pure.

They are handed over by redeem.py and lapse by lapse.py.
"""

from datetime import datetime

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp
from daemon.ledger.acts.redeem import OPENED, OWED, SERVICE
from daemon.ledger.bodies import NewLot, Promised
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft

UNITS = ("item", "count", "minutes", "issue", "service")  # as packs name them
QTY_MAX = 10_000  # as packs may give at most


class RightRequest(Request, frozen=True, kw_only=True):
    """`rule`: what of the pack gives it, or by hand a name; `sku` "": no goods."""

    member: str = ""
    card: str = ""
    rule: str
    qty: int = 1
    unit: str = "item"
    sku: str = ""
    name: str = ""
    reason: str = ""
    expires: str | None = None  # RFC 3339; only of what is opened


def promise(
    request: RightRequest, member: Member, balance: Balance, stamp: Stamp, *, kind: Kind
) -> Draft | Refusal:
    """Return a right that is opened, or owed: what was to be given now and is not here."""
    if not member.id or not request.rule or not 0 < request.qty <= QTY_MAX:
        return Refusal("not_allowed", f"a right has a member, a rule and 1 to {QTY_MAX} pieces")
    if request.unit not in UNITS:
        return Refusal("not_allowed", f"{request.unit!r} is no unit: {', '.join(UNITS)}")
    owed = kind is Kind.ENTITLEMENT_OWED
    if owed and (request.expires is not None or not request.sku):
        return Refusal("not_allowed", "what is owed are goods (a sku), and it has no end")
    if request.expires is not None and not _later(request.expires, stamp.now):
        return Refusal("not_allowed", f"{request.expires!r} is no time to come: name when it ends")
    moves = Moves(balance)
    number = moves.new_lot()
    moves.move(accounts.waiting(member.id), Unit.PIECE, request.qty, f"#{number}")
    moves.move(accounts.PROMISED, Unit.PIECE, -request.qty)
    source = f"{OWED if owed else OPENED}{request.sku}" if request.sku else SERVICE + request.rule
    body = Promised(
        member.id,
        request.rule,
        request.unit,
        request.qty,
        request.sku,
        request.name,
        request.reason,
        (NewLot(number, Unit.PIECE, source, request.expires, amount=request.qty),),
    )
    return moves.draft(stamp, kind, body)


def _later(text: str, now: datetime) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.tzinfo is not None and moment > now
