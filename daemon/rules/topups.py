"""Top-ups: what a single one gives, which card type it makes, and the law's caps.

Of the ladder the highest step with min_fen <= amount counts, of the card types likewise; 满 is
inclusive, and two top-ups never add up. Granted amounts round down.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from daemon.ledger.bodies import Applied, Use
from daemon.rules.funding import hq_part
from daemon.rules.levels import compile_growth, terms_of
from daemon.rules.measuring import counted, looked_at, of_topup
from daemon.rules.periods import later, span
from daemon.rules.rounding import yuan
from daemon.rules.types import Refusal

if TYPE_CHECKING:
    from daemon.rules.models_account import CouponGift
    from daemon.rules.models_level import Levels
    from daemon.rules.models_time import Every
    from daemon.rules.models_value import CardType, StoredValue, TopupStep

Done = Callable[[str, "Every"], int]  # rule, period -> how much of it in the running period


class Topup(msgspec.Struct, frozen=True):
    """What a top-up gives. `card`: the card type it makes, or nothing."""

    principal_fen: int
    bonus_fen: int = 0
    bonus_expires: datetime | None = None
    points: int = 0
    coupons: tuple[CouponGift, ...] = ()
    card: str = ""
    step: str = ""
    applied: tuple[Applied, ...] = ()
    growth: int = 0
    uses: tuple[Use, ...] = ()  # what limits and levels count of it
    benefits: tuple[str, ...] = ()  # the card types that he holds then, those inherited too
    hq_points: int = 0  # of the points, what headquarters pays for
    hq_bonus_fen: int = 0


class TopupAsk(msgspec.Struct, frozen=True):
    """`held_fen`: principal and bonus before; `kind`: registered, bearer."""

    amount_fen: int
    kind: str
    held_fen: int
    card: str
    at: datetime
    done: Done


Topping = Callable[[TopupAsk], Topup | Refusal]


def compile_topups(stored: StoredValue | None, levels: Levels | None = None) -> Topping:
    """Return the function that says what a top-up gives, or why it is refused."""
    if stored is None:
        return lambda _: Refusal("not_allowed", "the active rules know no stored value.", {})
    section = stored
    ladder = sorted(section.ladder, key=lambda step: step.min_fen, reverse=True)
    cards = sorted(section.cards, key=lambda card: card.min_fen, reverse=True)
    grow, looked = compile_growth(levels, "topup"), looked_at(levels)

    def top_up(ask: TopupAsk) -> Topup | Refusal:
        amount = ask.amount_fen
        if amount < section.min_fen:
            said = f"a top-up is at least {yuan(section.min_fen)}, this one is {yuan(amount)}."
            return Refusal("not_allowed", said, {"min": yuan(section.min_fen)})
        if section.max_fen is not None and amount > section.max_fen:
            return _over(amount, section.max_fen, "one top-up", section.max_fen)
        given = _given(ask, next((one for one in ladder if one.min_fen <= amount), None))
        given = _with_card(given, ask, cards)
        bearer = ask.kind == "bearer"
        cap = section.bearer_max_fen if bearer else section.registered_max_fen
        after = ask.held_fen + amount + given.bonus_fen
        if cap is not None and after > cap:
            what = f"a {'bearer' if bearer else 'registered'} card"
            return _over(after, cap, what, max(0, cap - ask.held_fen - given.bonus_fen))
        growth, grown = (0, ()) if grow is None else grow("topup", amount)
        counts = [(given.step, 1)] if given.step else []
        counts += counted(looked, of_topup(amount, given.points, growth))
        return replace(
            given,
            applied=(*given.applied, *grown),
            growth=growth,
            uses=tuple(Use(what, times) for what, times in counts),
            benefits=terms_of(given.card, section) if given.card else (),
        )

    return top_up


def _given(ask: TopupAsk, step: TopupStep | None) -> Topup:
    amount = ask.amount_fen
    if step is None or _is_used_up(step, ask):
        return Topup(amount)
    times = amount // step.min_fen if step.per_multiple else 1
    bonus = times * (step.bonus_fen or 0) + amount * (step.basis_points or 0) // 10_000
    points = times * (step.points or 0)
    coupons = () if step.coupon is None else (step.coupon,) * min(times, 100)
    applied = [Applied(step.id, "bonus", amount, bonus)] if bonus else []
    if points:
        applied.append(Applied(step.id, "points", amount, points))
    if step.coupon is not None:
        worth = step.coupon.value_fen * len(coupons)
        applied.append(Applied(step.id, "coupon", amount, worth))
    expires = later(ask.at, span(step.life)) if step.life is not None and bonus else None
    given = Topup(amount, bonus, expires, points, coupons, "", step.id, tuple(applied))
    return replace(given, hq_points=hq_part(step, points), hq_bonus_fen=hq_part(step, bonus))


def _is_used_up(step: TopupStep, ask: TopupAsk) -> bool:
    if step.max_times is None or step.per is None:
        return False
    return ask.done(step.id, step.per) >= step.max_times


def _with_card(given: Topup, ask: TopupAsk, cards: list[CardType]) -> Topup:
    card = next((one for one in cards if one.min_fen <= ask.amount_fen), None)
    if card is None:
        return given
    held = next((one for one in cards if one.id == ask.card), None)
    kept = held if held is not None and held.min_fen > card.min_fen else card
    coupons = given.coupons if card.coupon is None else (*given.coupons, card.coupon)
    worth = 0 if card.coupon is None else card.coupon.value_fen
    applied = (*given.applied, Applied(card.id, "card", ask.amount_fen, worth))
    return replace(given, coupons=coupons, card=kept.id, applied=applied)


def _over(found_fen: int, cap_fen: int, what: str, room_fen: int) -> Refusal:
    """Return the refusal; `x`: what may be topped up instead."""
    said = f"{what} holds at most {yuan(cap_fen)}, this would be {yuan(found_fen)}."
    return Refusal("over_cap", said, {"x": yuan(room_fen), "max": yuan(cap_fen)})
