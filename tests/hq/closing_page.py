"""The tables of docs/CLOSING.md, printed by a short worked month.

`python -m tests.hq.closing_page` writes them into the document anew.
"""

import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.hq.worked_month import live

DOCUMENT = Path(__file__).parents[2] / "docs" / "CLOSING.md"
BLOCK = re.compile(r"```closing (\S+)\n(.*?)```", re.DOTALL)
# With value spent and goods back elsewhere, lapses, refunds, counts and 自动日结.
SHOPS, DAYS, ACTS, SEED = 3, 2, 6, 1
# How many entries a box writes is no promise to an accountant, nor are hashes and columns.
_LOOSE = (
    (re.compile(r"\b(\d{4}|hq)\.1:\d+"), r"\1.1:N"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "HASH"),
    (re.compile(r"(whole|late)(\s+\S+)\s+\d+ "), r"\1\2 N "),
    (re.compile(r"up to entry \d+"), "up to entry N"),
    (re.compile(r"[ ─]+"), " "),
)
Pages = Mapping[str, tuple[str, ...]]


def differences(document: str, pages: Pages) -> list[str]:
    """Return the names of the blocks that the pages make otherwise."""
    blocks = BLOCK.findall(document)
    assert blocks, "the document shows tables"
    return [name for name, text in blocks if _loose(text) != _loose("\n".join(pages[name]) + "\n")]


def rewritten(document: str, pages: Pages) -> str:
    def block(found: re.Match[str]) -> str:
        page = "\n".join(line.rstrip() for line in pages[found[1]])
        return f"```closing {found[1]}\n{page}\n```"

    return BLOCK.sub(block, document)


def _loose(text: str) -> list[str]:
    for pattern, instead in _LOOSE:
        text = pattern.sub(instead, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        story = live(Path(folder), shops=SHOPS, days=DAYS, acts=ACTS, seed=SEED)
        text = rewritten(DOCUMENT.read_text(encoding="utf-8"), story.pages)
        DOCUMENT.write_text(text, encoding="utf-8")
        story.month.shops.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
