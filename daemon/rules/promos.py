"""Promos without coupon, on a receipt whose lines are priced: 满减, 第二件半价, 买N送M, 组合价.

A promo takes money off the lines that take part, split by what they cost; a line takes part in one
group only, so that nothing stacks unless a group says so. Within a group: `best` applies the promo
that saves most, then the next on the lines that are left; `first` goes in the pack's order;
`choice` is what the member chose; `add` lets all of them start from the same prices.

Pieces are those of goods sold by the piece. In a bundle the dearest pieces stand together, so that
what is lowered is worth as much as it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from daemon.ledger.bodies import Applied
from daemon.rules.occasions import NONE_OFF, Asking, compile_off
from daemon.rules.price_rules import Fit, fits
from daemon.rules.rounding import split
from daemon.rules.types import QuotedLine

if TYPE_CHECKING:
    from daemon.rules.models_offers import Promo
    from daemon.rules.vocabulary import Mode


class Rule(msgspec.Struct, frozen=True):
    order: int
    said: Promo
    fits: Fit


class Offer(msgspec.Struct, frozen=True):
    """What a promo would take off each line (by place), and how often it applies."""

    rule: Rule
    off: Mapping[int, int]
    times: int
    base: int

    @property
    def saving(self) -> int:
        return sum(self.off.values())


class Promoted(msgspec.Struct, frozen=True):
    lines: tuple[QuotedLine, ...]
    applied: tuple[Applied, ...]
    uses: tuple[tuple[str, int], ...]


Promoting = Callable[[Sequence[QuotedLine], Asking], Promoted]


def compile_promos(promos: Sequence[Promo], modes: Mapping[str, Mode]) -> Promoting | None:
    """Return the function that applies the promos; None: the pack has none."""
    if not promos:
        return None
    rules = [Rule(order, said, fits(said)) for order, said in enumerate(promos)]
    switch = compile_off(promos, modes)

    def promote(lines: Sequence[QuotedLine], asking: Asking) -> Promoted:
        off = NONE_OFF if switch is None else switch(asking)
        groups: dict[str, list[Rule]] = {}
        for rule in rules:
            if rule.order in off or (rule.said.who == "member" and not asking.member_prices):
                continue
            groups.setdefault(rule.said.group or f"#{rule.order}", []).append(rule)
        bill = _Bill(list(lines))
        for group, held in groups.items():
            bill.run(held, modes.get(group, "best"), asking)
        return Promoted(tuple(bill.lines), tuple(bill.applied), tuple(bill.uses))

    return promote


class _Bill:
    """A receipt while promos run over it."""

    def __init__(self, lines: list[QuotedLine]) -> None:
        self.lines = lines
        self.applied: list[Applied] = []
        self.uses: list[tuple[str, int]] = []
        self._free = set(range(len(lines)))  # lines that take part in no group yet

    def run(self, held: list[Rule], mode: Mode, asking: Asking) -> None:
        if mode == "add":
            offers = [self._offer(rule, asking) for rule in sorted(held, key=_name)]
            for offer in offers:
                self._apply(offer)
            self._free -= {place for offer in offers for place in offer.off}
            return
        waiting = list(held)
        while waiting:
            offers = [self._offer(rule, asking) for rule in waiting]
            best = offers[0] if mode != "best" else min(offers, key=_best_first)
            self._apply(best)
            self._free -= set(best.off)
            waiting.remove(best.rule)

    def _offer(self, rule: Rule, asking: Asking) -> Offer:
        said = rule.said
        places = [place for place in sorted(self._free) if _takes_part(rule, self.lines[place])]
        most = 1_000_000 if said.max_times is None else said.max_times
        if said.limit is not None:
            most = min(most, said.limit.times - asking.did(said.id, said.limit.per))
        if most <= 0 or not places:
            return Offer(rule, {}, 0, 0)
        if said.bundle is not None or said.goods_set is not None or said.on == "quantity":
            places = [place for place in places if self.lines[place].product.unit == "piece"]
        if said.bundle is not None:
            return _bundle(rule, [(place, self.lines[place]) for place in places], most)
        if said.goods_set is not None:
            return _set(rule, [(place, self.lines[place]) for place in places], most)
        return _steps(rule, [(place, self.lines[place]) for place in places], most)

    def _apply(self, offer: Offer) -> None:
        base, off = 0, 0
        for place, amount in offer.off.items():
            line = self.lines[place]
            taken = min(amount, line.paid_fen)
            base, off = base + line.paid_fen, off + taken
            if taken:
                rule = f"{line.rule}+{offer.rule.said.id}" if line.rule else offer.rule.said.id
                self.lines[place] = replace(line, paid_fen=line.paid_fen - taken, rule=rule)
        if off:
            self.applied.append(Applied(offer.rule.said.id, "promo", base, base - off))
            self.uses.append((offer.rule.said.id, offer.times))


def _name(rule: Rule) -> str:
    return rule.said.id


def _best_first(offer: Offer) -> tuple[int, str]:
    return -offer.saving, offer.rule.said.id


def _takes_part(rule: Rule, line: QuotedLine) -> bool:
    product = line.product
    return (
        line.paid_fen > 0
        and (rule.said.on_lowered or (not line.rule and line.paid_fen == line.list_fen))
        and rule.fits(product.sku, product.category, product.brand, product.department, line.cls)
    )


_Lines = Sequence[tuple[int, QuotedLine]]


def _steps(rule: Rule, lines: _Lines, most: int) -> Offer:
    total = sum(line.paid_fen for _, line in lines)
    reached = total if rule.said.on == "amount" else sum(line.qty for _, line in lines)
    step = next((one for one in reversed(rule.said.steps) if one.least <= reached), None)
    if step is None:
        return Offer(rule, {}, 0, 0)
    times = min(most, reached // step.least) if rule.said.each else 1
    if step.basis_points is not None:
        off = total - total * step.basis_points // 10_000
    else:
        off = min(total, (step.off_fen or 0) * times)
    parts = split(off, [line.paid_fen for _, line in lines])
    return Offer(rule, _by_place(lines, parts), times, total)


def _by_place(lines: _Lines, parts: Sequence[int]) -> dict[int, int]:
    return {place: part for (place, _), part in zip(lines, parts, strict=True)}


def _pieces(lines: _Lines) -> Iterator[tuple[int, int]]:
    """Yield (price, place) of every piece, the dearest first."""
    ordered = sorted(
        lines, key=lambda one: (-(one[1].paid_fen // one[1].qty), one[1].product.sku, one[0])
    )
    for place, line in ordered:
        for _ in range(line.qty):
            yield line.paid_fen // line.qty, place


def _bundle(rule: Rule, lines: _Lines, most: int) -> Offer:
    bundle = rule.said.bundle
    assert bundle is not None, rule.said.id
    times = min(most, sum(line.qty for _, line in lines) // bundle.size)
    off = {place: 0 for place, _ in lines} if times else {}
    full = bundle.size - bundle.lowered
    for number, (price, place) in enumerate(_pieces(lines)):
        if number >= times * bundle.size:
            break
        if number % bundle.size >= full:
            off[place] += price - price * bundle.basis_points // 10_000
    return Offer(rule, off, times, 0)


def _set(rule: Rule, lines: _Lines, most: int) -> Offer:
    goods = rule.said.goods_set
    assert goods is not None, rule.said.id
    of_sku: dict[str, list[tuple[int, int]]] = {sku: [] for sku in goods.skus}
    for price, place in _pieces([one for one in lines if one[1].product.sku in of_sku]):
        of_sku[_sku_at(lines, place)].append((price, place))
    times = min(most, *(len(pieces) for pieces in of_sku.values()))
    used = [piece for pieces in of_sku.values() for piece in pieces[:times]]
    saving = sum(price for price, _ in used) - goods.fixed_fen * times
    if saving <= 0:
        return Offer(rule, {}, 0, 0)
    off: dict[int, int] = {}
    for (_, place), part in zip(used, split(saving, [price for price, _ in used]), strict=True):
        off[place] = off.get(place, 0) + part
    return Offer(rule, off, times, 0)


def _sku_at(lines: _Lines, place: int) -> str:
    return next(line.product.sku for at, line in lines if at == place)
