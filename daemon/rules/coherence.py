"""What a pack's parts must be to each other: found after every part by itself is in order."""

from calendar import monthrange
from collections.abc import Iterable, Iterator

from daemon.mistakes import nearest
from daemon.rules.coherence_account import Incoherence, account_ids, account_incoherent
from daemon.rules.models import Pack
from daemon.rules.models_account import Channel

_LEAP_YEAR = 2024  # the longest February


def incoherent(pack: Pack) -> list[Incoherence]:
    """Return everything that does not fit together; empty: the pack can be compiled."""
    return [*_ids(pack), *_groups(pack), *_times(pack), *_channels(pack), *account_incoherent(pack)]


def _ids(pack: Pack) -> Iterator[Incoherence]:
    seen: set[str] = {"cash"}  # a trace names cash rounding so
    named = [(f"prices[{i}].id", rule.id) for i, rule in enumerate(pack.prices)]
    named += [(f"earn[{i}].id", rule.id) for i, rule in enumerate(pack.earn)]
    rewards = () if pack.enrol is None else pack.enrol.rewards
    named += [(f"enrol.rewards[{i}].id", reward.id) for i, reward in enumerate(rewards)]
    named += account_ids(pack)
    for path, name in named:
        if name in seen:
            yield Incoherence(path, name, "is taken", "an id that no other rule has")
        seen.add(name)


def _groups(pack: Pack) -> Iterator[Incoherence]:
    known = sorted(pack.groups)
    asked = [(f"prices[{i}].group", rule.group) for i, rule in enumerate(pack.prices)]
    asked += [(f"earn[{i}].group", rule.group) for i, rule in enumerate(pack.earn)]
    for path, group in asked:
        if group is not None and group not in pack.groups:
            allowed = f"one of {', '.join(known)}" if known else "a group that groups names"
            yield Incoherence(path, group, "is no group", allowed, nearest(group, known))
    for group in sorted({rule.group for rule in pack.prices if rule.group is not None}):
        if pack.groups.get(group) == "add":
            found = "adds up, but a line takes one price"
            yield Incoherence(f"groups.{group}", "add", found, "best or first for prices")


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
