"""The exchange (换货) of `/3 3`: what goes out for the lines that come back, in one slip.

The receipt, its lines and the reason are asked as for a return. Then each scan or number is one
piece that goes out; ENTER ends them. What is more is paid at the total, what is less is paid back.
"""

from daemon.counter import basket, members, receipts
from daemon.counter.asking import UNPAID
from daemon.counter.codes import Ask, Code, refusal_code, told_of
from daemon.counter.forms import SOURCE, Bill, End, Given, Next, No, Shown, Step, Takes, To
from daemon.counter.keys import PLU_DIGITS_MAX
from daemon.counter.moves import Here
from daemon.counter.shop import Known
from daemon.counter.swapped import Out, Swap, out_of
from daemon.ledger.acts import exchange
from daemon.ledger.acts.bill import Bill as Receipt
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.acts.returning import coming_back
from daemon.ledger.records import Draft
from daemon.rules.rounding import yuan
from daemon.rules.tenders import Paid
from daemon.rules.types import BasketLine
from daemon.rules.types import Refusal as Refused

BARCODE_DIGITS_MAX = 13
PIECE = "piece"


def _item(given: Given, here: Here) -> Next:
    if given.answers[-1].by is not Takes.ENTER:
        return _named(given, here)
    if not _goods(given, here):
        return No(Code.INPUT)
    out = _outcome(given, here)
    if isinstance(out, No | Refusal):
        return out
    if out.due_fen <= 0:
        return To(Ask.SWAP_SURE)
    return Bill(out.due_fen, lambda paid, then: _made(given, paid, then))


def _sure(given: Given, here: Here) -> Next:
    return _made(given, UNPAID, here)


def _outcome(given: Given, here: Here, paid: Paid = UNPAID) -> Out | No | Refusal:
    swap = _swap(given, here)
    if isinstance(swap, Refusal):
        return swap
    out = out_of(swap, paid.tenders, here)
    if isinstance(out, Refused):
        return No(refusal_code(out.code), told_of(out))
    return out


def _made(given: Given, paid: Paid, here: Here) -> Draft | Refusal | No:
    out = _outcome(given, here, paid)
    if not isinstance(out, Out):
        return out
    bill, books = receipts.known(given, here), here.shop.books()
    buyer = here.shop.member_by_card(bill.card) if bill.card else None
    joined = None if buyer is None else buyer.facts.joined
    request = exchange.ExchangeRequest(
        id=given.id,
        source=SOURCE,
        sale=bill.entry,
        back=receipts.back(given, here),
        lines=out.lines,
        tenders=paid.tenders,
        points=out.points,
        points_expire=given.engine.lot_ends(here.now(), joined) if out.points else None,
        growth=out.growth,
        reason=int(given.text(Ask.BACK_REASON)),
        commission=out.commission,
        guides=here.guides or here.shop.default_guides(),
        rounding_fen=paid.rounding_fen + out.rounding_fen,
    )
    member = books.member(bill.member, bill.card)
    return exchange.exchange(request, bill, member, books.balance, books.stamp(request))


def _shown(given: Given, here: Here) -> Shown:
    """Return how much goes out, and what is to be paid (below zero: paid back)."""
    goods = _goods(given, here)
    out = _outcome(given, here) if goods else None
    if not isinstance(out, Out):
        return Shown()
    pieces = sum(line.qty if line.product.unit == PIECE else 1 for line in goods)
    return Shown(values=(("amount", yuan(out.due_fen)), ("pieces", str(pieces))))


def goods_of(text: str, here: Here) -> basket.Goods | None:
    """Return what a number or code sells, one piece of it; by weight only with a scale's label."""
    shop = here.shop
    number = text.isdecimal() and len(text) <= PLU_DIGITS_MAX
    found = basket.by_number(text, shop) if number else basket.by_code(text, shop)
    if found is None or (found.product.unit != PIECE and found.amount_fen is None):
        return None
    return found


def _named(given: Given, here: Here) -> Next:
    if len(given.all(Ask.SWAP_ITEM)) > basket.LINES_MAX:
        return No(Code.INPUT)
    sold = goods_of(given.text(Ask.SWAP_ITEM), here)
    return No(Code.NOT_SOLD) if sold is None else To(Ask.SWAP_ITEM)


def _goods(given: Given, here: Here) -> tuple[BasketLine, ...]:
    """Return what goes out: alike pieces are one line, in the order in which they were named."""
    lines: dict[str, BasketLine] = {}
    for answer in given.all(Ask.SWAP_ITEM):
        if answer.by is Takes.ENTER:
            continue
        found = goods_of(answer.text, here)
        if found is None:
            continue  # the catalogue changed between two keys
        sku = found.product.sku if found.amount_fen is None else f"{answer.text}:{len(lines)}"
        qty = lines[sku].qty + 1 if sku in lines else 1
        lines[sku] = basket.line_of(found, qty)
    return tuple(lines.values())


def _swap(given: Given, here: Here) -> Swap | Refusal:
    bill = receipts.known(given, here)
    coming = coming_back(bill, receipts.back(given, here), here.shop.books().balance)
    if isinstance(coming, Refusal):
        return coming
    return Swap(bill, coming, _goods(given, here), _buyer(bill, here), given.engine)


def _buyer(bill: Receipt, here: Here) -> Known | None:
    """Return whose receipt it is, whatever became of his card since."""
    if not bill.card:
        return None
    found = members.by_card(bill.card, here.shop, here.now())
    if isinstance(found, members.Found):
        return found.member
    return here.shop.member_by_card(bill.card)  # lost or frozen: the rules see its status


STEPS = (
    Step(
        Ask.SWAP_ITEM,
        Takes.NUMBER | Takes.SCAN | Takes.ENTER,
        _item,
        leads=(Ask.SWAP_ITEM, Ask.SWAP_SURE, End.TOTAL),
        shows=_shown,
        digits=range(1, BARCODE_DIGITS_MAX + 1),
    ),
    Step(Ask.SWAP_SURE, Takes.ENTER, _sure, leads=(End.ENTRY,), shows=_shown),
)
