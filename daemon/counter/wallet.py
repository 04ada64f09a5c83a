"""What a member pays with of his own: stored value, points as money, coupons. Pure.

Each stands in the list of what was taken like money, so that `-` takes it back. Points and coupons
are money of their own, before any other; stored value is one tender, which the rules split into
principal and bonus. What the lots give is asked of the books each time, never remembered.
"""

from collections.abc import Sequence

import msgspec

from daemon.counter.codes import Code, Why, because
from daemon.counter.moves import Here
from daemon.counter.shop import Known
from daemon.counter.sold import Buyer, coupons_of
from daemon.ledger.acts.claims import to_lend
from daemon.ledger.acts.moves import Member, purse
from daemon.ledger.kinds import Unit
from daemon.ledger.lots import available
from daemon.ledger.views import LotRow
from daemon.rules.engine import Engine
from daemon.rules.rounding import yuan
from daemon.rules.spending import COUPON, POINTS, Spent
from daemon.rules.tenders import STORED, within_limit
from daemon.rules.types import (
    VISITOR,
    HeldCoupon,
    KeyedTender,
    Quote,
    Refusal,
    Spend,
    Wallet,
)

OWN = (STORED, POINTS)  # codes of the tender table that take from what the member holds
NO_MONEY = (POINTS, COUPON)  # what the rules take as Spend, not as a tender that was keyed


class Purse(msgspec.Struct, frozen=True):
    """What a member has here and now."""

    buyer: Buyer
    wallet: Wallet
    coupons: tuple[HeldCoupon, ...]


class Bill(msgspec.Struct, frozen=True):
    """A sale at its total: what is to be paid, by whom, and what was taken so far."""

    engine: Engine
    quote: Quote
    taken: tuple[KeyedTender, ...]

    def open_fen(self, code: str) -> int:
        """Return what would close the bill if this tender paid the rest."""
        return self.engine.due(self.quote, self.taken, code)


class More(msgspec.Struct, frozen=True):
    """What was taken, now. `short_fen`: what stored value that was to pay the rest left open."""

    taken: tuple[KeyedTender, ...]
    short_fen: int = 0
    there_fen: int = 0


class Less(msgspec.Struct, frozen=True):
    """Why it is not taken."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


def purse_of(known: Known, here: Here, *, lent: int = 0) -> Purse:
    """Return what may be spent, lot by lot: nothing that is due by the lower bound of now.

    `lent`: points above it, of which there are no more than the pack still lets this shop lend.
    """
    lots, now = here.shop.lots(known.facts.id), here.shop.least_now()
    mine = available(lots, now)
    more = min(lent, lendable(known, here)) if lent else 0
    points = _of(mine, Unit.POINT, known) + more
    wallet = Wallet(points, _of(mine, Unit.PRINCIPAL, known), _of(mine, Unit.BONUS, known))
    limit = here.shop.engine().sale.offline_limit_fen
    if limit is not None:
        wallet = within_limit(wallet, limit, cut_off=here.shop.cut_off())
    return Purse(Buyer(known, lots, now, more), wallet, coupons_of(mine))


def lendable(known: Known, here: Here) -> int:
    """Return how many points above the holding the pack still lets this shop lend a member."""
    floor = here.shop.engine().sale.floor_points
    if not floor or known.facts.kind == VISITOR:  # whose he is, only headquarters knows
        return 0
    facts = known.facts
    lots = tuple(here.shop.lots(facts.id))
    return to_lend(Member(facts.id, facts.card, facts.status, facts.kind, lots), floor)


def spend_of(taken: Sequence[KeyedTender], purse: Purse) -> Spend:
    """Return what of it is points and coupons, as the rules are asked."""
    used = {one.reference for one in taken if one.code == COUPON}
    points = sum(int(one.reference) for one in taken if one.code == POINTS)
    return Spend(points, tuple(one for one in purse.coupons if one.id in used))


def keyed_of(taken: Sequence[KeyedTender]) -> tuple[KeyedTender, ...]:
    """Return what of it is money, and stored value."""
    return tuple(one for one in taken if one.code not in NO_MONEY)


def with_own(bill: Bill, purse: Purse, code: str, fen: int | None) -> More | Less:
    """Take `fen` of stored value or of points; None: as much as there is and the bill needs."""
    if code == STORED:
        return _with_stored(bill, purse, fen)
    return _with_points(bill, purse, fen)


def wants_pin(bill: Bill, more: More) -> bool:
    """Tell whether so much stored value on one receipt needs the member's PIN, card or not."""
    most = bill.engine.sale.pin_above_fen
    stored = sum(one.amount_fen or 0 for one in more.taken if one.code == STORED)
    return most is not None and stored > most


def with_coupon(bill: Bill, purse: Purse, held: HeldCoupon) -> More | Less:
    """Use one coupon more; the rules say what all of them pay together."""
    spend = spend_of(bill.taken, purse)
    more = Spend(spend.points, (*spend.coupons, held))
    return _with_spend(bill, purse, more)


def _with_stored(bill: Bill, purse: Purse, fen: int | None) -> More | Less:
    whole = bill.engine.sale.scoped(purse.wallet, bill.quote)
    before = sum(one.amount_fen or 0 for one in bill.taken if one.code == STORED)
    there = max(0, whole.principal_fen + whole.bonus_fen - before)
    need = bill.open_fen(STORED)
    wanted = need if fen is None else fen
    if wanted > need:
        return Less(Code.INPUT)
    short = (("x", yuan(there)), ("y", yuan(wanted - there)))
    if wanted > there and (fen is not None or not there):
        return Less(Code.VALUE_SHORT, short)
    amount = min(wanted, there)
    taken = (*bill.taken, KeyedTender(STORED, amount))
    return More(taken, wanted - amount, there)


def _with_points(bill: Bill, purse: Purse, fen: int | None) -> More | Less:
    block = bill.engine.sale.points_block(bill.quote)
    if block is None:
        return Less(Code.NOT_ALLOWED, Why.POINTS_NO_MONEY.told)
    points, value = block
    spend = spend_of(bill.taken, purse)
    before = spend.points or 0
    need = bill.open_fen(POINTS)
    wanted = need if fen is None else fen
    if wanted > need or wanted < value:
        return Less(Code.INPUT)
    more = wanted // value * points
    if fen is None:
        most = bill.engine.sale.spent(bill.quote, Spend(None, spend.coupons), purse.wallet)
        if isinstance(most, Refusal):
            return Less(*_refused(most))
        more = min(more, most.points - before)
        if more <= 0:
            short = (("x", str(points)), ("y", str(purse.wallet.points - before)))
            return Less(Code.POINTS_SHORT, short)
    return _with_spend(bill, purse, Spend(before + more, spend.coupons))


def points_short(asked: int, there: int, here: Here) -> Less:
    """Return that points are short; without headquarters nobody knows how many lie elsewhere."""
    if here.shop.cut_off() and there:
        return Less(Code.HERE_ONLY, (("x", str(there)),))
    return Less(Code.POINTS_SHORT, (("x", str(asked)), ("y", str(there))))


def _with_spend(bill: Bill, purse: Purse, spend: Spend) -> More | Less:
    """Return what was taken with points and coupons as the rules have them now."""
    spent = bill.engine.sale.spent(bill.quote, spend, purse.wallet)
    if isinstance(spent, Refusal):
        return Less(*_refused(spent))
    own = _as_keyed(spent)
    taken = (*keyed_of(bill.taken), *own)
    paid = sum(one.amount_fen or 0 for one in taken)
    if paid > bill.quote.bill_fen:
        return Less(Code.INPUT)
    if spend.points and not spent.points:
        return Less(Code.NOT_ALLOWED, Why.POINTS_PAY_NOTHING.told)
    return More(taken)


def _as_keyed(spent: Spent) -> tuple[KeyedTender, ...]:
    """Return coupons and points as they stand among what was taken; a service pays nothing."""
    worth = {one.reference: one.amount_fen for one in spent.tenders if one.code == COUPON}
    coupons = tuple(KeyedTender(COUPON, worth.get(one.id, 0), one.id) for one in spent.coupons)
    points = sum(one.amount_fen for one in spent.tenders if one.code == POINTS)
    if not spent.points:
        return coupons
    return (*coupons, KeyedTender(POINTS, points, str(spent.points)))


def _refused(refusal: Refusal) -> tuple[str, tuple[tuple[str, str], ...]]:
    match refusal.code:
        case "not_enough_points":
            there, asked = refusal.values["x"], refusal.values["min"]
            return Code.POINTS_SHORT, (("x", asked), ("y", there))
        case "term_ended":
            return Code.TERM_ENDED, tuple(refusal.values.items())
        case _:
            return Code.NOT_ALLOWED, because(refusal.code, refusal.why)


def _of(lots: Sequence[LotRow], unit: Unit, known: Known) -> int:
    """Return the sum of a unit in the member's own purse: what is frozen or waits is not in it."""
    account = purse(known.facts.id, unit)
    return sum(lot.amount for lot in lots if (lot.account, lot.unit) == (account, unit))
