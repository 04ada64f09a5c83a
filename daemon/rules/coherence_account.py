"""What the account sections of a pack must be to each other and to the rest of it."""

from collections.abc import Iterable, Iterator

import msgspec

from daemon.mistakes import nearest
from daemon.rules.models import Pack
from daemon.rules.models_account import CouponGift


class Incoherence(msgspec.Struct, frozen=True):
    path: str
    value: str | None
    found: str
    allowed: str
    nearest: str | None = None


def account_ids(pack: Pack) -> Iterator[tuple[str, str]]:
    """Return (path, id) of everything that a trace may name."""
    stored = pack.stored_value
    if stored is not None:
        yield from _ids("stored_value.ladder", (one.id for one in stored.ladder))
        yield from _ids("stored_value.cards", (one.id for one in stored.cards))
    yield from _ids("grants", (one.id for one in pack.grants))
    yield from _ids("gifts", (one.id for one in pack.gifts))
    yield from _ids("entitlements", (one.id for one in pack.entitlements))
    yield from _ids("reminders", (one.id for one in pack.reminders))
    if pack.levels is not None:
        yield from _ids("levels.list", (one.id for one in pack.levels.list))
        yield from _ids("levels.growth", (one.id for one in pack.levels.growth))
    if pack.enrol is not None and pack.enrol.renew is not None:
        yield from _ids("enrol.renew.rewards", (one.id for one in pack.enrol.renew.rewards))
    if pack.enrol is not None and pack.enrol.reissue is not None:
        yield from _ids("enrol.reissue.rewards", (one.id for one in pack.enrol.reissue.rewards))


def account_incoherent(pack: Pack) -> Iterator[Incoherence]:
    """Return names that name nothing, and sections that cannot run."""
    levels = [] if pack.levels is None else [level.id for level in pack.levels.list]
    for path, name in _levels_named(pack):
        if name not in levels:
            yield _unknown(path, name, "level", levels)
    kinds = [coupon.id for coupon in pack.coupons]
    for path, name in _coupons_named(pack):
        if name not in kinds:
            yield _unknown(path, name, "coupon", kinds)
    yield from _worthless(pack)
    events = [] if pack.calendar is None else [one.id for one in pack.calendar.life_events]
    for i, right in enumerate(pack.entitlements):
        for j, name in enumerate(right.events):
            if name not in events:
                yield _unknown(f"entitlements[{i}].events[{j}]", name, "life event", events)
    festivals = [] if pack.calendar is None else [one.id for one in pack.calendar.festivals]
    for i, right in enumerate(pack.entitlements):
        for j, name in enumerate(right.festivals):
            if name not in festivals:
                yield _unknown(f"entitlements[{i}].festivals[{j}]", name, "festival", festivals)
    cards = [] if pack.stored_value is None else [one.id for one in pack.stored_value.cards]
    for i, card in enumerate(() if pack.stored_value is None else pack.stored_value.cards):
        if card.inherits is not None and (card.inherits not in cards or card.inherits == card.id):
            yield _unknown(f"stored_value.cards[{i}].inherits", card.inherits, "card type", cards)


def _ids(section: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    for place, name in enumerate(ids):
        yield f"{section}[{place}].id", name


def _levels_named(pack: Pack) -> Iterator[tuple[str, str]]:
    for j, name in enumerate(pack.expiry.levels):
        yield f"expiry.levels[{j}]", name
    for i, gift in enumerate(pack.gifts):
        for j, name in enumerate(gift.levels):
            yield f"gifts[{i}].levels[{j}]", name
    for i, right in enumerate(pack.entitlements):
        for j, name in enumerate(right.levels):
            yield f"entitlements[{i}].levels[{j}]", name
    for i, reminder in enumerate(pack.reminders):
        for j, name in enumerate(() if reminder.gate is None else reminder.gate.levels):
            yield f"reminders[{i}].gate.levels[{j}]", name


def _coupons_named(pack: Pack) -> Iterator[tuple[str, str]]:
    if pack.expiry.to is not None:
        yield "expiry.to", pack.expiry.to
    if pack.enrol is not None and pack.enrol.joining_purchase_saves is not None:
        yield "enrol.joining_purchase_saves", pack.enrol.joining_purchase_saves
    yield from ((f"{path}.kind", one.kind) for path, one in _gifts(pack))


def _gifts(pack: Pack) -> list[tuple[str, CouponGift]]:
    """Return the path and coupon of every rule that gives one."""
    given: list[tuple[str, CouponGift | None]] = []
    if pack.stored_value is not None:
        ladder, cards = pack.stored_value.ladder, pack.stored_value.cards
        given += [(f"stored_value.ladder[{i}]", one.coupon) for i, one in enumerate(ladder)]
        given += [(f"stored_value.cards[{i}]", one.coupon) for i, one in enumerate(cards)]
    given += [(f"gifts[{i}]", one.coupon) for i, one in enumerate(pack.gifts)]
    if pack.levels is not None:
        given += [(f"levels.list[{i}]", one.coupon) for i, one in enumerate(pack.levels.list)]
    if pack.enrol is not None:
        renew, again = pack.enrol.renew, pack.enrol.reissue
        for name, rewards in (
            ("enrol", pack.enrol.rewards),
            ("enrol.renew", () if renew is None else renew.rewards),
            ("enrol.reissue", () if again is None else again.rewards),
        ):
            given += [(f"{name}.rewards[{i}]", one.coupon) for i, one in enumerate(rewards)]
    return [(f"{path}.coupon", one) for path, one in given if one is not None]


def _worthless(pack: Pack) -> Iterator[Incoherence]:
    """Yield coupons of an amount that neither the gift nor the kind says."""
    kinds = {one.id: one for one in pack.coupons}
    for path, gift in _gifts(pack):
        kind = kinds.get(gift.kind)
        if kind is not None and kind.gives == "amount" and not (gift.value_fen or kind.value_fen):
            found = f"is worth nothing: {gift.kind} is a coupon of an amount"
            yield Incoherence(f"{path}.value_fen", "0", found, "fen, here or in the coupon")


def _unknown(path: str, name: str, what: str, known: list[str]) -> Incoherence:
    allowed = f"one of {', '.join(known)}" if known else f"a {what} that the pack has"
    return Incoherence(path, name, f"is no {what}", allowed, nearest(name, known))
