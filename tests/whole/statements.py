"""Statements of points against the journal: every entry that moved them, and nothing else."""

import re
from collections.abc import Mapping, Sequence

from tests.whole import papers
from tests.whole.audit import Audit

_ROW = re.compile(r"^(\d\d-\d\d) \S+ #(\d+)\s+([+-]\d+)$", re.M)
Row = tuple[str, int, int]
"""Month and day, number of the entry, points."""


def wrong(audit: Audit, printed: Sequence[Mapping[str, object]]) -> list[str]:
    """Return what the statements among a day's papers say otherwise than the journal."""
    written, found = 0, list[str]()  # `written`: the newest entry that had its paper before
    for paper in printed:
        text = str(paper["text"])
        if "积分对账单" in text:
            found += _wrong(audit, text, written)
        written = max(written, papers.seq(text) or 0)
    return found


def _wrong(audit: Audit, text: str, written: int) -> list[str]:
    rows = [(day, int(number), int(points)) for day, number, points in _ROW.findall(text)]
    moved = _moved(audit, text, max([written, *(number for _, number, _ in rows)]))
    earlier, shown = moved[: len(moved) - len(rows)], moved[len(moved) - len(rows) :]
    found = [] if rows == shown else [f"{rows} on paper, {shown} in the journal"]
    says = {
        "期初积分": 0,  # what headquarters brought, came this year
        "本年增加": sum(points for _, _, points in moved if points > 0),
        "本年减少": sum(points for _, _, points in moved if points < 0),
        "结余": sum(points for _, _, points in moved),
        "可用积分": sum(points for _, _, points in moved),
        "此前": sum(points for _, _, points in earlier),
    }
    for label, booked in says.items():
        said = papers.count(text, label) or 0
        if said != booked:
            found.append(f"{label}: {said} on paper, {booked} in the journal")
    return found


def _moved(audit: Audit, text: str, last: int) -> list[Row]:
    """Return the entries until `last` that moved the points of whom the statement is."""
    tail = re.search(r"尾号 (\d+)", text)
    assert tail is not None, text
    account = f"points:{audit.member(tail[1])}"
    rows = []
    for number, entry in sorted(audit.entries.items()):
        points = sum(
            one["amount"]
            for one in entry["postings"]
            if one["account"] == account
            and one["unit"] == "point"
            and one["holder"] == f"{entry['box']}.{entry['epoch']}"
        )
        if points and number <= last:
            rows.append((entry["at"]["business_date"][5:], number, points))
    return rows
