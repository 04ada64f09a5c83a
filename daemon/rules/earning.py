"""Points of a receipt: per rule a floor of the eligible total, split to the lines it came from.

A line earns by the class of the price it got. Of several rules that fit a line, its group decides:
mode `add` takes all, `best` the one that gives most per fen, `first` the first of the pack. Between
groups, and among rules without one, the best single rule decides which group it is: nothing stacks
unless a group says so.

Money of a tender that earns nothing (deny-list) lowers a rule's eligible total: in the share that
the rule's lines have of the bill (pro_rata), or only as far as it exceeds the lines that earn
nothing anyway (non_earning_first). Cash rounding lowers nothing: what it gives away still earns.

Factors multiply what a rule gives, before it is floored once more and capped: the largest that
holds, or all of them. Points, growth and rewards are each decided by themselves.

A pack may floor per line instead: a rule's eligible total is split to its lines first, and each
line gives what its own full steps give.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from daemon.ledger.bodies import Applied
from daemon.rules.factors import Times, compile_factors
from daemon.rules.occasions import NONE_OFF, Asking, compile_off
from daemon.rules.price_rules import Fit, fits
from daemon.rules.pricing import REMEMBERED_MAX
from daemon.rules.rounding import part, split
from daemon.rules.types import QuotedLine

if TYPE_CHECKING:
    from daemon.rules.models_sale import Cap, EarnRule, Factors
    from daemon.rules.vocabulary import Mode


class Rule(msgspec.Struct, frozen=True):
    """An earning rule, compiled. `rank`: its place by points per fen, 0 gives most."""

    index: int
    id: str
    group: str
    mode: Mode
    rank: int
    step_fen: int
    points: int
    points_max: int | None
    excluded: frozenset[str]
    non_earning_first: bool
    fits: Fit
    unit: str = "point"
    min_fen: int = 0
    each: bool = True
    cap: Cap | None = None
    by_line: bool = False
    is_plain: bool = True  # points for each full step, and nothing else to look at


class Came(msgspec.Struct, frozen=True):
    """Points and the places of the lines that they came from; `weights` (): by what was paid."""

    points: int
    places: tuple[int, ...]
    weights: tuple[int, ...] = ()


class Earned(msgspec.Struct, frozen=True):
    """What a receipt earns, and from which lines."""

    points: int
    growth: int
    reward_fen: int
    applied: tuple[Applied, ...]
    shares: tuple[Came, ...]


NOTHING = Earned(0, 0, 0, (), ())

WHAT: Mapping[str, str] = MappingProxyType(
    {"point": "points", "growth": "growth", "reward": "reward"}
)  # unit -> what a trace calls it

# (lines, bill in fen, (tender, fen) taken so far, numbers of lines that earn nothing, who asks)
Earning = Callable[
    [Sequence[QuotedLine], int, Sequence[tuple[str, int]], frozenset[int], Asking], Earned
]


def compile_earning(
    earn: Sequence[EarnRule],
    modes: Mapping[str, Mode],
    factors: Factors | None = None,
    *,
    by_line: bool = False,
) -> Earning:
    """Return the function that says what a receipt earns, were its member to earn."""
    rules = _compiled(earn, modes, by_line=by_line)
    switch = compile_off(earn, modes)
    times = compile_factors(factors)

    rules_for = _finder(rules)

    def earned(
        lines: Sequence[QuotedLine],
        bill_fen: int,
        paid: Sequence[tuple[str, int]],
        silent: frozenset[int],
        asking: Asking,
    ) -> Earned:
        off = NONE_OFF if switch is None else switch(asking)
        totals, places = _totals(lines, silent, rules_for, off)
        points, sums = 0, {"growth": 0, "reward": 0}
        applied: list[Applied] = []
        shares = []
        for index in sorted(totals):
            rule, base = rules[index], totals[index]
            if paid:
                base = eligible(
                    base, bill_fen, paid, rule.excluded, non_earning_first=rule.non_earning_first
                )
            weights: tuple[int, ...] = ()
            if rule.is_plain and times is None:
                given = base // rule.step_fen * rule.points
                if given:
                    applied.append(Applied(rule.id, "points", base, given))
            else:
                weights, steps = _steps(rule, base, [lines[one] for one in places[index]])
                given, said = _given(rule, base, steps, asking, times)
                applied += said
            if given:
                if rule.unit == "point":
                    points += given
                    shares.append(Came(given, tuple(places[index]), weights))
                else:
                    sums[rule.unit] += given
        return Earned(points, sums["growth"], sums["reward"], tuple(applied), tuple(shares))

    return earned


Finder = Callable[[tuple[str, str, str, str, str], frozenset[int]], tuple[int, ...]]


def _finder(rules: Sequence[Rule]) -> Finder:
    """Return the function that says which rules earn on such goods, without those that are off."""
    units = sorted({rule.unit for rule in rules})

    @lru_cache(maxsize=REMEMBERED_MAX)
    def rules_for(key: tuple[str, str, str, str, str], off: frozenset[int]) -> tuple[int, ...]:
        fitting = [rule for rule in rules if rule.index not in off and rule.fits(*key)]
        return tuple(
            index
            for unit in units
            for index in _deciding([rule for rule in fitting if rule.unit == unit])
        )

    return rules_for


def _totals(
    lines: Sequence[QuotedLine], silent: frozenset[int], rules_for: Finder, off: frozenset[int]
) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Return each rule's eligible total, and the places of the lines that it came from."""
    totals: dict[int, int] = {}
    places: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        paid_fen, product = line.paid_fen, line.product
        if not paid_fen or line.n in silent:
            continue
        key = product.sku, product.category, product.brand, product.department, line.cls
        for index in rules_for(key, off):
            if index in totals:
                totals[index] += paid_fen
                places[index].append(place)
            else:
                totals[index] = paid_fen
                places[index] = [place]
    return totals, places


def _steps(rule: Rule, base: int, lines: Sequence[QuotedLine]) -> tuple[tuple[int, ...], int]:
    """Return the full steps of each line, where lines count alone, and how many there are."""
    if not rule.by_line:
        return (), base // rule.step_fen
    parts = split(base, [line.paid_fen for line in lines])
    steps = tuple(part // rule.step_fen for part in parts)
    return steps, sum(steps)


def _given(
    rule: Rule, base: int, steps: int, asking: Asking, times: Times | None
) -> tuple[int, list[Applied]]:
    """Return what the rule gives for its eligible total, and the trace of it."""
    if base < rule.min_fen or base < rule.step_fen:
        return 0, []
    plain = (steps if rule.each else 1) * rule.points
    given = plain
    used: tuple[str, ...] = ()
    if times is not None:
        given, used = times(plain, rule.id, asking)
    if rule.points_max is not None and given > rule.points_max:
        given = rule.points_max
    if rule.cap is not None:
        given = capped(given, rule.id, rule.cap, asking)
    if not given:
        return 0, []
    trace = [Applied(rule.id, WHAT[rule.unit], base, given)]
    return given, trace + [Applied(name, "factor", plain, given) for name in used]


def capped(given: int, rule: str, cap: Cap, asking: Asking) -> int:
    """Return what is left under the cap: of points, or of how often the rule may give."""
    if cap.unit == "times":
        return given if asking.did(times_of(rule), cap.per) < cap.most else 0
    return max(0, min(given, cap.most - asking.did(rule, cap.per)))


def times_of(rule: str) -> str:
    """Return under which name limits count how often a rule gave."""
    return f"times:{rule}"


def points_by_line(earned: Earned, lines: Sequence[QuotedLine]) -> list[int]:
    """Return each line's part of the points: every rule's split to the lines it came from."""
    parts = [0] * len(lines)
    for came in earned.shares:
        weights = came.weights or [lines[place].paid_fen for place in came.places]
        for place, share in zip(came.places, split(came.points, weights), strict=True):
            parts[place] += share
    return parts


def _compiled(earn: Sequence[EarnRule], modes: Mapping[str, Mode], *, by_line: bool) -> list[Rule]:
    rates = sorted({Fraction(rule.points, rule.step_fen) for rule in earn}, reverse=True)
    return [
        Rule(
            index,
            rule.id,
            rule.group or f"#{index}",  # a rule without a group stands alone
            "best" if rule.group is None else modes[rule.group],
            rates.index(Fraction(rule.points, rule.step_fen)),
            rule.step_fen,
            rule.points,
            rule.max_per_receipt,
            frozenset(rule.excluded_tenders),
            rule.allocation == "non_earning_first",
            fits(rule),
            rule.unit,
            rule.min_fen or 0,
            rule.each,
            rule.cap,
            by_line and rule.each,
            is_plain=(
                (rule.unit, rule.each, by_line) == ("point", True, False)
                and (rule.min_fen, rule.cap, rule.max_per_receipt) == (None, None, None)
            ),
        )
        for index, rule in enumerate(earn)
    ]


def _deciding(fitting: Sequence[Rule]) -> tuple[int, ...]:
    """Return the rules that earn on a line which all of `fitting` fit, in the pack's order."""
    groups: dict[str, list[Rule]] = {}
    for rule in fitting:
        held = groups.setdefault(rule.group, [])
        if rule.mode == "add" or not held:
            held.append(rule)
        elif rule.mode == "best" and rule.rank < held[0].rank:
            held[0] = rule
    if not groups:
        return ()
    winner = min(groups.values(), key=lambda held: min((rule.rank, rule.index) for rule in held))
    return tuple(rule.index for rule in winner)


def eligible(
    total: int,
    bill_fen: int,
    paid: Sequence[tuple[str, int]],
    excluded: Collection[str],
    *,
    non_earning_first: bool = False,
) -> int:
    """Return what of a total counts when some of the bill was paid with money that does not."""
    silent = sum(amount for code, amount in paid if code in excluded)
    if not silent:
        return total
    if non_earning_first:
        return max(0, min(total, bill_fen - silent))
    return part(total, of=max(0, bill_fen - silent), whole=bill_fen)
