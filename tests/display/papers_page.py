"""docs/PAPERS.md: every paper that the box prints, as its golden pictures show it.

`make papers` writes goldens and page anew. The page holds no picture of its own: what it shows is
what the tests compare dot for dot.
"""

from collections.abc import Sequence
from pathlib import Path

from tests.display import samples

PAGE = Path(__file__).parents[2] / "docs" / "PAPERS.md"
PICTURES = "../tests/display/golden"
CELLS_A_ROW = 3
# What a person looks for, and the beginnings of the samples' names that show it.
CHAPTERS: Sequence[tuple[str, str]] = (
    ("Sales", "sale"),
    ("Members", "enrolment renewal inquiry explained statement late card points"),
    ("Stored value", "topup refund"),
    ("Gifts", "gift"),
    ("After sales", "return exchange void"),
    ("Mall counter", "mall"),
    ("Drawer, shift and day", "cash shift x day"),
    ("Stock", "stock"),
    ("Reports", "report"),
    ("Lists, service, practice", "list service practice"),
)
NARROWER = ("sale", "topup", "exchange-dearer", "mall-day", "card-replaced", "service-network")
ENGLISH = ("sale", "topup", "return", "day", "explained", "enrolment-purchase")
HEAD = """# The papers

Every kind of paper that the box prints, drawn by the project's own printer simulator from the
bytes that went to the printer. Figures and names are the demo shop's; what is on a paper stands in
its entry, or in the books as of its entry. 48 columns (80 mm) in Chinese, then some at 42 columns
and some in English at 32 (58 mm); text and picture of every one, at 32, 42 and 48 columns in both
languages, are in `tests/display/golden/`.

`make papers` draws them anew; a test fails while a picture or this page differs from the code.
"""


def page() -> str:
    """Return the page's text."""
    names = list(samples.documents("zh_CN", 48))
    parts = [HEAD]
    for title, begins in CHAPTERS:
        shown = [name for name in names if _of(name, begins)]
        parts.append(f"## {title}\n\n{_table(shown, 'zh_CN.48')}")
    parts.append(f"## At 42 columns\n\n{_table(NARROWER, 'zh_CN.42')}")
    parts.append(f"## In English\n\n{_table(ENGLISH, 'en.32')}")
    return "\n".join(parts)


def left_out() -> list[str]:
    """Return the samples that no chapter shows."""
    every = " ".join(begins for _, begins in CHAPTERS)
    return [name for name in samples.documents("zh_CN", 48) if not _of(name, every)]


def _of(name: str, begins: str) -> bool:
    return name.split("-", maxsplit=1)[0] in begins.split()


def _table(names: Sequence[str], width: str) -> str:
    rows = []
    for at in range(0, len(names), CELLS_A_ROW):
        some = names[at : at + CELLS_A_ROW]
        pictures = [
            f'<img src="{PICTURES}/{one}.{width}.png" alt="{one}" width="280">' for one in some
        ]
        cells = "".join(
            f'<td valign="top">{name}<br>{picture}</td>'
            for name, picture in zip(some, pictures, strict=True)
        )
        rows.append(f"<tr>{cells}</tr>")
    return "<table>\n" + "\n".join(rows) + "\n</table>\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
