"""What a pack's parts must be to each other: found after every part by itself is in order."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from typing import Protocol

from daemon.mistakes import nearest
from daemon.rules.coherence_account import Incoherence, account_ids, account_incoherent
from daemon.rules.models import Pack
from daemon.rules.models_account import Channel
from daemon.rules.price_rules import is_promo

_LEAP_YEAR = 2024  # the longest February


class Named(Protocol):
    @property
    def id(self) -> str: ...


class Grouped(Protocol):
    @property
    def group(self) -> str | None: ...


def incoherent(pack: Pack) -> list[Incoherence]:
    """Return everything that does not fit together; empty: the pack can be compiled."""
    return [
        *_ids(pack),
        *_groups(pack),
        *_references(pack),
        *_times(pack),
        *_channels(pack),
        *account_incoherent(pack),
    ]


def _ids(pack: Pack) -> Iterator[Incoherence]:
    seen: set[str] = {"cash"}  # a trace names cash rounding so
    for path, name in [*_named(pack), *account_ids(pack)]:
        if name in seen:
            yield Incoherence(path, name, "is taken", "an id that no other rule has")
        seen.add(name)


def _named(pack: Pack) -> Iterator[tuple[str, str]]:
    """Yield the path and id of all that a trace or a limit names."""
    factors = () if pack.factors is None else pack.factors.rules
    sections: tuple[tuple[str, Iterable[Named]], ...] = (
        ("prices", pack.prices),
        ("earn", pack.earn),
        ("enrol.rewards", () if pack.enrol is None else pack.enrol.rewards),
        ("factors.rules", factors),
        ("manual", pack.manual),
        ("promos", pack.promos),
        ("coupons", pack.coupons),
        ("offsets", pack.offsets),
        ("spend_rewards", pack.spend_rewards),
        ("commissions", pack.commissions),
    )
    for section, rules in sections:
        for place, rule in enumerate(rules):
            yield f"{section}[{place}].id", rule.id


def _groups(pack: Pack) -> Iterator[Incoherence]:
    known = sorted(pack.groups)
    sections: tuple[tuple[str, Iterable[Grouped]], ...] = (
        ("prices", pack.prices),
        ("earn", pack.earn),
        ("promos", pack.promos),
        ("coupons", pack.coupons),
        ("spend_rewards", pack.spend_rewards),
    )
    for section, rules in sections:
        for place, rule in enumerate(rules):
            group, path = rule.group, f"{section}[{place}].group"
            if group is None:
                continue
            if group not in pack.groups:
                allowed = f"one of {', '.join(known)}" if known else "a group that groups names"
                yield Incoherence(path, group, "is no group", allowed, nearest(group, known))
    for place, price in enumerate(pack.prices):
        if pack.groups.get(price.group or "") == "add" and (
            price.basis_points is None or is_promo(price)
        ):
            found = "adds up, but is no percentage"
            allowed = "a group of mode best, first or choice"
            yield Incoherence(f"prices[{place}].group", price.group, found, allowed)
    for group, mode in sorted(pack.groups.items()):
        payouts = {rule.payout for rule in pack.spend_rewards if rule.group == group}
        if mode == "best" and len(payouts) > 1:
            found = f"compares {' with '.join(sorted(payouts))}"
            yield Incoherence(f"groups.{group}", "best", found, "first, add or choice")


def _references(pack: Pack) -> Iterator[Incoherence]:
    coupons = sorted(rule.id for rule in pack.coupons)
    for place, reward in enumerate(pack.spend_rewards):
        if reward.coupon is not None and reward.coupon not in coupons:
            path = f"spend_rewards[{place}].coupon"
            allowed = f"one of {', '.join(coupons)}" if coupons else "a coupon that coupons names"
            near = nearest(reward.coupon, coupons)
            yield Incoherence(path, reward.coupon, "is no coupon", allowed, near)
    earn = sorted(rule.id for rule in pack.earn)
    for place, factor in enumerate(() if pack.factors is None else pack.factors.rules):
        for name in factor.rules:
            if name not in earn:
                path = f"factors.rules[{place}].rules"
                allowed = f"ids of earn rules: {', '.join(earn) or 'there is none'}"
                yield Incoherence(path, name, "is no earn rule", allowed, nearest(name, earn))


def _times(pack: Pack) -> Iterator[Incoherence]:
    ends = pack.effective.ends
    if ends is not None and ends <= pack.effective.starts:
        found = "is not after starts: the pack would never be in force"
        yield Incoherence("effective.ends", ends.isoformat(), found, "a later time, or null")
    month, day = pack.expiry.month, pack.expiry.day
    if month is not None and day is not None:
        last = monthrange(_LEAP_YEAR, month)[1]
        if day > last:
            found = f"is no day of month {month}: the check would never run"
            yield Incoherence("expiry.day", str(day), found, f"1 to {last}")


def _channels(pack: Pack) -> Iterator[Incoherence]:
    if pack.enrol is None:
        return
    yield from _twins("enrol.channels", pack.enrol.channels)
    if pack.enrol.renew is not None:
        yield from _twins("enrol.renew.channels", pack.enrol.renew.channels)
        if pack.enrol.term is None:
            found = "renews a term that the pack does not have"
            yield Incoherence("enrol.renew", None, found, "null, or a term")


def _twins(path: str, channels: Iterable[Channel]) -> Iterator[Incoherence]:
    seen: set[str] = set()
    for place, channel in enumerate(channels):
        if channel.kind in seen:
            found = "stands twice"
            yield Incoherence(f"{path}[{place}].kind", channel.kind, found, "each kind once")
        seen.add(channel.kind)
