"""Write the golden files of the display, and the README's picture, from what the code makes now.

    python -m tests.display.regenerate

Then look at `git diff` and at every picture: a golden file is a promise, not an output.
"""

from pathlib import Path

from tests.display import samples
from tests.display.preview import paper_text
from tests.display.printed import printed
from tests.hardware_sim.paper_png import save_png

GOLDEN = Path(__file__).parent / "golden"
PICTURE = Path(__file__).parents[2] / "docs" / "receipt.png"
WIDTHS = tuple((language, columns) for language in samples.LANGUAGES for columns in samples.COLUMNS)


def text_file(name: str, language: str, columns: int) -> Path:
    return GOLDEN / f"{name}.{language}.{columns}.txt"


def png_file(name: str, language: str, columns: int) -> Path:
    return GOLDEN / f"{name}.{language}.{columns}.png"


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.iterdir():
        old.unlink()
    for language, columns in WIDTHS:
        for name, paper in samples.documents(language, columns).items():
            text = paper_text(paper, columns)
            text_file(name, language, columns).write_text(text, encoding="utf-8")
            save_png(printed(paper, columns), png_file(name, language, columns))
    save_png(printed(samples.documents("zh_CN", 32)["sale"], 32), PICTURE)


if __name__ == "__main__":
    main()
