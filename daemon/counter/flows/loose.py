"""Goods that come back without a receipt (`/3 *`): a manager's word, the lowest price, no points.

Each scan or number is one piece. What is paid back is the least that one was sold for here in the
last 30 days; what was not sold then, what it costs a member now.
"""

from datetime import datetime, timedelta

from daemon.counter import basket
from daemon.counter.codes import Ask, Code
from daemon.counter.flows.swapping import BARCODE_DIGITS_MAX, goods_of
from daemon.counter.forms import SOURCE, Given, Next, No, Shown, Step, Takes, To
from daemon.counter.moves import Here
from daemon.counter.pins import manager
from daemon.counter.states import Inquiry
from daemon.ledger.acts import returning
from daemon.ledger.acts.moves import CASH
from daemon.ledger.bodies import Sale, SaleLine, Tender
from daemon.ledger.messages import Product
from daemon.ledger.records import Entry
from daemon.rules.rounding import yuan

LOWEST_WITHIN = timedelta(days=30)
ASIDE = "refuse"  # what a pack says that takes nothing back without its sale
SALES_MAX = 5_000  # as far back as a list at the counter looks


def allowed(given: Given) -> bool:
    """Tell whether the pack leaves it to the shop."""
    reversal = given.engine.sale.reversal
    return reversal is None or reversal.unreferenced != ASIDE


def _item(given: Given, here: Here) -> Next:
    answer = given.answers[-1]
    if answer.by is Takes.ENTER:
        return To(Ask.BACK_REASON) if len(given.all(Ask.LOOSE_ITEM)) > 1 else No(Code.INPUT)
    if len(given.all(Ask.LOOSE_ITEM)) > basket.LINES_MAX:
        return No(Code.INPUT)
    found = goods_of(answer.text, here)
    if found is None or found.amount_fen is not None:  # by weight: nobody weighs it again
        return No(Code.NOT_SOLD)
    return To(Ask.LOOSE_ITEM)


def _shown(given: Given, here: Here) -> Shown:
    named = [one for one in given.all(Ask.LOOSE_ITEM) if one.by is not Takes.ENTER]
    return Shown(values=(("pieces", str(len(named))),)) if named else Shown()


def worth(given: Given, here: Here) -> Shown:
    """Return what would be paid back; the journal is looked through for it."""
    paid = sum(line.paid_fen for line in _lines(given, here))
    return Shown(values=(("amount", yuan(paid)),))


def allowed_by(given: Given, here: Here) -> Next:
    """Book it once a manager has allowed it: the money goes out in cash."""
    books, lines = here.shop.books(), _lines(given, here)
    member = given.desk.member.facts.id if isinstance(given.desk, Inquiry) else ""
    request = returning.UnreferencedRequest(
        id=given.id,
        source=SOURCE,
        lines=lines,
        tenders=(Tender(CASH, sum(line.paid_fen for line in lines)),),
        manager=manager(given, here),
        reason=int(given.text(Ask.BACK_REASON)),
        member=member,
    )
    return returning.unreferenced(request, books.balance, books.stamp(request))


def _lines(given: Given, here: Here) -> tuple[SaleLine, ...]:
    """Return what comes back, alike pieces in one line, at the lowest price of each."""
    pieces: dict[str, tuple[Product, int]] = {}
    for answer in given.all(Ask.LOOSE_ITEM):
        found = None if answer.by is Takes.ENTER else goods_of(answer.text, here)
        if found is not None:
            sku = found.product.sku
            pieces[sku] = (found.product, pieces[sku][1] + 1 if sku in pieces else 1)
    lowest = _lowest(frozenset(pieces), here) if pieces else {}
    lines = []
    for n, (sku, (product, qty)) in enumerate(pieces.items(), 1):
        listed = product.price_fen or 0
        one = lowest.get(sku, min(listed, product.member_price_fen or listed))
        name = product.short or product.name
        lines.append(SaleLine(n, sku, name, qty, listed * qty, one * qty, product.cls))
    return tuple(lines)


def _lowest(skus: frozenset[str], here: Here) -> dict[str, int]:
    """Return the least that one piece of each was sold for; a gift had no price."""
    since, lowest = here.now() - LOWEST_WITHIN, dict[str, int]()

    def sold(entry: Entry) -> bool:
        recent = datetime.fromisoformat(entry.at.wall) >= since
        return recent and isinstance(entry.body, Sale)

    for entry in here.shop.books().find(sold, most=SALES_MAX):
        assert isinstance(entry.body, Sale), "only sales are found"
        for line in entry.body.lines:
            if line.sku in skus and line.paid_fen and line.qty > 0:
                one = line.paid_fen // line.qty
                lowest[line.sku] = min(one, lowest.get(line.sku, one))
    return lowest


STEPS = (
    Step(
        Ask.LOOSE_ITEM,
        Takes.NUMBER | Takes.SCAN | Takes.ENTER,
        _item,
        leads=(Ask.LOOSE_ITEM, Ask.BACK_REASON),
        shows=_shown,
        digits=range(1, BARCODE_DIGITS_MAX + 1),
    ),
)
