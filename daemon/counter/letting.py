"""The purchases that let somebody in: which they are, and what the rules count of them. Pure.

The operator's last sale without a card, or, where receipts count together, also what was bought
with the card that is to be the member's. Each lets in once.
"""

from collections.abc import Sequence
from datetime import datetime

from daemon.counter.moves import Here
from daemon.ledger.bodies import Sale, SaleLine
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import Product
from daemon.ledger.records import Entry
from daemon.rules.engine import Engine
from daemon.rules.joining import SOURCE_SAVED, Receipt
from daemon.rules.periods import earlier, later
from daemon.rules.types import Basket, BasketLine, Given, MemberFacts

RECEIPTS_MAX = 100  # of one card before it is a member's: who bought more has long joined
USED_BY = (Kind.MEMBER_RENEWED, Kind.MEMBER_ENROLLED)


def receipt_of(entry: Entry, here: Here) -> Receipt:
    """Return a sale as joining looks at it."""
    sale = entry.body
    assert isinstance(sale, Sale), "only sales let in"
    lines = tuple((one, here.shop.product(one.sku) if one.sku else None) for one in sale.lines)
    return Receipt(sale.pay_fen, lines, datetime.fromisoformat(entry.at.wall))


def letting_in(card: str, engine: Engine, here: Here) -> tuple[Entry, ...]:
    """Return the purchases that may let this card in, the newest first."""
    books, together = here.shop.books(), engine.joins.together
    row = here.shop.last_anonymous_sale()
    last = None if row is None or row.enrolled else books.entry(row.entry)
    found = () if last is None else (last,)
    if together is None:
        return found
    since = earlier(here.now(), together)

    def on_card(entry: Entry) -> bool:
        body = entry.body
        if not isinstance(body, Sale) or body.card != card or not card:
            return False
        return datetime.fromisoformat(entry.at.wall) >= since

    mine = books.find(on_card, most=RECEIPTS_MAX)
    free = [one for one in mine if not any(books.answer(id_of(one), kind) for kind in USED_BY)]
    return (*found, *free)


def counted(engine: Engine, sales: Sequence[Entry], here: Here) -> int | None:
    """Return what the rules count of these purchases; None: they are none."""
    measure = engine.joins.measure
    if measure is None or not sales:
        return None
    return measure([receipt_of(one, here) for one in sales], here.now())


def saved(engine: Engine, sales: Sequence[Entry], here: Here) -> Given | None:
    """Return the coupon of what member prices would have saved on these purchases."""
    joins, now = engine.joins, here.now()
    fen = sum(_saved_on(engine, one, here) for one in sales)
    if not joins.saves or not fen:
        return None
    ends = None if joins.saves_life is None else later(now, joins.saves_life)
    return Given(SOURCE_SAVED, "coupon", fen, joins.saves, ends)


def _saved_on(engine: Engine, entry: Entry, here: Here) -> int:
    receipt, sold = receipt_of(entry, here), entry.body
    assert isinstance(sold, Sale), "only sales let in"
    lines = tuple(_line(line, product) for line, product in receipt.lines)
    member = MemberFacts("", sold.card, "registered", "active", receipt.at, None)
    quote = engine.quote(Basket(lines, member, receipt.at))
    return max(0, sold.bill_fen - quote.bill_fen)


def _line(line: SaleLine, product: Product | None) -> BasketLine:
    """Return a line to be priced anew; what somebody priced by hand, or a scale, stays so."""
    listed = None if product is None or product.price_fen is None else product.price_fen * line.qty
    if product is None or line.by_hand is not None or listed != line.list_fen:
        unknown = Product(line.sku, line.name, cls=line.cls)
        return BasketLine(line.n, product or unknown, line.qty, line.paid_fen, line.code)
    return BasketLine(line.n, product, line.qty, None, line.code)
