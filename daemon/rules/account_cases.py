"""The events of a case that move an account, evaluated on the books of the case."""

from datetime import datetime

from daemon.ledger.bodies import Welcome
from daemon.ledger.kinds import Unit
from daemon.rules.caseanswer import TENDERS, answer, keyed, moved, refused
from daemon.rules.casefile_account import EnrolEvent, InquireEvent
from daemon.rules.caseholder import Holder
from daemon.rules.caseworld import Answer, World, iso
from daemon.rules.expiry import check_day, of_age
from daemon.rules.periods import span
from daemon.rules.types import VISITOR, MemberFacts, Refusal


def enrol(world: World, event: EnrolEvent) -> Answer:
    """Let a member in."""
    if any(
        holder.facts.card == event.card and holder.facts.kind != VISITOR
        for holder in world.holders.values()
    ):
        return refused("card_in_use", f"card {event.card} belongs to a member")
    sold = None if event.of is None else world.sold.get(event.of)
    if event.channel == "purchase" and (sold is None or not sold.anonymous or sold.has_enrolled):
        why = "the purchase is no sale of its own, has a member, or has let somebody in before"
        return refused("not_allowed", why)
    paid = None if sold is None else sold.settlement.pay_fen
    offer = world.engine.offer(event.channel, sale_pay_fen=paid, at=event.at)
    if isinstance(offer, Refusal):
        return refused(offer.code, offer.why)
    card = offer.welcome[0]
    if world.stock.get(card.sku, card.qty) < card.qty:
        return refused("out_of_stock", f"no {card.sku} is left")
    money = world.engine.pay(offer.fee_fen, keyed(event.tenders, 0), TENDERS)
    if isinstance(money, Refusal):
        return refused(money.code, money.why)
    if sold is not None:
        sold.has_enrolled = True
    name = event.name or event.card
    facts = MemberFacts(name, event.card, "registered", "active", offer.joined, offer.term_ends)
    visited = world.holders.pop(event.card, None)  # what the card earned before stays with it
    holder = world.holders[name] = Holder(facts)
    if visited is not None:
        holder.lots, holder.granted = visited.lots, visited.granted
        holder.coupons, holder.claims, holder.did = visited.coupons, visited.claims, visited.did
    holder.grant(Unit.POINT, offer.points, event.at, "join")
    given = [item for item in offer.welcome if not _is_owed(world, item)]
    told = answer(
        pay=money.pay_fen,
        points=offer.points,
        tenders=money.tenders,
        stock=moved(world, [(item.sku, -item.qty) for item in given]),
        trace=offer.applied,
    )
    owed = [item.sku for item in offer.welcome if item not in given]
    return told | {"owed": owed, "term_ends": iso(offer.term_ends)}


def _is_owed(world: World, item: Welcome) -> bool:
    return world.stock.get(item.sku, item.qty) < item.qty


def inquire(world: World, event: InquireEvent) -> Answer:
    """Say what a member has, and what of it may be spent."""
    holder = world.holder(event.member)
    if holder is None:
        return refused("not_allowed", f"{event.member} is no member")
    available = {
        "points": holder.points(event.at),
        "principal": holder.principal,
        "bonus": holder.bonus,
    }
    return {"ok": True, "available": available, "level": holder.facts.level or None}


def tick(world: World, at: datetime) -> Answer:
    """Take what has lapsed by its own date. A card_age_check waits for its confirmation."""
    gone = 0
    for holder in world.holders.values():
        gone += holder.points() - holder.points(at)
        holder.lots = [lot for lot in holder.lots if lot.expires is None or at < lot.expires]
    return answer(pay=0, points=-gone, tenders=(), stock={}, trace=())


def december(world: World, at: datetime) -> Answer:
    """Confirm the check of cards by their age."""
    expiry = world.pack.expiry
    if expiry.kind != "card_age_check" or expiry.min_age is None:
        return refused("not_allowed", "this pack has no check by the age of cards")
    due, min_age = check_day(expiry, at.year), span(expiry.min_age)
    if at.date() < due:
        return refused("window_closed", f"the check is on {due}")
    gone = 0
    for holder in world.holders.values():
        joined = holder.facts.joined
        if joined is None or of_age(joined, min_age) > due:
            continue
        kept = [lot for lot in holder.lots if lot.granted.date() > due]
        gone += holder.points() - sum(lot.amount for lot in kept)
        holder.lots = kept
    return answer(pay=0, points=-gone, tenders=(), stock={}, trace=())
