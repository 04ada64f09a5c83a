"""What may be wrong with the account side of a pack: caps, levels, grants, what never happens."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Literal

import msgspec

from daemon.rules.models import Pack
from daemon.rules.models_account import Enrol
from daemon.rules.models_house import Limits
from daemon.rules.models_value import LEGAL_BEARER_FEN, LEGAL_REGISTERED_FEN
from daemon.rules.rounding import yuan

Severity = Literal["error", "warning", "note"]
SAMPLE_FEN = 900  # the item on which a gap between levels must be seen (S0-97)


class Finding(msgspec.Struct, frozen=True):
    severity: Severity
    path: str
    reason: str
    fix: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.path or 'pack'}: {self.reason}. {self.fix}"


def account_findings(pack: Pack) -> Iterator[Finding]:
    """Return what lint says of joining, value, points, levels and time."""
    limits = pack.limits or Limits()
    yield from _legal(pack)
    yield from _joining(pack, limits)
    yield from _grants(pack, limits)
    yield from _ladders(pack)
    yield from _levels(pack, limits)
    yield from _gaps(pack, limits)
    yield from _campaigns(pack, limits)
    yield from _never(pack)


def _legal(pack: Pack) -> Iterator[Finding]:
    stored = pack.stored_value
    if stored is None:
        return
    caps = (
        ("registered_max_fen", stored.registered_max_fen, LEGAL_REGISTERED_FEN),
        ("bearer_max_fen", stored.bearer_max_fen, LEGAL_BEARER_FEN),
    )
    for key, cap, legal in caps:
        if cap is None or cap > legal:
            reason = f"the legal cap of {yuan(legal)} is lifted"
            yield Finding(
                "warning", f"stored_value.{key}", reason, "Ask a lawyer before this runs."
            )
    if stored.identity == "off":
        reason = "nobody is asked who tops up"
        fix = "Use record: missing identity is booked and reported."
        yield Finding("warning", "stored_value.identity", reason, fix)


def _joining(pack: Pack, limits: Limits) -> Iterator[Finding]:
    enrol = pack.enrol
    if enrol is None:
        return
    offline = pack.scope.store_mode == "offline" and limits.offline_message_activation == "forbid"
    if offline and enrol.activation == "message":
        reason = "an offline shop sends no message: nobody's rights would ever start"
        yield Finding("error", "enrol.activation", reason, "Use none, in_store or approval.")
    pending = any(reward.offline == "pending" for reward in enrol.rewards)
    if pending and pack.scope.store_mode == "offline":
        reason = "a pending reward waits for headquarters, which offline shops do not reach"
        yield Finding("error", "enrol.rewards", reason, "Use accept_risk in offline shops.")
    if enrol.min_age is not None and "birthday" not in enrol.required:
        reason = "a least age is asked, but no birthday"
        yield Finding("warning", "enrol.required", reason, "Add birthday to it.")
    bought = any(one.kind == "purchase" for one in enrol.channels)
    for key, asked in (
        ("joining_purchase_earns", enrol.joining_purchase_earns),
        ("joining_purchase_saves", enrol.joining_purchase_saves is not None),
        ("on_joining_return", enrol.on_joining_return != "keep"),
    ):
        if asked and not bought:
            reason = "nobody joins by a purchase, so it never happens"
            yield Finding("warning", f"enrol.{key}", reason, "Leave it out, or add the channel.")
    yield from _ways(pack, enrol)


def _ways(pack: Pack, enrol: Enrol) -> Iterator[Finding]:
    kinds = {one.kind for one in enrol.channels}
    for place, one in enumerate(enrol.channels):
        path = f"enrol.channels[{place}]"
        if one.kind == "topup" and pack.stored_value is None:
            reason = "nobody tops up: the pack has no stored value"
            yield Finding("error", path, reason, "Add stored_value, or leave it out.")
        elif one.kind == "topup":
            reason = "no key of the counter lets in by a top-up"
            yield Finding("note", path, reason, "Give the counter another way in beside it.")
        renews = enrol.renew is not None and any(w.kind == "fee" for w in enrol.renew.channels)
        if one.fee_waived_for is not None and not renews:
            reason = "a fee is waived that nobody pays: no renewal has one"
            yield Finding("warning", f"{path}.fee_waived_for", reason, "Leave it out.")
    if enrol.family_cards:
        reason = "no key of the counter issues a further card"
        yield Finding("note", "enrol.family_cards", reason, "Use memberbox act card.issued.")
    for place, reward in enumerate(enrol.rewards):
        if reward.channels and kinds.isdisjoint(reward.channels):
            reason = f"{reward.id} is never given: nobody joins by {', '.join(reward.channels)}"
            path = f"enrol.rewards[{place}].channels"
            yield Finding("warning", path, reason, f"Use one of {', '.join(sorted(kinds))}.")


def _grants(pack: Pack, limits: Limits) -> Iterator[Finding]:
    seen: set[str] = set()
    for place, rule in enumerate(pack.grants):
        path = f"grants[{place}]"
        if rule.source in seen:
            reason = f"{rule.id} is never reached: an earlier rule grants for {rule.source}"
            yield Finding("warning", f"{path}.source", reason, "Leave it out.")
        seen.add(rule.source)
        if rule.points > 0 and rule.max_points is None and rule.max_times is None:
            reason = f"earning unbounded: {rule.source} grants as often as it is done"
            yield Finding("warning", path, reason, "Give it max_points or max_times, and per.")
        none_there = pack.scope.has_terminal is False
        barcode = rule.source == "barcode" and not rule.without_terminal and not none_there
        if barcode and limits.barcode_with_terminal == "forbid":
            reason = "where there is a terminal a purchase earns already; a barcode earns twice"
            yield Finding("warning", f"{path}.without_terminal", reason, "Use true.")
        if rule.without_terminal and pack.scope.has_terminal:
            reason = f"{rule.id} never grants: there is a terminal wherever this pack runs"
            yield Finding("warning", f"{path}.without_terminal", reason, "Leave it out.")


def _ladders(pack: Pack) -> Iterator[Finding]:
    stored = pack.stored_value
    if stored is None:
        return
    steps = [one.min_fen for one in stored.ladder]
    cards = [one.min_fen for one in stored.cards]
    for section, listed in (("ladder", steps), ("cards", cards)):
        for place, least in enumerate(listed):
            path = f"stored_value.{section}[{place}].min_fen"
            if least in listed[:place]:
                reason = f"{yuan(least)} stands twice: this one is never reached"
                yield Finding("warning", path, reason, "Give each its own amount.")
            if stored.max_fen is not None and least > stored.max_fen:
                reason = f"{yuan(least)} is more than a top-up may be"
                yield Finding("warning", path, reason, "Lower it, or raise max_fen.")


def _levels(pack: Pack, limits: Limits) -> Iterator[Finding]:
    if pack.levels is None:
        return
    listed = pack.levels.list
    by_goods = {"goods_spend", "goods_pieces"} & {key for one in listed for key in one.needs}
    if bool(by_goods) != (pack.levels.goods is not None):
        reason = "levels count goods by themselves, and goods and needs do not go together"
        fix = "Name levels.goods, and ask for goods_spend or goods_pieces."
        yield Finding("warning", "levels.goods", reason, fix)
    if len(listed) > limits.levels_max:
        reason = f"{len(listed)} levels: nobody remembers more than {limits.levels_max}"
        yield Finding("warning", "levels.list", reason, "Use fewer.")
    for place, (low, high) in enumerate(pairwise(listed), start=1):
        easier = set(high.needs) <= set(low.needs) and all(
            high.needs[metric] <= low.needs[metric] for metric in high.needs
        )
        if easier and low.match == high.match:
            reason = f"{low.id} is never held: whoever reaches it has {high.id} already"
            fix = "The lowest level stands first; give the higher one higher needs."
            yield Finding("warning", f"levels.list[{place}].needs", reason, fix)
    reviewed = pack.levels.validity is not None or pack.levels.review_on is not None
    if pack.levels.down != "never" and not reviewed:
        reason = "levels fall at a review, and no validity says when it is"
        yield Finding("warning", "levels.validity", reason, "Give it a duration, as P1Y.")
    elif pack.levels.up == "review" and not reviewed:
        reason = "levels rise at a review only, and no validity says when it is"
        yield Finding("warning", "levels.validity", reason, "Give it a duration, or use immediate.")


def _gaps(pack: Pack, limits: Limits) -> Iterator[Finding]:
    percents = [
        (place, rule.id, rule.basis_points, frozenset(rule.when.levels))
        for place, rule in enumerate(pack.prices)
        if rule.basis_points is not None and rule.when is not None and rule.when.levels
    ]
    for (_, one, share, who), (j, other, share_too, who_too) in combinations(percents, 2):
        gap = abs(share - share_too) * SAMPLE_FEN // 10_000
        if who != who_too and gap < limits.min_tier_gap_fen:
            reason = f"on goods of {yuan(SAMPLE_FEN)} {other} and {one} differ by {yuan(gap)}"
            fix = f"A level is seen from {yuan(limits.min_tier_gap_fen)} on."
            yield Finding("warning", f"prices[{j}].basis_points", reason, fix)


def _campaigns(pack: Pack, limits: Limits) -> Iterator[Finding]:
    for place, rule in enumerate(pack.commissions):
        low, high = limits.broker_basis_points_min, limits.broker_basis_points_max
        if rule.payee == "broker" and not low <= rule.basis_points <= high:
            reason = f"a broker gets {rule.basis_points} basis points, outside of {low} to {high}"
            fix = "Keep to the range, or change limits."
            yield Finding("error", f"commissions[{place}].basis_points", reason, fix)
    if not limits.need_member_clause:
        return
    for place, promo in enumerate(pack.promos):
        if promo.who == "anyone":
            reason = f"{promo.id} gives members nothing that others do not get"
            yield Finding("warning", f"promos[{place}].who", reason, "Use member.")


def _never(pack: Pack) -> Iterator[Finding]:
    term = None if pack.enrol is None else pack.enrol.term
    check = pack.expiry.kind not in ("never", "payout")
    earned = any(rule.unit == "reward" for rule in pack.earn)
    earned = earned or any(rule.payout == "reward" for rule in pack.spend_rewards)
    if pack.expiry.kind == "payout" and not earned:
        reason = "nothing earns a reward in money, so nothing is ever paid out"
        yield Finding("warning", "expiry.kind", reason, "Use never, or earn with unit reward.")
    if pack.expiry.kind != "payout" and earned:
        reason = "rewards in money collect and are never paid out"
        yield Finding("warning", "expiry.kind", reason, "Use payout.")
    festivals = pack.calendar is not None and bool(pack.calendar.festivals)
    life = pack.calendar is not None and bool(pack.calendar.life_events)
    for place, right in enumerate(pack.entitlements):
        if right.on == "life_event" and not life:
            reason = f"{right.id} never opens: the pack names no life event"
            path = f"entitlements[{place}].on"
            yield Finding("warning", path, reason, "Add calendar.life_events, or leave it out.")
    named = Counter(right.either for right in pack.entitlements if right.either is not None)
    for place, right in enumerate(pack.entitlements):
        if right.either is not None and named[right.either] == 1:
            reason = f"{right.id} is no choice: no other right shares {right.either}"
            path = f"entitlements[{place}].either"
            yield Finding("warning", path, reason, "Leave it out, or give another right the same.")
    for place, reminder in enumerate(pack.reminders):
        idle = (
            (reminder.on == "term_end" and term is None)
            or (reminder.on == "lapse" and not check)
            or (reminder.on == "festival" and not festivals)
        )
        if idle:
            reason = f"{reminder.id} never runs: the pack has no such day"
            yield Finding("warning", f"reminders[{place}].on", reason, "Leave it out.")
