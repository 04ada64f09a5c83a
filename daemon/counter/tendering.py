"""The total and its tenders, for a sale and for a membership fee alike, up to the commit."""

import re
from collections.abc import Callable

from msgspec.structs import replace

from daemon.counter import asking, entries, keys, mall, wallet
from daemon.counter.codes import Code, Why, refusal_code, told_of
from daemon.counter.effects import Commit
from daemon.counter.forms import Given
from daemon.counter.moves import BEEP_ATTENTION, Here, Moved, refused, stay
from daemon.counter.shop import Known, TenderKey
from daemon.counter.sold import sale_draft, sale_of
from daemon.counter.states import (
    Asking,
    Committing,
    Flow,
    Keying,
    MuchCash,
    Paying,
    Reference,
    Refused,
    Total,
)
from daemon.events import KeyPressed
from daemon.ledger.acts.moves import MALL, POINTS
from daemon.ledger.records import Draft
from daemon.rules.engine import Engine
from daemon.rules.rounding import yuan
from daemon.rules.types import EMPTY, NO_SPEND, HeldCoupon, KeyedTender, Refusal

MUCH_CASH_FEN = 10_000  # nobody hands over a largest note that is not needed: ask, if over by more
TENDERS_MAX = 10  # of one bill; a receipt names each

_REFERENCE = re.compile(r"\d{0,20}")


def engine_of(total: Total) -> Engine:
    below = total.below
    return below.flow.engine if isinstance(below, Keying) else below.given.engine


def open_total(below: Keying, amount_fen: int, here: Here) -> Moved:
    return Moved(Total(below, amount_fen, here.mono_ms))


def seen_again(state: Paying, here: Here) -> Paying:
    """Return the state with its total just shown: something else stood on the screens."""
    if isinstance(state, Total):
        return replace(state, shown_ms=here.mono_ms)
    return replace(state, total=replace(state.total, shown_ms=here.mono_ms))


def total_key(total: Total, event: KeyPressed, here: Here) -> Moved:
    if event.key == keys.CLEAR:
        return _step_back(total, here)
    match keys.tender_key(total.typed, event.key):
        case keys.Typing(typed):
            return Moved(replace(total, typed=typed))
        case keys.TakeBack():
            return _taken_back(total, here) if total.taken else stay(total)
        case keys.Enter():
            if here.mono_ms - total.shown_ms < here.shop.exact_cash_guard_ms():
                return stay(total)
            if total.closed or not total.amount_fen:
                return _close(total, total, here)
            return _pay(total, keys.ENTER, None, here)
        case keys.Pay(key, fen):
            return _pay(replace(total, typed=""), key, fen, here)
        case keys.Choose():
            return _choose(total, here)
        case _:
            return refused(replace(total, typed=""), Code.INPUT)


def reference_key(state: Reference, event: KeyPressed, here: Here) -> Moved:
    if event.key == keys.CLEAR:
        if state.typed:
            return Moved(replace(state, typed=state.typed[:-1]))
        return Moved(replace(state.total, shown_ms=here.mono_ms))
    match keys.number_key(state.typed, event.key, _REFERENCE):
        case keys.Typing(typed):
            return Moved(replace(state, typed=typed))
        case keys.Number(digits):
            return _take(state.total, KeyedTender(state.code, state.fen, digits), here)
        case _:
            return refused(replace(state, typed=""), Code.INPUT)


def much_cash_key(state: MuchCash, event: KeyPressed, here: Here) -> Moved:
    if event.key == keys.ENTER:
        return _take(state.total, KeyedTender(state.code, state.fen), here)
    if event.key == keys.CLEAR:
        return Moved(replace(state.total, shown_ms=here.mono_ms))
    return stay(state)


def _step_back(total: Total, here: Here) -> Moved:
    if total.typed:
        return Moved(replace(total, typed=total.typed[:-1]))
    return _taken_back(total, here) if total.taken else Moved(total.below)


def _taken_back(total: Total, here: Here) -> Moved:
    taken = total.taken[:-1]
    lent = total.lent if any(one.code == POINTS for one in taken) else 0
    return Moved(replace(total, taken=taken, closed=False, shown_ms=here.mono_ms, lent=lent))


def _pay(total: Total, key: str, fen: int | None, here: Here) -> Moved:
    row = _row(key, here)
    if row is None:
        return refused(total, Code.NO_FUNCTION)
    if total.closed or not total.amount_fen or len(total.taken) >= TENDERS_MAX:
        return refused(total, Code.INPUT)
    if row.code in wallet.OWN:
        return _own(total, row.code, fen, here)
    if row.code == MALL:
        return _to_mall(total, fen, here)
    need = engine_of(total).due_of(total.amount_fen, total.taken, row.code)
    given = need if fen is None else fen
    if given > need and not row.change:
        return refused(total, Code.INPUT)
    if given - need > MUCH_CASH_FEN and given > 2 * need:
        return Moved(MuchCash(total, row.code, given))
    if row.reference:
        return Moved(Reference(total, row.code, given))
    return _take(total, KeyedTender(row.code, given), here)


def _to_mall(total: Total, fen: int | None, here: Here) -> Moved:
    """Write the bill for the mall's till; it takes the whole of it, and the sale waits."""
    goods = _goods(total)
    if goods is None or total.taken or fen not in (None, total.amount_fen):
        return refused(total, Code.NOT_ALLOWED, **dict(Why.WHOLE_BILLS.told))
    member = goods.cart.member
    buyer = None if member is None else wallet.purse_of(member, here).buyer
    keyed = (KeyedTender(MALL, None),)
    settled = goods.flow.engine.settle(goods.quote, keyed, here.shop.tenders())
    if isinstance(settled, Refusal):
        return refused(total, refusal_code(settled.code), **dict(told_of(settled)))
    stamp = stamp_of(goods.flow, here)
    return _commit(total, mall.billed(sale_of(settled, buyer, stamp), stamp))


def _own(total: Total, code: str, fen: int | None, here: Here) -> Moved:
    """Take what the member holds himself, once he has proved who he is."""
    goods = _goods(total)
    if goods is None:
        return refused(total, Code.NOT_ALLOWED, **dict(Why.MONEY_ONLY.told))
    if goods.cart.member is None:
        return refused(total, Code.NOT_ALLOWED, **dict(Why.MEMBERS_ONLY.told))
    return proved(total, here, lambda seen: _own_taken(seen, code, fen, here))


def _own_taken(total: Total, code: str, fen: int | None, here: Here) -> Moved:
    goods = _goods(total)
    assert goods is not None and goods.cart.member is not None, "asked for a moment ago"
    member = goods.cart.member
    bill = wallet.Bill(goods.flow.engine, goods.quote, total.taken)
    found = wallet.with_own(bill, _purse(total, member, here), code, fen)
    if code == POINTS and fen is not None and isinstance(found, wallet.Less):
        lent = _lent(total, bill, found, fen, here)
        total, found = (total, found) if lent is None else lent
    if isinstance(found, wallet.More) and wallet.wants_pin(bill, found) and not member.by_pin:
        from daemon.counter.flows.proving import by_pin

        return asking.start(
            by_pin(member, lambda seen: _own_taken(seen, code, fen, here)), total, here
        )
    return _more(total, found, here)


def _lent(
    total: Total, bill: wallet.Bill, less: wallet.Less, fen: int, here: Here
) -> tuple[Total, wallet.More] | None:
    """Lend the points that an amount lacks, if headquarters does not answer and the pack lets us.

    Only what was keyed as an amount: nobody owes points because he spent what he had.
    """
    goods = _goods(total)
    assert goods is not None and goods.cart.member is not None, "asked for a moment ago"
    member = goods.cart.member
    silent = here.unheard or here.shop.cut_off()
    if less.code != Code.POINTS_SHORT or not silent:
        return None
    said = dict(less.values)
    more = replace(total, lent=total.lent + int(said["x"]) - int(said["y"]))
    if more.lent > wallet.lendable(member, here):
        return None
    found = wallet.with_own(bill, _purse(more, member, here), POINTS, fen)
    return None if isinstance(found, wallet.Less) else (more, found)


def _purse(total: Total, member: Known, here: Here) -> wallet.Purse:
    return wallet.purse_of(member, here, lent=total.lent)


def coupon_used(total: Total, held: HeldCoupon, here: Here) -> Moved:
    """Use one of the member's coupons."""
    goods = _goods(total)
    assert goods is not None and goods.cart.member is not None, "a coupon is a member's"
    bill = wallet.Bill(goods.flow.engine, goods.quote, total.taken)
    return _more(
        total, wallet.with_coupon(bill, _purse(total, goods.cart.member, here), held), here
    )


def _more(total: Total, found: wallet.More | wallet.Less, here: Here) -> Moved:
    if isinstance(found, wallet.Less):
        said = dict(found.values)
        if found.code == Code.POINTS_SHORT:
            less = wallet.points_short(int(said["x"]), int(said["y"]), here)
            return refused(total, less.code, **dict(less.values))
        return refused(total, found.code, **said)
    more = replace(total, taken=found.taken, shown_ms=here.mono_ms)
    if found.short_fen:
        short = (("x", yuan(found.there_fen)), ("y", yuan(found.short_fen)))
        return Moved(Refused(more, Code.VALUE_SHORT, short), (BEEP_ATTENTION,))
    if sum(one.amount_fen or 0 for one in found.taken) < total.amount_fen:
        return Moved(more)
    return _close(replace(more, closed=True), total, here)


def proved(total: Total, here: Here, then: Callable[[Total], Moved]) -> Moved:
    """Go on with a member who has proved himself; one found by a number is asked for his PIN."""
    goods = _goods(total)
    assert goods is not None and goods.cart.member is not None, "only a member is asked"
    if goods.cart.member.proved:
        return then(total)
    from daemon.counter.flows.proving import proving

    return asking.start(proving(goods.cart.member, then), total, here)


def _choose(total: Total, here: Here) -> Moved:
    from daemon.counter.flows import choosing

    if total.closed or _goods(total) is None:
        return refused(total, Code.INPUT)
    return asking.start(choosing.SCRIPT, total, here)


def _goods(total: Total) -> Keying | None:
    """Return the basket that is paid; None: a fee."""
    return total.below if isinstance(total.below, Keying) else None


def _row(key: str, here: Here) -> TenderKey | None:
    return next((row for row in here.shop.tenders() if row.key == key), None)


def _take(total: Total, tender: KeyedTender, here: Here) -> Moved:
    need = engine_of(total).due_of(total.amount_fen, total.taken, tender.code)
    given = tender.amount_fen or 0
    more = replace(total, taken=(*total.taken, tender), shown_ms=here.mono_ms)
    if given < need:
        return Moved(more)
    return _close(replace(more, closed=True), total, here)


def _close(closed: Total, before: Total, here: Here) -> Moved:
    """Commit what is fully paid. `before`: where to go if the rules will not have it."""
    engine, table = engine_of(closed), here.shop.tenders()
    if isinstance(closed.below, Asking):
        paid = engine.pay(closed.amount_fen, closed.taken, table)
        if isinstance(paid, Refusal):
            return refused(before, refusal_code(paid.code), **dict(told_of(paid)))
        return asking.settled(closed, before, paid, here)
    member = closed.below.cart.member
    purse = None if member is None else _purse(closed, member, here)
    spend, held = NO_SPEND, EMPTY
    if purse is not None:
        spend, held = wallet.spend_of(closed.taken, purse), purse.wallet
    money = wallet.keyed_of(closed.taken)
    settled = engine.settle(closed.below.quote, money, table, spend, held)
    if isinstance(settled, Refusal):
        return refused(before, refusal_code(settled.code), **dict(told_of(settled)))
    stamp = stamp_of(closed.below.flow, here)
    return _commit(closed, sale_draft(settled, None if purse is None else purse.buyer, stamp))


def _commit(below: Total, draft: Draft) -> Moved:
    return Moved(Committing(below, draft), (Commit(draft),))


def stamp_of(flow: Flow | Given, here: Here) -> entries.Stamp:
    """Return what the flow's one entry carries, as of now."""
    shop = here.shop
    guides = here.guides or shop.default_guides()
    return entries.Stamp(flow.id, shop.at(), shop.by(), flow.engine.ref, guides)
