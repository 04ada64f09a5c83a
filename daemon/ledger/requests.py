"""How a chain answers what headquarters asks of its holding: min(asked, held), never more. Pure.

HQ never takes from a box. A message `please.*` is answered by one entry of the chain's own (source
`please:<epoch>`, id n), committed before the message itself is noted as applied: a crash between
the two finds the entry again, so that it is done once.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import Claim, HoldingReleased, LotPart, Moved, Taken, ValueRestored
from daemon.ledger.codec import CodecError
from daemon.ledger.kinds import Kind, Unit, claim_unit, is_limit
from daemon.ledger.limits import LOTS_FROM, opened, value_changed
from daemon.ledger.lots import spend_order, take
from daemon.ledger.messages import DownMessage, Please, PleasePart, Restore
from daemon.ledger.posting import HQ, POSTINGS_MAX, Balance, transit
from daemon.ledger.records import At, By, Draft, Posting
from daemon.ledger.views import LotRow

RELEASE, VOID, LAPSE, FREEZE, UNFREEZE, CONFIRM, DENY = (
    "please.release",
    "please.void",
    "please.lapse",  # a yearly check that somebody confirmed
    "please.freeze",
    "please.unfreeze",
    "please.confirm",  # what was given pending is the member's
    "please.deny",  # it is not: he had it before, elsewhere
)
PARTS_MAX = POSTINGS_MAX // 4  # a lot makes two postings, and an account may have many

LotsOf = Callable[[str, str], Sequence[LotRow]]
"""What this chain holds of (account, unit)."""


class Hand(msgspec.Struct, frozen=True):
    """What a request is answered from. `opens`: how much of a limit this chain, as its home, opens
    now; 0: it may not, or has before. `room`: what a change of a member's stored value moves of the
    room under his card's cap; nothing refuses it."""

    lots_of: LotsOf
    held: Balance
    opens: Callable[[PleasePart], int]
    room: Callable[[str, int], tuple[Posting, ...]]


_OWN = "@"
_BY_HQ = By("hq", "system")
_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        VOID: Kind.POINTS_VOIDED,
        LAPSE: Kind.POINTS_LAPSED,
        FREEZE: Kind.POINTS_FROZEN,
        UNFREEZE: Kind.POINTS_UNFROZEN,
        CONFIRM: Kind.GRANT_CONFIRMED,
        DENY: Kind.GRANT_VOIDED,
    }
)


def source(epoch: int) -> str:
    """Return the source under which a chain answers requests."""
    return f"please:{epoch}"


def check(kind: str, please: Please) -> None:
    """Raise CodecError for a request that no chain can answer."""
    if not please.parts or len(please.parts) > PARTS_MAX:
        raise CodecError(f"{kind}: {len(please.parts)} parts; it has 1 to {PARTS_MAX}")
    if (kind == LAPSE) != bool(please.due) or (please.due and not _is_moment(please.due)):
        raise CodecError(f"{kind}: due {please.due!r}; what lapses has a time, RFC 3339")
    for part in please.parts:
        if part.amount <= 0:
            raise CodecError(f"{kind}: {part.amount} {part.unit} of {part.account}")
        if part.opens and (part.account, len(please.parts)) != (accounts.right(please.member), 1):
            raise CodecError(f"{kind}: {part.unit} is opened alone, and for its own member")
        if part.opens < 0 or (part.opens and not is_limit(part.unit)):
            raise CodecError(f"{kind}: {part.opens} {part.unit} cannot be opened")
        if kind in (CONFIRM, DENY):
            _check_grant(kind, please, part)
        elif kind != RELEASE and part.unit != Unit.POINT:
            raise CodecError(f"{kind}: only points are voided, lapsed or frozen, not {part.unit}")


def answer(at: At, message: DownMessage, please: Please | Restore, hand: Hand) -> Draft:
    """Return the entry that does what can be done of the request. Raises CodecError."""
    draft = _answered(at, message, please, hand)
    room = [
        posting
        for member, delta in value_changed(draft.postings).items()
        for posting in hand.room(member, delta)
    ]
    return msgspec.structs.replace(draft, postings=(*draft.postings, *room)) if room else draft


def _answered(at: At, message: DownMessage, please: Please | Restore, hand: Hand) -> Draft:
    if isinstance(please, Restore):
        return _restored(at, message, please, hand)
    check(message.kind, please)
    if message.kind == RELEASE and please.parts[0].opens and (whole := hand.opens(please.parts[0])):
        return _opening(at, message, please, whole)
    parts = [(lot, amount) for part in please.parts for lot, amount in _parts(part, hand.lots_of)][
        : POSTINGS_MAX // 2
    ]
    if message.kind in (CONFIRM, DENY):
        return _judged(at, message, please, parts)
    if message.kind == RELEASE:
        kind, moved = Kind.HOLDING_RELEASED, _moved(parts, to_hq=True)
        asked = sum(part.amount for part in please.parts)
        body: HoldingReleased | Moved = HoldingReleased(
            please.member, HQ, asked=asked, message=message.n, ask=please.ask
        )
    else:
        kind = _KINDS[message.kind]
        target = {
            VOID: accounts.voided(Unit.POINT),
            LAPSE: accounts.lapsed(Unit.POINT),
            FREEZE: accounts.frozen(please.member),
            UNFREEZE: accounts.points(please.member),
        }[message.kind]
        moved = _moved(parts, target=target)
        amount = sum(part for _, part in parts)
        done = tuple(LotPart(lot.unit, lot.lot, part) for lot, part in parts)
        why = please.reason or "headquarters"
        body = Moved(please.member, Unit.POINT, amount, done, please.due, why)
    name = str(message.n)
    return Draft(source(message.epoch), name, kind, at, _BY_HQ, None, None, body, moved)


def _restored(at: At, message: DownMessage, asked: Restore, hand: Hand) -> Draft:
    """Return the entry that gives spent parts of lots back to the very lots, as far as they are
    spent here."""
    restored: list[Taken] = []
    moved: list[Posting] = []
    for one in asked.parts:
        if one.amount <= 0 or not one.lot or not one.unit:
            raise CodecError(f"{message.kind}: {one.amount} {one.unit} of {one.lot!r}")
        account = accounts.spent(one.unit)
        part = min(one.amount, hand.held(account, one.unit, one.lot))
        if part:
            full = part == one.amount
            restored.append(one if full else msgspec.structs.replace(one, amount=part, worth_fen=0))
            moved.append(Posting(_OWN, account, one.unit, one.lot, -part))
            purse = _purse(asked.member, one.unit)
            moved.append(Posting(_OWN, purse, one.unit, one.lot, part))
    body = ValueRestored(asked.member, asked.sale, asked.back, tuple(restored))
    name, kind = str(message.n), Kind.VALUE_RESTORED
    return Draft(source(message.epoch), name, kind, at, _BY_HQ, None, None, body, tuple(moved))


def _check_grant(kind: str, please: Please, part: PleasePart) -> None:
    waiting, purses = accounts.pending(please.member), _purse(please.member, part.unit)
    known = (waiting,) if kind == CONFIRM else (waiting, purses)
    if part.account not in known or part.unit != please.parts[0].unit:
        raise CodecError(f"{kind}: {part.unit} of {part.account} is none of {please.member}'s")


def _judged(
    at: At, message: DownMessage, please: Please, parts: Sequence[tuple[LotRow, int]]
) -> Draft:
    """Return the entry that makes what was pending the member's, or takes it away; what is to be
    taken and is spent already (or lies elsewhere) is owed back, where that is asked."""
    unit, amount = please.parts[0].unit, sum(part for _, part in parts)
    confirmed = message.kind == CONFIRM
    target = _purse(please.member, unit) if confirmed else accounts.voided(unit)
    moved = _moved(parts, target=target)
    taken = {lot.lot: part for lot, part in parts}
    missing = [
        LotPart(unit, lot, left)
        for part in please.parts
        for lot in part.lots[:1]
        if (left := part.amount - taken.get(lot, 0)) > 0
    ]
    claims: tuple[Claim, ...] = ()
    if missing and please.owed and not confirmed:
        owed, total = claim_unit(unit), sum(part.amount for part in missing)
        claims = (Claim(1, unit, total, tuple(missing)),)
        moved += (
            Posting(_OWN, accounts.claim(please.member), owed, "#1", total),
            Posting(_OWN, accounts.CLAIMED, owed, "", -total),
        )
    done = tuple(LotPart(lot.unit, lot.lot, part) for lot, part in parts)
    why = please.reason or "headquarters"
    body = Moved(please.member, unit, amount, done, "", why, claims)
    name, kind = str(message.n), _KINDS[message.kind]
    return Draft(source(message.epoch), name, kind, at, _BY_HQ, None, None, body, moved)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _purse(member: str, unit: str) -> str:
    purses = {
        Unit.POINT.value: accounts.points,
        Unit.PRINCIPAL.value: accounts.principal,
        Unit.BONUS.value: accounts.bonus,
    }
    return purses.get(unit, accounts.coupons)(member)


def _opening(at: At, message: DownMessage, please: Please, whole: int) -> Draft:
    """Return the entry that opens a limit, of which nothing was issued, and lets go of it."""
    part = please.parts[0]
    lot, gone = f"#{LOTS_FROM}", min(part.amount, whole)
    right, other = opened(please.member, part.unit, whole, lot)
    kept = msgspec.structs.replace(right, amount=whole - gone)
    sent = msgspec.structs.replace(right, holder=transit(HQ), amount=gone)
    body = HoldingReleased(please.member, HQ, asked=part.amount, message=message.n, ask=please.ask)
    moved = tuple(one for one in (kept, sent, other) if one.amount)
    name, kind = str(message.n), Kind.HOLDING_RELEASED
    return Draft(source(message.epoch), name, kind, at, _BY_HQ, None, None, body, moved)


def _parts(part: PleasePart, lots_of: LotsOf) -> list[tuple[LotRow, int]]:
    rows = lots_of(part.account, part.unit)
    if not part.lots:
        return take(spend_order(rows), part.amount)
    named = {row.lot: row for row in rows}
    return take([named[lot] for lot in dict.fromkeys(part.lots) if lot in named], part.amount)


def _moved(
    parts: Sequence[tuple[LotRow, int]], *, target: str = "", to_hq: bool = False
) -> tuple[Posting, ...]:
    other = transit(HQ) if to_hq else _OWN
    return tuple(
        Posting(holder, account, lot.unit, lot.lot, amount)
        for lot, part in parts
        for holder, account, amount in (
            (_OWN, lot.account, -part),
            (other, target or lot.account, part),
        )
    )
