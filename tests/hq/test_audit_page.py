"""docs/AUDIT.md shows what the commands print."""

from pathlib import Path

from tests.hq.audit_page import DOCUMENT, printed

engine = "none"  # what is shown is no engine's


def test_the_document_shows_what_the_commands_print(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert printed(text, tmp_path) == text, "python -m tests.hq.audit_page writes it anew"
