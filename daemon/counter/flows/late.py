"""Late points (补积分) of `/3 2`: a receipt without a card earns for a member after all, once.

What it earns is what its own rules give for its own prices. Only on the day after the sale at most,
and not for who joined by it, or later. Beyond the pack's limit a month the points lie frozen for
headquarters; nothing is lost in silence.
"""

from datetime import datetime

import msgspec

from daemon.counter import receipts
from daemon.counter.asof import as_of
from daemon.counter.codes import Ask, Code, Why
from daemon.counter.flows import whose
from daemon.counter.forms import SOURCE, End, Given, Next, No, Step, Takes, To
from daemon.counter.moves import Here
from daemon.counter.receipts import NUMBER_DIGITS
from daemon.counter.shop import Known
from daemon.counter.states import Inquiry
from daemon.ledger.acts import points
from daemon.ledger.acts.moves import Refusal
from daemon.ledger.bodies import Sale, Use
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft, Entry
from daemon.rules.desk_rules import guarded
from daemon.rules.earning import Earned, points_by_line
from daemon.rules.engine import Engine
from daemon.rules.periods import later, span
from daemon.rules.settled import claimed_uses, quoted
from daemon.rules.types import Basket, BasketLine, MemberFacts, Quote, Settlement

LATE = "@late"  # what a limit a month counts
LATE_SWIPES = "late_swipes"  # as an entry names the guard
# Where the pack says nothing: a receipt found in the street must not earn for weeks.
WITHIN, PER_MONTH = "P1D", 3
ANSWERED = (Kind.SALE_CLAIMED, Kind.MEMBER_ENROLLED, Kind.MEMBER_RENEWED)


class Late(msgspec.Struct, frozen=True):
    """A sale without a card, under the rules that sold it."""

    entry: Entry
    sale: Sale
    engine: Engine

    @property
    def sold(self) -> datetime:
        return datetime.fromisoformat(self.entry.at.wall)


def _receipt(given: Given, here: Here) -> Next:
    """ENTER alone: the operator's last sale without a card."""
    found = _late(given, here)
    if isinstance(found, No):
        return found
    if isinstance(given.desk, Inquiry):
        return _claimed(given, here)
    return To(Ask.LATE_CARD)


def _claimed(given: Given, here: Here) -> Next:
    late, known = _late(given, here), _member(given, here)
    if isinstance(late, No):
        return late
    if isinstance(known, No):
        return known
    facts = known.facts
    if facts.joined is not None and facts.joined > late.sold:
        return No(Code.NOT_ALLOWED, Why.JOINED_LATER.told)
    facts = as_of(facts, late.entry, here.shop.books())
    earned = late.engine.sale.claim(_settled(late, here), facts, late.sold)
    if not earned.points and not earned.growth:
        return No(Code.NOT_ALLOWED, Why.EARNS_NOTHING.told)
    return _booked(given, late, facts, earned, here)


def _booked(
    given: Given, late: Late, facts: MemberFacts, earned: Earned, here: Here
) -> Draft | Refusal | No:
    rule, books = late.engine.sale.late_swipe, here.shop.books()
    per_month = PER_MONTH if rule is None else rule.per_month
    beyond = dict(here.shop.so_far(facts.id)).get(f"{LATE}:month", 0) >= per_month
    if beyond and rule is not None and rule.beyond == "refuse":
        return No(Code.NOT_ALLOWED, Why.TOO_OFTEN.told)
    quote = _settled(late, here).quote
    basket = quote.basket
    counts = claimed_uses(late.engine.sale.watched, late.sale.bill_fen, earned)
    asking = late.engine.sale.asking(basket, late.engine.sale.standing(facts, late.sold))
    request = points.ClaimSaleRequest(
        id=given.id,
        source=SOURCE,
        sale=id_of(late.entry),
        member=facts.id,
        card=facts.card,
        lines=tuple(points_by_line(earned, quote.lines)),
        growth=earned.growth,
        expires=late.engine.lot_ends(here.now(), facts.joined),
        hq_points=late.engine.sale.hq_points(earned),
        uses=(Use(LATE, 1), *counts),
        frozen=LATE_SWIPES if beyond else guarded(late.engine.sale.guard, basket, asking),
    )
    member = books.member(facts.id, facts.card)
    return points.claim_sale(request, late.entry, member, books.balance, books.stamp(request))


def _late(given: Given, here: Here) -> Late | No:
    """Return the sale that was named, or why it earns for nobody any more."""
    books, entry = here.shop.books(), _entry(given, here)
    if entry is None or not isinstance(entry.body, Sale):
        return No(Code.NO_PAPER)
    if entry.body.member:
        return No(Code.NOT_ALLOWED, Why.HAS_MEMBER.told)
    if any(books.answer(id_of(entry), kind) for kind in ANSWERED):
        return No(Code.NOT_ALLOWED, Why.EARNED_ALREADY.told)
    engine = here.shop.engine_of(entry.pack)
    if engine is None:
        return No(Code.NOT_ALLOWED, Why.OTHER_RULES.told)
    late, rule = Late(entry, entry.body, engine), engine.sale.late_swipe
    within = WITHIN if rule is None else rule.within
    if here.now() >= later(late.sold, span(within)):
        return No(Code.NOT_ALLOWED, Why.TOO_LATE.told)
    return late


def _entry(given: Given, here: Here) -> Entry | None:
    answer, books = given.all(Ask.LATE_SALE)[0], here.shop.books()
    if answer.by is Takes.ENTER:
        last = here.shop.last_anonymous_sale()
        return None if last is None else books.entry(last.entry)
    name = receipts.entry_named(answer, here)
    return None if name is None else books.entry(name)


def _member(given: Given, here: Here) -> Known | No:
    """A number will do, and a visitor's card: he earns, and spends nothing."""
    answer = given.last(Ask.LATE_CARD)
    if answer is not None:
        return whose.named(answer, here)
    assert isinstance(given.desk, Inquiry), "a card or a page says whose it is"
    return given.desk.member


def _settled(late: Late, here: Here) -> Settlement:
    """Return the sale as the rules had it: its own prices and classes, its own money."""
    sale = late.sale
    shop = here.shop
    lines = tuple(quoted(line, shop.product(line.sku) if line.sku else None) for line in sale.lines)
    basket = Basket(
        tuple(
            BasketLine(one.n, one.product, one.qty, one.paid_fen, one.code, unlisted=not line.sku)
            for one, line in zip(lines, sale.lines, strict=True)
        ),
        None,
        late.sold,
        sale.guides[0].staff if sale.guides else late.entry.by.operator,
    )
    quote = Quote(basket, lines, sale.list_fen, sale.bill_fen, 0, 0, ())
    return Settlement(
        quote, sale.lines, sale.tenders, sale.rounding_fen, sale.pay_fen, 0, 0, (), ()
    )


STEPS = (
    Step(
        Ask.LATE_SALE,
        Takes.SCAN | Takes.NUMBER | Takes.ENTER,
        _receipt,
        leads=(Ask.LATE_CARD, End.ENTRY),
        digits=NUMBER_DIGITS,
    ),
    Step(Ask.LATE_CARD, whose.TAKES, _claimed, leads=(End.ENTRY,)),
)
