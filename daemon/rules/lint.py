"""What may be wrong with a pack that a machine can read: findings with path, reason and fix.

`error` keeps a pack off the boxes; `warning` is for its author to look at; `note` names what this
version keeps but does not evaluate.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from daemon.rules.document import FILE, PackError, parse
from daemon.rules.lint_account import Finding, account_findings
from daemon.rules.lint_desk import desk_findings
from daemon.rules.lint_sale import lint_sale, meet
from daemon.rules.models import Pack
from daemon.rules.models_sale import EarnRule, PriceRule
from daemon.rules.price_rules import is_promo

__all__ = ["MUST_NOT_EARN", "Finding", "check", "lint"]

MUST_NOT_EARN = ("points", "bonus", "coupon", "voucher")  # else what was given earns again

_Rules = Sequence[PriceRule | EarnRule]


def check(text: str, file: str = FILE) -> list[Finding]:
    """Return everything to be said of a document: what refuses it, else what lint finds."""
    try:
        return lint(parse(text, file))
    except PackError as error:
        return [
            Finding(
                "error",
                one.key,
                one.found if one.value is None else f"{one.value!r} {one.found}",
                f"Use {one.allowed}." + (f" Nearest: {one.nearest}." if one.nearest else ""),
            )
            for one in error.problems
        ]


def lint(pack: Pack) -> list[Finding]:
    """Return the findings on a pack that is in order by itself."""
    return [
        *_overlaps("prices", pack.prices),
        *_overlaps("earn", pack.earn),
        *_unreachable_prices(pack),
        *_unreachable_earning(pack),
        *_unbounded(pack),
        *_classes(pack),
        *_never_shown(pack),
        *_rounded(pack),
        *lint_sale(pack),
        *account_findings(pack),
        *desk_findings(pack),
    ]


def _overlaps(section: str, rules: _Rules) -> Iterator[Finding]:
    for (i, one), (j, other) in combinations(enumerate(rules), 2):
        if one.group is not None and one.group == other.group:
            continue
        if _unit(one) == _unit(other) and meet(one, other):
            reason = f"{other.id} and {one.id} may meet on one line and share no stack group"
            fix = f"Give {section}[{i}] and {section}[{j}] one group, whose mode says what happens."
            yield Finding("error", f"{section}[{j}].group", reason, fix)


def _unit(rule: PriceRule | EarnRule) -> str:
    """Return what the rule moves: points and growth never compete."""
    return rule.unit if isinstance(rule, EarnRule) else ""


def _covers(wide: PriceRule | EarnRule, narrow: PriceRule | EarnRule) -> bool:
    """Tell whether wide fits every line that narrow fits, at any time."""
    if wide.when is not None:
        return False
    pairs = (
        (wide.skus, narrow.skus),
        (wide.categories, narrow.categories),
        (wide.brands, narrow.brands),
        (wide.departments, narrow.departments),
        (wide.classes, narrow.classes),
    )
    return all(not a or (bool(b) and set(b) <= set(a)) for a, b in pairs)


def _unreachable_prices(pack: Pack) -> Iterator[Finding]:
    """A percentage always lowers: what it covers is out of reach in a group of mode first."""
    for (_, one), (j, other) in combinations(enumerate(pack.prices), 2):
        if one.group is None or one.group != other.group or pack.groups[one.group] != "first":
            continue
        sooner = one.basis_points is not None and not is_promo(one)
        if sooner and one.who in ("anyone", other.who) and _covers(one, other):
            yield _unreachable(f"prices[{j}]", other.id, one.id)


def _unreachable_earning(pack: Pack) -> Iterator[Finding]:
    for i, one in enumerate(pack.earn):
        for j, other in enumerate(pack.earn):
            same = one.group is not None and (one.group, one.unit) == (other.group, other.unit)
            plain = one.min_fen is None and one.each and one.cap is None
            if i == j or not same or not plain or not _covers(one, other):
                continue
            assert one.group is not None, "compared above"
            mode = pack.groups[one.group]
            more = Fraction(one.points, one.step_fen) - Fraction(other.points, other.step_fen)
            if (mode == "first" and i < j) or (mode == "best" and (more, j) > (0, i)):
                yield _unreachable(f"earn[{j}]", other.id, one.id)
                break


def _unreachable(path: str, late: str, early: str) -> Finding:
    reason = f"{late} is never reached: {early} takes every line that it fits"
    return Finding("warning", path, reason, "Put the narrower rule first, or leave it out.")


def _unbounded(pack: Pack) -> Iterator[Finding]:
    for place, rule in enumerate(pack.earn):
        missing = [code for code in MUST_NOT_EARN if code not in rule.excluded_tenders]
        if missing:
            reason = f"earning unbounded: what is paid with {', '.join(missing)} earns again"
            fix = f"Add {', '.join(missing)} to it."
            yield Finding("error", f"earn[{place}].excluded_tenders", reason, fix)
        if rule.points > rule.step_fen:
            reason = f"earning unbounded: {rule.points} points for {rule.step_fen} fen"
            fix = "Amounts are fen: 1 point per yuan is step_fen 100, points 1."
            yield Finding("error", f"earn[{place}].points", reason, fix)
    for (_, one), (j, other) in combinations(enumerate(pack.earn), 2):
        if one.group is None or one.group != other.group or pack.groups[one.group] != "add":
            continue
        if one.max_per_receipt is None and other.max_per_receipt is None and meet(one, other):
            reason = f"{other.id} adds up with {one.id} and neither has an end"
            fix = "Give one of them max_per_receipt."
            yield Finding("warning", f"earn[{j}].max_per_receipt", reason, fix)


def _classes(pack: Pack) -> Iterator[Finding]:
    wanted = {"member_price": "special", "swap_price": "swap"}
    for place, rule in enumerate(pack.prices):
        cls = None if rule.take is None else wanted[rule.take]
        if cls is not None and rule.gives_class != cls:
            reason = f"{rule.id} takes the {rule.take} but leaves the line's class as it was"
            fix = f"Use {cls}: else the line earns as if it had been sold at its own price."
            yield Finding("warning", f"prices[{place}].gives_class", reason, fix)


def _never_shown(pack: Pack) -> Iterator[Finding]:
    term = None if pack.enrol is None else pack.enrol.term
    idle = {"expiring": pack.expiry.kind == "never", "term_ends": term is None}
    for place, line in enumerate(pack.shown.receipt):
        if idle.get(line, False):
            reason = f"the line {line} never prints: the pack has no such date"
            yield Finding("warning", f"shown.receipt[{place}]", reason, "Leave it out.")


def _rounded(pack: Pack) -> Iterator[Finding]:
    cash = pack.rounding.cash
    for place, code in enumerate(() if cash is None else cash.tenders):
        if code != "cash":
            reason = f"{code} can pay to the fen and is rounded down all the same"
            yield Finding("warning", f"rounding.cash.tenders[{place}]", reason, "Use cash alone.")
