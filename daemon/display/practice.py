"""The mark on every paper of a lesson: on top and at the end, larger than anything else."""

from daemon import cells
from daemon.paper import Align, Cut, Paper, Text

MARK, MARK_EN = "练习·无效", "PRACTICE - NOT VALID"


def invalid(paper: Paper, language: str, columns: int) -> Paper:
    """Return the paper with its mark."""
    words = MARK_EN if language == "en" else MARK
    width = 2 if cells.width(words) * 2 <= columns else 1
    mark = Text(words, Align.CENTRE, width, 2, bold=True)
    body = tuple(block for block in paper if not isinstance(block, Cut))
    return (mark, *body, mark, Cut())
