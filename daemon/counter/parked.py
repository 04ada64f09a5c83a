"""A basket set aside, as text for local.db: what was keyed, never what it cost by the rules.

It is priced again when it comes back. Of the member only the card's number is kept.
"""

import msgspec
from msgspec.structs import replace

from daemon.counter import basket, members
from daemon.counter.moves import Here
from daemon.counter.shop import Shop
from daemon.counter.states import Cart, Keying
from daemon.ledger.bodies import Guide
from daemon.rules.types import BasketLine, Manual


class ParkedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """`fen`: the line's own amount (a scale's label, a keyed price); None: the list says."""

    sku: str
    qty: int
    fen: int | None = None
    code: str = ""
    role: str = ""  # of who set the price by hand, why, and who allowed it
    reason: str = ""
    staff: str = ""


class ParkedBasket(msgspec.Struct, frozen=True, omit_defaults=True):
    """`bill_fen` and `at`: what was shown when it was set aside, and when."""

    lines: tuple[ParkedLine, ...]
    bill_fen: int
    at: str
    card: str = ""
    guides: tuple[Guide, ...] = ()
    proved: bool = True  # the member had shown his card, or keyed his PIN
    chosen: tuple[str, ...] = ()  # rules that he chose among


def parked(state: Keying, here: Here) -> str:
    """Return the basket as text."""
    member = state.cart.member
    kept = ParkedBasket(
        lines=tuple(map(_kept, state.cart.lines)),
        bill_fen=state.quote.bill_fen,
        at=here.shop.at().wall,
        card="" if member is None else member.facts.card,
        guides=here.guides,
        proved=member is None or member.proved,
        chosen=state.cart.chosen,
    )
    return msgspec.json.encode(kept).decode()


def read(text: str) -> ParkedBasket:
    """Return what was set aside. Raises msgspec.DecodeError for what this release cannot read."""
    return msgspec.json.decode(text, type=ParkedBasket)


def cart_of(kept: ParkedBasket, here: Here) -> tuple[Cart, int, str]:
    """Return the cart as the shop sells today, how many lines it sells no more, and why the member
    is not in it any more (the code of his refusal)."""
    lines = [line for one in kept.lines if (line := _line(one, here.shop)) is not None]
    cart = Cart()
    for line in lines:
        cart = basket.with_line(cart, line)
    found = members.by_card(kept.card, here.shop, here.now()) if kept.card else None
    member = None
    if isinstance(found, members.Found):
        member = replace(found.member, proved=kept.proved)
    unfit = found.code if isinstance(found, members.Unfit) else ""
    return Cart(cart.lines, member, kept.chosen), len(kept.lines) - len(lines), unfit


def _kept(line: BasketLine) -> ParkedLine:
    manual = line.manual
    return ParkedLine(
        sku=line.product.sku,
        qty=line.qty,
        fen=line.amount_fen,
        code=line.code,
        role="" if manual is None else manual.role,
        reason="" if manual is None else manual.reason,
        staff="" if manual is None else manual.staff,
    )


def _line(kept: ParkedLine, shop: Shop) -> BasketLine | None:
    if not kept.sku:
        fen = kept.fen or 0
        return basket.unlisted(fen // kept.qty, kept.qty, kept.code) if fen else None
    product = shop.product(kept.sku)
    if product is None or product.price_fen is None:
        return None
    manual = Manual(kept.role, kept.reason, kept.staff) if kept.role else None
    return BasketLine(0, product, kept.qty, kept.fen, kept.code, manual=manual)
