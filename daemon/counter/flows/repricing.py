"""A price set by hand (`+` in the basket): which line, what one costs, why, and who allows it.

The pack says for which reasons, and how far down; a second person, a manager, always allows it.
That he did is written down at once, whether or not the goods are sold then.
"""

from msgspec.structs import replace

from daemon.counter.codes import Ask, Code, Why, because
from daemon.counter.forms import SOURCE, End, Given, Next, No, Noted, Script, Shown, Step, Takes, To
from daemon.counter.moves import Here
from daemon.counter.pins import MANAGER_ROLE, manager, second_person
from daemon.counter.screens import Row
from daemon.counter.selling import basket_of
from daemon.counter.states import Cart, Keying
from daemon.ledger.acts import selling
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.records import Draft
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
        return No(
            Code.NOT_ALLOWED, because(quote.refusal.code, quote.refusal.why), back_to=Ask.NEW_PRICE
        )
    if _list_fen(quote, _chosen(given)) == _fen(given):
        return No(Code.INPUT, back_to=Ask.NEW_PRICE)  # it costs that already
    return To(Ask.MANAGER)


def _allowed(given: Given, here: Here) -> Next:
    goods, staff = _goods(given), manager(given, here)
    quote = _quoted(given, here, staff)
    draft = _note(given, quote, staff, here)
    if isinstance(draft, Refusal):
        return draft
    priced = replace(
        goods,
        cart=_cart(given, staff),
        quote=quote,
        undo=(*goods.undo, goods.cart),
        changed=_chosen(given).n,
    )
    return Noted(draft, priced)


def _note(given: Given, quote: Quote, staff: str, here: Here) -> Draft | Refusal:
    """Return that it was allowed, and by whom; a sale's line says it again if there is a sale."""
    chosen, books, known = _chosen(given), here.shop.books(), _goods(given).cart.member
    request = selling.OverrideRequest(
        id=given.id,
        source=SOURCE,
        sku=chosen.product.sku,
        qty=chosen.qty,
        list_fen=_list_fen(quote, chosen),
        fen=_fen(given),
        reason=_reasons(given)[given.number(Ask.PRICE_REASON) - 1],
        staff=staff,
        name=chosen.product.short or chosen.product.name,
    )
    member = books.member("" if known is None or known.shown.visitor else known.facts.id)
    return selling.override(request, member, books.balance, books.stamp(request), role=MANAGER_ROLE)


def _list_fen(quote: Quote, chosen: BasketLine) -> int:
    return sum(line.list_fen for line in quote.lines if line.n == chosen.n)


def _fen(given: Given) -> int:
    """Return what the whole line is to cost; what is asked for is the price of one piece."""
    chosen = _chosen(given)
    return given.number(Ask.NEW_PRICE) * (chosen.qty if chosen.product.unit == "piece" else 1)


def _quoted(given: Given, here: Here, staff: str) -> Quote:
    return _goods(given).flow.engine.quote(basket_of(_cart(given, staff), here))


def _cart(given: Given, staff: str) -> Cart:
    """Return the basket with the price that is asked for."""
    goods, chosen, fen = _goods(given), _chosen(given), _fen(given)
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
        *second_person(_allowed, leads=(End.NOTED,)),
    ),
    over_basket=True,
)
