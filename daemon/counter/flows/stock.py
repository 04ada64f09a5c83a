"""Stock (`/6`): receive, take out with a reason, count while selling, look.

Goods are named by number or scan, blank cards by the card itself. A list ends with ENTER where the
next goods are asked; what is on it is booked as one entry.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import msgspec

from daemon.counter import basket
from daemon.counter.codes import Ask, Code, Why
from daemon.counter.effects import DocumentKind, Print
from daemon.counter.forms import (
    SOURCE,
    Answer,
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
    begin_at,
)
from daemon.counter.moves import BEEP_OK, Here
from daemon.counter.screens import Row
from daemon.counter.states import Idle
from daemon.ledger.acts import stock
from daemon.ledger.acts.card import CARD_SKU
from daemon.ledger.bodies import StockLine
from daemon.ledger.messages import Product

RECEIVE, TAKE_OUT, COUNT, LOOK = "1", "2", "3", "4"
# Kept in the entry as they stand here; the key card and the papers have the words.
REASONS: Mapping[str, str] = MappingProxyType(
    {"1": "tester", "2": "sample", "3": "loss", "4": "expired", "5": "own_use"}
)
OTHERS = "*"  # what has no number of its own
LINES_MAX = 50  # of one list; a carton has fewer kinds, and a slip must stay readable
USE_BY_DIGITS = 8  # 20261231
QTY_DIGITS = range(1, 6)  # of pieces


class Goods(msgspec.Struct, frozen=True):
    """One kind of goods on the list: the answers since it was named."""

    product: Product
    named: Answer
    answers: tuple[Answer, ...]

    def last(self, ask: Ask) -> Answer | None:
        return next((one for one in reversed(self.answers) if one.question.ask is ask), None)

    def text(self, ask: Ask) -> str:
        found = self.last(ask)
        return "" if found is None else found.text

    def numbers(self) -> tuple[str, ...]:
        """Return every serial number that was read, each once; a card may name itself."""
        read = [self.named] if self.named.by is Takes.SWIPE else []
        read += [one for one in self.answers if one.question.ask is Ask.STOCK_SERIAL]
        return tuple(dict.fromkeys(one.text for one in read if one.text))


def _chosen(_: Given, __: Here) -> Next:
    return To(Ask.STOCK_ITEM)


def _named(given: Given, here: Here) -> Next:
    answer, way = given.answers[-1], given.text(Ask.STOCK)
    if answer.by is Takes.ENTER:
        return _ended(given, here)
    if answer.by is Takes.CHOICE:
        return To(Ask.STOCK_OTHER) if here.shop.products_without_code() else No(Code.NOTHING)
    product = _product(answer, here)
    if product is None:
        return No(Code.UNLISTED)
    if way == LOOK:
        return To(Ask.STOCK_SHOWN)
    listed = [goods.product.sku for goods in _list(given, here)]
    if listed.count(product.sku) > 1 or len(listed) > LINES_MAX:
        return No(Code.NOT_ALLOWED, Why.LISTED_TWICE.told)
    if way == COUNT and _numbered(product, here):
        return To(Ask.STOCK_SERIAL)
    return To(Ask.STOCK_QTY)


def _others(_: Given, here: Here) -> Shown:
    found = here.shop.products_without_code()
    return Shown(tuple(Row(str(n), one.name, one.pole) for n, one in enumerate(found, 1)))


def _ended(given: Given, here: Here) -> Next:
    """Nothing more to name: book the list, ask why, or print how everything stands."""
    way = given.text(Ask.STOCK)
    if way == LOOK:
        return Goes(Idle(), (Print(DocumentKind.STOCK_LEVELS), BEEP_OK))
    if not _list(given, here):
        return No(Code.INPUT)
    if way == TAKE_OUT:
        return To(Ask.STOCK_REASON)
    return _received(given, here) if way == RECEIVE else _counted(given, here)


def _quantity(given: Given, here: Here) -> Next:
    way, goods = given.text(Ask.STOCK), _list(given, here)[-1]
    if way == COUNT:
        return To(Ask.STOCK_ITEM)
    if not given.number(Ask.STOCK_QTY):
        return No(Code.INPUT)
    if goods.named.by is Takes.SWIPE:
        return To(Ask.STOCK_SERIAL_LAST)
    if _numbered(goods.product, here):
        return To(Ask.STOCK_SERIAL)
    return To(Ask.STOCK_BATCH if way == RECEIVE else Ask.STOCK_ITEM)


def _serial(given: Given, here: Here) -> Next:
    """Count: card after card, until ENTER. Else: the first number of a range."""
    answer = given.last(Ask.STOCK_SERIAL)
    assert answer is not None, "asked before"
    if given.text(Ask.STOCK) == COUNT:
        return To(Ask.STOCK_ITEM if answer.by is Takes.ENTER else Ask.STOCK_SERIAL)
    return No(Code.INPUT) if answer.by is Takes.ENTER else To(Ask.STOCK_SERIAL_LAST)


def _serials_told(given: Given, here: Here) -> Shown:
    if given.text(Ask.STOCK) != COUNT:
        return Shown()
    return Shown(values=(("n", str(len(_list(given, here)[-1].numbers()))),))


def _serial_last(given: Given, here: Here) -> Next:
    goods = _list(given, here)[-1]
    line = _line(goods)
    first, last = line.serial_first, line.serial_last
    digits = len(first) == len(last) and (first + last).isdecimal()
    if not digits or int(last) - int(first) + 1 != line.qty:
        return No(Code.NOT_ALLOWED, Why.NOT_SO_MANY.told, back_to=Ask.STOCK_QTY)
    named = {str(n).zfill(len(first)) for n in range(int(first), int(last) + 1)}
    held = here.shop.books().shelf([line.sku], "").serials[line.sku]
    taken_out = given.text(Ask.STOCK) == TAKE_OUT
    if named - held if taken_out else named & held:
        why = Why.SERIAL_NOT_HERE if taken_out else Why.SERIAL_HERE
        return No(Code.NOT_ALLOWED, why.told, back_to=Ask.STOCK_QTY)
    return To(Ask.STOCK_ITEM)


def _batch(_: Given, __: Here) -> Next:
    return To(Ask.STOCK_USE_BY)


def _use_by(given: Given, here: Here) -> Next:
    answer = given.last(Ask.STOCK_USE_BY)
    assert answer is not None, "asked before"
    if answer.by is not Takes.ENTER and not _date(answer.text):
        return No(Code.INPUT)
    return To(Ask.STOCK_ITEM)


def _received(given: Given, here: Here) -> Next:
    request = stock.ReceiveRequest(
        id=given.id, source=SOURCE, lines=tuple(map(_line, _list(given, here)))
    )
    return stock.receive(request, here.shop.books().stamp(request))


def _taken_out(given: Given, here: Here) -> Next:
    request = stock.AdjustStockRequest(
        id=given.id,
        source=SOURCE,
        lines=tuple(map(_line, _list(given, here))),
        reason=REASONS[given.text(Ask.STOCK_REASON)],
    )
    return stock.adjust_stock(request, here.shop.books().stamp(request))


def _counted(given: Given, here: Here) -> Next:
    """The counter serves nobody while the list is open: the books of now are those it met."""
    books, lines = here.shop.books(), []
    for goods in _list(given, here):
        product, numbers = goods.product, goods.numbers()
        qty = goods.last(Ask.STOCK_QTY)
        counted = len(numbers) if qty is None else qty.number
        lines.append(stock.Count(product.sku, counted, product.name, serials=numbers))
    request = stock.CountRequest(id=given.id, source=SOURCE, lines=tuple(lines))
    shelf = books.shelf([line.sku for line in lines], request.position)
    return stock.count(request, shelf, books.stamp(request))


def _looked(given: Given, here: Here) -> Next:
    answer = given.answers[-1]
    if answer.by is Takes.ENTER:
        return Goes(Idle())
    return No(Code.UNLISTED) if _product(answer, here) is None else To(Ask.STOCK_SHOWN)


def _shown(given: Given, here: Here) -> Shown:
    product = _product(given.answers[-1], here)
    assert product is not None, "looked up before"
    qty = here.shop.stock(product.sku)
    return Shown(values=(("stock", str(qty)), ("name", product.name), ("pole", product.pole)))


def _list(given: Given, here: Here) -> list[Goods]:
    """Return the goods that were named, in order, each with the answers about it."""
    found: list[Goods] = []
    for answer in given.answers:
        if answer.question.ask in (Ask.STOCK_ITEM, Ask.STOCK_OTHER):
            naming = answer.by not in (Takes.ENTER, Takes.CHOICE)
            product = _product(answer, here) if naming else None
            if product is not None:
                found.append(Goods(product, answer, ()))
        elif found:
            goods = found[-1]
            found[-1] = Goods(goods.product, goods.named, (*goods.answers, answer))
    return found


def _line(goods: Goods) -> StockLine:
    qty, numbers = goods.last(Ask.STOCK_QTY), goods.numbers()
    first = numbers[0] if numbers else ""
    return StockLine(
        goods.product.sku,
        0 if qty is None else qty.number,
        goods.product.name,
        batch=goods.text(Ask.STOCK_BATCH),
        use_by=_date(goods.text(Ask.STOCK_USE_BY)),
        serial_first=first,
        serial_last=goods.text(Ask.STOCK_SERIAL_LAST) or first,
    )


def _product(answer: Answer, here: Here) -> Product | None:
    shop, text = here.shop, answer.text
    if answer.by is Takes.SWIPE:
        return shop.product(CARD_SKU)
    if answer.by is Takes.ROW:
        others = shop.products_without_code()
        return others[answer.number - 1] if answer.number <= len(others) else None
    return basket.named_by(text, shop)


def _numbered(product: Product, here: Here) -> bool:
    if product.sku == CARD_SKU:
        return True
    return bool(here.shop.books().shelf([product.sku], "").serials[product.sku])


def _date(text: str) -> str:
    """Return YYYY-MM-DD of 20261231; "" if it is no date."""
    if len(text) != USE_BY_DIGITS:
        return ""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
    except ValueError:
        return ""


_GOODS = Takes.NUMBER | Takes.SCAN
_NAMED = (Ask.STOCK_QTY, Ask.STOCK_SERIAL, Ask.STOCK_SHOWN)

SCRIPT = Script(
    digit="6",
    name="stock",
    first=begin_at(Ask.STOCK),
    leads=(Ask.STOCK,),
    steps=(
        Step(
            Ask.STOCK,
            Takes.CHOICE,
            _chosen,
            leads=(Ask.STOCK_ITEM,),
            choices=tuple(Row(key) for key in (RECEIVE, TAKE_OUT, COUNT, LOOK)),
        ),
        Step(
            Ask.STOCK_ITEM,
            _GOODS | Takes.SWIPE | Takes.ENTER | Takes.CHOICE,
            _named,
            leads=(*_NAMED, Ask.STOCK_OTHER, Ask.STOCK_REASON, End.ENTRY, End.DESK),
            choices=(Row(OTHERS),),
        ),
        Step(Ask.STOCK_OTHER, Takes.ROW, _named, leads=_NAMED, shows=_others),
        Step(
            Ask.STOCK_QTY,
            Takes.NUMBER,
            _quantity,
            leads=(Ask.STOCK_ITEM, Ask.STOCK_SERIAL, Ask.STOCK_SERIAL_LAST, Ask.STOCK_BATCH),
            digits=QTY_DIGITS,
        ),
        Step(
            Ask.STOCK_SERIAL,
            _GOODS | Takes.SWIPE | Takes.ENTER,
            _serial,
            leads=(Ask.STOCK_ITEM, Ask.STOCK_SERIAL, Ask.STOCK_SERIAL_LAST),
            shows=_serials_told,
        ),
        Step(
            Ask.STOCK_SERIAL_LAST,
            _GOODS | Takes.SWIPE,
            _serial_last,
            leads=(Ask.STOCK_ITEM,),
        ),
        Step(Ask.STOCK_BATCH, _GOODS | Takes.ENTER, _batch, leads=(Ask.STOCK_USE_BY,)),
        Step(
            Ask.STOCK_USE_BY,
            Takes.NUMBER | Takes.ENTER,
            _use_by,
            leads=(Ask.STOCK_ITEM,),
            digits=range(USE_BY_DIGITS, USE_BY_DIGITS + 1),
        ),
        Step(
            Ask.STOCK_REASON,
            Takes.CHOICE,
            _taken_out,
            leads=(End.ENTRY,),
            choices=tuple(Row(key) for key in REASONS),
        ),
        Step(
            Ask.STOCK_SHOWN,
            _GOODS | Takes.SWIPE | Takes.ENTER,
            _looked,
            leads=(Ask.STOCK_SHOWN, End.DESK),
            shows=_shown,
        ),
    ),
)
