"""What a member uses on a sale beside money: coupons, then points as money.

Both are money of their own tenders, `coupon` and `points`; neither gives change. Coupons are taken
in the pack's order, whatever the order they were keyed in. Two kinds on one receipt need a common
group of mode `add`. A kind that the pack does not describe is worth its own value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.bodies import Applied, Tender
from daemon.rules.occasions import Asking, Holds, compile_when
from daemon.rules.price_rules import Fit, fits, fits_any
from daemon.rules.rounding import yuan
from daemon.rules.types import HeldCoupon, QuotedLine, Refusal, Spend

if TYPE_CHECKING:
    from daemon.rules.models_offers import Coupon, Offset, Times
    from daemon.rules.vocabulary import Mode

COUPON, POINTS = "coupon", "points"  # codes of tenders


class Spent(msgspec.Struct, frozen=True):
    tenders: tuple[Tender, ...] = ()
    points: int = 0
    coupons: tuple[HeldCoupon, ...] = ()
    applied: tuple[Applied, ...] = ()
    uses: tuple[tuple[str, int], ...] = ()


class _Terms(msgspec.Struct, frozen=True):
    """What a kind of coupon asks and gives; the defaults are a kind that no pack describes."""

    id: str = "voucher"
    gives: str = "amount"
    group: str | None = None
    value_fen: int | None = None
    basis_points: int | None = None
    max_fen: int | None = None
    min_fen: int | None = None
    max_per_receipt: int = 1
    limit: Times | None = None


class _Kind(msgspec.Struct, frozen=True):
    order: int
    said: _Terms
    fits: Fit
    holds: Holds


class _Offset(msgspec.Struct, frozen=True):
    said: Offset
    fits: Fit
    holds: Holds


NOTHING = Spent()
EarnsWith = Callable[[Sequence[Tender]], int]  # tenders so far -> the points that the sale earns


class Purchase(msgspec.Struct, frozen=True):
    """The priced sale that something is used on. `available`: points that may be spent."""

    lines: Sequence[QuotedLine]
    bill_fen: int
    available: int
    asking: Asking
    earns: EarnsWith


Spending = Callable[[Purchase, Spend], Spent | Refusal]
Blocks = Callable[[Asking], tuple[int, int] | None]


def compile_blocks(offsets: Sequence[Offset]) -> Blocks:
    """Return the function that says what points are worth now: (points, fen) of one block."""
    offered = [(said, compile_when(said.when)) for said in offsets]

    def block(asking: Asking) -> tuple[int, int] | None:
        said = next((said for said, holds in offered if holds(asking)), None)
        return None if said is None else (said.block, said.value_fen)

    return block


def compile_spending(
    coupons: Sequence[Coupon], offsets: Sequence[Offset], modes: Mapping[str, Mode]
) -> Spending:
    """Return the function that turns coupons and points into money of a sale."""
    kinds = {
        said.id: _Kind(order, _terms(said), fits(said), compile_when(said.when))
        for order, said in enumerate(coupons)
    }
    offered = [_Offset(said, fits(said), compile_when(said.when)) for said in offsets]

    def spend(bought: Purchase, wanted: Spend) -> Spent | Refusal:
        known = [(_kind_of(kinds, one), one) for one in wanted.coupons]
        refused = _refused_together([kind.said for kind, _ in known], modes, bought.asking)
        spent = refused or _coupons(known, bought)
        if isinstance(spent, Refusal) or wanted.points == 0:
            return spent
        return _points(offered, bought, wanted.points, spent)

    return spend


def _coupons(known: Sequence[tuple[_Kind, HeldCoupon]], bought: Purchase) -> Spent | Refusal:
    open_fen = bought.bill_fen
    tenders, applied = [], []
    for kind, held in sorted(known, key=lambda one: (one[0].order, one[1].kind, one[1].id)):
        base = _total(kind.fits, bought.lines)
        refused = _refused_coupon(kind, held, base, bought.asking)
        if refused is not None:
            return refused
        amount = min(open_fen, _worth(kind, held, base, bought.lines))
        if not amount and kind.said.gives != "service":
            return Refusal("not_allowed", f"coupon {held.id} has nothing here to pay.", {})
        open_fen -= amount
        tenders += [Tender(COUPON, amount, reference=held.id)] if amount else []
        applied.append(Applied(kind.said.id, "coupon", base, amount))
    used = tuple(held for _, held in known)
    return Spent(tuple(tenders), 0, used, tuple(applied), tuple((one.kind, 1) for one in used))


def _kind_of(kinds: Mapping[str, _Kind], held: HeldCoupon) -> _Kind:
    found = kinds.get(held.kind)
    if found is not None:
        return found
    return _Kind(len(kinds), _Terms(), fits_any, compile_when(None))


def _terms(said: Coupon) -> _Terms:
    return _Terms(
        said.id,
        said.gives,
        said.group,
        said.value_fen,
        said.basis_points,
        said.max_fen,
        said.min_fen,
        said.max_per_receipt,
        said.limit,
    )


def _refused_together(
    wanted: Sequence[_Terms], modes: Mapping[str, Mode], asking: Asking
) -> Refusal | None:
    counts: dict[str, int] = {}
    for said in wanted:
        counts[said.id] = counts.get(said.id, 0) + 1
        if counts[said.id] > said.max_per_receipt:
            why = f"of {said.id} {said.max_per_receipt} may be used on a receipt."
            return Refusal("over_cap", why, {})
        limit = said.limit
        if limit and counts[said.id] + asking.did(said.id, limit.per) > limit.times:
            why = f"of {said.id} {limit.times} may be used each {limit.per}."
            return Refusal("over_cap", why, {})
    groups = {said.group for said in wanted}
    together = len(groups) == 1 and modes.get(next(iter(groups)) or "") == "add"
    if len(counts) > 1 and not together:
        why = f"{' and '.join(sorted(counts))} cannot be used on one receipt."
        return Refusal("not_allowed", why, {})
    return None


def _refused_coupon(kind: _Kind, held: HeldCoupon, base: int, asking: Asking) -> Refusal | None:
    if held.expires is not None and asking.at >= held.expires:
        why = f"coupon {held.id} lapsed on {held.expires.date()}."
        return Refusal("window_closed", why, {"date": held.expires.date().isoformat()})
    if not kind.holds(asking):
        return Refusal("window_closed", f"coupon {held.id} is not for this time or member.", {})
    if kind.said.min_fen is not None and base < kind.said.min_fen:
        why = f"coupon {held.id} needs {yuan(kind.said.min_fen)} of its goods, not {yuan(base)}."
        return Refusal("purchase_too_small", why, {"x": yuan(base), "min": yuan(kind.said.min_fen)})
    return None


def _worth(kind: _Kind, held: HeldCoupon, base: int, lines: Sequence[QuotedLine]) -> int:
    said = kind.said
    if said.gives == "service":
        return 0
    if said.gives == "item":
        worth = max((line.paid_fen // line.qty for line in _meant(kind.fits, lines)), default=0)
    elif said.basis_points is not None:
        worth = base - base * said.basis_points // 10_000
    else:
        worth = min(base, held.value_fen or said.value_fen or 0)
    return worth if said.max_fen is None else min(worth, said.max_fen)


def _meant(fit: Fit, lines: Sequence[QuotedLine]) -> list[QuotedLine]:
    return [
        line
        for line in lines
        if fit(
            line.product.sku,
            line.product.category,
            line.product.brand,
            line.product.department,
            line.cls,
        )
    ]


def _total(fit: Fit, lines: Sequence[QuotedLine]) -> int:
    return sum(line.paid_fen for line in _meant(fit, lines))


def total_of(fit: Fit) -> Callable[[Sequence[QuotedLine]], int]:
    """Return the function that adds up what is paid for such goods."""
    return lambda lines: _total(fit, lines)


def _points(
    offered: Sequence[_Offset], bought: Purchase, wanted: int | None, spent: Spent
) -> Spent | Refusal:
    """Return what is spent with whole blocks of points on top of the coupons."""
    if not offered:
        return Refusal("not_allowed", "points are no money under these rules.", {})
    rule = next((one for one in offered if one.holds(bought.asking)), None)
    if rule is None:
        return Refusal("window_closed", "points are no money at this time.", {})
    said = rule.said

    def paid(count: int) -> tuple[Tender, ...]:
        if not count:
            return spent.tenders
        points = str(count * said.block)
        return (*spent.tenders, Tender(POINTS, count * said.value_fen, reference=points))

    def available(count: int) -> int:
        early = bought.earns(paid(count)) if said.timing == "same_sale" else 0
        return bought.available + early

    if wanted is not None and wanted > available(0):
        there = str(available(0))
        why = f"{wanted} points are asked for, {there} are there."
        return Refusal("not_enough_points", why, {"x": there, "min": str(wanted)})
    low, high = 0, _blocks_max(rule, bought, wanted, spent)
    while low < high:  # more blocks earn fewer points: what may be spent has an end
        middle = (low + high + 1) // 2
        enough = middle * said.block <= available(middle)
        low, high = (middle, high) if enough else (low, middle - 1)
    if not low:
        return spent
    applied = Applied(said.id, "offset", low * said.block, low * said.value_fen)
    return Spent(paid(low), low * said.block, spent.coupons, (*spent.applied, applied), spent.uses)


def _blocks_max(rule: _Offset, bought: Purchase, wanted: int | None, spent: Spent) -> int:
    """Return how many whole blocks the bill and the wish allow."""
    said = rule.said
    if said.min_points is not None and bought.available < said.min_points:
        return 0
    open_fen = bought.bill_fen - sum(tender.amount_fen for tender in spent.tenders)
    most = min(open_fen, _total(rule.fits, bought.lines))
    if said.max_share is not None:
        most = min(most, bought.bill_fen * said.max_share // 10_000)
    blocks = most // said.value_fen
    return blocks if wanted is None else min(blocks, wanted // said.block)
