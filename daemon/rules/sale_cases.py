"""The events of a case that sell goods, evaluated on the books of the case."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from daemon.ledger.kinds import Unit
from daemon.rules.caseanswer import GOODS_TENDERS, answer, keyed, moved, refused
from daemon.rules.casefile_sale import CaseLine, SaleEvent
from daemon.rules.caseholder import REWARD, Did, Holder
from daemon.rules.casewords import CaseError
from daemon.rules.caseworld import Answer, Sold, World, iso
from daemon.rules.tenders import BONUS, PRINCIPAL, within_limit
from daemon.rules.types import (
    EMPTY,
    Basket,
    BasketLine,
    Given,
    HeldCoupon,
    Manual,
    Quote,
    Refusal,
    Settlement,
    Spend,
    Wallet,
)

_STATUS_CODES = MappingProxyType({"lost": "card_lost", "frozen": "frozen", "closed": "not_allowed"})
_UNITS: Mapping[str, str] = MappingProxyType({PRINCIPAL: Unit.PRINCIPAL, BONUS: Unit.BONUS})


def sale(world: World, place: int, event: SaleEvent) -> Answer:
    """Sell the lines."""
    holder = None
    if event.member is not None:
        found = member_of(world, event.member)
        if not isinstance(found, Holder):
            return found
        holder = found
    quote = quoted(world, event, holder, event.lines, place)
    coupons = _coupons_of(world, holder, event)
    if isinstance(coupons, Refusal):
        return refused(coupons.code, coupons.why)
    points = None if event.redeem.points == "max" else event.redeem.points
    if points is not None and points < 0:
        raise CaseError(f"events[{place}].redeem.points: {points} points are none; use 0 or more")
    offline_fen = world.engine.sale.offline_limit_fen
    settled = world.engine.settle(
        quote,
        keyed(event.tenders, place),
        GOODS_TENDERS,
        Spend(points, coupons),
        within_limit(wallet_of(holder, event), offline_fen, cut_off=event.cut_off),
    )
    if isinstance(settled, Refusal):
        return refused(settled.code, settled.why)
    return booked(world, place, event, holder, settled)


def member_of(world: World, name: str) -> Holder | Answer:
    """Return the member, or the refusal."""
    holder = world.holder(name)
    if holder is None:
        return refused("not_allowed", f"{name} is no member")
    blocked = _STATUS_CODES.get(holder.facts.status)
    if blocked is not None:
        return refused(blocked, f"the card of {name} is {holder.facts.status}")
    return holder


def wallet_of(holder: Holder | None, event: SaleEvent) -> Wallet:
    if holder is None:
        return EMPTY
    at = event.at
    return Wallet(holder.points(at), holder.held(Unit.PRINCIPAL, at), holder.held(Unit.BONUS, at))


def quoted(
    world: World, event: SaleEvent, holder: Holder | None, taken: Sequence[CaseLine], place: int
) -> Quote:
    """Return the lines priced. Raises CaseError."""
    lines = tuple(_line(world, n, line, place) for n, line in enumerate(taken, start=1))
    facts = None if holder is None else holder.facts
    so_far = () if holder is None else tuple(sorted(holder.so_far(event.at).items()))
    return world.engine.quote(Basket(lines, facts, event.at, event.staff, event.chosen, so_far))


def booked(
    world: World, place: int, event: SaleEvent, holder: Holder | None, settled: Settlement
) -> Answer:
    """Book the sale and return its answer."""
    sold = world.sold[place] = Sold(settled, anonymous=holder is None, holder=holder)
    gained, coupons, rewards = 0, [], []
    stock = moved(world, [(line.sku, -line.qty) for line in settled.lines])
    if holder is not None:
        gained = _take(world, holder, sold, event)
        hq = sum(lot.hq_part for lot in settled.lots)
        gained += grant(sold, Unit.POINT, settled.points, event.at, "sale", hq_part=hq)
        if settled.frozen:
            sold.gained[-1].frozen = True
        hq = settled.hq_reward_fen
        grant(sold, REWARD, settled.reward_fen, event.at, "sale", hq_part=hq)
        holder.did += [Did(one.what, event.at.date(), one.amount) for one in settled.uses]
        for one in settled.given:
            points, coupon, reward = give(world, sold, one, event.at, stock)
            gained += points
            coupons += coupon
            rewards.append(reward)
    told = answer(
        pay=settled.tendered_fen,
        points=gained,
        tenders=settled.tenders,
        stock=stock,
        trace=settled.applied,
    )
    quote = settled.quote
    told |= {"bill": quote.bill_fen, "discount": quote.saved_fen, "growth": settled.growth}
    told |= {"coupons": coupons, "rewards": rewards, "reward": settled.reward_fen}
    told["commission"] = [
        {"rule": one.rule, "payee": one.payee, "base": one.base_fen, "amount": one.amount_fen}
        for one in settled.commissions
    ]
    told["frozen"] = settled.frozen
    told["later"] = [n - 1 for n in settled.later]
    return told | {"level": None if holder is None else holder.facts.level or None}


def _take(world: World, holder: Holder, sold: Sold, event: SaleEvent) -> int:
    """Take what the sale spends; return the points gained: below 0."""
    settled = sold.settlement
    for tender in settled.tenders:
        unit = _UNITS.get(tender.code)
        if unit is not None:
            taken = holder.take(unit, tender.amount_fen, event.at)
            sold.taken.setdefault(unit, []).extend(taken)
    sold.taken[Unit.POINT] = holder.take(Unit.POINT, settled.points_spent, event.at)
    missing = settled.points_spent - sum(part for _, part in sold.taken[Unit.POINT])
    if missing:  # points of this very sale: they are granted and spent at once
        holder.owe(Unit.POINT, missing)
    for coupon in settled.coupons_used:
        holder.coupons.remove(coupon)
        world.used_coupons.add(coupon.id)
        sold.used.append(coupon)
    return missing - settled.points_spent


def grant(
    sold: Sold, unit: str, amount: int, at: datetime, source: str, *, hq_part: int = 0
) -> int:
    """Grant to the sale's member and remember the lot; return what he gained."""
    holder = sold.holder
    assert holder is not None, "only members are granted anything"
    before = holder.granted
    gained = holder.grant(unit, amount, at, source, hq_part=hq_part)
    if holder.granted > before:
        sold.gained.append(holder.lots[-1])
    return gained


def give(
    world: World, sold: Sold, given: Given, at: datetime, stock: dict[str, int]
) -> tuple[int, list[Answer], Answer]:
    """Give what a sale gives beside its points: (points gained, coupons, the reward)."""
    holder = sold.holder
    assert holder is not None, "rewards go to members"
    told: Answer = {"rule": given.rule, "kind": given.payout, "value": given.value}
    if given.hq_part:
        told["hq_part"] = given.hq_part
    if given.payout == "points":
        hq = given.hq_part
        return grant(sold, Unit.POINT, given.value, at, given.rule, hq_part=hq), [], told
    if given.payout == "reward":
        grant(sold, REWARD, given.value, at, given.rule, hq_part=given.hq_part)
        return 0, [], told
    if given.payout == "gift":
        owed = world.stock.get(given.sku, given.qty) < given.qty
        if not owed:
            for sku, qty in moved(world, [(given.sku, -given.qty)]).items():
                stock[sku] = stock.get(sku, 0) + qty
        return 0, [], told | {"sku": given.sku, "qty": given.qty, "owed": owed}
    world.coupons_given += 1
    name = f"{given.rule}:{world.coupons_given}"
    coupon = HeldCoupon(name, given.coupon, given.value, at, given.expires, given.rule)
    holder.coupons.append(coupon)
    sold.gave.append(coupon)
    return 0, [shown_coupon(coupon, holder)], told | {"coupon": name}


def shown_coupon(coupon: HeldCoupon, holder: Holder) -> Answer:
    """Return a coupon as answers show it."""
    return {
        "id": coupon.id,
        "kind": coupon.kind,
        "value": coupon.value_fen,
        "member": holder.facts.id,
        "expires": iso(coupon.expires),
    }


def _coupons_of(
    world: World, holder: Holder | None, event: SaleEvent
) -> tuple[HeldCoupon, ...] | Refusal:
    """Return the coupons that the event names: by id, or by kind (the first to lapse)."""
    left = [] if holder is None else list(holder.coupons)
    found: list[HeldCoupon] = []
    for name in event.coupons:
        fitting = [one for one in left if one.id == name]
        fitting += sorted(
            (one for one in left if one.kind == name and not _lapsed(one, event)),
            key=lambda one: (one.expires is None, one.expires or event.at, one.granted, one.id),
        )
        fitting += [one for one in left if one.kind == name]
        if not fitting:
            used = name in world.used_coupons
            code = "coupon_used" if used else "coupon_unknown"
            return Refusal(code, f"coupon {name} {'was used' if used else 'is not here'}", {})
        found.append(fitting[0])
        left.remove(fitting[0])
    return tuple(found)


def _lapsed(coupon: HeldCoupon, event: SaleEvent) -> bool:
    return coupon.expires is not None and event.at >= coupon.expires


def _line(world: World, n: int, line: CaseLine, place: int) -> BasketLine:
    product = world.products.get(line.sku)
    path = f"events[{place}].lines[{n - 1}].sku"
    if product is None:
        raise CaseError(
            f"{path}: no product {line.sku}; the case lists {', '.join(world.products)}"
        )
    if line.price is None and product.price_fen is None:
        raise CaseError(f"{path}: {line.sku} has no price; give the line one")
    manual = None if line.manual is None else Manual(line.manual.role, line.manual.reason)
    amount = None if line.price is None else line.price * line.qty
    return BasketLine(n, product, line.qty, amount, unlisted=line.unlisted, manual=manual)
