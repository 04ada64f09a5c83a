"""The events of a case that undo a sale: return, void, exchange. The difference of two states."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from daemon.ledger.bodies import Tender
from daemon.ledger.kinds import Unit
from daemon.rules.account_cases import after_sale
from daemon.rules.caseanswer import EXCHANGE, GOODS_TENDERS, answer, keyed, moved, refused
from daemon.rules.casefile_sale import Back, ExchangeEvent, ReturnEvent, SaleEvent, VoidEvent
from daemon.rules.caseholder import REWARD, Did, Holder
from daemon.rules.caseworld import Answer, Sold, Swapped, World
from daemon.rules.periods import later, span
from daemon.rules.returns import Undone, undone
from daemon.rules.returns import refused as may_not
from daemon.rules.sale_cases import booked, give, quoted
from daemon.rules.tenders import BONUS, PRINCIPAL
from daemon.rules.types import Given, KeyedTender, Refusal

_STORED = {PRINCIPAL: Unit.PRINCIPAL, BONUS: Unit.BONUS}.items()


class _Goods(msgspec.Struct, frozen=True):
    """What comes back: of which sale, how many pieces by line number, and into which stock."""

    sold: Sold
    pieces: Mapping[int, int]
    stock: tuple[tuple[str, int], ...]
    swap: Swapped | None = None
    wanted: Mapping[int, int] = msgspec.field(default_factory=dict)  # pieces by line of the swap


def take_back(world: World, event: ReturnEvent) -> Answer:
    """Take goods back."""
    goods = _goods(world, event.of, event.lines, event.at)
    if isinstance(goods, Refusal):
        return refused(goods.code, goods.why)
    short = _short(world, goods, event.at)
    if short is not None:
        return refused(short.code, short.why)
    return _undo(world, goods, event.at)


def void(world: World, event: VoidEvent) -> Answer:
    """Take everything back, within the day of the sale."""
    sold = world.sold.get(event.of)
    if sold is None:
        return refused("not_returnable", f"event {event.of} is no sale")
    if sold.back or sold.swapped:
        return refused("already_returned", f"of sale {event.of} something came back already")
    if sold.settlement.quote.basket.at.date() != event.at.date():
        return refused("window_closed", "a sale is voided on its own day; take a return")
    return take_back(world, ReturnEvent(at=event.at, of=event.of))


def exchange(world: World, place: int, event: ExchangeEvent) -> Answer:
    """Take goods back and give others for them."""
    goods = _goods(world, event.of, event.lines, event.at)
    if isinstance(goods, Refusal):
        return refused(goods.code, goods.why)
    sold = goods.sold
    if _is_even(world, goods, event):
        return _swap(world, place, goods, event)
    short = _short(world, goods, event.at)
    if short is not None:
        return refused(short.code, short.why)
    state = _states(world, goods)
    back = state[1].money(sold.settlement) - state[0].money(sold.settlement)
    as_sale = SaleEvent(
        at=event.at, lines=event.take, staff=event.staff, tenders=event.tenders, member=_name(sold)
    )
    quote = quoted(world, as_sale, sold.holder, event.take, place)
    brought = min(back, quote.bill_fen)
    money = [KeyedTender(EXCHANGE, brought)] if brought else []
    settled = world.engine.settle(quote, [*money, *keyed(event.tenders, place)], GOODS_TENDERS)
    if isinstance(settled, Refusal):
        return refused(settled.code, settled.why)
    first = _undo(world, goods, event.at)
    second = after_sale(world, as_sale, booked(world, place, as_sale, sold.holder, settled))
    told = first | second
    for key in ("bill", "discount", "points", "growth", "claim"):
        told[key] = _number(first, key) + _number(second, key)
    told["pay"] = _number(second, "pay") - back
    told["stock"] = _added(first["stock"], second["stock"])
    return told


def _number(told: Answer, key: str) -> int:
    value = told.get(key, 0)
    return value if isinstance(value, int) else 0


def _added(one: object, other: object) -> dict[str, int]:
    sums: dict[str, int] = {}
    for stock in (one, other):
        assert isinstance(stock, dict), "stock of an answer"
        for sku, qty in stock.items():
            sums[sku] = sums.get(sku, 0) + qty
    return sums


def _name(sold: Sold) -> str | None:
    return None if sold.holder is None else sold.holder.facts.id


def _goods(world: World, of: int, lines: tuple[Back, ...], at: datetime) -> _Goods | Refusal:
    """Return what comes back, or why it may not."""
    swap = world.swaps.get(of)
    sold = world.sold.get(of) if swap is None else swap.sale
    if sold is None:
        return Refusal("not_returnable", f"event {of} is no sale", {})
    held = _held(sold) if swap is None else swap.lines
    wanted: dict[int, int] = {}
    for back in lines or [Back(place, qty) for place, (_, _, qty) in enumerate(held) if qty]:
        if back.line >= len(held):
            return Refusal("not_returnable", f"sale {of} has no line {back.line}", {})
        wanted[back.line] = wanted.get(back.line, 0) + back.qty
    pieces: dict[int, int] = {}
    for place, qty in wanted.items():
        n, sku, left = held[place]
        if qty > left:
            said = f"of line {place} {left} of {sku} can still come back, not {qty}"
            return Refusal("already_returned", said, {"sku": sku, "n": str(left)})
        pieces[n] = pieces.get(n, 0) + qty
    if not pieces:
        return Refusal("already_returned", f"all of sale {of} has come back", {})
    stopped = may_not(world.engine.sale, sold.settlement, pieces, at=at)
    if stopped is not None:
        return stopped
    stock = tuple((held[place][1], qty) for place, qty in wanted.items())
    return _Goods(sold, pieces, stock, swap, wanted)


def _held(sold: Sold) -> list[tuple[int, str, int]]:
    """Return (line number, sku, pieces that can still come back) of every line."""
    return [
        (line.n, line.sku, line.qty - sold.back.get(line.n, 0) - sold.swapped.get(line.n, 0))
        for line in sold.settlement.lines
    ]


def _states(world: World, goods: _Goods) -> tuple[Undone, Undone]:
    sold = goods.sold
    after = {
        line.n: sold.back.get(line.n, 0) + goods.pieces.get(line.n, 0)
        for line in sold.settlement.lines
    }
    rules = world.engine.sale
    return undone(rules, sold.settlement, sold.back), undone(rules, sold.settlement, after)


def _short(world: World, goods: _Goods, at: datetime) -> Refusal | None:
    """Return why points that are spent keep the goods from coming back, where the pack says so."""
    holder = goods.sold.holder
    reversal = world.engine.sale.reversal
    if reversal is None or reversal.shortfall == "claim" or holder is None:
        return None
    before, after = _states(world, goods)
    needed = after.points - before.points
    there = holder.points(at) + after.points_restored - before.points_restored
    if needed <= there:
        return None
    return Refusal("not_enough_points", f"{needed} points are to come back, {there} are there", {})


def _undo(world: World, goods: _Goods, at: datetime) -> Answer:
    """Book the return and answer with the difference that it makes."""
    sold = goods.sold
    settled, holder = sold.settlement, sold.holder
    before, after = _states(world, goods)
    for n, qty in goods.pieces.items():
        sold.back[n] = sold.back.get(n, 0) + qty
        if goods.swap is not None:
            sold.swapped[n] -= qty
    if goods.swap is not None:
        goods.swap.lines = [
            (n, sku, left - goods.wanted.get(place, 0))
            for place, (n, sku, left) in enumerate(goods.swap.lines)
        ]
    gone = {line.n: goods.pieces.get(line.n, 0) for line in settled.lines}
    listed = sum(line.list_fen * gone[line.n] // line.qty for line in settled.lines)
    money = before.money(settled) - after.money(settled)
    told = answer(
        pay=money,
        points=0,
        tenders=[
            Tender(tender.code, early - late)
            for tender, early, late in zip(
                settled.tenders, before.tenders, after.tenders, strict=True
            )
            if early != late
        ],
        stock=moved(world, goods.stock),
        trace=(),
    )
    told |= {"bill": before.goods_fen - after.goods_fen}
    told["discount"] = -(listed - (after.goods_fen - before.goods_fen))
    told["growth"] = before.growth - after.growth
    told["commission"] = _commissions(before, after)
    if holder is None:
        return told
    more = _of_member(world, sold, holder, (before, after), at)
    told |= more | {"stock": _added(told["stock"], more["stock"])}
    holder.growth += before.growth - after.growth
    day = settled.quote.basket.at.date()
    for one, early, late in zip(settled.uses, before.uses, after.uses, strict=True):
        holder.did += [Did(one.what, day, early - late)] if early != late else []
    return told | {"level": holder.facts.level or None}


def _of_member(
    world: World, sold: Sold, holder: Holder, states: tuple[Undone, Undone], at: datetime
) -> Answer:
    """Take back what the goods earned and restore what they cost: points, value, coupons."""
    settled, (before, after) = sold.settlement, states
    reversal = world.engine.sale.reversal
    grace = None if reversal is None else reversal.grace
    until = None if grace is None else later(at, span(grace))
    restored = after.points_restored - before.points_restored
    _restore(sold, Unit.POINT, before.points_restored, restored, at=at, until=until)
    for code, unit in _STORED:
        early, late = (
            sum(
                part
                for part, tender in zip(state.tenders, settled.tenders, strict=True)
                if tender.code == code
            )
            for state in (before, after)
        )
        _restore(sold, unit, early, late - early, at=at, until=until)
    points = after.points - before.points
    taken = take(sold, holder, Unit.POINT, points, at)
    claim = points - taken
    holder.owe(Unit.POINT, claim)
    reward = after.reward_fen - before.reward_fen
    holder.owe(REWARD, reward - take(sold, holder, REWARD, reward, at))
    for name in set(after.coupons) - set(before.coupons):
        coupon = next(one for one in sold.used if one.id == name)
        sold.used.remove(coupon)
        world.used_coupons.discard(name)
        holder.coupons.append(coupon)
    change = _rewards(world, sold, holder, _Kept(before.kept, after.kept, at))
    change["points"] = restored - taken + _number(change, "points")
    change["claim"] = claim + _number(change, "claim")
    return change


class _Kept(msgspec.Struct, frozen=True):
    """The rewards that a sale deserves before and after, and when that changed."""

    before: tuple[Given, ...]
    after: tuple[Given, ...]
    at: datetime


def _rewards(world: World, sold: Sold, holder: Holder, kept: _Kept) -> Answer:
    """Take back the rewards that what is left no longer reaches; give what it still does."""
    points, claim = 0, 0
    rewards: list[Answer] = []
    coupons: list[Answer] = []
    stock: dict[str, int] = {}
    reversal = world.engine.sale.reversal
    kept_gifts = reversal is not None and reversal.gifts == "keep"
    gone = [one for one in kept.before if one not in kept.after]
    fresh = [one for one in kept.after if one not in kept.before]
    for one in gone:
        rewards.append({"rule": one.rule, "kind": one.payout, "value": -one.value})
        if one.payout == "coupon":
            claim += _withdraw(sold, holder, one)
        elif one.payout == "gift":
            comes = not kept_gifts
            rewards[-1] |= {"sku": one.sku, "qty": -one.qty if comes else 0}
            stock = _added(stock, moved(world, [(one.sku, one.qty)] if comes else []))
        else:
            unit = Unit.POINT if one.payout == "points" else REWARD
            taken = take(sold, holder, unit, one.value, kept.at)
            holder.owe(unit, one.value - taken)
            points -= taken if unit == Unit.POINT else 0
            claim += one.value - taken if unit == Unit.POINT else 0
    for one in fresh:
        if one.payout == "gift" and kept_gifts:
            continue
        more, brought, told = give(world, sold, one, kept.at, stock)
        points += more
        coupons += brought
        rewards.append(told)
    told_all: Answer = {"points": points, "claim": claim, "rewards": rewards, "coupons": coupons}
    told_all["stock"] = stock
    return told_all


def _withdraw(sold: Sold, holder: Holder, given: Given) -> int:
    """Take the coupon back; what was used of it becomes a claim on coupons of its kind."""
    mine = [one for one in sold.gave if (one.source, one.value_fen) == (given.rule, given.value)]
    for coupon in mine:
        sold.gave.remove(coupon)
        if coupon in holder.coupons:
            holder.coupons.remove(coupon)
            return 0
        holder.owe(f"coupon:{given.coupon}", given.value)
        return 0
    return 0


def take(sold: Sold, holder: Holder, unit: str, amount: int, at: datetime) -> int:
    """Take what is there of the amount, from the sale's own lots first; return how much."""
    taken = 0
    for lot in sold.gained:
        if lot.unit == unit and lot in holder.lots:
            part = min(lot.amount, amount - taken)
            lot.amount -= part
            taken += part
    return taken + sum(part for _, part in holder.take(unit, amount - taken, at))


def _restore(
    sold: Sold, unit: str, early: int, amount: int, *, at: datetime, until: datetime | None
) -> None:
    """Put back into the very lots, the last one taken first, from where the last return ended.

    What has lapsed meanwhile lives until `until` (None: it stays lapsed).
    """
    holder = sold.holder
    passed = 0
    for lot, part in reversed(sold.taken.get(unit, [])):
        start = max(early - passed, 0)
        passed += part
        back = min(amount, part - start)
        if back <= 0:
            continue
        amount -= back
        lot.amount += back
        if holder is not None and lot not in holder.lots:
            holder.lots.append(lot)
        if lot.expires is not None and at >= lot.expires and until is not None:
            lot.expires = until


def _commissions(before: Undone, after: Undone) -> list[Answer]:
    left = {(one.rule, one.payee): one for one in after.shares}
    changes: list[Answer] = []
    for one in before.shares:
        now = left.get((one.rule, one.payee))
        base, amount = (0, 0) if now is None else (now.base_fen, now.amount_fen)
        if (base, amount) != (one.base_fen, one.amount_fen):
            changes.append(
                {
                    "rule": one.rule,
                    "payee": one.payee,
                    "base": base - one.base_fen,
                    "amount": amount - one.amount_fen,
                }
            )
    return changes


def _is_even(world: World, goods: _Goods, event: ExchangeEvent) -> bool:
    """Tell whether pieces go for as many of the same group and list price, at no other price."""
    mixed = len(goods.pieces) > 1 and any(line.qty > 1 for line in event.take)
    if goods.swap is not None or mixed or any(line.price is not None for line in event.take):
        return False
    skus = world.products
    lists: list[list[tuple[str, int | None]]] = []
    for moves in (goods.stock, [(line.sku, line.qty) for line in event.take]):
        found = [
            (skus[sku].exchange_group or f"={sku}", skus[sku].price_fen)
            for sku, qty in moves
            if sku in skus
            for _ in range(qty)
        ]
        lists.append(sorted(found, key=repr))
    return lists[0] == lists[1]


def _swap(world: World, place: int, goods: _Goods, event: ExchangeEvent) -> Answer:
    """Book an even swap: only stock moves, and the new goods stand for the old."""
    sold = goods.sold
    waiting = [n for n, qty in goods.pieces.items() for _ in range(qty)]
    lines: list[tuple[int, str, int]] = []
    for line in event.take:
        lines.append((waiting[0], line.sku, line.qty))
        del waiting[: line.qty]
    for n, qty in goods.pieces.items():
        sold.swapped[n] = sold.swapped.get(n, 0) + qty
    world.swaps[place] = Swapped(sold, lines)
    moves = [*goods.stock, *((line.sku, -line.qty) for line in event.take)]
    return answer(pay=0, points=0, tenders=(), stock=moved(world, moves), trace=())
