"""Sentences about what a sale's offers did: promos, coupons, points as money, rewards, factors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from daemon.ledger.bodies import Applied
from daemon.rules.rounding import yuan

if TYPE_CHECKING:
    from daemon.rules.models import Pack
    from daemon.rules.models_offers import Promo

Pair = tuple[str, str]  # Chinese, English


def offer_said(applied: Applied, pack: Pack) -> Pair | None:
    """Return what the rule did to this sale; None: it is none of an offer."""
    say = _SAID.get(applied.what)
    return None if say is None else say(applied, pack)


def _promo(applied: Applied, pack: Pack) -> Pair:
    rule = next((one for one in pack.promos if one.id == applied.rule), None)
    name, name_en = ("促销", "Promo") if rule is None else _named(rule)
    numbers = (yuan(applied.base), yuan(applied.result), yuan(applied.base - applied.result))
    return (
        "{}({}):{} 元减为 {} 元,省 {} 元".format(name, applied.rule, *numbers),
        "{} ({}): {} becomes {}, saved {}".format(name_en, applied.rule, *numbers),
    )


def _named(rule: Promo) -> Pair:
    if rule.bundle is not None:
        bundle = rule.bundle
        price = f"{bundle.basis_points / 1000:g} 折" if bundle.basis_points else "免费"
        percent = f"at {bundle.basis_points / 100:g}%" if bundle.basis_points else "free"
        return (
            f"每 {bundle.size} 件中 {bundle.lowered} 件{price}",
            f"Of each {bundle.size} pieces {bundle.lowered} {percent}",
        )
    if rule.goods_set is not None:
        price = yuan(rule.goods_set.fixed_fen)
        return f"组合价 {price} 元", f"Set price {price}"
    least = rule.steps[0].least
    shown = f"{least} 件" if rule.on == "quantity" else f"{yuan(least)} 元"
    each = "每满" if rule.each else "满"
    amount = f"{least} pieces" if rule.on == "quantity" else yuan(least)
    return f"{each} {shown}起减", f"Off from {'each ' if rule.each else ''}{amount} on"


def _manual(applied: Applied, _: Pack) -> Pair:
    base, result = yuan(applied.base), yuan(applied.result)
    return (
        f"手工定价({applied.rule}):原价 {base} 元,实付 {result} 元",
        f"Price set by hand ({applied.rule}): list {base}, paid {result}",
    )


def _coupon(applied: Applied, _: Pack) -> Pair:
    base, result = yuan(applied.base), yuan(applied.result)
    return (
        f"用券 {applied.rule}:适用商品 {base} 元,抵 {result} 元",
        f"Coupon {applied.rule}: goods of {base}, pays {result}",
    )


def _offset(applied: Applied, pack: Pack) -> Pair:
    rule = next((one for one in pack.offsets if one.id == applied.rule), None)
    each, each_en = "", ""
    if rule is not None:
        each = f",每 {rule.block} 分抵 {yuan(rule.value_fen)} 元"
        each_en = f", {yuan(rule.value_fen)} for each {rule.block}"
    paid = yuan(applied.result)
    return (
        f"积分抵现({applied.rule}):用 {applied.base} 分抵 {paid} 元{each}",
        f"Points as money ({applied.rule}): {applied.base} points pay {paid}{each_en}",
    )


def _factor(applied: Applied, pack: Pack) -> Pair:
    rules = () if pack.factors is None else pack.factors.rules
    rule = next((one for one in rules if one.id == applied.rule), None)
    times = "?" if rule is None else f"{rule.percent / 100:g}"
    return (
        f"积分 {times} 倍({applied.rule}):{applied.base} 变为 {applied.result}",
        f"{times} times ({applied.rule}): {applied.base} becomes {applied.result}",
    )


def _growth(applied: Applied, _: Pack) -> Pair:
    base = yuan(applied.base)
    return (
        f"成长值({applied.rule}):{base} 元,+{applied.result}",
        f"Growth ({applied.rule}): {base}, +{applied.result}",
    )


def _reward(applied: Applied, _: Pack) -> Pair:
    base, result = yuan(applied.base), yuan(applied.result)
    return (
        f"返利累计({applied.rule}):{base} 元,+{result} 元",
        f"Reward collected ({applied.rule}): {base}, +{result}",
    )


def _given(applied: Applied, pack: Pack) -> Pair:
    rule = next((one for one in pack.spend_rewards if one.id == applied.rule), None)
    payout = "coupon" if rule is None else rule.payout
    base = yuan(applied.base)
    zh, en = {
        "points": (f"{applied.result} 分", f"{applied.result} points"),
        "gift": (f"赠品 {applied.result} 件", f"{applied.result} gifts"),
        "reward": (f"返利 {yuan(applied.result)} 元", f"a reward of {yuan(applied.result)}"),
        "coupon": (f"券 {yuan(applied.result)} 元", f"a coupon of {yuan(applied.result)}"),
    }[payout]
    return (
        f"消费 {base} 元得{zh},下次可用({applied.rule})",
        f"For {base}: {en}, for the next purchase ({applied.rule})",
    )


_SAID: Mapping[str, Callable[[Applied, Pack], Pair]] = MappingProxyType(
    {
        "promo": _promo,
        "manual": _manual,
        "coupon": _coupon,
        "offset": _offset,
        "factor": _factor,
        "growth": _growth,
        "reward": _reward,
        "give": _given,
    }
)
