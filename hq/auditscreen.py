"""What an audit shows to a person: screens of text, and a table for a spreadsheet."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from daemon.howmany import HowMany
from hq.answers import age, table
from hq.audit import CONFIRMED, CONFIRMING, Audit
from hq.auditclear import Shown
from hq.auditcount import CardSaid, ShopSums
from hq.auditpaper import CLASSES, Difference
from hq.columns import Mistake
from hq.deskscreen import corrections_screen
from hq.movements import What

_OWN = (What.EARNED, What.TAKEN_BACK)  # what came by purchases, less what goods back took with them
_NAMED = (*_OWN, What.SPENT, What.LAPSED, What.ADJUSTED, What.MOVED)
_COLUMNS = ("opening", "earned", "spent", "lapsed", "adjusted", "other", "moved", "closing")


def figures(sums: ShopSums) -> tuple[int, ...]:
    """Return the figures of a statement under its columns; they add up to the closing."""
    moved = sums.moved
    other = sum(points for what, points in moved.items() if what not in _NAMED)
    return (
        sums.opening,
        sum(moved.get(what, 0) for what in _OWN),
        moved.get(What.SPENT, 0),
        moved.get(What.LAPSED, 0),
        moved.get(What.ADJUSTED, 0),
        other,
        moved.get(What.MOVED, 0),
        sums.closing,
    )


def statements_screen(
    one: Audit, found: Sequence[CardSaid], known: Mapping[str, float | None], *, shops: bool
) -> tuple[str, ...]:
    """Return the statements of cards: what all shops have, or (shops) what each one has."""
    rows = []
    for said in found:
        clears = "clears" if said.clears and said.total.closing else ""
        paper = "-" if said.paper is None else str(said.paper)
        total = [str(points) for points in figures(said.total)]
        rows.append((said.card, "in all", *total, paper, clears, " ".join(said.gifts) or "-"))
        for shop in said.shops if shops else ():
            part = [str(points) for points in figures(said.shops[shop])]
            rows.append(("", f"{shop} ({age(known.get(shop))})", *part, "", "", ""))
    title = f"积分核对 {one.period}: {one.since} to {one.day}, by the books of the marks"
    lines = table(("card", "shop", *_COLUMNS, "paper", "", "gifts"), rows)
    return (title, *lines, _ages(known))


def differences_screen(found: Sequence[Difference]) -> tuple[str, ...]:
    """Return the differences: card, figures, class and why, who is right."""
    rows = [
        (
            said.card,
            said.home or "-",
            str(said.books),
            "-" if said.paper is None else str(said.paper),
            f"{said.by:+d}",
            said.cls,
            said.why,
            _decided(said),
        )
        for said in found
    ]
    lines = table(("card", "home", "books", "paper", "by", "class", "why", "right"), rows)
    left = sum(1 for said in found if not said.decision)
    said = f"{HowMany(len(found)):difference}, {left} to decide"
    return (*lines, said) if found else ("no difference",)


def mistakes_screen(file: Path, mistakes: Sequence[Mistake]) -> tuple[str, ...]:
    """Return every mistake of a file: row, what was found, what is allowed."""
    rows = [(str(one.line), one.column or "-", one.value or "-", one.allowed) for one in mistakes]
    lines = table(("row", "column", "found", "allowed"), rows)
    return (*lines, f"{file}: {HowMany(len(mistakes)):mistake}; nothing was taken")


def show_screen(one: Audit, shown: Shown) -> tuple[str, ...]:
    """Return how far an audit is, and who did what."""
    rule = one.rule
    lines = [
        f"积分核对 {one.period} ({one.id}): {one.state}",
        f"day {one.day}, statements from {one.since}, pack {rule.pack or '-'}: {rule.said}",
        f"{HowMany(shown.cards):card}, {shown.with_paper} with a figure on paper",
    ]
    if shown.differences:
        classes = [
            (name, str(shown.differences[name]), str(shown.undecided.get(name, 0)), text)
            for name, text in CLASSES
            if name in shown.differences
        ]
        lines += ["", *table(("class", "cards", "to decide", "meaning"), classes)]
    if one.state in (CONFIRMING, CONFIRMED):
        came = [
            (what, *(str(n) for n in (of.cards, of.points, of.done, of.pending, of.short)))
            for what, of in shown.came.items()
        ]
        lines += ["", *table(("what", "cards", "points", "done", "pending", "incomplete"), came)]
        lines += corrections_screen(shown.open)
    else:
        points, cards = HowMany(shown.would.points), HowMany(shown.would.cards)
        lines.append(f"confirming now clears {points:point} of {cards:card}")
    rows = [
        (
            str(event.id),
            event.at[:16].replace("T", " "),
            " + ".join(name for name in (event.operator, event.second) if name),
            event.what,
            " ".join(part for part in (event.card, event.note) if part) or "-",
            f"undone by {event.undone}" if event.undone else "",
        )
        for event in shown.events
    ]
    lines += ["", *table(("event", "at", "who", "what", "", ""), rows)]
    return (*lines, _ages(shown.data_age_s))


def write_csv(path: Path, found: Sequence[CardSaid]) -> None:
    """Write every card's statement as a table for a spreadsheet, shops below each other."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("card", "shop", *_COLUMNS, "paper", "clears", "gifts", "decision"))
        for said in found:
            paper = "" if said.paper is None else said.paper
            gifts = " ".join(said.gifts)
            writer.writerow(
                (said.card, "", *figures(said.total), paper, said.clears, gifts, said.decision)
            )
            for shop, sums in said.shops.items():
                writer.writerow((said.card, shop, *figures(sums), "", "", "", ""))


def _decided(said: Difference) -> str:
    if not said.decision:
        return "?"
    who = " + ".join(name for name in (said.operator, said.second) if name)
    return f"{said.decision}: {said.reason or '-'} ({who})"


def _ages(known: Mapping[str, float | None]) -> str:
    said = ", ".join(f"{shop} {age(seconds)}" for shop, seconds in known.items())
    return f"age of the data: {said or '-'}"
