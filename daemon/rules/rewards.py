"""What a sale gives for the next one: 满返, 满赠, vouchers of a day or hour. And commissions.

Money of tenders that do not count lowers a rule's total in its share of the bill. Rules of one
group go by its mode (`best`: what is worth most; `add`: all); rules without a group are one group
of mode `first`: nothing stacks unless the pack says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.bodies import Applied
from daemon.rules.earning import eligible
from daemon.rules.funding import hq_part
from daemon.rules.occasions import NONE_OFF, Asking, compile_off, compile_when
from daemon.rules.periods import later, span
from daemon.rules.price_rules import fits
from daemon.rules.spending import total_of
from daemon.rules.types import Given, QuotedLine, Share

if TYPE_CHECKING:
    from daemon.rules.models_desk import Commission
    from daemon.rules.models_offers import Coupon, SpendReward
    from daemon.rules.vocabulary import Mode

_ALONE = ""  # the group of rules without one


class Rewarded(msgspec.Struct, frozen=True):
    given: tuple[Given, ...] = ()
    applied: tuple[Applied, ...] = ()
    uses: tuple[tuple[str, int], ...] = ()


NO_REWARD = Rewarded()

# (lines, bill, (tender, fen), who asks)
Rewarding = Callable[[Sequence[QuotedLine], int, Sequence[tuple[str, int]], Asking], Rewarded]
Sharing = Callable[[Sequence[QuotedLine], str, Asking], tuple[Share, ...]]
# (fees or topups, what was paid, who serves, whose it is and when)
Brought = Callable[[str, int, str, Asking], tuple[Share, ...]]

FEES, TOPUPS = "fees", "topups"  # bases that are no goods
OF_GOODS = ("goods", "members_sales")


class _Reached(msgspec.Struct, frozen=True):
    """A rule that gives something: `worth` compares within a group."""

    said: SpendReward
    base: int
    worth: int
    given: tuple[Given, ...]


def compile_rewards(
    rules: Sequence[SpendReward], coupons: Sequence[Coupon], modes: Mapping[str, Mode]
) -> Rewarding:
    """Return the function that says what a paid sale gives."""
    totals = [total_of(fits(said)) for said in rules]
    kinds = {said.id: said for said in coupons}
    switch = compile_off(rules, modes)

    def reward(
        lines: Sequence[QuotedLine],
        bill_fen: int,
        paid: Sequence[tuple[str, int]],
        asking: Asking,
    ) -> Rewarded:
        off = NONE_OFF if switch is None else switch(asking)
        groups: dict[str, list[_Reached]] = {}
        uses: list[tuple[str, int]] = []
        for place, said in enumerate(rules):
            if place in off:
                continue
            base = eligible(totals[place](lines), bill_fen, paid, said.excluded_tenders)
            uses.append((f"spend:{said.id}", base))
            reached = _reached(said, base, kinds, asking)
            if reached is not None:
                groups.setdefault(said.group or _ALONE, []).append(reached)
        taken = [
            one for group, held in groups.items() for one in _taken(held, modes.get(group, "first"))
        ]
        given = tuple(given for one in taken for given in one.given)
        applied = tuple(Applied(one.said.id, "give", one.base, one.worth) for one in taken)
        return Rewarded(given, applied, (*uses, *((one.said.id, 1) for one in taken)))

    return reward


def _taken(held: Sequence[_Reached], mode: Mode) -> Sequence[_Reached]:
    if mode in ("add", "choice"):
        return held
    if mode == "best":
        return [min(held, key=lambda one: (-one.worth, one.said.id))]
    return held[:1]


def _reached(
    said: SpendReward, base: int, kinds: Mapping[str, Coupon], asking: Asking
) -> _Reached | None:
    if said.limit is not None and asking.did(said.id, said.limit.per) >= said.limit.times:
        return None
    before = 0 if said.counts == "receipt" else asking.did(f"spend:{said.id}", said.counts)
    if said.payout == "gift":
        gifts = _gifts(said, base)
        return _Reached(said, base, sum(one.qty for one in gifts), gifts) if gifts else None
    worth = _value(said, before + base) - _value(said, before)
    if worth <= 0:
        return None
    kind = kinds.get(said.coupon or "")
    expires = None
    if kind is not None:
        ends = [] if kind.life is None else [later(asking.at, span(kind.life))]
        ends += [] if kind.until is None else [kind.until]
        expires = min(ends, default=None)
    part = hq_part(said, worth)
    given = Given(said.id, said.payout, worth, said.coupon or "", expires, hq_part=part)
    return _Reached(said, base, worth, (given,))


def _value(said: SpendReward, total: int) -> int:
    if said.mode == "per_multiple":
        return total // said.steps[0].min_fen * said.steps[0].give
    return next((step.give for step in reversed(said.steps) if step.min_fen <= total), 0)


def _gifts(said: SpendReward, base: int) -> tuple[Given, ...]:
    step = next((one for one in reversed(said.steps) if one.min_fen <= base), None)
    if step is None:
        return ()
    times = base // step.min_fen if said.mode == "per_multiple" else 1
    return tuple(
        Given(said.id, "gift", 0, sku=gift.sku, qty=gift.qty * times) for gift in step.gifts
    )


def compile_commissions(rules: Sequence[Commission]) -> Sharing | None:
    """Return the function that says whose commission of a sale is what; None: nobody's."""
    compiled = [
        (said, total_of(fits(said)), compile_when(said.when))
        for said in rules
        if said.base in OF_GOODS
    ]

    def share(lines: Sequence[QuotedLine], staff: str, asking: Asking) -> tuple[Share, ...]:
        shares = []
        for said, total, holds in compiled:
            payee = _payee(said, staff, asking)
            base = total(lines) if payee and holds(asking) else 0
            if said.base == "members_sales" and asking.member is None:
                base = 0
            shares += _shared(said, payee, base)
        return tuple(shares)

    return share if compiled else None


def compile_brought(rules: Sequence[Commission]) -> Brought:
    """Return the function that says whose commission of a fee or a top-up is what."""
    compiled = [(said, compile_when(said.when)) for said in rules if said.base not in OF_GOODS]

    def brought(base: str, fen: int, staff: str, asking: Asking) -> tuple[Share, ...]:
        shares = []
        for said, holds in compiled:
            payee = _payee(said, staff, asking)
            shares += _shared(said, payee, fen if said.base == base and holds(asking) else 0)
        return tuple(shares)

    return brought


def _payee(said: Commission, staff: str, asking: Asking) -> str:
    if said.payee == "employee":
        return staff
    return "" if asking.member is None else asking.member.broker


def _shared(said: Commission, payee: str, base: int) -> list[Share]:
    amount = base * said.basis_points // 10_000 if payee else 0
    return [Share(said.id, payee, base, amount)] if amount else []
