"""Prices of a receipt: list price, then the rules that lower it. Compiled once per pack.

A plain rule prices a line by itself. A promo (it has needs, or a limit per receipt) prices single
pieces once the plain prices stand; the pieces that it prices do not count towards its need, the
other pieces of the same line do. Promos run in the pack's order, each on what the earlier left.

A line takes one rule. Within a group of mode `best` that is the lowest price, in one of mode
`first` the first rule of the pack that lowers it; between groups, and among rules without one,
the lowest price wins, so that nothing ever stacks. A rule that would not lower the price does not
apply: no member pays more than a passer-by.

A line whose amount was keyed or came from a scale takes no rule. A product's limit (限购) holds
within the receipt: pieces above it stay at list price. What the card bought earlier this month is
not looked at here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from daemon.ledger.bodies import Applied
from daemon.ledger.messages import Limit, Product
from daemon.rules.models_sale import Needs, PriceRule
from daemon.rules.types import BasketLine, Notice, QuotedLine
from daemon.rules.vocabulary import Mode

REMEMBERED_MAX = 2048  # products whose rules are known; a counter lists some hundreds

Asked = Callable[[Product, int, int], int | None]  # product, qty, list price -> price of the line


@dataclass(frozen=True, slots=True)
class Rule:
    """A price rule, compiled. `order` is its place in the pack."""

    order: int
    id: str
    group: str
    mode: Mode
    members_only: bool
    price: Asked
    cls: str | None
    fits: Callable[[str, str, str], bool]
    needs: Needs | None
    pieces_max: int


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


Rules = tuple[Rule, ...]
Pricing = Callable[[Sequence[BasketLine], bool], Priced]


def compile_pricing(prices: Sequence[PriceRule], modes: Callable[[str], Mode]) -> Pricing:
    """Return the function that prices a receipt; its second argument: at a member's prices."""
    rules = [_compiled(order, rule, modes) for order, rule in enumerate(prices)]
    plain = [rule for rule, said in zip(rules, prices, strict=True) if not said.is_promo]
    promos = [rule for rule, said in zip(rules, prices, strict=True) if said.is_promo]

    @lru_cache(maxsize=REMEMBERED_MAX)
    def rules_for(sku: str, category: str, cls: str, member: bool) -> tuple[Rules, Rules]:
        """Return the plain rules and the promos that fit such a product."""
        meant = [
            [
                rule
                for rule in kind
                if rule.fits(sku, category, cls) and (member or not rule.members_only)
            ]
            for kind in (plain, promos)
        ]
        return tuple(meant[0]), tuple(meant[1])

    def price(lines: Sequence[BasketLine], member: bool) -> Priced:
        notices: list[Notice] = []
        taken: dict[str, int] = {}
        pieces: list[list[Piece]] = []
        offered: dict[int, list[list[Piece]]] = {}
        for line in lines:
            product = line.product
            listed = _list_fen(line)
            part = Piece(line, line.qty, listed, listed, product.cls)
            parts = [part]
            if line.amount_fen is None:
                fitting = rules_for(product.sku, product.category, product.cls, member)
                _lower(part, fitting[0])
                if part.rule is not None and product.limit is not None:
                    parts = _within_limit(part, product.limit, taken, notices)
                for promo in fitting[1]:
                    if _offered(promo, product):
                        offered.setdefault(promo.order, []).append(parts)
            pieces.append(parts)
        for order in sorted(offered):
            _run(rules[order], offered[order], pieces)
        return Priced(_quoted(pieces), _trace(rules, pieces), notices)

    return price


def _compiled(order: int, rule: PriceRule, modes: Callable[[str], Mode]) -> Rule:
    group = rule.group or f"#{order}"  # a rule without a group stands alone
    return Rule(
        order,
        rule.id,
        group,
        "best" if rule.group is None else modes(rule.group),
        rule.who == "member",
        _asked(rule),
        rule.gives_class,
        fits(rule.skus, rule.categories, rule.classes),
        rule.needs,
        rule.max_per_receipt or 0,
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
    share = rule.basis_points
    assert share is not None, f"rule {rule.id} says no price"
    return lambda _, __, list_fen: list_fen * share // 10_000


def fits(
    skus: Iterable[str], categories: Iterable[str], classes: Iterable[str]
) -> Callable[[str, str, str], bool]:
    """Return whether (sku, category, class) is meant; an empty list means all."""
    only_skus, only_categories, only_classes = (
        frozenset(skus),
        frozenset(categories),
        frozenset(classes),
    )

    def meant(sku: str, category: str, cls: str) -> bool:
        return (
            (not only_skus or sku in only_skus)
            and (not only_categories or category in only_categories)
            and (not only_classes or cls in only_classes)
        )

    return meant


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


def _within_limit(
    part: Piece, limit: Limit, taken: dict[str, int], notices: list[Notice]
) -> list[Piece]:
    """Return the part as it is, and what is above the product's limit at list price."""
    line, sku = part.line, part.line.product.sku
    held = taken.get(sku, 0)
    inside = min(part.qty, max(0, limit.qty - held))
    taken[sku] = held + inside
    if inside == part.qty:
        return [part]
    notices.append(Notice("E13", {"sku": sku, "n": str(limit.qty), "per": limit.per}))
    outside = _piece(line, part.qty - inside, None)
    return [_piece(line, inside, part.rule), outside] if inside else [outside]


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


def _trace(rules: Sequence[Rule], pieces: list[list[Piece]]) -> list[Applied]:
    """Return each rule that set a price: list price in, price out, in the pack's order."""
    sums: dict[int, list[int]] = {}
    for parts in pieces:
        for part in parts:
            if part.rule is not None:
                total = sums.setdefault(part.rule.order, [0, 0])
                total[0] += part.list_fen
                total[1] += part.paid_fen
    return [Applied(rules[order].id, "price", *sums[order]) for order in sorted(sums)]
