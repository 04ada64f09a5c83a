"""The whole answer to every case file, word for word; `python -m tests.rules.answers` writes them.

A case's own `expect` says what matters to a member; this says that nothing else changes unseen:
traces, sentences, lots, totals.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from daemon.rules.cases import evaluate_case
from daemon.rules.document import parse
from tests.rules.sentences import sentences
from tests.rules.shop import CASES, PACKS

GOLDEN = Path(__file__).parent / "golden"


def answers() -> Iterator[tuple[str, str]]:
    """Yield each case's name, and its answer as text."""
    for path in sorted(CASES.glob("**/*.json")):
        text = path.read_text(encoding="utf-8")
        case = json.loads(text)
        pack = json.loads((PACKS / f"{case['pack']}.json").read_text(encoding="utf-8"))
        answer = evaluate_case(text, parse(json.dumps({**pack, **case.get("changes", {})})))
        yield path.stem, json.dumps(answer, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, said in answers():
        (GOLDEN / f"{name}.json").write_text(said, encoding="utf-8")
    (GOLDEN / "sentences.txt").write_text("\n".join(sentences()) + "\n", encoding="utf-8")
