"""A price set by hand (`+` in the basket): which line, what one costs, why, and who allows it.

The pack says for which reasons, and how far down; a second person, a manager, always allows it.
"""

from msgspec.structs import replace

from daemon.counter.codes import Ask, Code, Why, because
from daemon.counter.forms import End, Given, Goes, Next, No, Script, Shown, Step, Takes, To
from daemon.counter.moves import Here
from daemon.counter.pins import MANAGER_ROLE, manager, second_person
from daemon.counter.screens import Row
from daemon.counter.selling import basket_of
from daemon.counter.states import Cart, Keying
from daemon.rules.types import BasketLine, Manual, Quote


def _first(given: Given, _: Here) -> Next:
    goods = _goods(given)
    if not _reasons(given):
        return No(Code.NOT_ALLOWED, Why.NO_HAND_PRICE.told)
    return To(Ask.LINE) if len(goods.cart.lines) > 1 else To(Ask.NEW_PRICE)


def _lines(given: Given, _: Here) -> Shown:
    return Shown(
        tuple(
            Row(
                str(line.n),
                line.product.short or line.product.name,
                line.product.pole,
                line.amount_fen or (line.product.price_fen or 0) * line.qty,
            )
            for line in _goods(given).cart.lines
        )
    )


def _line(given: Given, _: Here) -> Next:
    line = _chosen(given)
    if line.unlisted or line.product.price_fen is None:
        return No(Code.INPUT)  # its price was keyed already: void it and key another
    return To(Ask.NEW_PRICE)


def _priced(given: Given, _: Here) -> Next:
    return To(Ask.PRICE_REASON) if not _chosen(given).unlisted else No(Code.INPUT)


def _shown_reasons(given: Given, _: Here) -> Shown:
    return Shown(
        tuple(
            Row(str(n), reason, reason.upper() if reason.isascii() else "")
            for n, reason in enumerate(_reasons(given), start=1)
        )
    )


def _reasoned(given: Given, here: Here) -> Next:
    quote = _quoted(given, here, "")
    if quote.refusal is not None:
        return No(Code.NOT_ALLOWED, because(quote.refusal.code), back_to=Ask.NEW_PRICE)
    return To(Ask.MANAGER)


def _allowed(given: Given, here: Here) -> Next:
    goods = _goods(given)
    return Goes(
        replace(
            goods,
            cart=_cart(given, manager(given, here)),
            quote=_quoted(given, here, manager(given, here)),
            undo=(*goods.undo, goods.cart),
            changed=_chosen(given).n,
        )
    )


def _quoted(given: Given, here: Here, staff: str) -> Quote:
    return _goods(given).flow.engine.quote(basket_of(_cart(given, staff), here))


def _cart(given: Given, staff: str) -> Cart:
    """Return the basket with the price that is asked for."""
    goods, chosen = _goods(given), _chosen(given)
    fen = given.number(Ask.NEW_PRICE) * (chosen.qty if chosen.product.unit == "piece" else 1)
    manual = Manual(MANAGER_ROLE, _reasons(given)[given.number(Ask.PRICE_REASON) - 1], staff)
    lines = tuple(
        replace(line, amount_fen=fen, manual=manual) if line.n == chosen.n else line
        for line in goods.cart.lines
    )
    return replace(goods.cart, lines=lines)


def _chosen(given: Given) -> BasketLine:
    """Return the line that was named; the only one, or with ENTER alone the last, otherwise."""
    lines = _goods(given).cart.lines
    return lines[(given.number(Ask.LINE) or len(lines)) - 1]


def _reasons(given: Given) -> tuple[str, ...]:
    return _goods(given).flow.engine.sale.hand_reasons


def _goods(given: Given) -> Keying:
    assert isinstance(given.desk, Keying), "a price is set in a basket"
    return given.desk


SCRIPT = Script(
    digit="",
    name="repricing",
    first=_first,
    leads=(Ask.LINE, Ask.NEW_PRICE),
    steps=(
        Step(
            Ask.LINE,
            Takes.ROW | Takes.ENTER,
            _line,
            leads=(Ask.NEW_PRICE,),
            shows=_lines,
        ),
        Step(Ask.NEW_PRICE, Takes.AMOUNT, _priced, leads=(Ask.PRICE_REASON,)),
        Step(Ask.PRICE_REASON, Takes.ROW, _reasoned, leads=(Ask.MANAGER,), shows=_shown_reasons),
        *second_person(_allowed, leads=(End.DESK,)),
    ),
    over_basket=True,
)
