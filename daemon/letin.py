"""What follows from a purchase that let somebody in: it earns for him, and it may come back.

From the books; safe from any thread. Each is written once, whatever is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from daemon.actfacts import Facts
from daemon.ledger import accounts
from daemon.ledger.acts import card, points
from daemon.ledger.acts.moves import Refusal, Stamp
from daemon.ledger.acts.unjoin import unjoin
from daemon.ledger.bodies import MemberEnrolled, Sale, SaleLine
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.machine import BY_BOX, SOURCE_BOX
from daemon.ledger.messages import Product
from daemon.ledger.records import Draft, Entry, PackRef
from daemon.rules.earning import points_by_line
from daemon.rules.engine import Engine
from daemon.rules.joining import Receipt, what_is_left
from daemon.rules.settled import claimed_uses
from daemon.rules.types import (
    Basket,
    BasketLine,
    MemberFacts,
    Quote,
    QuotedLine,
    Settlement,
)
from daemon.rules.types import (
    Refusal as Refused,
)

MISSED_MAX = 20  # enrolments: more were not on their way when the power went
BACK = (Kind.RETURN, Kind.SALE_VOIDED)

Asked = Callable[[str], MemberFacts | None]
EngineOf = Callable[[PackRef | None], Engine | None]


def earned(facts: Facts, engine_of: EngineOf, entry: Entry, member: Asked) -> list[Draft]:
    """Return what the purchases that let a member in earn for him, where the pack says so."""
    body, rules = entry.body, engine_of(entry.pack)
    if not isinstance(body, MemberEnrolled) or rules is None or not rules.joins.earns:
        return []
    known = member(id_of(entry))
    if known is None:
        return []
    sales = (*body.receipts, *(() if entry.re is None else (entry.re,)))
    drafts = [_earned(facts, engine_of, sale, known) for sale in sales]
    return [draft for draft in drafts if draft is not None]


def missed(facts: Facts, engine_of: EngineOf, member: Asked) -> list[Draft]:
    """Return what the last enrolments brought and that was not written any more."""
    found = facts.find(lambda one: isinstance(one.body, MemberEnrolled), most=MISSED_MAX)
    return [draft for entry in found for draft in earned(facts, engine_of, entry, member)]


def came_back(facts: Facts, engine_of: EngineOf, entry: Entry) -> list[Draft]:
    """Return what the pack wants when too little is left of what let somebody in."""
    joined = None if entry.re is None else facts.answer(entry.re, Kind.MEMBER_ENROLLED)
    body = None if joined is None else joined.body
    rules = None if joined is None else engine_of(joined.pack)
    if entry.kind not in BACK or joined is None or not isinstance(body, MemberEnrolled):
        return []
    if rules is None or rules.joins.on_return == "keep" or _still_lets_in(facts, rules, joined):
        return []
    name, member = f"unjoined:{id_of(joined)}", facts.member(id_of(joined))
    if facts.store.find(SOURCE_BOX, name) is not None:
        return []
    back = unjoin(joined, member, facts.balance, _stamp(facts, name))
    drafts = [] if back is None else [back]
    if rules.joins.on_return == "close":
        close = f"closed:{id_of(joined)}"
        request = card.CardRequest(id=close, source=SOURCE_BOX, card=body.card, reason=name)
        shut = card.change(request, member, _stamp(facts, close), kind=Kind.CARD_CLOSED)
        drafts += [] if isinstance(shut, Refusal) else [shut]
    return drafts


def _still_lets_in(facts: Facts, rules: Engine, joined: Entry) -> bool:
    """Tell whether what is left of the purchases would let in as well."""
    body = joined.body
    assert isinstance(body, MemberEnrolled), "asked before"
    names = (*body.receipts, *(() if joined.re is None else (joined.re,)))
    measure, at = rules.joins.measure, datetime.fromisoformat(body.joined)
    if measure is None:
        return True
    left = [one for one in (_left(facts, name) for name in names) if one is not None]
    return not isinstance(rules.offer("purchase", counted=measure(left, at), at=at), Refused)


def _left(facts: Facts, sale: str) -> Receipt | None:
    entry = facts.entry(sale)
    if entry is None or not isinstance(entry.body, Sale):
        return None
    lines = tuple((one, _product(facts, one)) for one in entry.body.lines)
    back = {}
    for one in entry.body.lines:
        lot = f"{sale}:{one.n}"
        there = facts.balance(accounts.returnable(lot), Unit.RETURNABLE, lot)
        back[one.n] = one.qty - there
    receipt = Receipt(entry.body.pay_fen, lines, datetime.fromisoformat(entry.at.wall))
    return what_is_left(receipt, back)


def _earned(facts: Facts, engine_of: EngineOf, sale: str, known: MemberFacts) -> Draft | None:
    """Return the points of a sale without a card as its member's; None: it earns nothing."""
    entry, name = facts.entry(sale), f"joined:{sale}"
    body = None if entry is None else entry.body
    rules = None if entry is None else engine_of(entry.pack)
    if entry is None or not isinstance(body, Sale) or body.member or rules is None:
        return None
    if facts.store.find(SOURCE_BOX, name) is not None:
        return None
    at = datetime.fromisoformat(entry.at.wall)
    sold = _settled(facts, entry, body, at)
    found = rules.sale.claim(sold, replace(known, joined=at, level=""), at)
    if not found.points and not found.growth:
        return None
    request = points.ClaimSaleRequest(
        id=name,
        source=SOURCE_BOX,
        sale=sale,
        member=known.id,
        card=known.card,
        lines=tuple(points_by_line(found, sold.quote.lines)),
        growth=found.growth,
        expires=rules.lot_ends(facts.now(), known.joined),
        hq_points=rules.sale.hq_points(found),
        uses=claimed_uses(rules.sale.watched, body.bill_fen, found),
    )
    member, stamp = facts.member(known.id, known.card), _stamp(facts, name)
    draft = points.claim_sale(request, entry, member, facts.balance, stamp)
    return None if isinstance(draft, Refusal) else draft


def _settled(facts: Facts, entry: Entry, sale: Sale, at: datetime) -> Settlement:
    """Return the sale as it was sold: its own prices, classes and money."""
    products = [_product(facts, line) for line in sale.lines]
    pairs = list(zip(sale.lines, products, strict=True))
    lines = tuple(_quoted(line, product) for line, product in pairs)
    basket = Basket(
        tuple(
            BasketLine(
                line.n, quoted.product, line.qty, line.paid_fen, line.code, unlisted=not line.sku
            )
            for line, quoted in zip(sale.lines, lines, strict=True)
        ),
        None,
        at,
        sale.guides[0].staff if sale.guides else entry.by.operator,
    )
    quote = Quote(basket, lines, sale.list_fen, sale.bill_fen, 0, 0, ())
    rounding, paid = sale.rounding_fen, sale.pay_fen
    return Settlement(quote, sale.lines, sale.tenders, rounding, paid, 0, 0, (), ())


def _quoted(line: SaleLine, product: Product | None) -> QuotedLine:
    known = product or Product(line.sku, line.name, cls=line.cls)
    money = (line.list_fen, line.paid_fen)
    return QuotedLine(line.n, known, line.qty, *money, line.cls, line.rule, line.code)


def _product(facts: Facts, line: SaleLine) -> Product | None:
    return facts.store.books.product(line.sku) if line.sku else None


def _stamp(facts: Facts, name: str) -> Stamp:
    return Stamp(SOURCE_BOX, name, facts.at(), BY_BOX, facts.pack(), facts.now())
