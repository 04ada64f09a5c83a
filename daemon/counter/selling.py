"""Idle, inquiry, basket, price look-up: from the first swipe or scan to the total."""

from typing import assert_never

from msgspec.structs import replace

from daemon.counter import asking, basket, keys, mall, members
from daemon.counter.codes import STEPS, Ask, Code
from daemon.counter.effects import DocumentKind, Print
from daemon.counter.moves import BEEP_ATTENTION, BEEP_OK, Here, Moved, refused, stay
from daemon.counter.screens import PriceShown, Step
from daemon.counter.scripts import script_of
from daemon.counter.states import (
    Cart,
    Desk,
    Flow,
    Idle,
    Inquiry,
    Keying,
    PriceLookup,
    Refused,
    Told,
    Total,
    Unlisted,
)
from daemon.counter.tendering import open_total
from daemon.events import CardSwiped, CodeScanned, KeyPressed
from daemon.ledger.bodies import Guide
from daemon.ledger.messages import Staff
from daemon.ledger.views import MallBill
from daemon.rules.rounding import split
from daemon.rules.types import Basket

UNDO_MAX = 50  # steps of a basket that CLEAR can go back; each holds a cart
SHARES = 10_000  # a sale's guides share it
LOOK_UP = "."


def desk_swiped(state: Desk, event: CardSwiped, here: Here) -> Moved:
    return _member_comes(state, members.by_card(event.number, here.shop, here.now()), here)


def desk_scanned(state: Desk, event: CodeScanned, here: Here) -> Moved:
    """Scanner = product. Half-typed numbers are dropped, but for a quantity and `.`."""
    if state.typed == LOOK_UP:
        return _look_up(state, basket.by_code(event.code, here.shop))
    qty = keys.typed_quantity(state.typed)
    if not event.code or qty is None:
        return refused(_untyped(state), Code.INPUT)
    return _sell(state, basket.by_code(event.code, here.shop), qty, event.code, here)


def desk_key(state: Desk, event: KeyPressed, here: Here) -> Moved:
    if event.key == keys.CLEAR:
        return _undo(state, here)
    if isinstance(state, Inquiry) and event.key == LOOK_UP and not state.typed:
        return _balance(state, here)
    command = keys.basket_key(state.typed, event.key)
    if isinstance(command, keys.Typing):
        return Moved(_typing(state, command.typed))
    return _do(_untyped(state), command, here)


def total_swiped(state: Total, event: CardSwiped, here: Here) -> Moved:
    """The card comes out of the purse at the end: the total is made again with the member."""
    if not isinstance(state.below, Keying) or state.taken:
        return refused(replace(state, typed=""), Code.FINISH_FIRST)
    moved = desk_swiped(state.below, event, here)
    below = moved.state.below if isinstance(moved.state, Refused) else moved.state
    if not isinstance(below, Keying):
        return moved
    total = Total(below, below.quote.bill_fen, here.mono_ms)
    if isinstance(moved.state, Refused):
        return replace(moved, state=replace(moved.state, below=total))
    return replace(moved, state=total)


def total_scanned(state: Total, event: CodeScanned, here: Here) -> Moved:
    """One thing more: back to the basket, unless money was taken."""
    if not isinstance(state.below, Keying) or state.taken:
        return refused(replace(state, typed=""), Code.FINISH_FIRST)
    return desk_scanned(_untyped(state.below), event, here)


def _do(state: Desk, command: keys.BasketCommand, here: Here) -> Moved:
    shop = here.shop
    match command:
        case keys.Typing(typed):
            return Moved(_typing(state, typed))
        case keys.Wrong():
            return refused(state, Code.INPUT)
        case keys.Enter():
            return _enter(state, here)
        case keys.Find(number, qty):
            return _sell(state, basket.by_number(number, shop), qty, number, here)
        case keys.LookUp(number):
            return _look_up(state, basket.by_number(number, shop))
        case keys.Phone(number):
            return _member_comes(state, members.by_phone(number, shop, here.now()), here)
        case keys.CardNumber(number):
            return _member_comes(state, members.by_number(number, shop, here.now()), here)
        case keys.Amount(fen, qty):
            return _sell_unlisted(state, fen, qty, here)
        case keys.Reprice():
            return _reprice(state, here)
        case keys.Void(n):
            return _void(state, n, here)
        case keys.GuideNumbers(numbers):
            return _name_guides(state, numbers, here)
        case keys.Function(digit):
            return _function(state, digit, here)
        case _:
            assert_never(command)


def _sell(state: Desk, goods: basket.Goods | None, qty: int, code: str, here: Here) -> Moved:
    cart = _cart(state)
    if goods is None and (bill := _mall_bill(code, here)) is not None:
        return _paid_at_mall(state, bill, here)
    if goods is None:
        waiting = Unlisted(code[: basket.CODE_CHARS_MAX], qty)
        moved = _keyed(state, cart, here, undo=_undo_of(state), unlisted=waiting)
        return refused(moved.state, Code.UNLISTED) if isinstance(moved.state, Keying) else moved
    return _add(state, basket.with_line(cart, basket.line_of(goods, qty)), here)


def _mall_bill(code: str, here: Here) -> MallBill | None:
    """Return the bill for the mall's till whose number was scanned or keyed."""
    if not code.startswith(mall.PREFIX) or not keys.is_gtin(code):
        return None
    entry = mall.entry_of(code, here.shop.books().chain())
    return None if entry is None else here.shop.mall_bill(entry)


def _paid_at_mall(state: Desk, bill: MallBill, here: Here) -> Moved:
    if isinstance(state, Keying) and state.cart.lines:
        return refused(state, Code.FINISH_FIRST)
    from daemon.counter.flows.mall import payment

    return asking.start(payment(bill), state, here)


def _sell_unlisted(state: Desk, fen: int, qty: int, here: Here) -> Moved:
    waiting = state.unlisted if isinstance(state, Keying) else None
    code = ""
    if waiting is not None:
        code, qty = waiting.code, waiting.qty if qty == 1 else qty
    return _add(state, basket.with_line(_cart(state), basket.unlisted(fen, qty, code)), here)


def _add(state: Desk, cart: Cart, here: Here) -> Moved:
    if len(cart.lines) > basket.LINES_MAX:
        return refused(state, Code.INPUT)
    return _keyed(state, cart, here, undo=_undone_to(state), changed=len(cart.lines))


def _reprice(state: Desk, here: Here) -> Moved:
    if not isinstance(state, Keying) or not state.cart.lines or state.unlisted is not None:
        return refused(state, Code.INPUT)
    from daemon.counter.flows import repricing

    return asking.start(repricing.SCRIPT, state, here)


def _void(state: Desk, n: int | None, here: Here) -> Moved:
    if not isinstance(state, Keying):
        return stay(state)
    if n is None and state.unlisted is not None:
        return _undo(state, here)
    last = len(state.cart.lines)
    n = last if n is None else n
    if not 0 < n <= last:
        return refused(state, Code.INPUT)
    return _keyed(state, basket.without_line(state.cart, n), here, undo=_undone_to(state))


def _enter(state: Desk, here: Here) -> Moved:
    if isinstance(state, Keying):
        if not state.cart.lines:
            return refused(state, Code.INPUT)
        moved = _keyed(state, state.cart, here, undo=state.undo)
        if not isinstance(moved.state, Keying):
            return moved
        return open_total(moved.state, moved.state.quote.bill_fen, here)
    if isinstance(state, Inquiry) and not state.member.shown.visitor:
        slip = Print(DocumentKind.INQUIRY, about=state.member.facts.id)
        return Moved(state, (slip, BEEP_OK))
    return stay(state)


def _look_up(state: Desk, goods: basket.Goods | None) -> Moved:
    below = _untyped(state)
    if goods is None:
        return refused(below, Code.UNLISTED)
    product = goods.product
    price = goods.amount_fen or product.price_fen or 0
    name = product.short or product.name
    member_price = None if goods.amount_fen else product.member_price_fen
    return Moved(PriceLookup(below, PriceShown(name, product.pole, price, member_price)))


def _member_comes(state: Desk, found: members.Found | members.Unfit, here: Here) -> Moved:
    below = _untyped(state)
    if isinstance(found, members.Unfit):
        return refused(below, found.code)
    member = found.member
    if isinstance(below, Keying):
        cart = replace(below.cart, member=member)
        moved = _keyed(below, cart, here, undo=_undone_to(below))
    else:
        moved = Moved(Inquiry(member, members.page_of(member, here.shop)))
    if found.notice is None or not isinstance(moved.state, Keying | Inquiry):
        return moved
    told = tuple(found.notice.values.items())
    return Moved(Refused(moved.state, found.notice.code, told), (BEEP_ATTENTION,))


def _balance(state: Inquiry, here: Here) -> Moved:
    if state.member.shown.visitor or state.page.balance_fen is not None:
        return stay(state)
    balance = here.shop.balance_fen(state.member.facts.id)
    return Moved(replace(state, page=replace(state.page, balance_fen=balance)))


def _name_guides(state: Desk, numbers: tuple[str, ...], here: Here) -> Moved:
    found: list[Staff] = []
    for number in numbers:
        staff = here.shop.staff(number) or here.shop.staff(number.zfill(2))
        if staff is None:
            return refused(state, Code.NO_STAFF)
        if staff in found:
            return refused(state, Code.INPUT)
        found.append(staff)
    shares = split(SHARES, [1] * len(found))
    guides = tuple(Guide(one.no, share) for one, share in zip(found, shares, strict=True))
    typed = "".join(f"*{one.no}" for one in found)
    names = {"guides": " ".join(one.name for one in found)}
    shown = Step(STEPS[Ask.GUIDE], Ask.GUIDE, typed, names)
    return Moved(Told(state, shown), (BEEP_OK,), guides)


def _function(state: Desk, digit: str, here: Here) -> Moved:
    script = script_of(digit)
    if script is None:
        return refused(state, Code.NO_FUNCTION)
    if isinstance(state, Keying) and state.cart.lines and not script.over_basket:
        return refused(state, Code.FINISH_FIRST)
    return asking.start(script, state, here)


def _undo(state: Desk, here: Here) -> Moved:
    """CLEAR: a digit, else a step, else what still stands on the screens."""
    if state.typed:
        return Moved(_typing(state, state.typed[:-1]))
    if isinstance(state, Idle):
        return stay(state) if state.page is None else Moved(replace(state, page=None))
    if isinstance(state, Inquiry):
        return Moved(Idle())
    if state.unlisted is not None and (state.cart.lines or state.cart.member):
        return Moved(replace(state, unlisted=None))
    if not state.undo:
        member = state.cart.member if state.cart.lines else None
        page = None if member is None else Inquiry(member, members.page_of(member, here.shop))
        return Moved(page or Idle())
    return _keyed(state, state.undo[-1], here, undo=state.undo[:-1])


def _keyed(
    state: Desk,
    cart: Cart,
    here: Here,
    *,
    undo: tuple[Cart, ...],
    changed: int = 0,
    unlisted: Unlisted | None = None,
) -> Moved:
    """Return the cart priced, in the state's flow or a new one."""
    shop = here.shop
    flow = state.flow if isinstance(state, Keying) else Flow(shop.fresh_id(), shop.engine())
    quote = flow.engine.quote(basket_of(cart, here))
    if quote.bill_fen > keys.AMOUNT_FEN_MAX:
        return refused(state, Code.INPUT)
    return Moved(Keying(flow, cart, quote, undo, changed, unlisted))


def basket_of(cart: Cart, here: Here) -> Basket:
    """Return the cart as the rules are asked: with who serves, and what limits count so far."""
    facts = None if cart.member is None else cart.member.facts
    guides = here.guides or here.shop.default_guides()
    staff = guides[0].staff if guides else here.shop.by().operator
    so_far = () if facts is None else here.shop.so_far(facts.id)
    return Basket(cart.lines, facts, here.now(), staff, cart.chosen, so_far)


def _undo_of(state: Desk) -> tuple[Cart, ...]:
    return state.undo if isinstance(state, Keying) else ()


def _undone_to(state: Desk) -> tuple[Cart, ...]:
    """Return the undo steps once the state's own cart is one of them."""
    return (*state.undo, state.cart)[-UNDO_MAX:] if isinstance(state, Keying) else ()


def _cart(state: Desk) -> Cart:
    match state:
        case Keying():
            return state.cart
        case Inquiry():
            return Cart(member=state.member)
        case _:
            return Cart()


def _typing(state: Desk, typed: str) -> Desk:
    """The first key of what comes next ends the page of what was."""
    return (
        replace(state, page=None, typed=typed)
        if isinstance(state, Idle)
        else replace(state, typed=typed)
    )


def _untyped(state: Desk) -> Desk:
    return _typing(state, "") if state.typed else state
