"""Single price rules, compiled: which goods they fit, and what they ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.messages import Product

if TYPE_CHECKING:
    from daemon.rules.models_sale import Needs, PriceRule, Quota
    from daemon.rules.vocabulary import Goods, Mode

Fit = Callable[[str, str, str, str, str], bool]  # sku, category, brand, department, class
Asked = Callable[[Product, int, int], int | None]  # product, qty, list price -> price of the line


class Rule(msgspec.Struct, frozen=True):
    """A price rule, compiled. `order` is its place in the pack."""

    order: int
    id: str
    group: str
    mode: Mode
    who: str  # member, anyone, staff
    price: Asked
    cls: str | None
    fits: Fit
    needs: Needs | None
    pieces_max: int
    shuts: bool = False  # its goods are sold to members only
    limit: Quota | None = None
    shares: tuple[tuple[str, int], ...] = ()  # of rules that add up: (id, basis points)


def compile_rule(order: int, rule: PriceRule, modes: Mapping[str, Mode]) -> Rule:
    """Return a price rule of the pack, compiled."""
    group = rule.group or f"#{order}"  # a rule without a group stands alone
    return Rule(
        order,
        rule.id,
        group,
        "best" if rule.group is None else modes[rule.group],
        rule.who,
        _asked(rule),
        rule.gives_class,
        fits(rule),
        rule.needs,
        rule.max_per_receipt or 0,
        rule.only_members,
        rule.limit,
        ((rule.id, rule.basis_points or 0),),
    )


def added_up(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules with those of each adding group made one, whatever their order."""
    groups: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.mode == "add":
            groups.setdefault(rule.group, []).append(rule)
    kept = [rule for rule in rules if rule.mode != "add"]
    for held in groups.values():
        one = held[0] if len(held) == 1 else _multiplied(sorted(held, key=lambda rule: rule.id))
        kept.append(one)
    return kept


def _multiplied(rules: Sequence[Rule]) -> Rule:
    share, whole = 1, 1
    for rule in rules:
        share *= rule.shares[0][1]
        whole *= 10_000
    first = min(rules, key=lambda rule: rule.order)
    return Rule(
        first.order,
        "+".join(rule.id for rule in rules),
        first.group,
        "add",
        first.who,
        lambda _, __, list_fen: list_fen * share // whole,
        next((rule.cls for rule in rules if rule.cls is not None), None),
        first.fits,
        None,
        0,
        limit=next((rule.limit for rule in rules if rule.limit is not None), None),
        shares=tuple(rule.shares[0] for rule in rules),
    )


def _asked(rule: PriceRule) -> Asked:
    if rule.take == "member_price":
        return lambda product, qty, _: (
            None if product.member_price_fen is None else product.member_price_fen * qty
        )
    if rule.take == "swap_price":
        return lambda product, qty, _: (
            None if product.swap_price_fen is None else product.swap_price_fen * qty
        )
    if rule.fixed_fen is not None:
        fixed = rule.fixed_fen
        return lambda _, qty, __: fixed * qty
    if rule.cost_plus is not None:
        return partial(_cost_plus, 10_000 + rule.cost_plus)
    share = rule.basis_points
    assert share is not None, f"rule {rule.id} says no price"
    return lambda _, __, list_fen: list_fen * share // 10_000


def _cost_plus(share: int, product: Product, qty: int, _: int) -> int | None:
    return None if product.cost_fen is None else product.cost_fen * qty * share // 10_000


def is_promo(rule: PriceRule) -> bool:
    """Tell whether it looks at the whole receipt and prices single units."""
    return rule.needs is not None or rule.max_per_receipt is not None


def fits(goods: Goods) -> Fit:
    """Return whether (sku, category, brand, department, class) is meant; empty means all."""
    lists = (goods.skus, goods.categories, goods.brands, goods.departments, goods.classes)
    wanted = [(place, frozenset(words)) for place, words in enumerate(lists) if words]
    return lambda *key: all(key[place] in words for place, words in wanted)


def fits_categories(categories: Sequence[str]) -> Fit:
    """Return whether the goods are of one of the categories."""
    wanted = frozenset(categories)
    return lambda _, category, *__: category in wanted


def fits_any(*_: str) -> bool:
    """All goods are meant."""
    return True
