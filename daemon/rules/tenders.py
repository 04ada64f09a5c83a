"""Money against a bill: what a tender has to pay, what it pays, change and cash rounding.

Rounding belongs to the tender that closes the bill: what is still open is cut to whole units when
that tender is one that the pack rounds. A part payment is never rounded. Stored value is keyed as
one tender and pays from principal and bonus, in the pack's order; points and coupons as tenders
are no business of this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.bodies import Tender
from daemon.rules.rounding import cut, split, yuan
from daemon.rules.types import EMPTY, KeyedTender, Refusal, TenderRow, Wallet

if TYPE_CHECKING:
    from daemon.rules.models_sale import CashRounding

STORED = "stored_value"  # the code that is keyed
PRINCIPAL, BONUS = "principal", "bonus"  # the codes that the sale is paid with


class Paid(msgspec.Struct, frozen=True):
    """Tenders that pay a bill in full. pay + rounding = bill."""

    tenders: tuple[Tender, ...]
    rounding_fen: int
    pay_fen: int


Due = Callable[[int, str], int]  # open amount, code of the tender that shall close it


def compile_due(cash: CashRounding | None) -> Due:
    """Return the function that says what a tender must pay to close an open amount."""
    if cash is None:
        return lambda open_fen, _: max(0, open_fen)
    unit, rounded = cash.unit_fen, frozenset(cash.tenders)
    return lambda open_fen, code: cut(max(0, open_fen), unit if code in rounded else 1)


def within_limit(wallet: Wallet, limit: int | None, *, cut_off: bool) -> Wallet:
    """Return what of stored value a receipt may take while headquarters does not answer."""
    if limit is None or not cut_off:
        return wallet
    principal = min(wallet.principal_fen, limit)
    return Wallet(wallet.points, principal, min(wallet.bonus_fen, limit - principal))


def pay(
    bill_fen: int,
    keyed: Sequence[KeyedTender],
    *,
    table: Sequence[TenderRow],
    due: Due,
    wallet: Wallet = EMPTY,
    spend_order: str = "pro_rata",
) -> Paid | Refusal:
    """Return the bill paid by the keyed tenders in their order, or why it is not."""
    rows = {row.code: row for row in table}
    open_fen, rounding_fen, closed = bill_fen, 0, bill_fen == 0
    taken: list[Tender] = []
    for tender in keyed:
        row = rows.get(tender.code)
        if row is None:
            return _refused(f"{tender.code} is no tender of this counter. Use {', '.join(rows)}.")
        if closed:
            return _refused(f"the bill is paid; take {tender.code} back.")
        need = due(open_fen, tender.code)
        given = need if tender.amount_fen is None else tender.amount_fen
        if given < 0:
            return _refused("money taken cannot be less than nothing.")
        if tender.code == STORED and given > wallet.principal_fen + wallet.bonus_fen:
            return _not_enough(wallet, given)
        amount = min(given, need)
        if given > need and not row.change:
            said = f"{tender.code} gives no change: {yuan(need)} is open, {yuan(given)} was keyed."
            return _refused(said)
        if given >= need:
            closed, rounding_fen = True, open_fen - need
        open_fen -= amount
        if given and tender.code == STORED:
            parts = stored_parts(amount, wallet, spend_order)
            wallet = Wallet(
                wallet.points, wallet.principal_fen - parts[0], wallet.bonus_fen - parts[1]
            )
            codes = zip((PRINCIPAL, BONUS), parts, strict=True)
            taken += [Tender(code, part) for code, part in codes if part]
        elif given:
            over = given - amount
            shown = given if row.change else 0
            taken.append(Tender(tender.code, amount, shown, over, tender.reference))
    if not closed:
        return _underpaid(open_fen)
    return Paid(tuple(taken), rounding_fen, bill_fen - rounding_fen)


def stored_parts(amount: int, wallet: Wallet, spend_order: str) -> tuple[int, int]:
    """Return (principal, bonus) of an amount that the wallet covers."""
    if spend_order == "principal_first":
        principal = min(amount, wallet.principal_fen)
    elif spend_order == "bonus_first":
        principal = amount - min(amount, wallet.bonus_fen)
    else:
        principal = split(amount, (wallet.principal_fen, wallet.bonus_fen))[0]
    return principal, amount - principal


def _not_enough(wallet: Wallet, asked_fen: int) -> Refusal:
    there = yuan(wallet.principal_fen + wallet.bonus_fen)
    said = f"{yuan(asked_fen)} of stored value is asked for, {there} is there."
    return Refusal("not_enough_value", said, {"x": there, "min": yuan(asked_fen)})


def _underpaid(open_fen: int) -> Refusal:
    said = f"{yuan(open_fen)} is still open. Take one more tender."
    return Refusal("underpaid", said, {"y": yuan(open_fen)})


def _refused(why: str) -> Refusal:
    return Refusal("not_allowed", why, {})
