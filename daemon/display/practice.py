"""The mark of a lesson: on every paper, on top and at the end, larger than anything else; and in
some free cells of every page of a line display."""

import re

from daemon import cells
from daemon.paper import Align, Cut, Paper, Text

MARK, MARK_EN = "练习·无效", "PRACTICE - NOT VALID"
PRACTICE = "TRAINING"  # on line displays, which have no other letters
_GAPS = re.compile(" +")
_SHORTER = (PRACTICE, "TRAIN", "TR")  # where there is less room


def invalid(paper: Paper, language: str, columns: int) -> Paper:
    """Return the paper with its mark."""
    words = MARK_EN if language == "en" else MARK
    width = 2 if cells.width(words) * 2 <= columns else 1
    mark = Text(words, Align.CENTRE, width, 2, bold=True)
    body = tuple(block for block in paper if not isinstance(block, Cut))
    return (mark, *body, mark, Cut())


def marked_lines(lines: tuple[str, str], cells_wide: int) -> tuple[str, str]:
    """Return two lines with the mark in the widest gap of either, the second one first.

    Where both are full words of the first one give way: a name before its amount, the end of
    what a step asks behind its code; an amount stays whole.
    """
    upper, lower = (line.rstrip() for line in lines)
    if PRACTICE in upper:
        return upper, lower
    for mark in _SHORTER:
        below = _in_gap(lower, mark, cells_wide)
        if below is not None:
            return upper, below
        above = _in_gap(upper, mark, cells_wide)
        if above is not None:
            return above, lower
    short = _SHORTER[-1]
    if upper[-1:].isdigit():
        return f"{short} {upper[len(short) + 1 :]}", lower
    return f"{upper[: cells_wide - len(short) - 1]} {short}", lower


def _in_gap(line: str, mark: str, cells_wide: int) -> str | None:
    """Return the line with the mark at its end, or in its widest gap; None: there is no room."""
    if len(line) + bool(line) + len(mark) <= cells_wide:
        return f"{line:<{cells_wide - len(mark)}}{mark}"
    gap = max(_GAPS.finditer(line), key=lambda found: len(found[0]), default=None)
    if gap is None or len(gap[0]) < len(mark) + 2:
        return None
    filled = f" {mark}".ljust(len(gap[0]))
    return f"{line[: gap.start()]}{filled}{line[gap.end() :]}"
