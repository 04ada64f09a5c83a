"""What a code or number sells, and carts with a line more or less. No prices are made here."""

import msgspec
from msgspec.structs import replace

from daemon.counter.keys import PLU_DIGITS_MAX, is_gtin, may_be_bank_card
from daemon.counter.shop import Shop
from daemon.counter.states import Cart
from daemon.ledger.messages import Product
from daemon.rules.types import BasketLine

LINES_MAX = 200  # a receipt of two metres; more is a scanner held against one thing
CODE_CHARS_MAX = 64  # of a raw code kept in a line; a QR with a web page in it is cut

UNKNOWN_NAME = "未建档"  # as on the receipt: it has a code, and no product here has that code
NO_CODE_NAME = "无码商品"


class Goods(msgspec.Struct, frozen=True):
    """One piece of what a code stands for; `amount_fen` when the code itself says the price."""

    product: Product
    qty: int
    amount_fen: int | None
    code: str


def by_number(number: str, shop: Shop) -> Goods | None:
    """Return what a keyed number sells: up to five digits a product number, else a barcode."""
    if len(number) > PLU_DIGITS_MAX:
        return by_code(number, shop)
    product = shop.product_by_plu(int(number))
    return _priced(product, "")


def by_code(code: str, shop: Shop) -> Goods | None:
    """Return what a barcode sells; None when it is no product of ours, or none that is sold."""
    named = _of_barcode(code, shop)
    if named is not None:
        return _priced(named, code)
    product = shop.scale_product(code) if is_gtin(code) else None
    return None if product is None else _weighed(product, code)


def named_by(text: str, shop: Shop) -> Product | None:
    """Return the product that a number or code names, sold or not: as in the basket."""
    plu = text.isdecimal() and len(text) <= PLU_DIGITS_MAX
    numbered = shop.product_by_plu(int(text)) if plu else None
    return numbered or _of_barcode(text, shop) or shop.scale_product(text)


def unlisted(fen: int, qty: int, code: str) -> BasketLine:
    """Return a line of goods that no product of ours describes; the raw code is kept.

    What may be the number of a bank card is no code of goods and is not kept.
    """
    code = "" if may_be_bank_card(code) else code
    name = UNKNOWN_NAME if code else NO_CODE_NAME
    product = Product(sku="", name=name, price_fen=fen, pole="ITEM")
    return BasketLine(0, product, qty, fen * qty, code[:CODE_CHARS_MAX], unlisted=True)


def line_of(goods: Goods, qty: int) -> BasketLine:
    amount = None if goods.amount_fen is None else goods.amount_fen * qty
    return BasketLine(0, goods.product, goods.qty * qty, amount, goods.code)


def with_line(cart: Cart, line: BasketLine) -> Cart:
    return replace(cart, lines=_numbered((*cart.lines, line)))


def without_line(cart: Cart, n: int) -> Cart:
    return replace(cart, lines=_numbered(tuple(line for line in cart.lines if line.n != n)))


def _numbered(lines: tuple[BasketLine, ...]) -> tuple[BasketLine, ...]:
    return tuple(replace(line, n=n) for n, line in enumerate(lines, 1))


def _of_barcode(code: str, shop: Shop) -> Product | None:
    found = (shop.product_by_barcode(same) for same in _spellings(code))
    return next((product for product in found if product is not None), None)


def _spellings(code: str) -> tuple[str, ...]:
    """Return the code as it may stand in a product list: a UPC-A is an EAN-13 that starts 0."""
    if len(code) == 12:
        return code, "0" + code
    if len(code) == 13 and code.startswith("0"):
        return code, code[1:]
    return (code,)


def _priced(product: Product | None, code: str) -> Goods | None:
    if product is None or product.price_fen is None:
        return None
    return Goods(product, 1, None, code)


def _weighed(product: Product, code: str) -> Goods | None:
    """Return what a scale's label says: prefix, item, amount in fen, check digit."""
    scale, price = product.scale, product.price_fen
    if scale is None or not price or scale.field != "price_fen":
        return None
    amount = int(code[len(scale.prefix) + len(scale.item) : -1])
    if not amount:
        return None
    grams = max(1, (2 * amount + price) // (2 * price))  # to the nearest gram
    return Goods(product, grams if product.unit == "g" else 1, amount, code)
