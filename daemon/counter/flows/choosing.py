"""What the member may choose at the total: his coupons, and offers that the pack leaves to him.

An offer changes prices, so that it can be chosen only while nothing is taken; a coupon is taken
like money. What is chosen already stands in the list too, and is given up by choosing it again.
"""

from msgspec.structs import replace

from daemon.counter.codes import Ask, Code
from daemon.counter.forms import (
    End,
    Given,
    Goes,
    Next,
    No,
    Script,
    Shown,
    Step,
    Takes,
    To,
)
from daemon.counter.moves import Here
from daemon.counter.screens import Row
from daemon.counter.selling import basket_of
from daemon.counter.states import Keying, Total
from daemon.counter.tendering import coupon_used, proved
from daemon.counter.wallet import purse_of
from daemon.rules.spending import COUPON
from daemon.rules.types import HeldCoupon, Quote


def _first(given: Given, here: Here) -> Next:
    return To(Ask.CHOICE) if _rows(given, here) else No(Code.NOTHING)


def _shows(given: Given, here: Here) -> Shown:
    return Shown(rows=_rows(given, here))


def _rows(given: Given, here: Here) -> tuple[Row, ...]:
    coupons = [(one.kind, _until(one), one.value_fen or None) for one in _coupons(given, here)]
    offers = [(rule, "", _change_fen(given, here, rule)) for rule in _offers(given, here)]
    return tuple(
        Row(str(n), f"{name} {until}".rstrip(), name.upper(), fen)
        for n, (name, until, fen) in enumerate([*coupons, *offers], start=1)
    )


def _chosen(given: Given, here: Here) -> Next:
    total, goods = _total(given)
    place = given.number(Ask.CHOICE) - 1
    coupons = _coupons(given, here)
    if place < len(coupons):
        held = coupons[place]
        moved = proved(total, here, lambda seen: coupon_used(seen, held, here))
        return Goes(moved.state, moved.effects)
    rule = _offers(given, here)[place - len(coupons)]
    if total.taken:
        return No(Code.FINISH_FIRST)
    below = _with(goods, rule, here)
    return Goes(Total(below, below.quote.bill_fen, here.mono_ms))


def _coupons(given: Given, here: Here) -> list[HeldCoupon]:
    """Return the member's coupons that are not used on this bill yet, one of those alike."""
    total, goods = _total(given)
    if goods.cart.member is None:
        return []
    used = {one.reference for one in total.taken if one.code == COUPON}
    held = purse_of(goods.cart.member, here).coupons
    left = [one for one in held if one.id not in used]
    alike = {(one.kind, one.value_fen, one.expires): one for one in reversed(left)}
    return [one for one in left if one in alike.values()]


def _offers(given: Given, here: Here) -> list[str]:
    """Return the rules of the pack's choice groups that would change this bill, or have."""
    _, goods = _total(given)
    mine = goods.cart.chosen
    return [
        rule
        for rule in goods.flow.engine.sale.choices
        if rule in mine or _differs(_with(goods, rule, here).quote, goods.quote)
    ]


def _differs(one: Quote, other: Quote) -> bool:
    return (one.bill_fen, one.points, one.lines) != (other.bill_fen, other.points, other.lines)


def _with(goods: Keying, rule: str, here: Here) -> Keying:
    """Return the basket with the rule chosen, or given up."""
    before = goods.cart.chosen
    after = tuple(one for one in before if one != rule) if rule in before else (*before, rule)
    cart = replace(goods.cart, chosen=after)
    return replace(goods, cart=cart, quote=goods.flow.engine.quote(basket_of(cart, here)))


def _change_fen(given: Given, here: Here, rule: str) -> int | None:
    """Return what choosing it does to the bill; None: nothing."""
    _, goods = _total(given)
    after = _with(goods, rule, here).quote
    return after.bill_fen - goods.quote.bill_fen or None


def _until(held: HeldCoupon) -> str:
    return "" if held.expires is None else held.expires.date().isoformat()


def _total(given: Given) -> tuple[Total, Keying]:
    total = given.desk
    assert isinstance(total, Total) and isinstance(total.below, Keying), "a sale at its total"
    return total, total.below


SCRIPT = Script(
    digit="",
    name="choosing",
    first=_first,
    leads=(Ask.CHOICE,),
    steps=(Step(Ask.CHOICE, Takes.ROW, _chosen, leads=(End.DESK,), shows=_shows),),
)
