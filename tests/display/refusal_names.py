"""Write the refusals into docs/NAMES.md from the display's catalogue.

python -m tests.display.refusal_names
"""

from collections.abc import Iterator
from pathlib import Path

from daemon.display.reasons import REASONS
from daemon.display.refusals import REFUSALS

PAGE = Path(__file__).parents[2] / "docs" / "NAMES.md"
BEGIN, END = "<!-- generated: python -m tests.display.refusal_names -->", "<!-- end of refusals -->"


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{generated()}{after}", encoding="utf-8")


def generated() -> str:
    """Return the generated part, both marks included."""
    return "\n".join((BEGIN, "", *_rows(), "", END))


def _rows() -> Iterator[str]:
    yield "| code | the clerk reads | in English |"
    yield "| --- | --- | --- |"
    for code, words in sorted(REFUSALS.items()):
        yield f"| `{code}` | {words.clerk} | {words.clerk_en} |"
    yield ""
    yield "| why not now (E30) | the clerk reads | in English |"
    yield "| --- | --- | --- |"
    for why, (zh, en) in sorted(REASONS.items()):
        yield f"| `{why}` | {zh} | {en} |"


if __name__ == "__main__":
    main()
