"""Stored value paid back. Both computations of 法释〔2025〕4号 are made and kept. Pure.

At the member's own wish what was used counts at list price; otherwise by the ratio paid : (paid +
bonus). Within the first days and unused, everything. Neither depends on the order in which
principal and bonus were spent. Engineering notes, not legal advice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Member, Moves, Refusal, Request, Stamp, purse
from daemon.ledger.acts.selling import owe_commission
from daemon.ledger.acts.shares import part_of
from daemon.ledger.acts.topup import ValueLimits
from daemon.ledger.bodies import Commission, LotPart, Taken, Tender, TopUp, ValueRefunded
from daemon.ledger.ids import id_of, lot_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.posting import Balance
from daemon.ledger.records import Draft, Entry

SEVEN_DAYS, OWN_WISH, NOT_OWN_WISH = "seven_days", "own_wish", "not_own_wish"


class RefundRequest(Request, frozen=True, kw_only=True):
    topup: str
    basis: str = OWN_WISH  # own_wish, not_own_wish; unused within the days: everything, by itself
    tender: str = ""  # "": the first that paid the top-up
    manager: str = ""


class Used(msgspec.Struct, frozen=True):
    """What of a top-up was used, net of what came back."""

    value_fen: int
    list_fen: int
    # Lots by grace: unit, amount.
    anew: Mapping[str, tuple[str, int]] = msgspec.field(default_factory=dict)


def refund(
    request: RefundRequest,
    topup: Entry,
    *,
    used: Used,
    member: Member,
    balance: Balance,
    stamp: Stamp,
    limits: ValueLimits,
) -> Draft | Refusal:
    """Return the refund of all that is left of a top-up."""
    body = topup.body
    if not isinstance(body, TopUp):
        return Refusal("not_allowed", f"{id_of(topup)} is no top-up")
    if request.basis not in (OWN_WISH, NOT_OWN_WISH):
        return Refusal("not_allowed", f"basis {request.basis!r}: own_wish or not_own_wish")
    held = _held(topup, {**lots_of(topup), **used.anew}, member, balance)
    if isinstance(held, Refusal):
        return held
    own_wish = max(0, body.amount_fen - used.list_fen)
    other = not_own_wish(body.amount_fen, body.bonus_fen, used.value_fen)
    basis, amount = request.basis, own_wish if request.basis == OWN_WISH else other
    if _unused_and_young(topup, used, stamp.now, limits):
        basis, amount = SEVEN_DAYS, body.amount_fen
    tenders = _tenders(request, body, amount)
    moves = Moves(balance)
    for part in held:
        to = accounts.refunded if part.unit == Unit.PRINCIPAL else accounts.voided
        moves.take(purse(member.id, part.unit), part.unit, part.amount, part.lot, to=to(part.unit))
    principal = sum(part.amount for part in held if part.unit == Unit.PRINCIPAL)
    moves.pay(tenders, back=True)
    moves.move(accounts.OWED_VALUE, Unit.FEN, principal)
    moves.move(accounts.KEPT_VALUE, Unit.FEN, amount - principal)
    said = ValueRefunded(
        member=member.id,
        basis=basis,
        paid_fen=body.amount_fen,
        bonus_fen=body.bonus_fen,
        used_fen=used.value_fen,
        used_list_fen=used.list_fen,
        own_wish_fen=own_wish,
        not_own_wish_fen=other,
        refund_fen=amount,
        tenders=tenders,
        principal_fen=principal,
        bonus_voided_fen=sum(part.amount for part in held if part.unit == Unit.BONUS),
        manager=request.manager,
        commission=_clawed_back(moves, body, amount),
    )
    return moves.draft(stamp, Kind.VALUE_REFUNDED, said, re=id_of(topup))


def not_own_wish(paid_fen: int, bonus_fen: int, used_fen: int) -> int:
    """Return paid less the paid part of what was used; that part is rounded down."""
    whole = paid_fen + bonus_fen
    return paid_fen - used_fen * paid_fen // whole if used_fen < whole else 0


def used_of(
    lots: Sequence[str],
    spent: Sequence[Taken],
    restored: Sequence[Taken],
    anew: Mapping[str, tuple[str, int]],
) -> Used:
    """Return what was used of a top-up's lots, from what entries say of them.

    `anew`: those among them that took the place of one that had ended.
    """
    mine = [one for one in spent if one.lot in lots]
    back = [one for one in restored if one.lot in lots]
    return Used(
        sum(one.amount for one in mine) - sum(one.amount for one in back),
        sum(one.list_fen for one in mine) - sum(one.list_fen for one in back),
        anew,
    )


def lots_of(topup: Entry) -> dict[str, tuple[str, int]]:
    """Return the value lots of a top-up: unit and amount granted."""
    body = topup.body
    assert isinstance(body, TopUp), "only a top-up has these lots"
    return {
        lot_id(id_of(topup), lot.n): (lot.unit, lot.amount)
        for lot in body.lots
        if lot.unit in (Unit.PRINCIPAL, Unit.BONUS)
    }


def _held(
    topup: Entry, lots: Mapping[str, tuple[str, int]], member: Member, balance: Balance
) -> list[LotPart] | Refusal:
    """Return what is left of the top-up, all of it in the member's account of this chain."""
    parts = []
    for lot, (unit, granted) in lots.items():
        left = balance(purse(member.id, unit), unit, lot)
        gone = sum(
            balance(place(unit), unit, lot)
            for place in (accounts.spent, accounts.lapsed, accounts.settled)
        )
        if balance(accounts.refunded(unit), unit, lot) or balance(accounts.voided(unit), unit, lot):
            return Refusal("already_returned", f"{id_of(topup)} was paid back already")
        if left + gone != granted:
            away = granted - left - gone
            return Refusal("not_allowed", f"{away} {unit} of {id_of(topup)} lie in another hand")
        parts.append(LotPart(unit, lot, left))
    if not any(part.amount for part in parts):
        return Refusal("not_enough_value", f"nothing is left of {id_of(topup)}")
    return parts


def _clawed_back(moves: Moves, body: TopUp, amount: int) -> tuple[Commission, ...]:
    """Take back the commission on what is paid back: its part, rounded down; all with all."""
    parts = (
        Commission(one.staff, part_of(one.amount_fen, done=amount, whole=body.amount_fen))
        for one in body.commission
    )
    back = tuple(one for one in parts if one.amount_fen)
    owe_commission(moves, back, sign=-1)
    return back


def _tenders(request: RefundRequest, body: TopUp, amount: int) -> tuple[Tender, ...]:
    if not amount:
        return ()
    code = request.tender or body.tenders[0].code
    return (Tender(code, amount),)


def _unused_and_young(topup: Entry, used: Used, now: datetime, limits: ValueLimits) -> bool:
    paid = datetime.fromisoformat(topup.at.wall)
    return not used.value_fen and now < paid + timedelta(days=limits.refund_days)
