"""Prices of a receipt: list price, then the rules that lower it. Compiled once per pack.

A plain rule prices a line by itself. A promo (it has needs, or a limit per receipt) prices single
pieces once the plain prices stand; the pieces that it prices do not count towards its need, the
other pieces of the same line do. Promos run in the pack's order, each on what the earlier left.

A line takes one rule. Within a group of mode `best` that is the lowest price, in one of mode
`first` the first rule of the pack that lowers it, in one of mode `choice` what the member chose,
in one of mode `add` all percentages multiplied and floored once; between groups, and among rules
without one, the lowest price wins, so that nothing ever stacks. A rule that would not lower the
price does not apply: no member pays more than a passer-by.

A line whose amount was keyed or came from a scale takes no rule. Limits (限购), a product's or a
rule's, count what the question says that the card had before: pieces above stay at list price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from daemon.ledger.bodies import Applied
from daemon.ledger.messages import Limit, Product
from daemon.rules.occasions import NONE_OFF, Asking, compile_off
from daemon.rules.price_rules import Rule, added_up, compile_rule, is_promo
from daemon.rules.types import BasketLine, Notice, QuotedLine

if TYPE_CHECKING:
    from daemon.rules.models_sale import Needs, PriceRule, Quota
    from daemon.rules.vocabulary import Mode

REMEMBERED_MAX = 2048  # products whose rules are known; a counter lists some hundreds


@dataclass(slots=True)
class Piece:
    """A part of a basket line while it is being priced; `rule` None: list price."""

    line: BasketLine
    qty: int
    list_fen: int
    paid_fen: int
    cls: str
    rule: Rule | None = None


@dataclass(slots=True)
class Priced:
    lines: tuple[QuotedLine, ...]
    applied: list[Applied]
    notices: list[Notice] = field(default_factory=list)
    shut: tuple[str, ...] = ()  # skus that a member only may buy
    by_hand: bool = False  # some line has a price that somebody set


Rules = tuple[Rule, ...]
Found = tuple[Rules, Rules, bool]  # plain rules, promos, shut to this buyer
Pricing = Callable[[Sequence[BasketLine], Asking], Priced]


def compile_pricing(prices: Sequence[PriceRule], modes: Mapping[str, Mode]) -> Pricing:
    """Return the function that prices a receipt."""
    rules = tuple(compile_rule(order, rule, modes) for order, rule in enumerate(prices))
    plain = [rule for rule, said in zip(rules, prices, strict=True) if not is_promo(said)]
    promos = [rule for rule, said in zip(rules, prices, strict=True) if is_promo(said)]
    switch = compile_off(prices, modes)

    rules_for = _finder(rules, plain, promos)

    def price(lines: Sequence[BasketLine], asking: Asking) -> Priced:
        notices: list[Notice] = []
        taken: dict[str, int] = {}
        pieces: list[list[Piece]] = []
        shut: list[str] = []
        by_hand = False
        offered: dict[int, list[list[Piece]]] = {}
        off = NONE_OFF if switch is None else switch(asking)
        for line in lines:
            product = line.product
            listed = _list_fen(line)
            part = Piece(line, line.qty, listed, listed, product.cls)
            parts = [part]
            key = product.sku, product.category, product.brand, product.department, product.cls
            fitting = rules_for(key, asking.member_prices, asking.is_staff, off)
            if fitting[2]:
                shut.append(product.sku)
            if line.amount_fen is None:
                _lower(part, fitting[0])
                rule = part.rule
                if rule is not None and (product.limit is not None or rule.limit is not None):
                    parts = _within_limits(part, rule, asking, taken, notices)
                for promo in fitting[1]:
                    if _offered(promo, product):
                        offered.setdefault(promo.order, []).append(parts)
            elif line.manual is not None:
                by_hand = True
            pieces.append(parts)
        for order in sorted(offered):
            _run(rules[order], offered[order], pieces)
        return Priced(_quoted(pieces), _trace(pieces), notices, tuple(shut), by_hand)

    return price


def _finder(
    rules: Rules, plain: Sequence[Rule], promos: Sequence[Rule]
) -> Callable[[tuple[str, str, str, str, str], bool, bool, frozenset[int]], Found]:
    """Return the function that says which rules fit such goods for such a buyer."""

    @lru_cache(maxsize=REMEMBERED_MAX)
    def rules_for(
        key: tuple[str, str, str, str, str], member: bool, staff: bool, off: frozenset[int]
    ) -> Found:
        """Return the plain rules and the promos that fit such a product; shut to this buyer?"""
        fitting = [rule for rule in rules if rule.order not in off and rule.fits(*key)]
        mine = {
            rule.order
            for rule in fitting
            if rule.who == "anyone" or (staff if rule.who == "staff" else member)
        }
        shut = not member and any(rule.shuts for rule in fitting)
        meant = [[rule for rule in kind if rule.order in mine] for kind in (plain, promos)]
        return tuple(added_up(meant[0])), tuple(meant[1]), shut

    return rules_for


def _list_fen(line: BasketLine) -> int:
    if line.amount_fen is not None:
        return line.amount_fen
    price = line.product.price_fen
    assert price is not None, f"{line.product.sku} is not for sale"
    return price * line.qty


def _lower(part: Piece, rules: Sequence[Rule]) -> None:
    """Let the rule that wins set the part's price, if one lowers it."""
    product, qty, listed = part.line.product, part.qty, part.list_fen
    winner: Rule | None = None
    lowest = listed
    firsts: set[str] = set()
    for rule in rules:
        if rule.group in firsts:
            continue  # an earlier rule of this group has lowered the price
        price = rule.price(product, qty, listed)
        if price is None or price >= listed:
            continue
        if rule.mode == "first":
            firsts.add(rule.group)
        if price < lowest:
            winner, lowest = rule, price
    if winner is not None:
        part.rule, part.paid_fen = winner, lowest
        part.cls = winner.cls or product.cls


def _within_limits(
    part: Piece, rule: Rule, asking: Asking, taken: dict[str, int], notices: list[Notice]
) -> list[Piece]:
    """Return the part as it is, and what is above a limit at list price."""
    line, sku = part.line, part.line.product.sku
    inside = part.qty
    counted: list[str] = []
    for key, limit in _limits(line.product.limit, rule, sku):
        had = asking.did(key, limit.per) if key not in taken else taken[key]
        taken[key] = had
        counted.append(key)
        if limit.qty - had < inside:
            inside = max(0, limit.qty - had)
            notices.append(Notice("E13", {"sku": sku, "n": str(limit.qty), "per": limit.per}))
    for key in counted:
        taken[key] += inside
    if inside == part.qty:
        return [part]
    outside = _piece(line, part.qty - inside, None)
    return [_piece(line, inside, part.rule), outside] if inside else [outside]


def _limits(of_product: Limit | None, rule: Rule, sku: str) -> Iterable[tuple[str, Limit | Quota]]:
    if of_product is not None:
        yield f"sku:{sku}", of_product
    if rule.limit is not None:
        yield rule.id, rule.limit


def _piece(line: BasketLine, qty: int, rule: Rule | None) -> Piece:
    """Return qty of the line at the rule's price; a piece is never one of a keyed amount."""
    assert line.product.price_fen is not None, f"{line.product.sku} is not for sale"
    listed = line.product.price_fen * qty
    asked = None if rule is None else rule.price(line.product, qty, listed)
    if rule is None or asked is None or asked >= listed:
        return Piece(line, qty, listed, listed, line.product.cls)
    return Piece(line, qty, listed, asked, rule.cls or line.product.cls, rule)


def _run(promo: Rule, places: list[list[Piece]], pieces: list[list[Piece]]) -> None:
    """Price single pieces of places, the largest saving first, while the need is met."""
    for _ in range(promo.pieces_max):
        counted = _counted(promo.needs, pieces)
        if promo.needs is not None and counted < promo.needs.min_fen:
            return
        offers = [offer for parts in places for offer in _offers(promo, parts)]
        for saving, parts, index, rest, unit in sorted(offers, key=_best_first):
            without = counted
            if promo.needs is not None and parts[index].cls in promo.needs.classes:
                without -= parts[index].paid_fen - (rest.paid_fen if rest else 0)
            if saving > 0 and (promo.needs is None or without >= promo.needs.min_fen):
                parts[index : index + 1] = [rest] if rest else []
                _add(parts, unit)
                break
        else:
            return


def _offered(promo: Rule, product: Product) -> bool:
    """Tell whether the promo lowers the list price of one unit of the product."""
    listed = product.price_fen
    if listed is None or product.unit != "piece":
        return False
    price = promo.price(product, 1, listed)
    return price is not None and price < listed


_Offer = tuple[int, list[Piece], int, Piece | None, Piece]


def _offers(promo: Rule, parts: list[Piece]) -> Iterable[_Offer]:
    """Yield what the promo would save on one unit of each part: (saving, ..., rest, unit)."""
    line = parts[0].line
    for index, part in enumerate(parts):
        if part.rule is not None and not _may_replace(promo, part.rule):
            continue
        unit = _piece(line, 1, promo)
        rest = _piece(line, part.qty - 1, part.rule) if part.qty > 1 else None
        saving = part.paid_fen - unit.paid_fen - (rest.paid_fen if rest else 0)
        yield saving, parts, index, rest, unit


def _may_replace(promo: Rule, rule: Rule) -> bool:
    if promo.order == rule.order:
        return False
    return promo.group != rule.group or promo.mode != "first" or promo.order < rule.order


def _best_first(offer: _Offer) -> tuple[int, str, int, int]:
    saving, parts, index, _, unit = offer
    return -saving, unit.line.product.sku, parts[0].line.n, index


def _counted(needs: Needs | None, pieces: list[list[Piece]]) -> int:
    if needs is None:
        return 0
    return sum(part.paid_fen for parts in pieces for part in parts if part.cls in needs.classes)


def _add(parts: list[Piece], unit: Piece) -> None:
    for index, part in enumerate(parts):
        if part.rule is unit.rule:
            parts[index] = _piece(part.line, part.qty + unit.qty, part.rule)
            return
    parts.append(unit)


def _quoted(pieces: list[list[Piece]]) -> tuple[QuotedLine, ...]:
    return tuple(
        [
            QuotedLine(
                part.line.n,
                part.line.product,
                part.qty,
                part.list_fen,
                part.paid_fen,
                part.cls,
                "" if part.rule is None else part.rule.id,
                part.line.code,
            )
            for parts in pieces
            for part in parts
        ]
    )


def _trace(pieces: list[list[Piece]]) -> list[Applied]:
    """Return each rule that set a price: list price in, price out, in the pack's order."""
    sums: dict[tuple[int, str], list[int]] = {}
    rules: dict[tuple[int, str], Rule] = {}
    for parts in pieces:
        for part in parts:
            rule = part.rule
            if rule is not None:
                key = rule.order, rule.id
                total = sums.setdefault(key, [0, 0])
                rules[key] = rule
                total[0] += part.list_fen
                total[1] += part.paid_fen
    applied: list[Applied] = []
    for key in sorted(sums):
        rule, (base, paid) = rules[key], sums[key]
        if len(rule.shares) > 1:
            applied += _traced(rule, base, paid)
        else:
            applied.append(Applied(rule.id, "price", base, paid))
    return applied


def _traced(rule: Rule, list_fen: int, paid_fen: int) -> Iterable[Applied]:
    """Yield the rule, or each of those that added up: the last one lands on what was paid."""
    base = list_fen
    for name, share in rule.shares[:-1]:
        left = base * share // 10_000
        left = max(left, paid_fen)
        yield Applied(name, "price", base, left)
        base = left
    yield Applied(rule.shares[-1][0], "price", base, paid_fen)
