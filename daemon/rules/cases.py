"""Case files evaluated: the engine from outside, with books just large enough for an example.

Nothing of the real ledger is used: what a case shows is the rules alone. Stock counts may go
negative, as at the counter; only a blank card that is not there refuses an enrolment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from daemon.ledger.bodies import Applied, Tender, Welcome
from daemon.rules.casefile import (
    CaseError,
    CaseTender,
    DecemberEvent,
    EnrolEvent,
    Event,
    InquireEvent,
    SaleEvent,
    read_case,
)
from daemon.rules.caseworld import Answer, Holder, Lot, Sold, World, iso, shown, world_of
from daemon.rules.expiry import check_day, of_age
from daemon.rules.models import Pack
from daemon.rules.periods import span
from daemon.rules.types import (
    VISITOR,
    Basket,
    BasketLine,
    KeyedTender,
    MemberFacts,
    Refusal,
    TenderRow,
)

_STATUS_CODES = MappingProxyType({"lost": "card_lost", "frozen": "frozen", "closed": "not_allowed"})


@dataclass(frozen=True, slots=True)
class CaseTenderRow:
    code: str
    change: bool


# The counter's defaults, without those that spend what a member holds.
TENDERS: tuple[TenderRow, ...] = (
    CaseTenderRow("cash", change=True),
    *(CaseTenderRow(code, change=False) for code in ("bank", "wechat", "alipay", "mall")),
    CaseTenderRow("voucher", change=False),
)


def evaluate_case(text: str, pack: Pack) -> Answer:
    """Return what the events of a case do under the pack. Raises CaseError."""
    case = read_case(text)
    world = world_of(case, pack)
    answers = [_run(world, place, event) for place, event in enumerate(case.events)]
    return {
        "events": answers,
        "members": {name: shown(holder) for name, holder in world.holders.items()},
        "stock": dict(world.stock),
    }


def _run(world: World, place: int, event: Event) -> Answer:
    if isinstance(event, SaleEvent):
        return _sale(world, place, event)
    if isinstance(event, EnrolEvent):
        return _enrol(world, event)
    if isinstance(event, InquireEvent):
        return _inquire(world, event)
    if isinstance(event, DecemberEvent):
        return _december(world, event.at)
    return _tick(world, event.at)


def _sale(world: World, place: int, event: SaleEvent) -> Answer:
    holder = None
    if event.member is not None:
        holder = world.holder(event.member)
        if holder is None:
            return _refused("not_allowed", f"{event.member} is no member")
        blocked = _STATUS_CODES.get(holder.facts.status)
        if blocked is not None:
            return _refused(blocked, f"the card of {event.member} is {holder.facts.status}")
    lines = tuple(
        _line(world, n, sku=line.sku, qty=line.qty, price=line.price, place=place)
        for n, line in enumerate(event.lines, start=1)
    )
    facts = None if holder is None else holder.facts
    quote = world.engine.quote(Basket(lines, facts, event.at))
    settled = world.engine.settle(quote, _keyed(event.tenders, place), TENDERS)
    if isinstance(settled, Refusal):
        return _refused(settled.code, settled.why)
    if holder is not None and settled.points:
        holder.lots.append(Lot(settled.points, event.at, "sale"))
    world.sold[place] = Sold(settled, anonymous=holder is None)
    answer = _answer(
        pay=settled.pay_fen,
        points=settled.points,
        tenders=settled.tenders,
        stock=_moved(world, [(line.sku, -line.qty) for line in settled.lines]),
        trace=settled.applied,
    )
    answer |= {"bill": quote.bill_fen, "discount": quote.saved_fen, "growth": settled.growth}
    return answer | {"level": None if facts is None else facts.level or None}


def _line(world: World, n: int, *, sku: str, qty: int, price: int | None, place: int) -> BasketLine:
    product = world.products.get(sku)
    path = f"events[{place}].lines[{n - 1}].sku"
    if product is None:
        raise CaseError(f"{path}: no product {sku}; the case lists {', '.join(world.products)}")
    if price is None and product.price_fen is None:
        raise CaseError(f"{path}: {sku} has no price; give the line one")
    return BasketLine(n, product, qty, None if price is None else price * qty)


def _keyed(tenders: Sequence[CaseTender], place: int) -> list[KeyedTender]:
    for at, tender in enumerate(tenders):
        if tender.kind in ("stored_value", "points", "bonus"):
            path = f"events[{place}].tenders[{at}].kind"
            raise CaseError(f"{path}: this version pays no bill by {tender.kind}")
    return [
        KeyedTender(tender.kind, None if tender.amount == "rest" else tender.amount)
        for tender in tenders
    ]


def _enrol(world: World, event: EnrolEvent) -> Answer:
    if any(
        holder.facts.card == event.card and holder.facts.kind != VISITOR
        for holder in world.holders.values()
    ):
        return _refused("card_in_use", f"card {event.card} belongs to a member")
    sold = None if event.of is None else world.sold.get(event.of)
    if event.channel == "purchase" and (sold is None or not sold.anonymous or sold.has_enrolled):
        why = "the purchase is no sale of its own, has a member, or has let somebody in before"
        return _refused("not_allowed", why)
    paid = None if sold is None else sold.settlement.pay_fen
    offer = world.engine.offer(event.channel, sale_pay_fen=paid, at=event.at)
    if isinstance(offer, Refusal):
        return _refused(offer.code, offer.why)
    card = offer.welcome[0]
    if world.stock.get(card.sku, card.qty) < card.qty:
        return _refused("out_of_stock", f"no {card.sku} is left")
    money = world.engine.pay(offer.fee_fen, _keyed(event.tenders, 0), TENDERS)
    if isinstance(money, Refusal):
        return _refused(money.code, money.why)
    if sold is not None:
        sold.has_enrolled = True
    name = event.name or event.card
    facts = MemberFacts(name, event.card, "registered", "active", offer.joined, offer.term_ends)
    visited = world.holders.pop(event.card, None)  # what the card earned before stays with it
    lots = [] if visited is None else visited.lots
    lots += [Lot(offer.points, event.at, "join")] if offer.points else []
    world.holders[name] = Holder(facts, lots)
    given = [item for item in offer.welcome if not _is_owed(world, item)]
    answer = _answer(
        pay=money.pay_fen,
        points=offer.points,
        tenders=money.tenders,
        stock=_moved(world, [(item.sku, -item.qty) for item in given]),
        trace=offer.applied,
    )
    owed = [item.sku for item in offer.welcome if item not in given]
    return answer | {"owed": owed, "term_ends": iso(offer.term_ends)}


def _is_owed(world: World, item: Welcome) -> bool:
    return world.stock.get(item.sku, item.qty) < item.qty


def _inquire(world: World, event: InquireEvent) -> Answer:
    holder = world.holder(event.member)
    if holder is None:
        return _refused("not_allowed", f"{event.member} is no member")
    available = {
        "points": holder.points(event.at),
        "principal": holder.principal,
        "bonus": holder.bonus,
    }
    return {"ok": True, "available": available, "level": holder.facts.level or None}


def _tick(world: World, at: datetime) -> Answer:
    """Take what has lapsed by its own date. A card_age_check waits for its confirmation."""
    gone = 0
    for holder in world.holders.values():
        gone += holder.points() - holder.points(at)
        holder.lots = [lot for lot in holder.lots if lot.expires is None or at < lot.expires]
    return _answer(pay=0, points=-gone, tenders=(), stock={}, trace=())


def _december(world: World, at: datetime) -> Answer:
    expiry = world.pack.expiry
    if expiry.kind != "card_age_check" or expiry.min_age is None:
        return _refused("not_allowed", "this pack has no check by the age of cards")
    due, min_age = check_day(expiry, at.year), span(expiry.min_age)
    if at.date() < due:
        return _refused("window_closed", f"the check is on {due}")
    gone = 0
    for holder in world.holders.values():
        joined = holder.facts.joined
        if joined is None or of_age(joined, min_age) > due:
            continue
        kept = [lot for lot in holder.lots if lot.granted.date() > due]
        gone += holder.points() - sum(lot.amount for lot in kept)
        holder.lots = kept
    return _answer(pay=0, points=-gone, tenders=(), stock={}, trace=())


def _moved(world: World, moves: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Return the change of stock per sku, done."""
    changes: dict[str, int] = {}
    for sku, qty in moves:
        changes[sku] = changes.get(sku, 0) + qty
        world.stock[sku] = world.stock.get(sku, 0) + qty
    return changes


def _answer(
    *,
    pay: int,
    points: int,
    tenders: Sequence[Tender],
    stock: Mapping[str, int],
    trace: Sequence[Applied],
) -> Answer:
    paid_by: dict[str, int] = {}
    for tender in tenders:
        paid_by[tender.code] = paid_by.get(tender.code, 0) + tender.amount_fen
    return {
        "ok": True,
        "bill": 0,
        "discount": 0,
        "pay": pay,
        "paid_by": paid_by,
        "points": points,
        "growth": 0,
        "level": None,
        "coupons": [],
        "rewards": [],
        "stock": dict(stock),
        "claim": 0,
        "trace": [
            {"rule": one.rule, "what": one.what, "in": one.base, "out": one.result} for one in trace
        ],
    }


def _refused(code: str, why: str) -> Answer:
    return {"ok": False, "refused": code, "why": why}
