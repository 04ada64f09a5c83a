"""Points of a sale that come later: its card was forgotten, or its goods were not listed yet."""

from msgspec import structs
from msgspec.structs import replace

from daemon.ledger.kinds import Unit
from daemon.rules.caseaccount import risen
from daemon.rules.caseanswer import answer, refused
from daemon.rules.casecredit import credit
from daemon.rules.casefile_sale import ClaimEvent, ListedEvent
from daemon.rules.caseholder import REWARD, Did, Holder
from daemon.rules.casewords import CaseError
from daemon.rules.caseworld import Answer, World
from daemon.rules.later import Bought, named
from daemon.rules.periods import later, span
from daemon.rules.return_cases import take
from daemon.rules.returns import undone
from daemon.rules.sale_cases import grant, member_of

LATE = "@late"  # what the limit of late swipes counts


def claim(world: World, event: ClaimEvent) -> Answer:
    """Give a member the points of a sale that was made without his card."""
    holder = member_of(world, event.member)
    if not isinstance(holder, Holder):
        return holder
    sold, rule = world.sold.get(event.of), world.engine.sale.late_swipe
    if rule is None or sold is None or not sold.anonymous or sold.claimed or sold.back:
        return refused("not_allowed", "no sale without card that may still be claimed")
    if event.at >= later(sold.settlement.quote.basket.at, span(rule.within)):
        return refused("window_closed", f"points are claimed within {rule.within}")
    beyond = holder.so_far(event.at).get(f"{LATE}:month", 0) >= rule.per_month
    if beyond and rule.beyond == "refuse":
        return refused("over_cap", f"{rule.per_month} sales a month may be claimed")
    sold_at = sold.settlement.quote.basket.at
    gained, earned = credit(world, sold, holder, holder.as_of(sold_at), event.at)
    holder.did.append(Did(LATE, event.at.date(), 1))
    if beyond and gained:
        sold.gained[-1].frozen = True
    told = answer(pay=0, points=gained, tenders=(), stock={}, trace=earned.applied)
    told["frozen"] = "late_swipes" if beyond and gained else ""
    more, coupons = risen(world, holder, event.at, earned.growth)
    return told | more | {"coupons": coupons}


def listed(world: World, place: int, event: ListedEvent) -> Answer:
    """Give the points of goods that were not listed when they were sold."""
    product, sold = world.products.get(event.sku), world.sold.get(event.of)
    if product is None:
        raise CaseError(f"events[{place}].sku: no product {event.sku}")
    n = event.line + 1
    if sold is None or sold.holder is None or n not in sold.settlement.later:
        return refused("not_allowed", "no line of a member whose goods were not listed")
    settled, holder, rules = sold.settlement, sold.holder, world.engine.sale
    quote, basket = settled.quote, settled.quote.basket
    money = [(tender.code, tender.amount_fen) for tender in settled.tenders]
    standing = rules.standing(basket.member, basket.at)
    waiting = frozenset(one - 1 for one in settled.later)
    asking = rules.asking(basket, standing)
    bought = Bought(quote.lines, quote.bill_fen, money, waiting, asking)
    found = named(rules, bought, {event.line: product})
    lines = tuple(
        structs.replace(line, points=line.points + found.lines.get(at, 0))
        for at, line in enumerate(settled.lines)
    )
    before = undone(rules, settled, sold.back)
    sold.settlement = replace(
        settled,
        lines=lines,
        later=tuple(one for one in settled.later if one != n),
        growth=settled.growth + found.growth,
        reward_fen=settled.reward_fen + found.reward_fen,
    )
    gone = undone(rules, sold.settlement, sold.back)
    gained = grant(sold, Unit.POINT, found.points, event.at, "sale")
    if settled.frozen and gained:
        sold.gained[-1].frozen = True
    gained -= take(sold, holder, Unit.POINT, gone.points - before.points, event.at)
    grant(sold, REWARD, found.reward_fen, event.at, "sale")
    take(sold, holder, REWARD, gone.reward_fen - before.reward_fen, event.at)
    growth = found.growth - (gone.growth - before.growth)
    holder.growth += growth
    told = answer(pay=0, points=gained, tenders=(), stock={}, trace=found.applied)
    more, coupons = risen(world, holder, event.at, growth)
    return told | more | {"coupons": coupons}
