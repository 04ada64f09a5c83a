"""Points of a receipt: per rule a floor of the eligible total, split to the lines it came from.

A line earns by the class of the price it got. Of several rules that fit a line, its group decides:
mode `add` takes all, `best` the one that gives most per fen, `first` the first of the pack. Between
groups, and among rules without one, the best single rule decides which group it is: nothing stacks
unless a group says so.

Money of a tender that earns nothing (deny-list) lowers a rule's eligible total: in the share that
the rule's lines have of the bill (pro_rata), or only as far as it exceeds the lines that earn
nothing anyway (non_earning_first). Cash rounding lowers nothing: what it gives away still earns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from daemon.ledger.bodies import Applied
from daemon.rules.models_sale import EarnRule
from daemon.rules.pricing import REMEMBERED_MAX, fits
from daemon.rules.rounding import part, split
from daemon.rules.types import QuotedLine
from daemon.rules.vocabulary import Mode


@dataclass(frozen=True, slots=True)
class Rule:
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
    fits: Callable[[str, str, str], bool]


@dataclass(frozen=True, slots=True)
class Earned:
    """What a receipt earns. `lines` holds, per rule of `applied`, the places of its lines."""

    points: int
    applied: tuple[Applied, ...]
    lines: tuple[tuple[int, ...], ...]


# (lines, bill in fen, (tender, fen) taken so far, numbers of lines that earn nothing)
Earning = Callable[[Sequence[QuotedLine], int, Sequence[tuple[str, int]], frozenset[int]], Earned]


def compile_earning(earn: Sequence[EarnRule], modes: Callable[[str], Mode]) -> Earning:
    """Return the function that says what a receipt earns, were its member to earn."""
    rules = _compiled(earn, modes)

    @lru_cache(maxsize=REMEMBERED_MAX)
    def rules_for(sku: str, category: str, cls: str) -> tuple[int, ...]:
        return _deciding([rule for rule in rules if rule.fits(sku, category, cls)])

    def earned(
        lines: Sequence[QuotedLine],
        bill_fen: int,
        paid: Sequence[tuple[str, int]],
        silent: frozenset[int],
    ) -> Earned:
        totals: dict[int, int] = {}
        places: dict[int, list[int]] = {}
        for place, line in enumerate(lines):
            paid_fen, product = line.paid_fen, line.product
            if not paid_fen or line.n in silent:
                continue
            for index in rules_for(product.sku, product.category, line.cls):
                if index in totals:
                    totals[index] += paid_fen
                    places[index].append(place)
                else:
                    totals[index] = paid_fen
                    places[index] = [place]
        points, applied, where = 0, [], []
        for index in sorted(totals):
            rule, base = rules[index], totals[index]
            if paid:
                base = _eligible(rule, base, bill_fen, paid)
            given = base // rule.step_fen * rule.points
            if rule.points_max is not None and given > rule.points_max:
                given = rule.points_max
            if given:
                points += given
                applied.append(Applied(rule.id, "points", base, given))
                where.append(tuple(places[index]))
        return Earned(points, tuple(applied), tuple(where))

    return earned


def points_by_line(earned: Earned, lines: Sequence[QuotedLine]) -> list[int]:
    """Return each line's part of the points: every rule's split to the lines it came from."""
    parts = [0] * len(lines)
    for one, places in zip(earned.applied, earned.lines, strict=True):
        shares = split(one.result, [lines[place].paid_fen for place in places])
        for place, share in zip(places, shares, strict=True):
            parts[place] += share
    return parts


def _compiled(earn: Sequence[EarnRule], modes: Callable[[str], Mode]) -> list[Rule]:
    rates = sorted({Fraction(rule.points, rule.step_fen) for rule in earn}, reverse=True)
    return [
        Rule(
            index,
            rule.id,
            rule.group or f"#{index}",  # a rule without a group stands alone
            "best" if rule.group is None else modes(rule.group),
            rates.index(Fraction(rule.points, rule.step_fen)),
            rule.step_fen,
            rule.points,
            rule.max_per_receipt,
            frozenset(rule.excluded_tenders),
            rule.allocation == "non_earning_first",
            fits(rule.skus, rule.categories, rule.classes),
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


def _eligible(rule: Rule, total: int, bill_fen: int, paid: Sequence[tuple[str, int]]) -> int:
    silent = sum(amount for code, amount in paid if code in rule.excluded)
    if not silent:
        return total
    if rule.non_earning_first:
        return max(0, min(total, bill_fen - silent))
    return part(total, of=max(0, bill_fen - silent), whole=bill_fen)
