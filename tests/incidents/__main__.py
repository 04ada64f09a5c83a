"""`python -m tests.incidents` (make incidents): draws the pictures of the handbook anew."""

import sys
import tempfile
from pathlib import Path

from tests.incidents.pages import PICTURES, picture
from tests.incidents.scenes import pictures


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        drawn = pictures(Path(folder))
    for old in PICTURES.glob("*.svg"):
        if old.stem not in drawn:
            old.unlink()
    for name, svg in drawn.items():
        picture(name).write_text(svg, encoding="utf-8")
    sys.stdout.write(f"{len(drawn)} pictures in {PICTURES}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
