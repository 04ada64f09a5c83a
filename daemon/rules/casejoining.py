"""Joining and renewing, evaluated on the books of a case."""

from datetime import date, datetime

import msgspec
from msgspec.structs import replace

from daemon.ledger.bodies import Applied, Welcome
from daemon.rules.caseaccount import (
    Voucher,
    asking_of,
    did,
    give_coupon,
    give_rewards,
    grown,
    held_by,
    shared,
)
from daemon.rules.caseanswer import TENDERS, answer, keyed, moved, refused
from daemon.rules.casecredit import credit
from daemon.rules.casefile_account import EnrolEvent, RenewEvent
from daemon.rules.caseholder import Holder
from daemon.rules.caseworld import Answer, CaseTopup, Sold, World, iso
from daemon.rules.earning import NOTHING, Earned
from daemon.rules.enrolment import Joining, Renewer
from daemon.rules.joining import SOURCE_SAVED, Receipt, due_rewards
from daemon.rules.periods import yearly
from daemon.rules.rewards import FEES
from daemon.rules.saving import saved_of
from daemon.rules.types import VISITOR, EnrolmentOffer, MemberFacts, Refusal


def enrol(world: World, event: EnrolEvent) -> Answer:
    """Let a member in."""
    if _in_use(world, event.card):
        return refused("card_in_use", f"card {event.card} belongs to a member")
    if event.family_of:
        return _family(world, event)
    let_in = _let_in(world, event, event.card)
    no = _may_not_join(world, event) or _may_not_let_in(event, let_in)
    if no is not None:
        return no
    again = bool(event.person) and event.person in world.persons
    counted = _counted(world, event.channel, let_in, event.at)
    offer = world.engine.joined(Joining(event.channel, counted, event.at, event.level, again))
    if isinstance(offer, Refusal):
        return refused(offer.code, offer.why)
    card = offer.welcome[0]
    if world.stock.get(card.sku, card.qty) < card.qty:
        return refused("out_of_stock", f"no {card.sku} is left")
    money = world.engine.pay(offer.fee_fen, keyed(event.tenders, 0), TENDERS)
    if isinstance(money, Refusal):
        return refused(money.code, money.why)
    holder = _joined(world, event)
    holder.by = event.channel
    holder.facts = replace(
        holder.facts,
        term_ends=offer.term_ends,
        level=offer.level,
        broker=event.broker,
        status="frozen" if offer.waits else "active",
    )
    world.persons |= {event.person} if event.person else set()
    section = world.pack.enrol
    rewards = () if section is None else section.rewards
    due = due_rewards(rewards, event.channel, event.at, again=again)
    points, coupons = give_rewards(world, holder, due, event.at, "join")
    earned, saved = _bought(world, holder, let_in, offer, event.at)
    given = [item for item in offer.welcome if not _is_owed(world, item)]
    told = answer(
        pay=money.pay_fen,
        points=points + earned.points,
        tenders=money.tenders,
        stock=moved(world, [(item.sku, -item.qty) for item in given]),
        trace=(*offer.applied, *earned.applied),
    )
    owed = [item.sku for item in offer.welcome if item not in given]
    told["commission"] = _sold(world, holder, money.pay_fen, event)
    more, brought = grown(world, holder, "enrol", event.at, points=points)
    told |= more | {"coupons": [*coupons, *saved, *brought]}
    return told | {"owed": owed, "term_ends": iso(offer.term_ends)}


class LetIn(msgspec.Struct, frozen=True):
    """What lets in: sales that nobody owned, or a top-up of this very card."""

    sales: tuple[Sold, ...] = ()
    topup: CaseTopup | None = None


def _let_in(world: World, event: EnrolEvent | RenewEvent, card: str = "") -> LetIn | None:
    """Return what an event names; None where it names what is none."""
    places = event.of if isinstance(event.of, tuple) else (event.of,)
    if event.channel == "purchase":
        sales = [world.sold.get(place) for place in places if place is not None]
        found = tuple(one for one in sales if one is not None)
        return LetIn(found) if found and len(set(places)) == len(found) == len(sales) else None
    if event.channel == "topup":
        topup = next((world.topups[one] for one in places if one in world.topups), None)
        mine = topup is not None and (not card or topup.card == card)
        return LetIn(topup=topup) if mine else None
    return LetIn()


def _counted(world: World, channel: str, let_in: LetIn | None, at: datetime) -> int | None:
    """Return what the channel measures of it."""
    if let_in is None:
        return None
    if let_in.topup is not None:
        return let_in.topup.amount_fen
    measure = world.measures.get(channel)
    if measure is None or not let_in.sales:
        return None
    return measure([_receipt(world, one) for one in let_in.sales], at)


def _receipt(world: World, sold: Sold) -> Receipt:
    settled = sold.settlement
    lines = tuple((line, world.products.get(line.sku)) for line in settled.lines)
    return Receipt(settled.pay_fen, lines, settled.quote.basket.at)


def _bought(
    world: World, holder: Holder, let_in: LetIn | None, offer: EnrolmentOffer, at: datetime
) -> tuple[Earned, list[Answer]]:
    """Make what let in the member's: it has let in, may earn for him, and what it saves is his."""
    joins, coupons = world.engine.joins, list[Answer]()
    if let_in is None:
        return NOTHING, []
    if let_in.topup is not None:
        let_in.topup.has_enrolled = True
    world.let_in[holder.facts.id] = list(let_in.sales)
    points, applied, saved = 0, list[Applied](), 0
    for sold in let_in.sales:
        sold.has_enrolled, sold.enrolled = True, holder
        facts = replace(holder.facts, joined=sold.settlement.quote.basket.at)
        saved += saved_of(world.engine, sold.settlement, facts)
        if joins.earns and sold.holder is None:
            gained, earned = credit(world, sold, holder, facts, at)
            points, applied = points + gained, [*applied, *earned.applied]
    if joins.saves and saved:
        life = next((one.life for one in world.pack.coupons if one.id == joins.saves), None)
        voucher = Voucher(joins.saves, saved, life)
        coupons.append(give_coupon(world, holder, voucher, at, SOURCE_SAVED))
    return Earned(points, 0, 0, tuple(applied), ()), coupons


def _family(world: World, event: EnrolEvent) -> Answer:
    """Give a member one more card; what it buys is his."""
    holder, no = held_by(world, event.family_of, event.at)
    if holder is None:
        return no
    section = world.pack.enrol
    most = 0 if section is None else section.family_cards
    if section is None or len(holder.family) >= most:
        return refused("over_cap", f"a member has at most {most} cards beside his own")
    if world.stock.get(section.card_sku, 1) < 1:
        return refused("out_of_stock", f"no {section.card_sku} is left")
    holder.family.append(event.card)
    stock = moved(world, [(section.card_sku, -1)])
    return answer(pay=0, points=0, tenders=(), stock=stock, trace=())


def renew(world: World, event: RenewEvent) -> Answer:
    """Extend a membership."""
    holder, no = held_by(world, event.member, event.at)
    if holder is None:
        return no
    let_in = _let_in(world, event)
    if let_in is None or any(one.has_enrolled for one in let_in.sales):
        return refused("not_allowed", "the purchase has let somebody in before, or is none")
    facts = holder.facts
    counted = _counted(world, f"renew:{event.channel}", let_in, event.at)
    who = Renewer(facts.term_ends, facts.level, facts.joined, holder.by)
    offer = world.account.renew(event.channel, counted, who, event.at)
    if isinstance(offer, Refusal):
        return refused(offer.code, offer.why)
    money = world.engine.pay(offer.fee_fen, keyed(event.tenders, 0), TENDERS)
    if isinstance(money, Refusal):
        return refused(money.code, money.why)
    for sold in let_in.sales:
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
        card in holder.family or (holder.facts.card == card and holder.facts.kind != VISITOR)
        for holder in world.holders.values()
    )


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


def _may_not_let_in(event: EnrolEvent, let_in: LetIn | None) -> Answer | None:
    if let_in is None and event.channel == "topup":
        return refused("not_allowed", "joining by topup needs the top-up of this card")

    def free(sold: Sold) -> bool:
        mine = sold.holder is not None and sold.holder.facts.card == event.card
        return not sold.has_enrolled and (sold.anonymous or mine)

    if let_in is None or not all(free(one) for one in let_in.sales):
        why = "the purchase is no sale of its own, has a member, or has let somebody in before"
        return refused("not_allowed", why)
    if let_in.topup is not None and let_in.topup.has_enrolled:
        return refused("not_allowed", "the top-up has let somebody in before")
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
