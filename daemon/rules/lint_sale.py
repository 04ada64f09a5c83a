"""What may be wrong with a pack's offers: promos, coupons, points as money, rewards, the desk."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Literal, Protocol

from daemon.rules.lint_account import Finding
from daemon.rules.models import Pack
from daemon.rules.models_house import Limits
from daemon.rules.models_offers import Promo, SpendReward
from daemon.rules.models_when import When
from daemon.rules.vocabulary import Goods

BACK_MAX = 5000  # basis points: who gives back more than half of each step sells at a loss


class Timed(Protocol):
    @property
    def when(self) -> When | None: ...


def lint_sale(pack: Pack) -> Iterator[Finding]:
    """Yield the findings on the sale side of a pack that is in order by itself."""
    yield from _overlaps("promos", pack.promos)
    yield from _overlaps("spend_rewards", pack.spend_rewards)
    yield from _point_value(pack)
    yield from _reward_value(pack)
    yield from _factors(pack)
    yield from _nobody(pack)
    yield from _no_holiday(pack)
    yield from _endless(pack)
    yield from _desk(pack)
    yield from _alone(pack)


def _limits(pack: Pack) -> Limits:
    return pack.limits or Limits()


def meet(one: Goods, other: Goods) -> bool:
    """Tell whether some goods may be meant by both."""
    pairs = (
        (one.skus, other.skus),
        (one.categories, other.categories),
        (one.brands, other.brands),
        (one.departments, other.departments),
        (one.classes, other.classes),
    )
    return all(not a or not b or not set(a).isdisjoint(b) for a, b in pairs)


def _overlaps(section: str, rules: Sequence[Promo | SpendReward]) -> Iterator[Finding]:
    for (i, one), (j, other) in combinations(enumerate(rules), 2):
        if (one.group is None or one.group != other.group) and meet(one, other):
            reason = f"{other.id} and {one.id} may meet on one sale and share no stack group"
            fix = f"Give {section}[{i}] and {section}[{j}] one group, whose mode says what happens."
            yield _found("error", f"{section}[{j}].group", reason, fix)


def _point_value(pack: Pack) -> Iterator[Finding]:
    rates = [Fraction(one.points, one.step_fen) for one in pack.earn if one.unit == "point"]
    for place, offset in enumerate(pack.offsets):
        back = int(max(rates, default=Fraction(0)) * offset.value_fen / offset.block * 10_000)
        if back > _limits(pack).max_back:
            reason = f"points give back {back / 100:g}% of what is spent"
            fix = f"Keep it within limits.max_back, {_limits(pack).max_back / 100:g}%."
            yield _found("error", f"offsets[{place}].value_fen", reason, fix)


def _reward_value(pack: Pack) -> Iterator[Finding]:
    for place, rule in enumerate(pack.spend_rewards):
        step = rule.steps[0]
        if rule.mode == "per_multiple" and rule.payout in ("coupon", "reward"):
            back = step.give * 10_000 // step.min_fen
            if back > BACK_MAX:
                reason = f"{rule.id} gives back {back / 100:g}% of each full step"
                fix = "Amounts are fen: 50 yuan for 500 is min_fen 50000, give 5000."
                yield _found("error", f"spend_rewards[{place}].steps[0].give", reason, fix)


def _factors(pack: Pack) -> Iterator[Finding]:
    factors = pack.factors
    if factors is None or factors.combine == "max" or factors.most_percent is not None:
        return
    if len(factors.rules) > 1:
        reason = "factors multiply and have no maximum"
        yield _found("warning", "factors.most_percent", reason, "Give it, as 300 for three times.")


def _whens(pack: Pack) -> Iterator[tuple[str, When]]:
    factors = () if pack.factors is None else pack.factors.rules
    sections: tuple[tuple[str, Sequence[Timed]], ...] = (
        ("prices", pack.prices),
        ("earn", pack.earn),
        ("factors.rules", factors),
        ("promos", pack.promos),
        ("coupons", pack.coupons),
        ("offsets", pack.offsets),
        ("spend_rewards", pack.spend_rewards),
        ("commissions", pack.commissions),
    )
    for section, rules in sections:
        for place, rule in enumerate(rules):
            if rule.when is not None:
                yield f"{section}[{place}].when", rule.when


def _nobody(pack: Pack) -> Iterator[Finding]:
    """A level or card type that the pack does not have: the rule never holds."""
    levels = set() if pack.levels is None else {one.id for one in pack.levels.list}
    cards = set() if pack.stored_value is None else {one.id for one in pack.stored_value.cards}
    for path, when in _whens(pack):
        for key, named, known in (
            ("levels", when.levels, levels),
            ("benefits", when.benefits, cards),
        ):
            if missing := sorted(set(named) - known):
                reason = f"{', '.join(missing)}: the pack has none such, so the rule never holds"
                fix = f"Use one of {', '.join(sorted(known)) or 'none: there are none'}."
                yield _found("error", f"{path}.{key}", reason, fix)


def _no_holiday(pack: Pack) -> Iterator[Finding]:
    if pack.calendar is not None and pack.calendar.holidays:
        return
    for path, when in _whens(pack):
        if when.holidays:
            reason = "the calendar has no holidays, so the rule never holds"
            yield _found("error", f"{path}.holidays", reason, "Add calendar.holidays.")


def _endless(pack: Pack) -> Iterator[Finding]:
    given = {rule.coupon for rule in pack.spend_rewards}
    for place, coupon in enumerate(pack.coupons):
        if coupon.id in given and coupon.life is None and coupon.until is None:
            reason = f"coupons of {coupon.id} never lapse"
            yield _found("warning", f"coupons[{place}].life", reason, "Give life or until.")


def _desk(pack: Pack) -> Iterator[Finding]:
    for place, rule in enumerate(pack.manual):
        if rule.max_off == 10_000:
            reason = f"{rule.role} may give goods away"
            fix = "Keep some of the price, or use gifts."
            yield _found("warning", f"manual[{place}].max_off", reason, fix)
    staff = [rule.id for rule in pack.prices if rule.who == "staff"]
    if staff and pack.staff_purchase is None:
        reason = f"{', '.join(staff)}: staff buy without end"
        yield _found("warning", "staff_purchase", reason, "Give a quota.")


def _alone(pack: Pack) -> Iterator[Finding]:
    """A shop that is offline counts only what the card did there."""
    if pack.scope.store_mode != "offline":
        return
    limited: list[tuple[str, object]] = []
    limited += [(f"prices[{i}].limit", one.limit) for i, one in enumerate(pack.prices)]
    limited += [(f"promos[{i}].limit", one.limit) for i, one in enumerate(pack.promos)]
    limited += [(f"coupons[{i}].limit", one.limit) for i, one in enumerate(pack.coupons)]
    limited += [
        (f"spend_rewards[{i}].limit", one.limit) for i, one in enumerate(pack.spend_rewards)
    ]
    limited += [(f"earn[{i}].cap", one.cap) for i, one in enumerate(pack.earn)]
    for path, limit in limited:
        if limit is not None and getattr(limit, "per", "receipt") != "receipt":
            reason = "shops that are offline cannot see what a card did elsewhere"
            yield _found("warning", path, reason, "Limit per receipt, or accept it for each shop.")


def _found(severity: Literal["error", "warning"], path: str, reason: str, fix: str) -> Finding:
    return Finding(severity, path, reason, fix)
