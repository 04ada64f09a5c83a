"""Joining and renewing, evaluated on the books of a case."""

from datetime import date

from msgspec.structs import replace

from daemon.ledger.bodies import Welcome
from daemon.rules.caseaccount import asking_of, did, give_rewards, grown, held_by, shared
from daemon.rules.caseanswer import TENDERS, answer, keyed, moved, refused
from daemon.rules.casefile_account import EnrolEvent, RenewEvent
from daemon.rules.caseholder import Holder
from daemon.rules.caseworld import Answer, Sold, World, iso
from daemon.rules.periods import yearly
from daemon.rules.rewards import FEES
from daemon.rules.types import VISITOR, MemberFacts, Refusal


def enrol(world: World, event: EnrolEvent) -> Answer:
    """Let a member in."""
    if _in_use(world, event.card):
        return refused("card_in_use", f"card {event.card} belongs to a member")
    sold = _purchase(world, event.channel, event.of)
    no = _may_not_join(world, event) or _may_not_let_in(event.channel, sold)
    if no is not None:
        return no
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
    holder = _joined(world, event)
    holder.facts = replace(holder.facts, term_ends=offer.term_ends)
    points, coupons = 0, list[Answer]()
    if not event.person or event.person not in world.persons:
        world.persons.add(event.person)
        rewards = () if world.pack.enrol is None else world.pack.enrol.rewards
        points, coupons = give_rewards(world, holder, rewards, event.at, "join")
    given = [item for item in offer.welcome if not _is_owed(world, item)]
    told = answer(
        pay=money.pay_fen,
        points=points,
        tenders=money.tenders,
        stock=moved(world, [(item.sku, -item.qty) for item in given]),
        trace=offer.applied,
    )
    owed = [item.sku for item in offer.welcome if item not in given]
    told["commission"] = _sold(world, holder, money.pay_fen, event)
    more, brought = grown(world, holder, "enrol", event.at, points=points)
    told |= more | {"coupons": [*coupons, *brought]}
    return told | {"owed": owed, "term_ends": iso(offer.term_ends)}


def renew(world: World, event: RenewEvent) -> Answer:
    """Extend a membership."""
    holder, no = held_by(world, event.member, event.at)
    if holder is None:
        return no
    sold = _purchase(world, event.channel, event.of)
    if event.channel == "purchase" and (sold is None or sold.has_enrolled):
        return refused("not_allowed", "the purchase has let somebody in before, or is none")
    paid = None if sold is None else sold.settlement.pay_fen
    offer = world.account.renew(event.channel, paid, holder.facts.term_ends, event.at)
    if isinstance(offer, Refusal):
        return refused(offer.code, offer.why)
    money = world.engine.pay(offer.fee_fen, keyed(event.tenders, 0), TENDERS)
    if isinstance(money, Refusal):
        return refused(money.code, money.why)
    if sold is not None:
        sold.has_enrolled = True
    holder.facts = replace(holder.facts, term_ends=offer.term_ends)
    points, coupons = give_rewards(world, holder, offer.rewards, event.at, "renew")
    did(holder, "renew", event.at)
    given = [item for item in offer.items if not _is_owed(world, item)]
    told = answer(
        pay=money.pay_fen,
        points=points,
        tenders=money.tenders,
        stock=moved(world, [(item.sku, -item.qty) for item in given]),
        trace=offer.applied,
    )
    told["commission"] = _sold(world, holder, money.pay_fen, event)
    more, brought = grown(world, holder, "renew", event.at, points=points)
    told |= more | {"coupons": [*coupons, *brought]}
    owed = [item.sku for item in offer.items if item not in given]
    return told | {"owed": owed, "term_ends": iso(offer.term_ends)}


def _sold(world: World, holder: Holder, fen: int, event: EnrolEvent | RenewEvent) -> list[Answer]:
    """Return whose commission of a card that was sold is what."""
    return shared(world, FEES, fen, event.staff, asking_of(holder, event.at))


def _in_use(world: World, card: str) -> bool:
    return any(
        holder.facts.card == card and holder.facts.kind != VISITOR
        for holder in world.holders.values()
    )


def _purchase(world: World, channel: str, of: int | None) -> Sold | None:
    return world.sold.get(of) if channel == "purchase" and of is not None else None


def _may_not_join(world: World, event: EnrolEvent) -> Answer | None:
    section = world.pack.enrol
    if section is None:
        return None
    if event.organisation:
        if not section.organisation:
            return refused("not_allowed", "no organisation joins here")
        return None
    if section.min_age is None:
        return None
    try:
        born = date.fromisoformat(event.birthday)
    except ValueError:
        return refused("not_allowed", f"members are {section.min_age} or older; ask the birthday")
    if born.year + section.min_age > date.max.year:
        return refused("not_allowed", f"members are {section.min_age} or older")
    if event.at.date() < yearly(born.year + section.min_age, born.month, born.day):
        return refused("not_allowed", f"members are {section.min_age} or older")
    return None


def _may_not_let_in(channel: str, sold: Sold | None) -> Answer | None:
    if channel == "purchase" and (sold is None or not sold.anonymous or sold.has_enrolled):
        why = "the purchase is no sale of its own, has a member, or has let somebody in before"
        return refused("not_allowed", why)
    return None


def _joined(world: World, event: EnrolEvent) -> Holder:
    """Return the new member; what the card earned as a visitor's stays with it."""
    name = event.name or event.card
    facts = MemberFacts(
        name, event.card, "registered", "active", event.at, None, birthday=event.birthday
    )
    visited = world.holders.pop(event.card, None)
    holder = world.holders[name] = Holder(facts, lapses=world.lapses_of(event.at))
    if visited is not None:
        holder.lots, holder.granted = visited.lots, visited.granted
        holder.coupons, holder.claims, holder.did = visited.coupons, visited.claims, visited.did
    return holder


def _is_owed(world: World, item: Welcome) -> bool:
    return world.stock.get(item.sku, item.qty) < item.qty
